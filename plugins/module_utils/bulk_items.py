# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object of a document, and what has become of it."""

from __future__ import annotations

from typing import Iterable

from .difference import Json
from .resource import Resource
from .session import Key

FAILED, NOT_TRIED = "failed", "not_tried"
_ACTIONS = ("created", "updated", "deleted", "unchanged", FAILED, NOT_TRIED)


class Item:
    """An object with its place in the document."""

    def __init__(self, path: str, section: str, resource: Resource) -> None:
        self.path = path
        self.section = section
        self.resource = resource
        # Why it was not written: it failed, or it needs one that did.
        self.error = ""
        self.tried = True

    @property
    def called(self) -> tuple[str, Key]:
        return self.resource.kind, self.resource.name

    @property
    def action(self) -> str:
        return self.resource.action if not self.error else FAILED if self.tried else NOT_TRIED

    @property
    def changed(self) -> bool:
        return self.resource.changed and not self.error

    @property
    def has_to_be_written(self) -> bool:
        return self.resource.changed or self.resource.is_stale()

    def fail(self, error: str, tried: bool = True) -> None:
        self.error, self.tried = error, tried

    def row(self) -> Json:
        """Return what happened to it."""
        row = {
            "item": self.path,
            "kind": self.resource.kind,
            "name": "/".join(self.resource.name),
            "id": self.resource.id,
            "action": self.action,
            "changed": self.changed,
        }
        return {**row, "error": self.error} if self.error else row

    def diff(self) -> Json:
        header = f"{self.resource.kind} {'/'.join(self.resource.name)}"
        return {"before_header": header, "after_header": header, **self.resource.difference.shown()}


def result(items: Iterable[Item]) -> Json:
    """Return what happened to all of them."""
    rows = list(items)
    counts = dict.fromkeys(_ACTIONS, 0)
    for item in rows:
        counts[item.action] += 1
    return {
        "changed": any(item.changed for item in rows),
        "results": [item.row() for item in rows],
        "counts": counts,
        "diff": [item.diff() for item in rows if item.changed],
    }
