# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which API there is and how this host reaches it: a server of one's own, an existing one, or Prefect Cloud."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import addresses
from .context import SERVER_GROUP, Context
from .problems import Problems, found
from .stack import SERVER, SERVER_PORT, Stack, proxy_hosts
from .tokens import Token, is_cloud

CLOUD = "https://api.prefect.cloud"
CLOUD_UI = "https://app.prefect.cloud"

_API_PATH = re.compile(r"/api(?:/|$)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Api:
    """The API as this host, its services and people reach it."""

    deployed: bool
    url: str
    service_url: str
    ui_url: str
    ui_api_url: str
    base_path: str
    health_url: str


def resolve_api(document: Mapping[str, Any], token: Token | None, context: Context, problems: Problems) -> Api | None:
    """Return the API; nothing when a problem was noted that leaves it open."""
    _check_auth_string(document["server"]["auth_string"], problems)
    public = _url(document, "public_url", problems)
    if public is not None and public.path.endswith("/api"):
        shorter = str(public)[: -len("/api")]
        problems.add(
            ("prefect", "public_url"), f"expected the address of the UI, without /api; did you mean {shorter!r}?"
        )
    if token is None and not context.render_dir:
        _check_key(document, problems)
    existing = _existing_api(document, token, problems)
    if existing is not None:
        if document["platform"] != "native" and addresses.is_loopback(addresses.host_of(existing)):
            problems.add(("prefect", "api_url"), "is loopback, which in a container is the container itself")
        return _existing(existing, public)
    if token is not None or document["api_url"] is not None or is_cloud(document):
        return None
    return _own(document, public, context, problems)


def _check_auth_string(auth_string: str | None, problems: Problems) -> None:
    if auth_string is None:
        return
    path = ("prefect", "server", "auth_string")
    if not auth_string.isascii() or not auth_string.isprintable():
        problems.add(path, f"expected printable ASCII, found {found(auth_string, secret=True)} with other characters")
    elif not auth_string.partition(":")[0] or not auth_string.partition(":")[2]:
        problems.add(path, f"expected 'user:password', found {found(auth_string, secret=True)} of another form")


def _check_key(document: Mapping[str, Any], problems: Problems) -> None:
    """Note a key that only pods can read: what lives inside Prefect Cloud is written from the controller."""
    if document["platform"] == "kubernetes" and document["kubernetes"]["existing_secrets"]["api_key"]:
        problems.add(
            ("prefect", "token"),
            "missing; prefect.kubernetes.existing_secrets.api_key is for pods only, and the controller needs the key "
            "too, here or in the environment as PREFECT_API_KEY",
        )


def _url(document: Mapping[str, Any], key: str, problems: Problems) -> addresses.Url | None:
    if document[key] is None:
        return None
    parsed = addresses.parsed(document[key])
    if isinstance(parsed, str):
        problems.add(("prefect", key), parsed)
        return None
    return parsed


def _existing_api(document: Mapping[str, Any], token: Token | None, problems: Problems) -> addresses.Url | None:
    api_url = _url(document, "api_url", problems)
    if api_url is not None and not _API_PATH.search(api_url.path):
        problems.add(("prefect", "api_url"), f"expected the address of an API; did you mean '{api_url}/api'?")
    if document["api_url"] is not None:
        if is_cloud(document):
            problems.add(("prefect", "cloud"), "contradicts prefect.api_url; set one of them")
        return api_url
    if is_cloud(document):
        return _cloud_url(document["cloud"], token, problems)
    if token is not None:
        problems.add(
            ("prefect", "token"),
            f"{token.source} is set, but not which API it is for; "
            "set prefect.cloud: {account_id, workspace_id} for Prefect Cloud, or prefect.api_url",
        )
    return None


def _cloud_url(cloud: Mapping[str, Any], token: Token | None, problems: Problems) -> addresses.Url | None:
    complete = True
    for key in ("account_id", "workspace_id"):
        if cloud[key] is None or not _UUID.fullmatch(cloud[key]):
            problems.add(("prefect", "cloud", key), f"expected a UUID, found {found(cloud[key])}")
            complete = False
    if token is None and not problems.at_or_below(("prefect", "token")):
        problems.add(
            ("prefect", "token"),
            "missing; prefect.cloud needs an API key, here or in the environment as PREFECT_API_KEY",
        )
    path = f"/api/accounts/{cloud['account_id']}/workspaces/{cloud['workspace_id']}"
    return addresses.Url(CLOUD, path) if complete else None


def _existing(url: addresses.Url, public: addresses.Url | None) -> Api:
    ui_url = CLOUD_UI if url.base == CLOUD else url.base + _API_PATH.split(url.path)[0]
    return Api(
        deployed=False,
        url=str(url),
        service_url=str(url),
        ui_url=str(public) if public is not None else ui_url,
        ui_api_url=str(url),
        base_path="",
        health_url=f"{url}/health",
    )


def _own(document: Mapping[str, Any], public: addresses.Url | None, context: Context, problems: Problems) -> Api | None:
    server = document["server"]
    host, port = server["host"], server["port"]
    at_host = ("prefect", "server", "host")
    hosts = context.hosts(SERVER_GROUP)
    if not hosts:
        problems.add(
            ("prefect",),
            f"the inventory has no host in group {SERVER_GROUP}; add one, or set prefect.api_url to an existing API",
        )
        return None
    if host is None or port is None:
        return None
    if document["platform"] == "kubernetes":
        return _in_cluster(Stack(document, context, deployed=True), public)
    if not addresses.is_host(host):
        problems.add(at_host, f"expected an address or a host name, found {found(host)}")
        return None
    stack = Stack(document, context, deployed=True)
    elsewhere = context.elsewhere(SERVER_GROUP, [*stack.consumers, *proxy_hosts(stack)])
    if addresses.is_loopback(host):
        if elsewhere:
            problems.add(
                at_host,
                f"{host} is loopback, {', '.join(elsewhere)} cannot reach it; "
                "set prefect.server.host to an address of the server, or 0.0.0.0, and prefect.server.auth_string",
            )
    elif server["auth_string"] is None:
        problems.add(at_host, f"{host} is open to the network, that needs prefect.server.auth_string: 'user:password'")
    return _own_addresses(host, port, public, stack, problems)


def _in_cluster(stack: Stack, public: addresses.Url | None) -> Api:
    """Return the API as the server's own pods and all other pods reach it."""
    base_path = public.path if public is not None else ""
    inside = f"http://127.0.0.1:{SERVER_PORT}{base_path}/api"
    service = f"http://{stack.service(SERVER)}:{SERVER_PORT}{base_path}"
    # Without a way in, people open it through kubectl port-forward.
    ui_url = str(public) if public is not None else f"http://127.0.0.1:{SERVER_PORT}"
    return Api(
        deployed=True,
        url=inside,
        service_url=f"{service}/api",
        ui_url=ui_url,
        ui_api_url=f"{ui_url}/api",
        base_path=base_path,
        health_url=f"{inside}/health",
    )


def _own_addresses(host: str, port: int, public: addresses.Url | None, stack: Stack, problems: Problems) -> Api:
    context = stack.context
    hosts = context.hosts(SERVER_GROUP)
    base_path = public.path if public is not None else ""
    local = addresses.local_view(host)
    shown = context.address(hosts[0]) if addresses.is_wildcard(host) else local
    here = local if context.is_in(SERVER_GROUP) else shown
    calls = context.inventory_hostname in stack.consumers and not context.is_in(SERVER_GROUP)
    if calls and addresses.is_wildcard(host) and addresses.is_loopback(here):
        problems.add(
            ("prefect", "server", "host"),
            f"the inventory knows the server {hosts[0]} as {here}, which other hosts cannot reach; "
            f"set ansible_host or prefect_settings_address of {hosts[0]}",
        )
    ui_url = str(public) if public is not None else addresses.http(shown, port)
    url = addresses.http(here, port, f"{base_path}/api")
    place = stack.place(SERVER_GROUP, stack.consumers, SERVER, port, SERVER_PORT)
    return Api(
        deployed=True,
        url=url,
        # A container is not on its host's loopback.
        service_url=f"http://{place}{base_path}/api" if stack.is_docker and context.is_in(SERVER_GROUP) else url,
        ui_url=ui_url,
        ui_api_url=f"{ui_url}/api",
        base_path=base_path,
        health_url=addresses.http(local, port, f"{base_path}/api/health"),
    )
