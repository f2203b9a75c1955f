# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's own words over what we make: maps deeply, null removes, lists of named items by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Their items are one thing or another: a part of one and a part of the other would be refused.
WHOLE = ("env", "volumes")


def merged(base: Any, patch: Any, *, keep_null: bool = False) -> Any:
    """Return a new value of `base` with `patch` laid over it; neither is changed.

    With `keep_null` a null stays one, for a patch that is laid over another patch.
    """
    return _merged(base, patch, "", keep_null)


def _merged(base: Any, patch: Any, key: str, keep_null: bool) -> Any:
    if isinstance(patch, Mapping):
        below = base if isinstance(base, Mapping) else {}
        result = {name: value for name, value in below.items() if keep_null or patch.get(name, value) is not None}
        for name, value in patch.items():
            if keep_null or value is not None:
                result[name] = _merged(below.get(name), value, str(name), keep_null)
        return result
    if not isinstance(patch, list):
        return patch
    over = [_merged(None, item, "", keep_null) for item in patch]
    before, after = _by_name(base), _by_name(patch)
    if not before or after is None:
        return over
    if key not in WHOLE:
        over = [_merged(before.get(_name(item)), item, "", keep_null) for item in patch]
    changed = dict(zip(after, over, strict=True))
    return [changed.get(name, item) for name, item in before.items()] + [
        item for name, item in changed.items() if name not in before
    ]


def _name(item: Mapping[str, Any]) -> Any:
    """Return what an item is known by: one volume may be mounted in several places."""
    return item.get("mountPath", item.get("name"))


def _by_name(items: Any) -> dict[Any, Any] | None:
    """Return the items by name; nothing where some have none, or share one."""
    if not isinstance(items, Sequence) or isinstance(items, str):
        return None
    named = {_name(item): item for item in items if isinstance(item, Mapping) and isinstance(_name(item), str)}
    return named if len(named) == len(items) else None
