# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that no option has, each by its full path: Ansible tells only their names."""

from __future__ import annotations

from typing import Any, Mapping

from .errors import Problem
from .json_values import found
from .secrets import hidden
from .suggest import unknown_key

Spec = Mapping[str, Mapping[str, Any]]

# What Ansible itself passes along with the options.
_INTERNAL = "_ansible_"


def unknown_keys(spec: Spec, options: Mapping[Any, Any], path: str = "") -> list[Problem]:
    """Return a problem for each, at any depth, and for what has no keys at all; never a value."""
    by_key = _by_key(spec)
    problems = []
    for key, value in options.items():
        place = f"{path}.{key}" if path else str(key)
        if key in by_key:
            inner: Spec = by_key[key].get("options") or {}
            for at, part in _parts(value) if inner else ():
                if isinstance(part, Mapping):
                    problems += unknown_keys(inner, part, f"{place}{at}")
                elif not isinstance(part, str):
                    problems.append(Problem(f"{place}{at}", f"expected keys and values, found {found(part)}"))
        elif not str(key).startswith(_INTERNAL):
            problems.append(Problem(place, unknown_key(str(key), spec)))
    return problems


def known_only(spec: Spec, options: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return a copy of the options without unknown keys, so that the rest can be checked all the same."""
    by_key = _by_key(spec)
    return {key: _known_value(by_key[key].get("options"), value) for key, value in options.items() if key in by_key}


def with_texts(spec: Spec, options: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the options with texts where Ansible would look for keys in what has none: in numbers it fails."""
    by_key = _by_key(spec)
    return {key: _as_text(by_key.get(key, {}).get("options"), value) for key, value in options.items()}


def _as_text(inner: Spec | None, value: Any) -> Any:
    if not inner or value is None:
        return value
    if isinstance(value, list):
        return [str(row) if row is None else _as_text(inner, row) for row in value]
    return with_texts(inner, value) if isinstance(value, Mapping) else str(value)


def without_texts(spec: Spec, options: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the options without texts in the place of keys and values: any part of such a text may be secret."""
    by_key = _by_key(spec)
    return {key: _without_text(by_key.get(key, {}), value) for key, value in options.items()}


def _without_text(rules: Mapping[str, Any], value: Any) -> Any:
    if value is None or "dict" not in (rules.get("type"), rules.get("elements")):
        return value
    if isinstance(value, list):
        return [_without_text({**rules, "type": "dict"}, row) for row in value]
    return without_texts(rules.get("options") or {}, value) if isinstance(value, Mapping) else hidden(value)


def _known_value(inner: Spec | None, value: Any) -> Any:
    if not inner:
        return value
    if isinstance(value, Mapping):
        return known_only(inner, value)
    if isinstance(value, list):
        return [_known_value(inner, row) for row in value if isinstance(row, (Mapping, str))]
    return value if isinstance(value, str) else None


def _by_key(spec: Spec) -> dict[str, Mapping[str, Any]]:
    return {key: rules for option, rules in spec.items() for key in (option, *rules.get("aliases", ()))}


def _parts(value: Any) -> list[tuple[str, Any]]:
    """Return what is to have keys; nothing said has none."""
    if isinstance(value, list):
        return [(f"[{at}]", row) for at, row in enumerate(value)]
    return [] if value is None else [("", value)]
