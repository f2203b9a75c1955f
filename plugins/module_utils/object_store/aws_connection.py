# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that the modules of S3 share, and what they say by themselves."""

from __future__ import annotations

import re
from typing import Any

from ..errors import Problem
from .connection import Address, parse

CONNECTION: dict[str, dict[str, Any]] = {
    "endpoint": {"type": "str"},
    "iam_endpoint": {"type": "str"},
    "access_key": {"type": "str", "no_log": False},
    "secret_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
    "region": {"type": "str", "default": "us-east-1"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}

_REGION = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
_KEYS = ("access_key", "secret_key")


def check(params: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the connection options by themselves."""
    problems = []
    for name in ("endpoint", "iam_endpoint"):
        address = parse(params[name]) if params[name] is not None else None
        if isinstance(address, str):
            problems.append(Problem(name, address.replace("MinIO answers", "its API is")))
    if not _REGION.fullmatch(params["region"]):
        found = f"expected lower case letters, digits and dashes such as us-east-1, found '{params['region']}'"
        problems.append(Problem("region", found))
    if params["timeout"] <= 0:
        problems.append(Problem("timeout", f"expected more than 0 seconds, found {params['timeout']}"))
    return problems + _check_keys(params)


def _check_keys(params: dict[str, Any]) -> list[Problem]:
    if not any(params[name] for name in (*_KEYS, "session_token")):
        return []
    mend = "give both keys, or none of the keys and no token to use those of the host"
    return [Problem(name, f"is missing; {mend}") for name in _KEYS if not params[name]]


def urls(params: dict[str, Any]) -> dict[str, str | None]:
    """Return where each API is, None for AWS."""
    found = {}
    for name in ("endpoint", "iam_endpoint"):
        address = parse(params[name]) if params[name] else None
        found[name] = address.url if isinstance(address, Address) else None
    iam = found["iam_endpoint"] or found["endpoint"]
    return {"s3": found["endpoint"], "iam": iam, "sts": iam}
