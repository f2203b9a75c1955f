# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block in which the server keeps the results of flows that say nothing about it."""

from __future__ import annotations

from typing import ClassVar, Collection, Iterable, Iterator

from ..block_names import block_id, block_name
from ..difference import Json
from ..errors import Problem, RefusedError, invalid
from ..resource import Field, Options, Resource
from ..session import Key, Session

_PATH = "/admin/storage"
_BLOCK = "default_result_storage_block_id"
_PARTS = ("block_type_slug", "name")


class DefaultResultStorage(Resource):
    kind = "default_result_storage"
    plural = "admin"
    # There is one of it.
    key = ()
    options: ClassVar[Options] = {"block_type_slug": {"type": "str"}, "name": {"type": "str"}}
    fields = (Field("block_type_slug"), Field("name"))

    _block_id: str | None = None

    @property
    def name(self) -> Key:
        return (self.kind,)

    def check(self) -> list[Problem]:
        if self.absent:
            return []
        return [Problem(part, "is missing; a block is known by both") for part in _PARTS if not self.given.get(part)]

    @classmethod
    def fetch(cls, session: Session, _key: Key) -> Json | None:
        try:
            stored: Json | None = session.client.find(_PATH)
        except RefusedError as error:
            if error.status != 405:
                raise
            stored = None
        return {"id": (stored or {}).get(_BLOCK), "supported": stored is not None}

    @classmethod
    def listed(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        stored = cls.fetch(session, (cls.kind,))
        if stored and (stored["id"] or not stored["supported"]):
            yield stored

    @classmethod
    def key_of(cls, _live: Json) -> Key:
        return (cls.kind,)

    def needs(self) -> Iterable[tuple[str, Key]]:
        if not self.absent:
            yield "block", tuple(str(self.given.get(part)) for part in _PARTS)

    def find(self) -> Json | None:
        stored = super().find()
        if stored and not stored["supported"] and not self.absent:
            raise invalid("name", "this server has no default result storage; it came with Prefect 3.7")
        return stored if stored and stored["id"] else None

    def managed(self, live: Json) -> Json:
        return block_name(self.session, str(live["id"]))

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        self._block_id, self.deferred = block_id(self, after, "name")
        return after

    def create(self, _after: Json) -> None:
        self.client.put(_PATH, {_BLOCK: self._block_id})
        self.id = self._block_id

    def update(self, changes: Json) -> None:
        self.create(changes)

    def address(self) -> str:
        return _PATH
