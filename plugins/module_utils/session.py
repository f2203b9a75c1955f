# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the objects of one run share: the client, and what is known of the server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Collection, Tuple

from .client import Client
from .difference import Json

if TYPE_CHECKING:
    from .resource import Resource

Key = Tuple[str, ...]


class Session:
    """Asks the server for each object once; many threads may use it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        # Objects that this run is to create or remove, by kind.
        self.declared: set[tuple[str, Key]] = set()
        self.removed: set[tuple[str, Key]] = set()
        # Tag that each object gets whose kind has tags.
        self.ownership_tag: str | None = None
        # What the user is told besides the result.
        self.warnings: list[str] = []
        self.cache: dict[Any, Any] = {}
        self._reading: dict[str, threading.RLock] = {}
        self._read_whole: set[str] = set()
        self._known: dict[tuple[str, Key], Json | None] = {}
        self._made: dict[tuple[str, Key], str] = {}
        self._keys: dict[tuple[str, str], Key | None] = {}

    def fetch(self, kind: type[Resource], key: Key) -> Json | None:
        """Return an object as the API has it; None where there is none."""
        at = (kind.kind, key)
        if at not in self._known and kind.kind not in self._read_whole:
            self.learn(kind, key, kind.fetch(self, key))
        return self._known.get(at)

    def preload(self, kind: type[Resource], keys: Collection[Key] | None = None) -> list[Key]:
        """Fetch many objects by list calls, or all; return the keys of those that there are."""
        with self._reading.setdefault(kind.kind, threading.RLock()):
            asked = None if keys is None else {key for key in keys if (kind.kind, key) not in self._known}
            if kind.kind not in self._read_whole and (asked is None or asked):
                found = {kind.key_of(live): live for live in kind.listed(self, asked)}
                for key in {*(asked or ()), *found}:
                    self.learn(kind, key, found.get(key))
            if keys is None:
                self._read_whole.add(kind.kind)
        return [key for key, _live in self.known(kind) if keys is None or key in keys]

    def known(self, kind: type[Resource]) -> list[tuple[Key, Json]]:
        """Return the objects of a kind that were asked for and are there."""
        # Others may learn meanwhile.
        known = self._known.copy().items()
        rows = [(key, live) for (name, key), live in known if name == kind.kind and live is not None]
        return sorted(rows, key=lambda row: row[0])

    def learn(self, kind: type[Resource], key: Key, live: Json | None) -> None:
        self._known[kind.kind, key] = live
        if live and live.get("id"):
            self._keys[kind.kind, str(live["id"])] = key

    def forget(self, kind: str, key: Key) -> None:
        """Ask for an object again when it is needed next."""
        self._read_whole.discard(kind)
        self._known.pop((kind, key), None)

    def made(self, kind: type[Resource], key: Key, identity: str) -> None:
        """Keep the id of an object that this run has created."""
        self._made[kind.kind, key] = identity

    def id_of(self, kind: type[Resource], key: Key) -> str | None:
        """Return the id of an object by its key."""
        made = self._made.get((kind.kind, key))
        if made is not None:
            return made
        live = self.fetch(kind, key)
        return str(live["id"]) if live else None

    def key_of(self, kind: type[Resource], identity: str) -> Key | None:
        """Return the key of an object by its id; None of one that is gone."""
        at = (kind.kind, identity)
        if at not in self._keys:
            live = kind.fetch_by_id(self, identity)
            self._keys[at] = kind.key_of(live) if live else None
        return self._keys[at]


def told(session: Session) -> dict[str, list[str]]:
    """Return the warnings as a part of the result."""
    return {"warnings": session.warnings} if session.warnings else {}
