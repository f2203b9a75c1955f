# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How people and machines come in from outside: an Ingress, or a route of the Gateway API."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Mapping
from typing import Any

from .part import Manifest, Part
from .ports import first_port

NGINX = "nginx.ingress.kubernetes.io"
# A second object with them would ask for the same certificate again.
CERTIFICATES = ("cert-manager.io/", "acme.cert-manager.io/", "kubernetes.io/tls-acme")


def ways_in(part: Part) -> list[Manifest]:
    """Return what leads from the public address to a service."""
    url = urllib.parse.urlsplit(str(part.spec.get("public_url") or part.settings.get("public_url") or ""))
    if not part.spec.get("way_in") or not url.hostname:
        return []
    ingress, gateway = part.settings.get("ingress") or {}, part.settings.get("gateway") or {}
    objects = _ingresses(part, ingress, url) if ingress.get("enabled") else []
    return objects + (_routes(part, gateway, url) if gateway.get("enabled") else [])


def _host(url: urllib.parse.SplitResult) -> str | None:
    """Return the name of the address; a number is none."""
    try:
        ipaddress.ip_address(str(url.hostname))
    except ValueError:
        return str(url.hostname)
    return None


def _ingresses(part: Part, ingress: Mapping[str, Any], url: urllib.parse.SplitResult) -> list[Manifest]:
    """Return one Ingress, or two behind a login: machines show their credentials to the API's own check instead."""
    base = url.path.rstrip("/")
    annotations = ingress.get("annotations") or {}
    login = _login(ingress.get("forward_auth") or {})
    objects = [_ingress(part, part.name, base or "/", {**annotations, **login}, url)]
    if login:
        others = {key: value for key, value in annotations.items() if not key.startswith(CERTIFICATES)}
        objects.append(_ingress(part, f"{part.name}-api", f"{base}/api", others, url))
    return objects


def _login(forward_auth: Mapping[str, Any]) -> dict[str, str]:
    if not forward_auth.get("auth_url"):
        return {}
    words = {
        "auth-url": forward_auth["auth_url"],
        "auth-signin": forward_auth.get("signin_url"),
        "auth-response-headers": ",".join(forward_auth.get("response_headers") or ()),
    }
    return {f"{NGINX}/{key}": value for key, value in words.items() if value}


def _ingress(
    part: Part, name: str, path: str, annotations: Mapping[str, str], url: urllib.parse.SplitResult
) -> Manifest:
    ingress = part.settings["ingress"]
    host = _host(url)
    backend = {"service": {"name": part.name, "port": {"number": first_port(part)}}}
    rule: Manifest = {"http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    spec: Manifest = {"rules": [{**rule, **({"host": host} if host else {})}]}
    if ingress.get("class_name"):
        spec["ingressClassName"] = ingress["class_name"]
    tls = ingress.get("tls") or {}
    if tls.get("enabled", True) and url.scheme == "https":
        hosts = {"hosts": [host]} if host else {}
        spec["tls"] = [{**hosts, "secretName": tls.get("secret_name") or "prefect-tls"}]
    return part.manifest("Ingress", name, annotations=dict(annotations), spec=spec)


def _routes(part: Part, gateway: Mapping[str, Any], url: urllib.parse.SplitResult) -> list[Manifest]:
    """Return the route, and a Gateway for it with a redirect to https, where one is to be made."""
    parents = [_parent(item) for item in gateway.get("parents") or ()]
    objects = []
    if gateway.get("class_name"):
        secure = bool(gateway.get("tls_secret_name"))
        objects.append(_gateway(part, gateway, url))
        parents.append({"name": part.name, "sectionName": "https" if secure else "http"})
        if secure:
            redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}
            here = [{"name": part.name, "sectionName": "http"}]
            objects.append(_route(part, f"{part.name}-redirect", gateway, here, {"filters": [redirect]}, url))
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": url.path.rstrip("/") or "/"}}],
        "backendRefs": [{"name": part.name, "port": first_port(part)}],
    }
    return [*objects, _route(part, part.name, gateway, parents, rule, url)]


def _parent(item: Mapping[str, Any]) -> Manifest:
    words = {"name": item["name"], "namespace": item.get("namespace"), "sectionName": item.get("section_name")}
    return {key: value for key, value in words.items() if value}


def _gateway(part: Part, gateway: Mapping[str, Any], url: urllib.parse.SplitResult) -> Manifest:
    host = _host(url)
    common: Manifest = {"allowedRoutes": {"namespaces": {"from": "Same"}}, **({"hostname": host} if host else {})}
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP", **common}]
    if gateway.get("tls_secret_name"):
        references = [{"kind": "Secret", "name": gateway["tls_secret_name"]}]
        tls = {"mode": "Terminate", "certificateRefs": references}
        listeners.append({"name": "https", "port": 443, "protocol": "HTTPS", "tls": tls, **common})
    spec = {"gatewayClassName": gateway["class_name"], "listeners": listeners}
    return part.manifest("Gateway", annotations=dict(gateway.get("annotations") or {}), spec=spec)


def _route(
    part: Part,
    name: str,
    gateway: Mapping[str, Any],
    parents: list[Manifest],
    rule: Manifest,
    url: urllib.parse.SplitResult,
) -> Manifest:
    host = _host(url)
    spec = {"parentRefs": parents, "rules": [rule], **({"hostnames": [host]} if host else {})}
    return part.manifest("HTTPRoute", name, annotations=dict(gateway.get("annotations") or {}), spec=spec)
