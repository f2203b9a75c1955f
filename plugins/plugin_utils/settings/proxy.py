# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reverse proxy and the single sign-on before it: which public name leads where, and who is let through."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from . import addresses
from .context import PROXY_GROUP, SERVER_GROUP, STORAGE_GROUP
from .problems import Path, Problems, dotted, found, texts
from .stack import (
    CONSOLE_PORT,
    SERVER,
    SERVER_PORT,
    STORAGE,
    STORAGE_PORT,
    Stack,
    needs_docker,
    one_host,
    proxy_hosts,
)

AUTHELIA = "http://prefect-authelia:9091"
FORWARD_AUTH = {
    "url": f"{AUTHELIA}/api/authz/forward-auth",
    "copy_headers": ["Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email"],
}
_FEWEST_LABELS = 2

# A Caddyfile has no way to spell these: its variables are replaced before anything is read.
UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|\{\$")
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")

Site = dict[str, Any]


def resolve_proxy(stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_proxy."""
    section = stack.document["proxy"]
    path: Path = ("prefect", "proxy")
    result = {**section, "install": False, "zones": [], "sites_all": [], "auth": None}
    if not section["enabled"] or not one_host(PROXY_GROUP, (*path, "enabled"), stack.context, problems):
        return result
    if section["snippet"] is None:
        needs_docker("proxy", PROXY_GROUP, stack, problems)
    _check_words(section, path, problems)
    auth = _auth(stack, problems)
    sites = _sites(stack, auth is not None, problems)
    _check_sites(sites, section, auth is not None, problems)
    return result | {
        "install": stack.context.is_first_in(PROXY_GROUP),
        "zones": stack.zones("edge"),
        "sites_all": sites,
        "auth": auth,
    }


def _check_words(section: Mapping[str, Any], path: Path, problems: Problems) -> None:
    """Note what would mean something else in a Caddyfile than it says."""
    for name in section["headers"]:
        # YAML's keys need not be texts.
        if not HEADER_NAME.fullmatch(str(name)):
            problems.add((*path, "headers", str(name)), "expected the name of a header, letters, digits and hyphens")
    for here, text in texts(section, path):
        if sign := UNSAFE.search(text):
            problems.add(here, f"has {sign[0]!r}, which a Caddyfile cannot hold")


def _auth(stack: Stack, problems: Problems) -> dict[str, Any] | None:
    """Return who decides whether somebody has logged in."""
    own = stack.document["proxy"]["forward_auth"]
    if own is not None and own["url"] is not None:
        if stack.document["authelia"]["enabled"]:
            problems.add(("prefect", "proxy", "forward_auth"), "prefect.authelia is enabled too; keep one of them")
        parsed = addresses.parsed(own["url"])
        if isinstance(parsed, str):
            problems.add(("prefect", "proxy", "forward_auth", "url"), parsed)
        return {**own, "copy_headers": own["copy_headers"] or FORWARD_AUTH["copy_headers"]}
    return dict(FORWARD_AUTH) if stack.document["authelia"]["enabled"] else None


def _sites(stack: Stack, has_auth: bool, problems: Problems) -> list[Site]:
    """Return every public name with what is behind it."""
    document = stack.document
    server, minio = document["server"], document["storage"]["minio"]
    proxy = proxy_hosts(stack)
    sites: list[Site] = []

    def add(setting: str, url: str | None, upstream: str, kind: str, sso: bool) -> None:
        parsed = addresses.parsed(url) if url is not None else None
        if isinstance(parsed, addresses.Url):
            name = addresses.host_of(parsed)
            sites.append(
                {
                    "setting": f"prefect.{setting}",
                    "url": str(parsed),
                    "host": name,
                    "path": parsed.path,
                    "upstream": upstream,
                    "kind": kind,
                    "sso": sso,
                    "auth_header": None,
                }
            )

    if stack.deployed:
        upstream = stack.place(SERVER_GROUP, proxy, SERVER, server["port"], SERVER_PORT)
        add("public_url", document["public_url"], upstream, "prefect", has_auth)
        if sites and server["auth_string"] is not None:
            sites[0]["auth_header"] = "Basic " + base64.b64encode(server["auth_string"].encode()).decode()
    if minio["enabled"]:
        upstream = stack.place(STORAGE_GROUP, proxy, STORAGE, minio["port"], STORAGE_PORT)
        add("storage.minio.public_url", minio["public_url"], upstream, "plain", sso=False)
        upstream = stack.place(STORAGE_GROUP, proxy, STORAGE, minio["console_port"], CONSOLE_PORT)
        add("storage.minio.console_url", minio["console_url"], upstream, "plain", has_auth)
    if document["authelia"]["enabled"]:
        add("authelia.url", document["authelia"]["url"], AUTHELIA.removeprefix("http://"), "login", sso=False)
    for index, site in enumerate(document["proxy"]["sites"]):
        here: Path = ("prefect", "proxy", "sites", index)
        parsed = addresses.parsed(site["url"]) if site["url"] is not None else ""
        if isinstance(parsed, str):
            problems.add((*here, "url"), parsed or "missing; expected str")
            continue
        if site["sso"] and not has_auth:
            problems.add((*here, "sso"), "needs a login; set prefect.authelia or prefect.proxy.forward_auth")
        add(dotted(here)[len("prefect.") :] + ".url", site["url"], site["upstream"], "plain", bool(site["sso"]))
    return sites


def _check_sites(sites: Sequence[Site], section: Mapping[str, Any], has_auth: bool, problems: Problems) -> None:
    if not sites:
        problems.add(
            ("prefect", "proxy", "enabled"),
            "a proxy needs a public name; set prefect.public_url, such as https://prefect.example.org",
        )
    names: dict[str, str] = {}
    for site in sites:
        path: Path = tuple(site["setting"].split("."))
        other = names.setdefault(site["host"], site["setting"])
        if other != site["setting"]:
            problems.add(path, f"{found(site['host'])} is the name of {other} too; each needs its own")
        if addresses.is_address(site["host"]) and section["tls"]["mode"] == "automatic":
            problems.add(path, f"{site['host']} is an address, certificates are for names; set prefect.proxy.tls.mode")
        if has_auth and site["sso"] and not site["url"].startswith("https://"):
            problems.add(path, "single sign-on needs https, a session over http can be stolen")
    tls = section["tls"]
    if tls["mode"] == "files":
        for key in ("cert_file", "key_file"):
            if tls[key] is None:
                problems.add(("prefect", "proxy", "tls", key), "missing; prefect.proxy.tls.mode is files")


def resolve_authelia(stack: Stack, proxy: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_authelia."""
    section = stack.document["authelia"]
    path: Path = ("prefect", "authelia")
    result = {**section, "install": False, "zones": [], "domains": [], "cookie_domain": None}
    if not section["enabled"]:
        return result
    if not stack.document["proxy"]["enabled"]:
        problems.add((*path, "enabled"), "the login stands before the proxy; set prefect.proxy.enabled: true")
        return result
    if not section["users"]:
        problems.add((*path, "users"), "nobody could log in; name at least one user with a password")
    parsed = addresses.parsed(section["url"]) if section["url"] is not None else None
    if not isinstance(parsed, addresses.Url):
        problems.add((*path, "url"), parsed or "missing; the public address of the login, https://login.example.org")
        return result
    domains = [site["host"] for site in proxy["sites_all"] if site["sso"]]
    domain = _common_domain([addresses.host_of(parsed), *domains])
    if domain is None:
        problems.add(
            (*path, "url"),
            f"{found(section['url'])} shares no domain with {', '.join(domains)}; "
            "the session's cookie cannot reach both",
        )
    return result | {
        "install": stack.context.is_first_in(PROXY_GROUP),
        "zones": stack.zones("edge"),
        "domains": domains,
        "cookie_domain": domain,
    }


def _common_domain(names: Sequence[str]) -> str | None:
    """Return the longest domain that holds all names, at least two labels deep."""
    shared: list[str] = []
    for labels in zip(*(reversed(name.lower().split(".")) for name in names), strict=False):
        if len(set(labels)) > 1:
            break
        shared.insert(0, labels[0])
    return ".".join(shared) if len(shared) >= _FEWEST_LABELS else None
