# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports of a service, and the Services by which others reach them."""

from __future__ import annotations

import urllib.parse

from .part import Manifest, Part


def _named(part: Part) -> list[tuple[str, int, int]]:
    """Return name, port of the Service and port of the container of each."""
    health = urllib.parse.urlsplit(str((part.spec.get("health") or {}).get("url") or ""))
    result: dict[int, tuple[str, int, int]] = {}
    for item in part.spec.get("ports") or ():
        inside = int(item.get("container_port") or item["port"])
        speaks_http = part.spec.get("way_in") or (health.scheme == "http" and health.port == inside)
        name = item.get("name") or ("http" if speaks_http and not result else f"tcp-{item['port']}")
        # Several addresses of a host are one port of a pod.
        result.setdefault(int(item["port"]), (str(name), int(item["port"]), inside))
    return list(result.values())


def container_ports(part: Part) -> list[Manifest]:
    """Return the ports of the container."""
    return [{"name": name, "containerPort": inside, "protocol": "TCP"} for name, _port, inside in _named(part)]


def first_port(part: Part) -> int:
    """Return the port of the Service that leads to what people use."""
    return _named(part)[0][1]


def services(part: Part) -> list[Manifest]:
    """Return the Service, and the headless one that a StatefulSet needs."""
    ports = [
        {"name": name, "port": port, "targetPort": name, "protocol": "TCP"} for name, port, _inside in _named(part)
    ]
    made = []
    if ports:
        made.append(part.manifest("Service", spec={"type": "ClusterIP", "selector": part.selector, "ports": ports}))
    if part.has_volumes:
        headless = {"clusterIP": "None", "selector": part.selector, **({"ports": ports} if ports else {})}
        made.append(part.manifest("Service", headless_name(part), spec=headless))
    return made


def headless_name(part: Part) -> str:
    """Return the name of the Service that gives each pod a name of its own."""
    return f"{part.name}-headless"
