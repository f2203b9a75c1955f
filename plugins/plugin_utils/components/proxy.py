# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reverse proxy: a Caddyfile with one site for each public name, and the service that runs it.

A site is a dict:

    url          public address
    host         its name, without port
    path         its path without a slash at the end, empty for none
    upstream     http(s)://host:port that answers
    kind         prefect | plain | login (the single sign-on's own pages)
    sso          people have to log in first
    auth_header  prefect only: the Authorization header that Prefect's server asks for, null without auth string
    ui_settings  prefect only: what differs from UI_SETTINGS in the answer that Prefect's UI starts from

Who is who on a site of Prefect with single sign-on:

- A request below <path>/api with exactly Prefect's Authorization header is a machine: it goes to the server, which
  checks the header again.
- Prefect's clients open most websockets without that header and send the auth string as first message instead. So
  these paths are open to websockets, and to nothing else, while the server has an auth string to ask for. They are
  compared with the address as it was sent: whatever is spelled in another way does not pass.
- Everybody else logs in first. The proxy then adds the header, so that people need not know the auth string, and
  tells the UI that no password is needed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..settings.proxy import HEADER_NAME, UNSAFE

Spec = dict[str, Any]

NAME = "prefect-proxy"
CADDYFILE = "/etc/caddy/Caddyfile"
CERTIFICATE = "/etc/caddy/tls/certificate.pem"
KEY = "/etc/caddy/tls/key.pem"
HEALTH_PORT = 2020
# Inside of the container; what people see is http_port and https_port.
HTTP_PORT, HTTPS_PORT = 80, 443

# What the SDK of Prefect 3 opens (events, logs, deferred tasks, channels of workers).
WEBSOCKETS = (
    r"/api/(events/(in|out)|logs/out|task_runs/subscriptions/scheduled|work_pools/[A-Za-z0-9%._~-]+/workers/connect)"
)

# By these a client could pretend to have logged in, or to ask for another address than it does.
IDENTITY_HEADERS = ("Remote-*", "Remote_*", "X-Remote-*", "X-Forwarded-User", "X-Forwarded-Groups", "X-Forwarded-Email",
                    "X-Auth-Request-*", "X-Original-*", "X-Rewrite-*", "X-Authelia-*")  # fmt: skip

UI_SETTINGS = {"csrf_enabled": False, "auth": None, "flags": [], "default_ui": "v2", "available_uis": ["v1", "v2"]}

MANIFEST = '{"display":"browser"}'

# Icons that the UI's pages ask for at the root, where the server has none.
ICONS = ("favicon.ico", "favicon-dark.ico", *(f"{state}.svg" for state in (
    "scheduled", "pending", "running", "completed", "cancelled", "failed", "crashed",
)))  # fmt: skip

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}

_PLAIN_WORD = re.compile(r"[A-Za-z0-9@/:.,_*+=^?()|\[\]%~>-]+")


def basic_auth_header(auth_string: str) -> str:
    """Return the Authorization header that carries Prefect's auth string."""
    return f"Basic {base64.b64encode(auth_string.encode()).decode()}"


def caddyfile(proxy: Mapping[str, Any]) -> str:
    """Return the whole configuration of a Caddy of our own."""
    addresses = [site["host"] for site in proxy["sites_all"] if _is_address(site["host"])]
    blocks = [
        [
            "{",
            # No door to the running configuration, not even a local one.
            "admin off",
            "persist_config off",
            "skip_install_trust",
            # Ports that others see differ from those that Caddy knows.
            "auto_https disable_redirects",
            # Who asks for an address names no name.
            *(f"default_sni {address}" for address in addresses[:1]),
            "servers {",
            # The third version of HTTP needs a port of its own.
            "protocols h1 h2",
            # A name asked for inside of a connection that was made for another one is refused.
            *([] if addresses else ["strict_sni_host on"]),
            "}",
            "}",
        ],
        [f"http://127.0.0.1:{HEALTH_PORT} {{", "bind 127.0.0.1", "respond /health 200", "}"],
        *_redirects(proxy),
        *_sites(proxy, CERTIFICATE, KEY),
        # What asks for none of the names.
        ["http:// {", "respond 421", "}"],
    ]
    return _file(blocks)


def caddy_snippet(proxy: Mapping[str, Any]) -> str:
    """Return the sites for a Caddy that somebody else runs, which redirects to https by itself."""
    return _file(_sites(proxy, proxy["tls"]["cert_file"], proxy["tls"]["key_file"]))


def proxy_service(
    proxy: Mapping[str, Any], host: Mapping[str, Any], certificate: Mapping[str, str] | None = None
) -> Spec:
    """Return the specification of Caddy; `certificate` holds what is in the files of tls.mode files."""
    data = f"{host['root']}/data/{NAME}"
    return {
        "name": NAME,
        "description": "Reverse proxy of Prefect",
        "image": proxy["image"],
        "command": ["caddy", "run", "--config", CADDYFILE, "--adapter", "caddyfile"],
        "env": {"HOME": f"{data}/config", "XDG_DATA_HOME": data, "XDG_CONFIG_HOME": f"{data}/config"},
        "secret_env": {},
        "run_as": "service",
        "networks": [*proxy["zones"], *proxy["networks"]],
        # Certificates and the keys of the internal authority outlive the container.
        "directories": [data],
        "files": _files(proxy, certificate),
        # Its binary carries this capability and does not start without it.
        "capabilities": ["NET_BIND_SERVICE"],
        "ports": [
            {"host": proxy["host"], "port": proxy["http_port"], "container_port": HTTP_PORT},
            {"host": proxy["host"], "port": proxy["https_port"], "container_port": HTTPS_PORT},
        ],
        "health": {
            "url": f"http://127.0.0.1:{HEALTH_PORT}/health",
            "command": ["wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{HEALTH_PORT}/health"],
            "timeout": 60,
        },
        "stop_timeout": 15,
        "resources": {"cpu_limit": None, "memory_limit": None},
    }


def proxy_check_job(
    proxy: Mapping[str, Any], host: Mapping[str, Any], certificate: Mapping[str, str] | None = None
) -> Spec:
    """Return the specification of the one-shot job that tries a configuration before the running one is replaced."""
    service = proxy_service(proxy, host, certificate)
    return {
        **{key: service[key] for key in ("image", "secret_env", "run_as", "files", "capabilities")},
        "name": f"{NAME}-check",
        "description": "Check of the reverse proxy's configuration",
        "command": ["caddy", "validate", "--config", CADDYFILE, "--adapter", "caddyfile"],
        # What it makes is thrown away.
        "env": {"HOME": "/tmp", "XDG_DATA_HOME": "/tmp", "XDG_CONFIG_HOME": "/tmp"},
        "networks": [],
        "directories": [],
        "ports": [],
        "failure": "prefect.proxy: Caddy refuses its configuration, what runs is left as it was",
        "failures": {},
    }


def _files(proxy: Mapping[str, Any], certificate: Mapping[str, str] | None) -> list[dict[str, Any]]:
    contents = {CADDYFILE: caddyfile(proxy)}
    if proxy["tls"]["mode"] == "files" and certificate:
        contents |= {CERTIFICATE: certificate["certificate"], KEY: certificate["key"]}
    return [{"path": path, "content": content, "secret": True} for path, content in contents.items()]


def _file(blocks: Iterable[list[str]]) -> str:
    """Return blocks of lines as one file, indented by their braces as `caddy fmt` does."""
    text = ["# Written by flowops.prefect: changes made here are lost."]
    for number, block in enumerate(blocks):
        text += [""] if number else []
        depth = 0
        for line in block:
            depth -= line == "}"
            text.append("\t" * depth + line)
            depth += line.endswith("{")
    return "\n".join(text) + "\n"


def _quoted(value: str) -> str:
    """Return a value as one word of the Caddyfile that stands for nothing but itself."""
    if UNSAFE.search(value):
        raise ValueError(
            "prefect.proxy: a value holds a control character, a backslash or {$, which Caddy cannot be told"
        )
    if _PLAIN_WORD.fullmatch(value):
        return value
    # An open brace would start a placeholder.
    return '"' + value.replace('"', '\\"').replace("{", "\\{") + '"'


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_address(host: str) -> bool:
    return re.fullmatch(r"[0-9.]+|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?", host) is not None


def _is_encrypted(site: Mapping[str, Any]) -> bool:
    return str(site["url"]).startswith("https://")


def _redirects(proxy: Mapping[str, Any]) -> list[list[str]]:
    return [
        [f"http://{site['host']} {{", f"redir {_origin(site['url'])}{{uri}} 308", "}"]
        for site in proxy["sites_all"]
        if _is_encrypted(site)
    ]


def _sites(proxy: Mapping[str, Any], certificate: str | None, key: str | None) -> list[list[str]]:
    return [_site(site, proxy, certificate, key) for site in proxy["sites_all"]]


def _site(site: Mapping[str, Any], proxy: Mapping[str, Any], certificate: str | None, key: str | None) -> list[str]:
    auth = proxy["auth"] if site["sso"] else None
    if site["sso"] and not auth:
        raise ValueError(f"{site['url']}: single sign-on is asked for, but nothing does it")
    is_prefect = site["kind"] == "prefect"
    body = _prefect(site, auth) if is_prefect and auth else [*_forward_auth(auth), *_pass_on(site["upstream"])]
    home = ["@root path /", f"redir @root {_quoted(site['path'])} 302"] if site["path"] else []
    return [
        f"{urlsplit(site['url']).scheme}://{site['host']} {{",
        *(_tls(proxy["tls"], certificate, key) if _is_encrypted(site) else []),
        *_headers(proxy, hsts=proxy["hsts"] and _is_encrypted(site)),
        "route {",
        *_strip(proxy["auth"]),
        *home,
        *body,
        "}",
        "}",
    ]


def _tls(tls: Mapping[str, Any], certificate: str | None, key: str | None) -> list[str]:
    if tls["mode"] == "internal":
        return ["tls internal"]
    if tls["mode"] == "files":
        return [f"tls {_quoted(str(certificate))} {_quoted(str(key))}"]
    email = f" {_quoted(tls['email'])}" if tls["email"] else ""
    if tls["acme_ca"]:
        return [f"tls{email} {{", f"ca {_quoted(tls['acme_ca'])}", "}"]
    return [f"tls{email}"] if email else []


def _headers(proxy: Mapping[str, Any], *, hsts: bool) -> list[str]:
    """Return the headers of every answer, whoever gave it; null takes one away."""
    wanted = {**(HSTS if hsts else {}), **HEADERS, "Server": None, "Via": None, **proxy["headers"]}
    for name in wanted:
        if not HEADER_NAME.fullmatch(name):
            raise ValueError(f"prefect.proxy.headers: {name!r} is not the name of a header")
    lines = [f"-{name}" if value is None else f"{name} {_quoted(str(value))}" for name, value in wanted.items()]
    return ["header {", *lines, "defer", "}"]


def _strip(auth: Mapping[str, Any] | None) -> list[str]:
    copied = [name.rpartition(">")[2] for name in auth["copy_headers"]] if auth else []
    return [f"request_header -{_quoted(name)}" for name in dict.fromkeys([*IDENTITY_HEADERS, *copied])]


def _pass_on(upstream: str, *settings: str) -> list[str]:
    # Over TLS the other side has a name of its own.
    own_name = ["header_up Host {upstream_hostport}"] if upstream.startswith("https://") else []
    lines = [*own_name, *settings]
    return [f"reverse_proxy {upstream} {{", *lines, "}"] if lines else [f"reverse_proxy {upstream}"]


def _forward_auth(auth: Mapping[str, Any] | None) -> list[str]:
    if not auth:
        return []
    parts = urlsplit(auth["url"])
    uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    login = auth.get("login_url")
    ask = []
    if login:
        joint = "&" if "?" in login else "?"
        ask = [
            "@nobody status 401",
            "handle_response @nobody {",
            f"redir {login}{joint}rd={{scheme}}://{{hostport}}{{uri}} 302",
            "}",
        ]
    names = " ".join(_quoted(name) for name in auth["copy_headers"])
    return [
        # Browsers ask for a page's manifest without its cookies, and complain when they are sent to the login.
        "@manifest header Sec-Fetch-Dest manifest",
        "handle @manifest {",
        "header Content-Type application/manifest+json",
        f"respond {_quoted(MANIFEST)}",
        "}",
        f"forward_auth {parts.scheme}://{parts.netloc} {{",
        f"uri {_quoted(uri)}",
        *([f"copy_headers {names}"] if names else []),
        *(["header_up Host {upstream_hostport}"] if parts.scheme == "https" else []),
        # Who asks for a websocket does not want one with the login service.
        "header_up -Connection",
        "header_up -Upgrade",
        *ask,
        "}",
    ]


def _prefect(site: Mapping[str, Any], auth: Mapping[str, Any]) -> list[str]:
    path, upstream, header = site["path"], site["upstream"], site["auth_header"]
    guarded = [*_same_origin(site), *_forward_auth(auth)]
    if not header:
        return [*guarded, *_icons(path), *_pass_on(upstream)]
    return [
        "@machine {",
        f"path {_quoted(path + '/api')} {_quoted(path + '/api/*')}",
        f"header Authorization {_quoted(header)}",
        "}",
        "handle @machine {",
        *_pass_on(upstream),
        "}",
        "@websocket {",
        "method GET",
        "protocol http/1.1",
        "header_regexp connection Connection (?i)^(.*,)?\\s*upgrade\\s*(,.*)?$",
        "header_regexp upgrade Upgrade (?i)^websocket$",
        f"vars_regexp socket {{http.request.uri}} ^{re.escape(path)}{WEBSOCKETS}$",
        "}",
        "handle @websocket {",
        *_pass_on(upstream),
        "}",
        "@stranger {",
        f"path {_quoted(path + '/api')} {_quoted(path + '/api/*')}",
        "header Authorization *",
        "}",
        # A machine with another key is told so, not sent to a login page.
        "handle @stranger {",
        "respond 401",
        "}",
        "handle {",
        # Without it Caddy would put these into an order of its own.
        "route {",
        # What is no machine's may not pass for a person's password either.
        "request_header -Authorization",
        *guarded,
        *_icons(path),
        f"@settings path {_quoted(path + '/ui-settings')}",
        "handle @settings {",
        "header Content-Type application/json",
        f"respond {_quoted(_ui_settings(site))}",
        "}",
        "handle {",
        *_pass_on(upstream, f"header_up Authorization {_quoted(header)}"),
        "}",
        "}",
        "}",
    ]


def _icons(path: str) -> list[str]:
    names = " ".join(f"/{name}" for name in ICONS)
    return [f"@icon path {names}", f"rewrite @icon {_quoted(path + '/ico')}{{path}}"]


def _same_origin(site: Mapping[str, Any]) -> list[str]:
    """Refuse what a page of another site makes a logged-in browser send: the proxy would sign it."""
    return [
        "@foreign {",
        "header Origin *",
        f"not header Origin {_origin(site['url'])}",
        "not method GET HEAD OPTIONS",
        "}",
        "respond @foreign 403",
    ]


def _ui_settings(site: Mapping[str, Any]) -> str:
    """Return what Prefect's server answers to its UI, but for the password that the proxy spares people."""
    path = site["path"]
    answer = {
        "api_url": f"{site['url'].rstrip('/')}/api",
        **UI_SETTINGS,
        "v1_base_url": path or "/",
        "v2_base_url": f"{path}/v2",
    }
    return json.dumps({**answer, **(site.get("ui_settings") or {}), "auth": None}, separators=(",", ":"))
