# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host with a container engine holds of an installation, and what keeps one from being made there."""

from __future__ import annotations

import grp
import ipaddress
import os
import shutil
import socket
from typing import Any, Dict, List

from . import host
from .engine import Data, Engine, api_version
from .suggest import nearest

ROOT = "flowops.prefect.root"
SERVICE = "flowops.prefect.service"
DIGEST = "flowops.prefect.digest"
ARGUMENTS = "flowops.prefect.arguments"
TAGLESS = "<none>:<none>"

Items = List[Dict[str, Any]]


def is_ours(item: Data, root: str) -> bool:
    """Return whether a container, network, volume or image was made for this installation."""
    return (item.get("Labels") or {}).get(ROOT) == root


def name_of(container: Data) -> str:
    return str((container.get("Names") or [""])[0]).lstrip("/")


def public_ports(container: Data) -> list[int]:
    return sorted({item["PublicPort"] for item in container.get("Ports") or [] if item.get("PublicPort")})


def described(container: Data) -> Data:
    """Return what the roles need to know of one container of ours, from what the engine tells of it."""
    state = container.get("State") or {}
    health = str((state.get("Health") or {}).get("Status") or "none")
    labels = (container.get("Config") or {}).get("Labels") or {}
    bindings = (container.get("HostConfig") or {}).get("PortBindings") or {}
    ports = {int(item["HostPort"]) for items in bindings.values() for item in items or [] if item.get("HostPort")}
    return {
        "digest": labels.get(DIGEST, ""),
        "arguments": labels.get(ARGUMENTS, ""),
        "is_running": bool(state.get("Running")),
        "pid": int(state.get("Pid") or 0),
        "health": health,
        "healthy": state.get("Status") == "running" and health in ("none", "healthy"),
        "image_id": container.get("Image", ""),
        "ports": sorted(ports),
        "volumes": sorted(
            item["Name"] for item in container.get("Mounts") or [] if item.get("Type") == "volume" and item.get("Name")
        ),
    }


def networks(engine: Engine, root: str) -> dict[str, Data]:
    """Return the engine's networks by name."""
    return {
        item["Name"]: {
            "id": item["Id"],
            "subnets": [part["Subnet"] for part in (item.get("IPAM") or {}).get("Config") or [] if part.get("Subnet")],
            "is_ours": is_ours(item, root),
            "internal": bool(item.get("Internal")),
        }
        for item in engine.networks()
    }


def is_disposable(image: Data | None, root: str) -> bool:
    """Return whether an image can be had again: it came from a registry, or was built for this installation."""
    if not image:
        return False
    return bool(image.get("RepoDigests")) or is_ours(image.get("Config") or {}, root)


def age_problems(version: Data) -> list[str]:
    if api_version(version) >= (1, 41):
        return []
    return [
        "prefect.docker: the engine {} with API {} is too old; Docker Engine 20.10 or Podman 4 is needed".format(
            version.get("Version"), version.get("ApiVersion")
        )
    ]


def missing_engine(path: str) -> str:
    """Return what to do about an engine that does not answer."""
    if os.path.exists(path):
        return f"prefect.docker.socket: the engine behind {path} does not run; start it"
    if shutil.which("dockerd"):
        return f"prefect.docker.socket: {path} is not there; start the engine, or name the socket that it has"
    return f"prefect.docker.socket: {path} is not there; install an engine, or set prefect.docker.install: true"


def forbidden_engine(path: str, user: str) -> str:
    """Return what to do about a socket that this user may not use."""
    try:
        owner = os.stat(path)
        try:
            group = grp.getgrgid(owner.st_gid).gr_name
        except KeyError:
            group = str(owner.st_gid)
        mend = f"add {user} to the group {group}, which is as good as root, or use become"
    except OSError:
        mend = "use become"
    return f"prefect.docker.socket: {user} may not use {path}; {mend}"


def joined_problems(joined: Items, known: dict[str, Data]) -> list[str]:
    """Return a sentence for each network that should be there and is not."""
    return [
        f"{item['setting']}: there is no network {item['name']} on this host; {nearest(item['name'], known)}"
        for item in joined
        if item["name"] not in known
    ]


def zone_problems(zones: Items, known: dict[str, Data]) -> list[str]:
    """Return a sentence for each network that cannot be made."""
    problems = []
    for zone in zones:
        name = zone["name"]
        if name in known and not known[name]["is_ours"]:
            problems.append(
                f"{zone['setting']}.name: the network {name} is there and was not made by this installation; "
                "choose another name"
            )
        for other, network in known.items():
            taken = [subnet for subnet in network["subnets"] if overlap(zone["subnet"], subnet)]
            if other != name and taken:
                problems.append(
                    f"{zone['setting']}.subnet: {zone['subnet']} of {name} collides with {', '.join(taken)} "
                    f"of the network {other}; choose another one"
                )
    return problems


def overlap(one: str | None, other: str) -> bool:
    """Return whether two subnets share an address."""
    try:
        first, second = ipaddress.ip_network(one or "", strict=False), ipaddress.ip_network(other, strict=False)
    except ValueError:
        return False
    return first.version == second.version and first.overlaps(second)


def name_problems(names: Items) -> list[str]:
    """Return a sentence for each public name that this host cannot resolve."""
    problems = []
    for item in names:
        try:
            socket.getaddrinfo(item["name"], None)
        except (OSError, UnicodeError):
            problems.append(
                f"{item['setting']}: the name {item['name']} does not resolve on this host; "
                "add it to the DNS, or to /etc/hosts"
            )
    return problems


def space_problems(folder: str, root: str, needed: int) -> list[str]:
    """Return a sentence for each folder without the space for images that are still to come."""
    problems = []
    for path in sorted({folder, root}):
        try:
            free = host.free_megabytes(path)
        except OSError:
            continue
        wanted = needed if path == folder else 10
        if free < wanted:
            problems.append(f"no space: {free} MiB are free for {path}, images and data need {wanted} MiB")
    return problems


def volume_problems(volumes: Items) -> list[str]:
    """Return a sentence for each volume that two services claim."""
    claimed = {}  # type: Dict[str, str]
    problems = []
    for item in volumes:
        other = claimed.setdefault(item["name"], item["setting"])
        if other != item["setting"]:
            problems.append(f"{item['setting']}: the volume {item['name']} is that of {other}; each needs its own")
    return problems
