# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports between hosts, closed to everybody else.

A table of our own does that for every backend: it looks at a packet before Docker redirects it to a container, which
ufw and firewalld never see. Those two are only told to let the same sources in.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from typing import Any

TABLE = "flowops_prefect"
RECORD = "# opened: "
_FAMILIES = {4: ("ipv4", "ip"), 6: ("ipv6", "ip6")}


def _network(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source, strict=False)
    except ValueError:
        return None


def firewall_problems(firewall: Mapping[str, Any]) -> list[str]:
    """Return what keeps the rules from being written: a firewall knows addresses, not names."""
    return [
        f"prefect.firewall: {rule['setting']} is for {source}, which is a name; "
        "set ansible_host or prefect_settings_address of that host to an address"
        for rule in firewall["rules"]
        for source in rule["sources"]
        if _network(source) is None
    ]


def firewall_openings(firewall: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return who may reach which port, one by one, as ufw and firewalld are told."""
    return [
        {"port": port, "source": source, "family": _FAMILIES[ipaddress.ip_network(source).version][0]}
        for port, sources in _admitted(firewall).items()
        for source in sources
    ]


def firewall_stale(table: str, firewall: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the openings that a former table tells of and that are not wanted any more, each with its backend."""
    lines = [line.removeprefix(RECORD) for line in table.splitlines() if line.startswith(RECORD)]
    before: dict[str, Any] = json.loads(lines[0]) if lines else {"backend": "none", "openings": []}
    wanted = firewall_openings(firewall) if firewall["backend"] == before["backend"] else []
    return [{**item, "backend": before["backend"]} for item in before["openings"] if item not in wanted]


def firewall_table(firewall: Mapping[str, Any]) -> str:
    """Return the table as a file for nft, which replaces a former one in one step."""
    record = {"backend": firewall["backend"], "openings": firewall_openings(firewall)}
    trusted = ["lo", *firewall["trusted_interfaces"]]
    lines = [
        "#!/usr/sbin/nft -f",
        "# Written by flowops.prefect: changes made here are lost.",
        RECORD + json.dumps(record),
        f"table inet {TABLE}",
        f"delete table inet {TABLE}",
        f"table inet {TABLE} {{",
        "    chain between_hosts {",
        "        type filter hook prerouting priority -300; policy accept;",
        *(f'        iifname "{name}" accept' for name in trusted),
        "        fib daddr type != local accept",
    ]
    for port, sources in _admitted(firewall).items():
        lines += [f"        {line}" for line in _port(port, sources)]
    return "\n".join([*lines, "    }", "}", ""])


def _port(port: int, sources: Iterable[str]) -> list[str]:
    lines = []
    for version, (_family, keyword) in _FAMILIES.items():
        known = [source for source in sources if ipaddress.ip_network(source).version == version]
        if known:
            lines.append(f"tcp dport {port} {keyword} saddr {{ {', '.join(known)} }} accept")
    return [*lines, f"tcp dport {port} drop"]


def _admitted(firewall: Mapping[str, Any]) -> dict[int, list[str]]:
    """Return the networks that may reach each port, none of them within another one."""
    admitted: dict[int, set[Any]] = {}
    for rule in firewall["rules"]:
        admitted.setdefault(rule["port"], set()).update(filter(None, map(_network, rule["sources"])))
    return {port: [_short(item) for item in _collapsed(admitted[port])] for port in sorted(admitted)}


def _collapsed(networks: Iterable[Any]) -> list[Any]:
    given = list(networks)
    return [
        network
        for version in _FAMILIES
        for network in ipaddress.collapse_addresses([item for item in given if item.version == version])
    ]


def _short(network: Any) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)
