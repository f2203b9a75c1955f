# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The address that people open, and the Ingress or Gateway that leads from there to the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..settings.addresses import is_loopback
from .addresses import split
from .draft import TEMPLATE, Draft, has_template
from .server_chart import GATEWAY, INGRESS, LISTENERS, ROUTE
from .values import Values

_UI = "server.uiConfig.prefectUiApiUrl"
_BASE = "server.apiBasePath"


def put_ways_in(values: Values, draft: Draft) -> None:
    """Write the public address, and what leads in."""
    host, scheme, way = "", "http", ""
    if values["ingress.enabled"]:
        way = "ingress.enabled"
        host, scheme = _put_ingress(values, draft)
    elif values["gateway.enabled"]:
        way = "gateway.enabled"
        host, scheme = _put_gateway(values, draft)
    path = _path(values)
    _put_public_url(values, draft, f"{scheme}://{host}{path}" if host else "", path)
    if way and not _has_credentials(draft):
        draft.put("server.auth_string", draft.secret("auth string", way), way)
        draft.none(way, "a server that others reach needs credentials here; choose user:password for the variable")


def _path(values: Values) -> str:
    """Return the path before that of the API."""
    base = values.text(_BASE).rstrip("/")
    if base.endswith("/api"):
        return base.removesuffix("/api")
    values.leave(_BASE, "the path of the API ends in /api here; the one before it is that of public_url")
    return ""


def _has_credentials(draft: Draft) -> bool:
    secrets = draft.document.get("kubernetes", {}).get("existing_secrets", {})
    return "auth_string" in draft.document.get("server", {}) or "auth_string" in secrets


def _put_public_url(values: Values, draft: Draft, by_way: str, path: str) -> None:
    given = values.text(_UI) if values.differs(_UI) else ""
    if has_template(given):
        draft.none(_UI, f"{TEMPLATE} to public_url, without /api", given)
        given = ""
    url = split(given)
    if given and (url.scheme not in ("http", "https") or not url.hostname or not given.rstrip("/").endswith("/api")):
        draft.none(_UI, "expected an address that ends in /api; set public_url", given)
        given = ""
    if given and by_way and is_loopback(url.hostname or ""):
        draft.none(_UI, "nobody else reaches that; public_url is where the way in leads from", given)
        given = ""
    public = given.rstrip("/").removesuffix("/api") or by_way
    if not public:
        values.leave(_BASE, "is the path of public_url and /api; set public_url")
        return
    if split(public).path != path:
        values.leave(_BASE, "is another path than that of public_url, which counts")
    if by_way and split(public).hostname != split(by_way).hostname:
        draft.none(_UI, f"the way in is for the host of public_url, and no longer for {by_way}", given)
    draft.put("public_url", public, _UI)


def _leave_path(values: Values, path: str) -> None:
    if values.text(path) not in ("/", values.text(_BASE).removesuffix("/api")):
        values.leave(path, "the path is that of public_url, the one before that of the API")


def _put_ingress(values: Values, draft: Draft) -> tuple[str, str]:
    """Write the Ingress; return its host and scheme."""
    draft.put("kubernetes.ingress.enabled", True, "ingress.enabled")
    host, extra, tls = values.text("ingress.host.hostname"), values["ingress.extraTls"], values["ingress.tls"]
    _leave_path(values, "ingress.host.path")
    names = [item["secretName"] for item in extra if isinstance(item, Mapping) and item.get("secretName")]
    name = f"{host}-tls" if tls else next(iter(names), None)
    section: dict[str, Any] = {"enabled": bool(tls or extra), **({"secret_name": name} if name else {})}
    draft.put("kubernetes.ingress.tls", section, "ingress.tls" if tls else "ingress.extraTls")
    if extra and (tls or len(extra) > 1):
        own = [{"hosts": [host], "secretName": f"{host}-tls"}] if tls else []
        draft.put(f"{INGRESS}.spec.tls", [*own, *extra], "ingress.extraTls")
    if not host:
        draft.none("ingress.host.hostname", "is missing; set public_url, the address that people open")
    return host, "https" if section["enabled"] else "http"


def _put_gateway(values: Values, draft: Draft) -> tuple[str, str]:
    """Write the Gateway and the route; return host and scheme."""
    draft.put("kubernetes.gateway.enabled", True, "gateway.enabled")
    hosts = [str(host) for host in values["httproute.hostnames"]]
    if values["gateway.create"]:
        draft.put("kubernetes.gateway.class_name", values.text("gateway.className"), "gateway.className")
        values.leave("httproute.parentRefs", "the route leads from the Gateway that is made")
        _put_listeners(values, draft, hosts)
    else:
        _put_parents(values, draft)
        for path in ("gateway.className", "gateway.listeners"):
            values.leave(path, "has no effect in the release, since gateway.create is off")
    if not values["httproute.enabled"]:
        draft.put(ROUTE, None, "httproute.enabled")
    elif len(hosts) > 1:
        draft.put(f"{ROUTE}.spec.hostnames", hosts, "httproute.hostnames")
    _leave_path(values, "httproute.path")
    if not hosts:
        draft.none("httproute.hostnames", "is empty; set public_url, the address that people open")
    listeners = [item.get("sectionName") for item in values["httproute.parentRefs"] if isinstance(item, Mapping)]
    return next(iter(hosts), ""), "http" if listeners == ["http"] else "https"


def _put_listeners(values: Values, draft: Draft, hosts: list[str]) -> None:
    path = "gateway.listeners"
    listeners = values[path]
    name = _certificate(listeners) or (f"{hosts[0]}-tls" if hosts else "")
    if name:
        draft.put("kubernetes.gateway.tls_secret_name", name, path)
    if _without_certificate(listeners) != _without_certificate(LISTENERS):
        draft.put(f"{GATEWAY}.spec.listeners", listeners, path)


def _certificate(listeners: list[Any]) -> str:
    for listener in listeners:
        tls = listener.get("tls") if isinstance(listener, Mapping) else None
        for reference in (tls.get("certificateRefs") or ()) if isinstance(tls, Mapping) else ():
            if isinstance(reference, Mapping) and reference.get("name"):
                return str(reference["name"])
    return ""


def _without_certificate(listeners: list[Any]) -> list[Any]:
    return [
        {key: value for key, value in listener.items() if key != "tls"} if isinstance(listener, Mapping) else listener
        for listener in listeners
    ]


def _put_parents(values: Values, draft: Draft) -> None:
    path, spelt = "httproute.parentRefs", {"name": "name", "namespace": "namespace", "sectionName": "section_name"}
    named = [item for item in values[path] if isinstance(item, Mapping) and item.get("name")]
    for item in named:
        if item.get("port"):
            draft.none(path, "a listener is named by sectionName here, and not by its port", dict(item))
    parents = [{here: item[there] for there, here in spelt.items() if item.get(there)} for item in named]
    if parents:
        draft.put("kubernetes.gateway.parents", parents, path)
    else:
        draft.none(path, "names no Gateway; set kubernetes.gateway.parents")
