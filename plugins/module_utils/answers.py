# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn an answer of the API into one line that repeats nothing of the request.

A 422 echoes the whole request, secrets included: only the place and the kind of a mistake are taken from it.
"""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from typing import Any, Mapping, NamedTuple

_LONGEST = 500
# How the server calls the kinds of a schedule, each alternative in its own words.
_RULE = re.compile(r"(Interval|Cron|RRule)Schedule")
_INTERNAL = re.compile(r"[\[\](),]")


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


def received(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return an answer in plain text: some proxies compress what nobody asked them to."""
    if headers.get("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate"):
        # It may not be compressed after all; which of the two formats it is, zlib finds out by itself.
        with contextlib.suppress(zlib.error):
            body = zlib.decompress(body, zlib.MAX_WBITS | 32)
    return Answer(status, headers, body)


def _mistakes(details: Any) -> str:
    """Return place and message of validation errors, never the input."""
    mistakes = [_Mistake.read(detail) for detail in details if isinstance(detail, dict)]
    lines = []
    for mistake in _of_the_branch_meant(mistakes):
        place = mistake.place
        lines.append(f"{place}: {mistake.message}" if place else mistake.message)
    return "; ".join(dict.fromkeys(lines))


class _Mistake(NamedTuple):
    where: tuple[Any, ...]
    message: str
    missing: bool

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> _Mistake:
        loc = detail.get("loc")
        where = tuple(part for part in loc if part != "body") if isinstance(loc, (list, tuple)) else ()
        message = str(detail.get("msg", "")).replace("Value error, ", "", 1)
        if message.startswith("String should match pattern "):
            # For a time zone that lists all of them.
            message = "is none of the texts that the server takes"
        return cls(where, message, detail.get("type") == "missing" or message == "Field required")

    @property
    def fork(self) -> int:
        """Where the names of the alternatives stand for a schedule, -1 where there are none."""
        return next((at for at, part in enumerate(self.where) if _RULE.search(str(part))), -1)

    @property
    def place(self) -> str:
        """The keys that lead there, without the names of the server's own functions."""
        fork = self.fork
        keys = [
            part for at, part in enumerate(self.where) if at != fork and not (at == fork - 1 and part == "schedule")
        ]
        text = ""
        for key in keys:
            if isinstance(key, int):
                text += f"[{key}]"
            elif not _INTERNAL.search(str(key)):
                text += f".{key}" if text else str(key)
        return text


def _of_the_branch_meant(mistakes: list[_Mistake]) -> list[_Mistake]:
    """Return what is wrong with the kind of schedule that was given, not why it is none of the other kinds."""
    other = {mistake.where[: mistake.fork + 1] for mistake in mistakes if mistake.fork >= 0 and mistake.missing}
    left = [mistake for mistake in mistakes if mistake.fork < 0 or mistake.where[: mistake.fork + 1] not in other]
    return left or mistakes
