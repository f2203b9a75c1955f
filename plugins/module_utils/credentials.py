# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who one is, as headers of a request."""

from __future__ import annotations

import base64
import re
from typing import Any, Mapping

from .errors import InvalidError, Problem, invalid

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# The client's own: another value would break the connection, or not be sent.
_OWN = ("connection", "content-length", "content-type", "host", "transfer-encoding")
_CSRF = ("prefect-csrf-client", "prefect-csrf-token")


def authorization(auth_string: str | None, api_key: str | None) -> dict[str, str]:
    if auth_string:
        if ":" not in auth_string:
            raise invalid("auth_string", "expected user:password, found no colon")
        # Prefect's server answers 500 to every request otherwise.
        if not auth_string.isascii():
            raise invalid("auth_string", "expected ASCII characters only")
        return {"Authorization": "Basic " + base64.b64encode(auth_string.encode()).decode()}
    if api_key:
        if not api_key.isascii() or not api_key.isprintable():
            raise invalid("api_key", "expected ASCII characters in one line only")
        return {"Authorization": f"Bearer {api_key}"}
    return {}


def checked_headers(headers: Mapping[Any, Any] | None) -> dict[str, str]:
    """Return the headers as texts; raises InvalidError, without a value."""
    found = {str(name): str(value) for name, value in (headers or {}).items()}
    problems = []
    for name, value in found.items():
        if not _NAME.fullmatch(name):
            problems.append(Problem("headers", f"{name!r} is no name of a header"))
        elif name.lower() in (*_OWN, *_CSRF):
            problems.append(Problem(f"headers.{name}", "is set by the client itself"))
        elif not _VALUE.fullmatch(value):
            problems.append(Problem(f"headers.{name}", "expected a text in one line of Latin characters"))
    if problems:
        raise InvalidError(*problems)
    return found


def merged(*parts: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of all parts; a later one beats an earlier one, however it is spelt."""
    spelt = {name.lower(): (name, value) for part in parts for name, value in part.items()}
    return dict(spelt.values())
