# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on this host beside server, database and workers, and how the components find each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import addresses
from .context import (
    DASK_GROUP,
    DATABASE_GROUP,
    PROXY_GROUP,
    SERVER_GROUP,
    STORAGE_GROUP,
    WORKER_GROUP,
    Context,
)
from .problems import Path, Problems, found

ANYWHERE = "0.0.0.0"
LOOPBACK = "127.0.0.1"

# Container names: what services on one host call each other by.
SERVER = "prefect-server"
DATABASE = "prefect-postgres"
STORAGE = "prefect-minio"
SCHEDULER = "prefect-dask-scheduler"

SERVER_PORT = 4200
DATABASE_PORT = 5432
STORAGE_PORT = 9000
CONSOLE_PORT = 9001

# What flows need to load a bucket's block, by its type.
BLOCK_PACKAGES = {"remote-file-system": "s3fs", "s3-bucket": "prefect-aws"}

_DASK_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:[0-9]{1,5}")
_REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True)
class Stack:
    """The landscape as one host sees it: which platform it has, and which hosts take part in what."""

    document: Mapping[str, Any]
    context: Context
    deployed: bool

    @property
    def is_docker(self) -> bool:
        """Tell whether this host runs containers."""
        return bool(self.document["platform"] == "docker")

    @property
    def is_kubernetes(self) -> bool:
        """Tell whether this host stands for a cluster."""
        return bool(self.document["platform"] == "kubernetes")

    @property
    def is_native(self) -> bool:
        """Tell whether this host runs everything itself."""
        return not (self.is_docker or self.is_kubernetes)

    @property
    def has_dask(self) -> bool:
        """Tell whether a Dask cluster is made."""
        dask = self.document["dask"]
        return bool(dask["enabled"] and dask["address"] is None)

    @property
    def consumers(self) -> list[str]:
        """Return the hosts on which flow code runs."""
        workers = self.context.hosts(WORKER_GROUP) if self.document["workers"] else []
        return list(dict.fromkeys([*workers, *(self.context.hosts(DASK_GROUP) if self.has_dask else [])]))

    def service(self, name: str) -> str:
        """Return the name by which all pods of a cluster find a service."""
        cluster = self.document["kubernetes"]
        return f"{name}.{cluster['namespace']}.svc.{cluster['cluster_domain']}"

    def zone(self, name: str) -> str:
        """Return the name of the network that is a trust zone."""
        return str(self.document["docker"]["networks"][name]["name"])

    def zones(self, *names: str) -> list[str]:
        """Return the names of these networks; none where there are no containers."""
        return [self.zone(name) for name in names] if self.is_docker else []

    def published(self, group: str, users: Sequence[str], port: int, inside: int) -> list[dict[str, Any]]:
        """Return where a container has to be published for its users on other hosts."""
        if not self.context.elsewhere(group, users):
            return []
        address = self.context.address(self.context.hosts(group)[0])
        host = address if addresses.is_address(address) else ANYWHERE
        return [{"host": host, "port": port, "container_port": inside}]

    def place(self, group: str, users: Sequence[str], container: str, port: int, inside: int) -> str:
        """Return host:port at which all users find a component: by name on one Docker host, else by address."""
        host = self.context.hosts(group)[0]
        if self.is_kubernetes:
            return f"{self.service(container)}:{inside}"
        # The name of a container is only known on its own host.
        if self.is_docker and self.context.is_first_in(group) and not self.context.elsewhere(group, users):
            return f"{container}:{inside}"
        return f"{addresses.bracketed(self.context.address(host))}:{port}"


def one_host(group: str, path: Path, context: Context, problems: Problems) -> bool:
    """Tell whether a group has its one host; note when it has not."""
    hosts = context.hosts(group)
    if len(hosts) == 1:
        return True
    count = f"{len(hosts)} hosts ({', '.join(hosts)})" if hosts else "no host"
    problems.add(path, f"the inventory has {count} in group {group}, expected one")
    return False


def needs_docker(section: str, group: str, stack: Stack, problems: Problems) -> None:
    if stack.context.is_first_in(group) and stack.is_native:
        host = stack.context.inventory_hostname
        problems.add(
            ("prefect", *section.split("."), "enabled"),
            f"runs as a container; set prefect.platform: docker on {host}, the host of group {group}",
        )


def implied_packages(document: Mapping[str, Any]) -> list[str]:
    """Return the requirements that the document's components bring, but for those that are asked for anyway."""
    asked = {
        match[1].lower().replace("_", "-")
        for match in (_REQUIREMENT_NAME.match(package or "") for package in document["extra_packages"])
        if match
    }
    wanted = []
    if document["dask"]["enabled"] or document["dask"]["address"]:
        wanted.append("prefect-dask")
    if any(worker["type"] == "docker" for worker in document["workers"]):
        wanted.append("prefect-docker")
    storage = document["storage"]
    buckets = [*storage["minio"]["buckets"], *storage["s3"]["buckets"]]
    types = {bucket.get("block_type") for bucket in buckets if bucket.get("block")}
    wanted += [package for kind, package in BLOCK_PACKAGES.items() if kind in types]
    return [package for package in wanted if package not in asked]


def resolve_minio(stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_minio."""
    path: Path = ("prefect", "storage", "minio")
    section = stack.document["storage"]["minio"]
    result = {**section, "install": False, "zones": [], "published": [], "url": None, "endpoint": None}
    if not section["enabled"] or not one_host(STORAGE_GROUP, (*path, "enabled"), stack.context, problems):
        return result
    needs_docker("storage.minio", STORAGE_GROUP, stack, problems)
    for key in ("public_url", "console_url"):
        _check_url(section[key], (*path, key), problems)
    _check_users(section, path, problems)
    users = [*stack.consumers, *proxy_hosts(stack)]
    inside = [{"host": LOOPBACK, "port": section["port"], "container_port": STORAGE_PORT}]
    outside = stack.published(STORAGE_GROUP, users, section["port"], STORAGE_PORT)
    console = stack.published(STORAGE_GROUP, proxy_hosts(stack), section["console_port"], CONSOLE_PORT)
    return result | {
        "install": stack.context.is_first_in(STORAGE_GROUP),
        "zones": stack.zones("app", *edge_of(STORAGE_GROUP, stack)),
        # All addresses of a host include its loopback.
        "published": [*([] if outside and outside[0]["host"] == ANYWHERE else inside), *outside, *console],
        "url": addresses.http(LOOPBACK, section["port"]),
        "endpoint": "http://" + stack.place(STORAGE_GROUP, stack.consumers, STORAGE, section["port"], STORAGE_PORT),
    }


def _check_url(value: str | None, path: Path, problems: Problems) -> None:
    parsed = addresses.parsed(value) if value is not None else None
    if isinstance(parsed, str):
        problems.add(path, parsed)
    elif parsed is not None and parsed.path:
        problems.add(path, f"expected an address without a path, found {found(value)}")


def bucket_policy_name(bucket: Mapping[str, Any]) -> str:
    """Return the name of the policy that is made for the user of a bucket."""
    return f"prefect-bucket-{bucket['name']}"


def _check_users(section: Mapping[str, Any], path: Path, problems: Problems) -> None:
    users = [user["name"] for user in section["users"]]
    names: set[str] = set()
    for index, bucket in enumerate(section["buckets"]):
        here = (*path, "buckets", index)
        if bucket["block"] is not None and bucket["user"] is None:
            problems.add((*here, "block"), "a block needs the keys of a user; set user of this bucket")
        if bucket["name"] in names:
            problems.add((*here, "name"), f"{found(bucket['name'])} is another bucket's name too")
        names.add(bucket["name"])
    own = {bucket_policy_name(bucket): bucket["name"] for bucket in section["buckets"] if bucket["user"]}
    for index, policy in enumerate(section["policies"]):
        if policy["name"] in own:
            problems.add(
                (*path, "policies", index, "name"),
                f"{found(policy['name'])} is the policy made for bucket {own[policy['name']]}; choose another name",
            )
    for index, name in enumerate(users):
        if users.index(name) != index:
            problems.add((*path, "users", index, "name"), f"{found(name)} is another user's name too")


def proxy_hosts(stack: Stack) -> list[str]:
    """Return the host of the proxy, as a list; none when there is no proxy."""
    return stack.context.hosts(PROXY_GROUP)[:1] if stack.document["proxy"]["enabled"] else []


def edge_of(group: str, stack: Stack) -> list[str]:
    """Return the zone of the proxy where it runs on the same host as a component."""
    return ["edge"] if stack.is_docker and stack.context.hosts(group)[:1] == proxy_hosts(stack) else []


def resolve_dask(stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_dask."""
    path: Path = ("prefect", "dask")
    section = stack.document["dask"]
    result = {
        **section,
        "install": False,
        "is_scheduler": False,
        "scheduler_address": section["address"],
        "listen": ANYWHERE if stack.is_docker else LOOPBACK,
        "contact": None,
        "zones": [],
        "published": [],
    }
    if section["address"] is not None and not _DASK_ADDRESS.fullmatch(section["address"]):
        problems.add((*path, "address"), f"expected tcp://host:port, found {found(section['address'])}")
    if not stack.has_dask:
        return result
    if not stack.context.hosts(DASK_GROUP):
        problems.add((*path, "enabled"), f"the inventory has no host in group {DASK_GROUP}; add one")
        return result
    users = [*stack.consumers, *cli_hosts(stack)]
    several = bool(stack.context.elsewhere(DASK_GROUP, users))
    place = stack.place(DASK_GROUP, users, SCHEDULER, section["port"], section["port"])
    if not stack.is_docker and not several:
        place = f"{LOOPBACK}:{section['port']}"
    result |= {"install": stack.context.is_in(DASK_GROUP), "is_scheduler": stack.context.is_first_in(DASK_GROUP)}
    result |= {"zones": stack.zones("app"), "scheduler_address": f"tcp://{place}"}
    if several and result["install"]:
        own = stack.context.address(stack.context.inventory_hostname)
        result["contact"] = own
        result["listen"] = ANYWHERE if stack.is_docker or not addresses.is_address(own) else own
        result["published"] = _dask_ports(section, result["is_scheduler"], own) if stack.is_docker else []
    return result


def _dask_ports(section: Mapping[str, Any], is_scheduler: bool, own: str) -> list[dict[str, Any]]:
    """Return what Dask's processes are reached at: each has a port and one of its HTTP server."""
    first = section["worker_port"]
    ports = [section["port"], section["port"] + 1] if is_scheduler else []
    ports += range(first, first + 2 * section["workers"])
    return [{"host": own if addresses.is_address(own) else ANYWHERE, "port": port} for port in ports]


def flow_environment(stack: Stack, dask: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which flows find the clusters to compute on."""
    ray = (stack.document["dask"].get("ray") or {}).get("address")
    found_at = {"DASK_SCHEDULER_ADDRESS": dask["scheduler_address"], "RAY_ADDRESS": ray}
    return {name: address for name, address in found_at.items() if address}


def cli_hosts(stack: Stack) -> list[str]:
    """Return the hosts that get the command line: those of the server, or else of the workers."""
    if not stack.document["cli"]["enabled"]:
        return []
    return stack.context.hosts(SERVER_GROUP if stack.deployed else WORKER_GROUP)


def resolve_cli(stack: Stack, dask: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of role prefect_cli."""
    section = stack.document["cli"]
    return {
        **section,
        "env": {**flow_environment(stack, dask), **section["env"]},
        "install": stack.context.inventory_hostname in cli_hosts(stack),
        "zones": stack.zones("app"),
    }


def resolve_firewall(stack: Stack, components: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the inputs of role prefect_firewall: who may reach which port of this host."""
    context, document = stack.context, stack.document
    postgres, minio, dask = components["postgres"], components["storage.minio"], components["dask"]
    rules: list[dict[str, Any]] = []

    def admit(setting: str, port: int, group: str, users: Sequence[str], everywhere: bool = False) -> None:
        here = context.inventory_hostname
        others = [name for name in dict.fromkeys(users) if name != here]
        if others and (context.is_in(group) if everywhere else context.is_first_in(group)):
            sources = [context.address(name) for name in others]
            rules.append({"setting": f"prefect.{setting}", "port": port, "sources": sources})

    if stack.deployed and not addresses.is_loopback(document["server"]["host"] or LOOPBACK):
        admit("server.port", document["server"]["port"], SERVER_GROUP, [*stack.consumers, *proxy_hosts(stack)])
    if postgres["enabled"] and document["postgres"]["host"] is None:
        admit("postgres.port", document["postgres"]["port"], DATABASE_GROUP, context.hosts(SERVER_GROUP))
    if document["storage"]["minio"]["enabled"]:
        admit("storage.minio.port", minio["port"], STORAGE_GROUP, [*stack.consumers, *proxy_hosts(stack)])
        admit("storage.minio.console_port", minio["console_port"], STORAGE_GROUP, proxy_hosts(stack))
    if stack.has_dask:
        users = [*stack.consumers, *cli_hosts(stack)]
        # Each process has a second port for its HTTP server.
        for port in (dask["port"], dask["port"] + 1):
            admit("dask.port", port, DASK_GROUP, users)
        for port in range(dask["worker_port"], dask["worker_port"] + 2 * dask["workers"]):
            admit("dask.worker_port", port, DASK_GROUP, users, everywhere=True)
    return {**document["firewall"], "rules": rules}
