# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Concurrency limits of task runs with a tag."""

from __future__ import annotations

from typing import ClassVar, Collection, Iterator

from ..client import encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session
from .global_concurrency_limit import check_limit

# How newer servers name the limits of tags among all others.
_PREFIX = "tag:"


class ConcurrencyLimit(Resource):
    kind = "concurrency_limit"
    plural = "concurrency_limits"
    key = ("tag",)
    options: ClassVar[Options] = {
        "tag": {"type": "str", "required": True},
        "limit": {"type": "int", "aliases": ["concurrency_limit"]},
    }
    fields = (Field("tag"), Field("limit"))

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("concurrency_limits", "tag", *key)

    @classmethod
    def listed(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        # The list of tags leaves some out where there are many other limits, and has those of old servers.
        yield from session.client.filter("/concurrency_limits")
        for limit in session.client.filter("/v2/concurrency_limits"):
            if limit["name"].startswith(_PREFIX):
                yield {**limit, "tag": limit["name"][len(_PREFIX) :], "concurrency_limit": limit["limit"]}

    def address(self) -> str:
        return self.location(self.name)

    def check(self) -> list[Problem]:
        problems = check_name("tag", self.given["tag"])
        if "limit" in self.given and not self.absent:
            problems += check_limit(self.given["limit"], "state: absent takes the limit away")
        return problems

    def managed(self, live: Json) -> Json:
        return {"tag": live["tag"], "limit": live["concurrency_limit"]}

    def wanted(self, before: Json | None) -> Json:
        if before is None and "limit" not in self.given:
            raise invalid("limit", "is missing; a new limit needs one")
        return super().wanted(before)

    def body(self, after: Json) -> Json:
        return {"tag": self.given["tag"], "concurrency_limit": after["limit"]}

    def update(self, changes: Json) -> None:
        # The server has no other way, and updates in place.
        self.client.post(self.collection(), self.body(changes))
