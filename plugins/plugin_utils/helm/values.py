# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of one release over the defaults of its chart, held against the chart's table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.suggest import closest

from ..settings.merge import copied
from ..settings.problems import found
from .draft import Draft
from .releases import HelmError, Release
from .rows import Row

_MISSING: Any = object()
_KINDS = {bool: "a bool", int: "a number", str: "a text", dict: "a map", list: "a list"}


class Values:
    """Values by their path in the chart."""

    def __init__(self, release: Release, rows: Sequence[Row], old_names: Mapping[str, str], draft: Draft) -> None:
        """Take the values of a release; raise HelmError if no release can have them."""
        self.release = release
        self.rows = {row.path: row for row in rows}
        self.draft = draft
        self._given = _renamed(release.values, old_names, draft)
        self._check()

    def __getitem__(self, path: str) -> Any:
        """Return a value: what was given, or the chart's default; null for a list is an empty one."""
        default = self.rows[path].default
        value = _laid_over(default, _at(self._given, path))
        return [] if value is None and isinstance(default, list) else value

    def differs(self, path: str) -> bool:
        """Tell whether a value is another one than the chart's default."""
        value = self[path]
        return value is not None and value != self.rows[path].default

    def text(self, path: str) -> str:
        """Return a value as text, empty where there is none."""
        return "" if self[path] is None else str(self[path])

    def leave(self, path: str, reason: str) -> None:
        """Note a value as one without a counterpart, if it is not the default."""
        if self.differs(path):
            self.draft.none(path, reason, self[path])

    def unknown(self) -> Iterator[tuple[str, Any]]:
        """Yield what the table does not know, with its value."""
        yield from self._unknown(self._given, "")

    def near(self, path: str) -> str:
        """Return what was probably meant by a path."""
        return closest(path, self.rows)

    def _unknown(self, values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
        for name, value in values.items():
            path = f"{above}{name}"
            if path in self.rows:
                continue
            if isinstance(value, Mapping):
                yield from self._unknown(value, f"{path}.")
            elif value is not None:
                yield path, value

    def _check(self) -> None:
        wrong = [*self._wrong_maps(), *self._wrong_types()]
        if wrong:
            lines = wrong if len(wrong) == 1 else [f"{len(wrong)} problems", *wrong]
            raise HelmError(f"{self.release.source}: " + "\n- ".join(lines))

    def _wrong_maps(self) -> Iterator[str]:
        maps = {path[:at] for path in self.rows for at, sign in enumerate(path) if sign == "."}
        for path in sorted(maps):
            value = _at(self._given, path)
            if value is not _MISSING and value is not None and not isinstance(value, Mapping):
                yield f"{path}: expected a map, found {found(value, secret=True)}"

    def _wrong_types(self) -> Iterator[str]:
        for path, row in self.rows.items():
            value = _at(self._given, path)
            if value is not _MISSING and value is not None and not _fits(value, row.default):
                yield f"{path}: expected {_KINDS[type(row.default)]}, found {found(value, secret=True)}"


def _renamed(values: Mapping[str, Any], old_names: Mapping[str, str], draft: Draft) -> dict[str, Any]:
    """Return values in the chart's spelling of today."""
    result: dict[str, Any] = copied(dict(values))
    for old, new in old_names.items():
        value = _at(result, old)
        if value is _MISSING:
            continue
        above, _dot, last = old.rpartition(".")
        del _at(result, above)[last]
        if value in (None, "", {}):
            continue
        draft.none(old, f"old spelling; read as {new}")
        *ways, last = new.split(".")
        holder = result
        for part in ways:
            inside = holder.get(part)
            holder[part] = dict(inside) if isinstance(inside, Mapping) else {}
            holder = holder[part]
        holder[last] = _laid_over(value, holder.get(last, _MISSING))
    return result


def _at(values: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(values, Mapping) or part not in values:
            return _MISSING
        values = values[part]
    return values


def _laid_over(default: Any, given: Any) -> Any:
    """Return a value over its default as Helm lays it: maps deeply, and a null takes away."""
    if given is _MISSING:
        return copied(default)
    if not isinstance(default, Mapping) or not isinstance(given, Mapping):
        return copied(given)
    whole = {name: _laid_over(value, given.get(name, _MISSING)) for name, value in default.items()}
    more = {name: copied(value) for name, value in given.items() if name not in default}
    return {name: value for name, value in {**whole, **more}.items() if value is not None}


def _fits(value: Any, default: Any) -> bool:
    if default is None:
        return True
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int):
        return str(value).isdecimal() or (isinstance(value, int | float) and math.isfinite(value))
    if isinstance(default, str):
        return isinstance(value, str | int | float)
    return isinstance(value, Mapping if isinstance(default, Mapping) else list)
