# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database: SQLite, PostgreSQL that is installed, or an external one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import addresses
from .context import DATABASE_GROUP, SERVER_GROUP
from .problems import Problems, found
from .stack import DATABASE, DATABASE_PORT, Stack

_CONNECTION = ("host", "port", "user", "password", "name")
_POSTGRES: tuple[str, ...] = ("prefect", "postgres")
_LONGEST_IDENTIFIER = 63


def is_used(section: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Tell whether PostgreSQL is used: asked for, or a host was named and nothing said against it."""
    named = section["host"] is not None or section["cloudnative_pg"] is not None
    return bool(section["enabled"] or (named and given.get("enabled") is None))


def resolve_postgres(stack: Stack, given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_postgres."""
    context = stack.context
    section = stack.document["postgres"]
    enabled = stack.deployed and is_used(section, given)
    cluster = section["cloudnative_pg"]
    if cluster is not None:
        section = _of_cluster(section, given, problems)
    external = section["host"] is not None
    if enabled:
        _check(section, problems)
    host, port = section["host"], section["port"]
    clients: list[str] = []
    published: list[dict[str, Any]] = []
    listen = ["localhost"]
    install = enabled and not external and context.is_in(DATABASE_GROUP)
    if enabled and not external and stack.is_kubernetes:
        host = DATABASE
    elif enabled and not external:
        host = _installed_host(stack, problems)
        # Inside of its container the server always listens on the same port.
        port = DATABASE_PORT if host == DATABASE else port
        clients = [
            addresses.network(context.address(name))
            for name in context.hosts(SERVER_GROUP)
            if name not in context.hosts(DATABASE_GROUP)
        ]
        listen = ["*"] if clients else listen
    if install and stack.is_docker:
        published = stack.published(DATABASE_GROUP, context.hosts(SERVER_GROUP), section["port"], DATABASE_PORT)
    return {
        **section,
        "host": host,
        "port": port,
        "platform": stack.document["platform"],
        "enabled": enabled,
        "install": install,
        "listen_addresses": listen,
        "clients": clients,
        "published": published,
        "zones": stack.zones("data") if install else [],
    }


def database_of(postgres: Mapping[str, Any], stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the database as a server on this host reaches it."""
    hosts = stack.context.hosts(SERVER_GROUP)
    if stack.deployed and len(hosts) > 1:
        problems.add(
            ("prefect", "server"),
            f"the inventory has {len(hosts)} hosts ({', '.join(hosts)}) in group {SERVER_GROUP}, expected one: "
            "several servers without Redis run every schedule and automation several times",
        )
    if not postgres["enabled"]:
        return {
            "kind": "sqlite",
            **dict.fromkeys(_CONNECTION),
            "tls": {**postgres["tls"], "enabled": False, "ca_content": None},
        }
    tls = {**postgres["tls"], "ca_content": _certificates(postgres["tls"]["ca_file"], stack, problems)}
    return {"kind": "postgres", **{key: postgres[key] for key in _CONNECTION}, "tls": tls}


def _certificates(name: str | None, stack: Stack, problems: Problems) -> str | None:
    """Return what is in the file of certificates, which pods are given from the controller."""
    if name is None or not stack.is_kubernetes:
        return None
    content = stack.context.read_file(name)
    if content is None:
        problems.add((*_POSTGRES, "tls", "ca_file"), f"there is no file {found(name)} on the controller")
    return content


def _of_cluster(section: Mapping[str, Any], given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the section as CloudNativePG's names mean it: a service for writing, and an owner and database app."""
    if section["host"] is not None:
        problems.add((*_POSTGRES, "cloudnative_pg"), "prefect.postgres.host is set too; keep one of them")
    named = {key: section[key] if given.get(key) else "app" for key in ("user", "name")}
    return {**section, **named, "host": f"{section['cloudnative_pg']}-rw"}


def _check(section: Mapping[str, Any], problems: Problems) -> None:
    host = section["host"]
    if host is not None and not addresses.is_host(host):
        problems.add((*_POSTGRES, "host"), f"expected an address or a host name, found {found(host)}")
    for key in ("user", "name"):
        value = section[key]
        if value is not None and not (0 < len(value.encode()) <= _LONGEST_IDENTIFIER and value.isprintable()):
            problems.add((*_POSTGRES, key), f"expected 1 to {_LONGEST_IDENTIFIER} bytes, found {found(value)}")
    password = section["password"]
    if password is not None and ("\0" in password or "\n" in password or "\r" in password):
        problems.add((*_POSTGRES, "password"), "expected no line break and no NUL character in it")
    ca_file = section["tls"]["ca_file"]
    if ca_file is not None and not section["tls"]["enabled"]:
        problems.add((*_POSTGRES, "tls", "ca_file"), "has no effect; set prefect.postgres.tls.enabled: true")


def _installed_host(stack: Stack, problems: Problems) -> str | None:
    context = stack.context
    hosts = context.hosts(DATABASE_GROUP)
    if len(hosts) != 1:
        count = f"{len(hosts)} hosts ({', '.join(hosts)})" if hosts else "no host"
        problems.add(
            (*_POSTGRES, "enabled"),
            f"the inventory has {count} in group {DATABASE_GROUP}, expected one; "
            "or set prefect.postgres.host to an external server",
        )
        return None
    if context.inventory_hostname == hosts[0]:
        return DATABASE if stack.is_docker else "127.0.0.1"
    address = context.address(hosts[0])
    if addresses.is_loopback(address):
        problems.add(
            (*_POSTGRES, "enabled"),
            f"the inventory knows the database {hosts[0]} as {address}, which other hosts cannot reach; "
            f"set ansible_host or prefect_settings_address of {hosts[0]}",
        )
    return address
