# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between an object as it is and as it is to be. It alone decides C(changed)."""

from __future__ import annotations

import json
from typing import Any, Dict

from .secrets import IsSecret, by_name, shown

Json = Dict[str, Any]


def same(one: Any, other: Any) -> bool:
    """Compare parsed JSON: unlike in Python, 1 is not true. A whole float equals its integer."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other))
    return bool(one == other)


def _sorted(values: Any) -> Any:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True)) if isinstance(values, list) else values


class Difference:
    """An object before and after; None where there is none."""

    def __init__(
        self,
        before: Json | None,
        after: Json | None,
        is_secret: IsSecret = by_name,
        unordered: frozenset[str] = frozenset(),
    ) -> None:
        self.before = before
        self.after = after
        self._is_secret = is_secret
        self._unordered = unordered
        self.fields = self._differing()

    @property
    def changed(self) -> bool:
        return (self.before is None) != (self.after is None) or bool(self.fields)

    def _differing(self) -> list[str]:
        before, after = self.before or {}, self.after or {}
        return [name for name in {**before, **after} if not self._same(name, before, after)]

    def _same(self, name: str, before: Json, after: Json) -> bool:
        if (name in before) != (name in after):
            return False
        one, other = before[name], after[name]
        if name in self._unordered:
            one, other = _sorted(one), _sorted(other)
        return same(one, other)

    def shown(self) -> dict[str, Json]:
        """Return both sides for diff mode, without secrets."""
        before, after = self.before or {}, self.after or {}
        # A reordering that does not count is not to look like a change.
        after = {name: before[name] if name in before and name not in self.fields else after[name] for name in after}
        return {"before": shown(before, self._is_secret), "after": shown(after, self._is_secret, before)}
