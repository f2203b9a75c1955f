# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn an answer of the API into one line that repeats nothing of the request.

A 422 echoes the whole request, secrets included: only the place and the kind of a mistake are taken from it.
"""

from __future__ import annotations

import json
from typing import Any, Mapping, NamedTuple

_LONGEST = 500


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]  # lower case names
    body: bytes

    @property
    def is_html(self) -> bool:
        start = self.body[:200].lstrip().lower()
        return "html" in self.headers.get("content-type", "") or start.startswith((b"<!doctype html", b"<html"))

    def parsed(self) -> Any:
        """Return the parsed body; raises ValueError."""
        return json.loads(self.body.decode("utf-8")) if self.body else None

    def reason(self) -> str:
        """Return why the API refused, empty if it does not say so."""
        if self.is_html:
            return ""
        try:
            content = self.parsed()
        except ValueError:
            return ""
        if not isinstance(content, dict):
            return ""
        for key in ("exception_detail", "detail", "exception_message"):
            said = content.get(key)
            text = _mistakes(said) if isinstance(said, list) else said
            if isinstance(text, str) and text:
                return " ".join(text.split())[:_LONGEST]
        return ""


def _mistakes(details: Any) -> str:
    """Return place and message of validation errors, never the input."""
    lines = []
    for detail in details:
        if isinstance(detail, dict):
            place = ".".join(str(part) for part in detail.get("loc", ()) if part != "body")
            message = str(detail.get("msg", "")).replace("Value error, ", "", 1)
            lines.append(f"{place}: {message}" if place else message)
    return "; ".join(dict.fromkeys(lines))
