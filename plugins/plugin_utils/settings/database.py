# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database: SQLite, PostgreSQL that is installed, or an external one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import addresses
from .context import DATABASE_GROUP, SERVER_GROUP, Context
from .problems import Problems, found

_CONNECTION = ("host", "port", "user", "password", "name")
_POSTGRES: tuple[str, ...] = ("prefect", "postgres")
_LONGEST_IDENTIFIER = 63


def is_used(section: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Tell whether PostgreSQL is used: asked for, or a host was named and nothing said against it."""
    return bool(section["enabled"] or (section["host"] is not None and given.get("enabled") is None))


def resolve_postgres(
    document: Mapping[str, Any], given: Mapping[str, Any], deployed: bool, context: Context, problems: Problems
) -> dict[str, Any]:
    """Return the inputs of role prefect_postgres."""
    section = document["postgres"]
    enabled = deployed and is_used(section, given)
    external = section["host"] is not None
    if enabled:
        _check(section, problems)
    host = section["host"]
    clients: list[str] = []
    listen = ["localhost"]
    if enabled and not external:
        host = _installed_host(context, problems)
        clients = [
            addresses.network(context.address(name))
            for name in context.hosts(SERVER_GROUP)
            if name not in context.hosts(DATABASE_GROUP)
        ]
        listen = ["*"] if clients else listen
    return {
        **section,
        "host": host,
        "enabled": enabled,
        "install": enabled and not external and context.is_in(DATABASE_GROUP),
        "listen_addresses": listen,
        "clients": clients,
    }


def database_of(postgres: Mapping[str, Any], context: Context, deployed: bool, problems: Problems) -> dict[str, Any]:
    """Return the database as a server on this host reaches it."""
    hosts = context.hosts(SERVER_GROUP)
    if deployed and len(hosts) > 1:
        problems.add(
            ("prefect", "server"),
            f"the inventory has {len(hosts)} hosts ({', '.join(hosts)}) in group {SERVER_GROUP}, expected one: "
            "several servers without Redis run every schedule and automation several times",
        )
    if not postgres["enabled"]:
        return {"kind": "sqlite", **dict.fromkeys(_CONNECTION), "tls": {**postgres["tls"], "enabled": False}}
    return {"kind": "postgres", **{key: postgres[key] for key in _CONNECTION}, "tls": dict(postgres["tls"])}


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


def _installed_host(context: Context, problems: Problems) -> str | None:
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
        return "127.0.0.1"
    address = context.address(hosts[0])
    if addresses.is_loopback(address):
        problems.add(
            (*_POSTGRES, "enabled"),
            f"the inventory knows the database {hosts[0]} as {address}, which other hosts cannot reach; "
            f"set ansible_host or prefect_settings_address of {hosts[0]}",
        )
    return address
