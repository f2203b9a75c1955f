# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses: hosts, ports and URLs."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_HOST_NAME = re.compile(
    r"(?=.{1,253}\.?$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?"
)
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class Url:
    """An http or https address, without a slash at its end."""

    base: str
    path: str

    def __str__(self) -> str:
        """Return the whole address."""
        return self.base + self.path


def is_host(text: str) -> bool:
    """Tell whether this is a host's name or address."""
    return _ip(text) is not None or _HOST_NAME.fullmatch(text) is not None


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether only the host itself reaches this address."""
    address = _ip(host)
    return address.is_loopback if address else host.lower().rstrip(".") in ("localhost", "ip6-localhost")


def is_wildcard(host: str) -> bool:
    """Tell whether this means all addresses of a host."""
    address = _ip(host)
    return bool(address and address.is_unspecified)


def local_view(host: str) -> str:
    """Return the address under which a host reaches what listens on `host` itself."""
    if is_wildcard(host):
        return _WILDCARDS[str(_ip(host))]
    return "127.0.0.1" if host == "localhost" else host


def network(host: str) -> str:
    """Return an address as the network that holds it alone; a name stays what it is."""
    address = _ip(host)
    return f"{address}/{address.max_prefixlen}" if address else host


def host_of(url: Url) -> str:
    """Return the name or address in an address."""
    return urlsplit(url.base).hostname or ""


def is_address(host: str) -> bool:
    """Tell whether this is an address rather than a name."""
    return _ip(host) is not None


def bracketed(host: str) -> str:
    """Return a host as it is written before a port."""
    return f"[{host}]" if ":" in host else host


def http(host: str, port: int, path: str = "") -> str:
    """Return an http address."""
    return f"http://{bracketed(host)}:{port}{path}"


def parsed(text: str) -> Url | str:
    """Take an address apart; a text when it is none, saying what is wrong with it."""
    if not text.isascii() or not text.isprintable() or any(sign in text for sign in " \"'<>\\^`{|}"):
        return "expected an http or https URL in ASCII without spaces"
    if "://" not in text:
        near = f"; did you mean 'https://{text.lstrip('/')}'?" if text.strip("/") and "@" not in text else ""
        return f"the scheme is missing, expected http:// or https://{near}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "expected http(s)://host[:port][/path], the host or the port is not valid"
    if parts.scheme not in ("http", "https"):
        return f"expected the scheme http or https, found {parts.scheme!r}"
    if "@" in parts.netloc:
        return "expected no user and password in the URL; use prefect.server.auth_string"
    if not parts.hostname or not is_host(parts.hostname) or port == 0:
        return "expected http(s)://host[:port][/path], the host or the port is not valid"
    if "?" in text or "#" in text:
        return "expected no query and no fragment in the URL"
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")
    return Url(f"{parts.scheme}://{parts.netloc}", path)
