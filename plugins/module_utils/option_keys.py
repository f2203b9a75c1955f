# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that no option has, each by its full path: Ansible tells only their names."""

from __future__ import annotations

from typing import Any, Mapping

from .errors import Problem
from .suggest import unknown_key

Spec = Mapping[str, Mapping[str, Any]]

# What Ansible itself passes along with the options.
_INTERNAL = "_ansible_"


def unknown_keys(spec: Spec, options: Mapping[Any, Any], path: str = "") -> list[Problem]:
    """Return a problem for each, at any depth; never a value."""
    by_key = _by_key(spec)
    problems = []
    for key, value in options.items():
        place = f"{path}.{key}" if path else str(key)
        if key in by_key:
            inner: Spec = by_key[key].get("options") or {}
            for at, part in _parts(value) if inner else ():
                problems += unknown_keys(inner, part, f"{place}{at}")
        elif not str(key).startswith(_INTERNAL):
            problems.append(Problem(place, unknown_key(str(key), spec)))
    return problems


def known_only(spec: Spec, options: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a copy of the options without unknown keys, so that the rest can be checked all the same."""
    by_key = _by_key(spec)
    return {key: _known_value(by_key[key].get("options"), value) for key, value in options.items() if key in by_key}


def _known_value(inner: Spec | None, value: Any) -> Any:
    if not inner:
        return value
    if isinstance(value, Mapping):
        return known_only(inner, value)
    if isinstance(value, list):
        return [known_only(inner, row) if isinstance(row, Mapping) else row for row in value]
    return value


def _by_key(spec: Spec) -> dict[str, Mapping[str, Any]]:
    return {key: rules for option, rules in spec.items() for key in (option, *rules.get("aliases", ()))}


def _parts(value: Any) -> list[tuple[str, Mapping[Any, Any]]]:
    rows = [("", value)] if not isinstance(value, list) else [(f"[{at}]", row) for at, row in enumerate(value)]
    return [(place, row) for place, row in rows if isinstance(row, Mapping)]
