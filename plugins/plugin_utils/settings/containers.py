# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's container engine has to provide: images, networks, ports, volumes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from .context import SERVER_GROUP, WORKER_GROUP, Context
from .problems import Path, Problems, found
from .stack import Stack

PYTHON = "python3.12"
REPOSITORY = "prefecthq/prefect"

Sections = Mapping[str, Mapping[str, Any]]


def own_image(document: Mapping[str, Any], version: str) -> str:
    """Return the image of Prefect that everything is run from or built on."""
    return str(document["image"] or official_image(version))


def official_image(version: str, flavour: str = "", repository: str = REPOSITORY) -> str:
    """Return the name of Prefect's own image, which may lie in another registry."""
    return f"{repository}:{version}-{PYTHON}{flavour}"


def resolve_docker(
    stack: Stack,
    version: str,
    packages: list[str],
    server: Mapping[str, Any],
    workers: list[dict[str, Any]],
    components: Sections,
    problems: Problems,
) -> dict[str, Any]:
    """Return the inputs of role prefect_docker.

    `components` are the inputs of the roles that may run a container, by their section of the document.
    """
    document, context = stack.document, stack.context
    here = _here(stack, server, workers, components)
    _check_networks(document, problems)
    _check_volumes(here, problems)
    enabled = stack.is_docker and bool(here)
    return {
        **document["docker"],
        "enabled": enabled,
        "image": own_image(document, version),
        "version": version,
        "packages": packages,
        "build": {**document["build"], "builder": _is_builder(document["build"], context)},
        "images": _images(here) if enabled else [],
        "zones": _zones(document, here) if enabled else [],
        "joined": _joined(here) if enabled else [],
        "ports": _ports(server, components, here) if enabled else [],
        "names": _names(components, here),
    }


def _here(
    stack: Stack, server: Mapping[str, Any], workers: list[dict[str, Any]], components: Sections
) -> dict[str, Mapping[str, Any]]:
    """Return the sections of what runs on this host, by their key path in the document."""
    here: dict[str, Mapping[str, Any]] = {}
    if stack.deployed and stack.context.is_in(SERVER_GROUP):
        here["server"] = server
    if stack.context.is_in(WORKER_GROUP):
        here.update({f"workers[{index}]": worker for index, worker in enumerate(workers)})
    here.update({name: section for name, section in components.items() if section["install"]})
    return here


def _is_builder(build: Mapping[str, Any], context: Context) -> bool:
    """Tell whether this host builds: each one for itself, or the first one for all when it is pushed."""
    if not build["push"]:
        return True
    return context.is_first_in(SERVER_GROUP if context.hosts(SERVER_GROUP) else WORKER_GROUP)


def _images(here: Sections) -> list[dict[str, str]]:
    return [
        {"setting": f"prefect.{name}.image", "image": section["image"]}
        for name, section in here.items()
        if section.get("image") and section.get("snippet") is None
    ]


def _zones(document: Mapping[str, Any], here: Sections) -> list[dict[str, Any]]:
    """Return the networks that this host's containers are in; one that nothing is published from has no way out."""
    used = {name for section in here.values() for name in section["zones"]}
    published = any(section["published"] for name, section in here.items() if name == "postgres")
    return [
        {
            "setting": f"prefect.docker.networks.{zone}",
            "name": network["name"],
            "subnet": network["subnet"],
            "internal": zone == "data" and not published,
        }
        for zone, network in document["docker"]["networks"].items()
        if network["name"] in used
    ]


def _joined(here: Sections) -> list[dict[str, str]]:
    return [
        {"setting": f"prefect.{name}.networks[{index}]", "name": network}
        for name, section in here.items()
        for index, network in enumerate(section.get("networks") or ())
    ]


def _ports(server: Mapping[str, Any], components: Sections, here: Sections) -> list[dict[str, Any]]:
    ports: list[dict[str, Any]] = []
    if "server" in here:
        ports.append({"setting": "prefect.server.port", "host": server["host"], "port": server["port"]})
    for name in ("postgres", "storage.minio", "dask"):
        published = here.get(name, {}).get("published", ())
        ports += [{"setting": f"prefect.{name}", "host": item["host"], "port": item["port"]} for item in published]
    proxy = components["proxy"]
    if "proxy" in here and proxy["snippet"] is None:
        for key in ("http_port", "https_port"):
            ports.append({"setting": f"prefect.proxy.{key}", "host": proxy["host"], "port": proxy[key]})
    return ports


def _names(components: Sections, here: Sections) -> list[dict[str, str]]:
    """Return the public names, which have to resolve: people could not open them, nor others issue certificates."""
    proxy = components["proxy"]
    if "proxy" not in here:
        return []
    return [{"setting": site["setting"], "name": site["host"]} for site in proxy["sites_all"]]


def _check_networks(document: Mapping[str, Any], problems: Problems) -> None:
    seen: dict[str, tuple[str, Any]] = {}
    for zone, network in document["docker"]["networks"].items():
        path: Path = ("prefect", "docker", "networks", zone)
        for other, (name, subnet) in seen.items():
            if name == network["name"]:
                problems.add((*path, "name"), f"{found(name)} is the network of zone {other} too; zones are separate")
            if subnet is not None and network["subnet"] is not None and _overlap(subnet, network["subnet"]):
                problems.add((*path, "subnet"), f"{network['subnet']} overlaps with {subnet} of zone {other}")
        if network["subnet"] is not None and _network(network["subnet"]) is None:
            problems.add(
                (*path, "subnet"), f"expected a network such as 172.30.0.0/24, found {found(network['subnet'])}"
            )
        seen[zone] = (network["name"], network["subnet"])


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _overlap(one: str, other: str) -> bool:
    first, second = _network(one), _network(other)
    if first is None or second is None or first.version != second.version:
        return False
    return first.overlaps(second)


def _check_volumes(here: Sections, problems: Problems) -> None:
    claimed: dict[str, str] = {}
    for name, volume in _volumes(here):
        other = claimed.setdefault(volume, name)
        if other != name:
            path: Path = ("prefect", *name.split("."), "volume")
            problems.add(path, f"{found(volume)} is the volume of prefect.{other} too; each needs its own")


def _volumes(here: Sections) -> Iterable[tuple[str, str]]:
    for name, section in here.items():
        if section.get("volume"):
            yield name, section["volume"].rstrip("/")
