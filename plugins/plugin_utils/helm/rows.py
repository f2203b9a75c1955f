# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the tables: one value of a chart, its default there, and what it is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Write = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Row:
    """A value of a chart, or all below it where its default is a map."""

    path: str
    default: Any
    # Key of the document; without one `note` says why, and what to do instead.
    to: str = ""
    note: str = ""
    # What is written, made of the value and its default. Without it the rows of a part are translated together.
    write: Write | None = None
    # Value of the chart without which this one means nothing there.
    switch: str = ""
    # What this collection does anyway.
    always: tuple[Any, ...] = ()
    # Whether this collection by default does something else than the chart.
    kept: bool = False


def key(path: str, default: Any, to: str, write: Write | None = None, note: str = "", switch: str = "") -> Row:
    """Return the row of a value that has a key of its own."""
    return Row(path, default, to, note, write or whole, switch)


def kept(path: str, default: Any, to: str, switch: str = "") -> Row:
    """Return the row of a value that is written even if the release does not give it."""
    return Row(path, default, to, "", whole, switch, kept=True)


def together(path: str, default: Any, to: str, note: str = "", switch: str = "") -> Row:
    """Return the row of a value that is translated together with others."""
    return Row(path, default, to, note, None, switch)


def none(path: str, default: Any, note: str, *always: Any, switch: str = "") -> Row:
    """Return the row of a value without a counterpart."""
    return Row(path, default, "", note, None, switch, always)


def whole(value: Any, _default: Any) -> Any:
    """Return the value as it is, without what is null in its maps."""
    if isinstance(value, Mapping):
        return {name: whole(item, None) for name, item in value.items() if item is not None}
    return value


def changed(value: Any, default: Any) -> Any:
    """Return what differs from the default; null for what was taken away."""
    if not isinstance(value, Mapping) or not isinstance(default, Mapping):
        return value
    gone = {name: None for name in default if value.get(name) is None and default[name] is not None}
    differs = {name: changed(item, default.get(name)) for name, item in value.items() if item != default.get(name)}
    return {**gone, **differs}


def names(value: Any, _default: Any) -> Any:
    """Return a list of names as Kubernetes refers to objects."""
    return [{"name": name} for name in value]


def config_maps(value: Any, _default: Any) -> Any:
    """Return one name or several as sources of environment variables."""
    return [{"configMapRef": {"name": name}} for name in _several(value)]


def secrets(value: Any, _default: Any) -> Any:
    """Return one name or several as sources of secret environment variables."""
    return [{"secretRef": {"name": name}} for name in _several(value)]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
