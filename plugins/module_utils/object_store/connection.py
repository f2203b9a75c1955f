# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that the modules of MinIO share, and what they say of an address."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import Problem

CONNECTION: dict[str, dict[str, Any]] = {
    "endpoint": {"type": "str", "required": True},
    "access_key": {"type": "str", "required": True, "no_log": False},
    "secret_key": {"type": "str", "required": True, "no_log": True},
    "region": {"type": "str", "default": "us-east-1"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}

_FORM = "expected http://HOST[:PORT] or https://HOST[:PORT]"
_REGION = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
_SECURE_PORTS = (443, 8443)


class Address(NamedTuple):
    """Where MinIO is."""

    host: str
    secure: bool

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.host}"


def parse(endpoint: str) -> Address | str:
    """Return the address, or what is wrong with it."""
    if "@" in endpoint:
        return f"{_FORM}, found an address with a user; the keys have options of their own"
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
        port = parts.port
    except ValueError:
        return f"{_FORM}, found '{endpoint}'"
    host = parts.netloc
    if not parts.hostname or re.search(r"[^\w.\-:\[\]]", host):
        return f"{_FORM}, found '{endpoint}'"
    if parts.scheme not in ("http", "https"):
        scheme = "https" if port in _SECURE_PORTS else "http"
        return f"{_FORM}, found '{endpoint}'; did you mean '{scheme}://{host}'?"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return f"{_FORM}, found '{endpoint}'; MinIO answers at the root of its address only"
    return Address(host, parts.scheme == "https")


def check(params: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the connection options by themselves."""
    address = parse(params["endpoint"])
    problems = [] if isinstance(address, Address) else [Problem("endpoint", address)]
    if not _REGION.fullmatch(params["region"]):
        found = f"expected lower case letters, digits and dashes such as us-east-1, found '{params['region']}'"
        problems.append(Problem("region", found))
    if params["timeout"] <= 0:
        problems.append(Problem("timeout", f"expected more than 0 seconds, found {params['timeout']}"))
    problems += [Problem(name, "is empty") for name in ("access_key", "secret_key") if not params[name]]
    return problems
