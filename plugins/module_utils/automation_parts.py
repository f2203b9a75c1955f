# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of an automation in their normal form: two that mean the same look the same."""

from __future__ import annotations

import json
import uuid
from typing import Any, Callable, Iterable, Mapping, NamedTuple

from .difference import Json, same
from .errors import Problem
from .option_keys import unknown_keys
from .secrets import hidden
from .suggest import nearest
from .writable import LARGEST


class Rule(NamedTuple):
    """How the value of one key is read: the reader raises ValueError with what it expected."""

    read: Callable[[Any], Any]
    default: Any = None
    required: bool = False


Rules = Mapping[str, Rule]


def problems_of(part: Json, rules: Rules, path: str, also: Iterable[str] = ()) -> list[Problem]:
    """Return what is wrong with the keys of a part; null counts as not given."""
    problems = unknown_keys({name: {} for name in (*rules, *also)}, part, path)
    for name, rule in rules.items():
        place, value = f"{path}.{name}", part.get(name)
        if value is None:
            problems += [Problem(place, "is missing")] * rule.required
            continue
        try:
            rule.read(value)
        except ValueError as error:
            # What is no choice, number or name may hold anything.
            told = _kind(value) if rule.read in (mapping, labels, labels_of_each, text, texts) else _found(value)
            problems.append(Problem(place, f"expected {error}, found {told}"))
    return problems


def normal(part: Json, rules: Rules) -> Json:
    """Return what a part says beyond the defaults."""
    read = {name: _read(rule, part[name]) for name, rule in rules.items() if part.get(name) is not None}
    return {name: value for name, value in read.items() if not same(value, rules[name].default)}


def _read(rule: Rule, value: Any) -> Any:
    try:
        return rule.read(value)
    except ValueError:
        # A newer server knows more.
        return value


def vetted(part: Json, rules: Rules, also: Iterable[str] = ()) -> Json:
    """Return a part to show before it is checked: what is wrong may hold anything."""
    return {
        name: value if name in also or (name in rules and _is_right(rules[name], value)) else hidden(value)
        for name, value in part.items()
    }


def _is_right(rule: Rule, value: Any) -> bool:
    try:
        rule.read(value)
    except ValueError:
        return value is None
    return True


def unknown_type(found: Any, known: Iterable[str], what: str) -> str:
    if found is None:
        return f"is missing; {nearest('', known)}"
    if not isinstance(found, str):
        return f"expected a text, found {_kind(found)}; {nearest('', known)}"
    return f"no {what} '{found}'; {nearest(str(found), known)}"


def ordered(values: Iterable[Any]) -> list[Any]:
    """Return values whose order says nothing in the one that is theirs."""
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


def _found(value: Any) -> str:
    # Longer values may hold anything.
    return f"'{value}'" if isinstance(value, (str, int, float)) and len(str(value)) < 40 else _kind(value)


def _kind(value: Any) -> str:
    return {"dict": "a mapping", "list": "a list", "str": "a text"}.get(type(value).__name__, "another value")


# Readers


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return str(value)


def switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def mapping(value: Any) -> Json:
    if not isinstance(value, dict):
        raise ValueError("a mapping")
    return value


def number(value: Any) -> float | int:
    try:
        result = float(value) if not isinstance(value, bool) else float("nan")
    except (TypeError, ValueError):
        result = float("nan")
    if not abs(result) < float("inf"):
        raise ValueError("a number")
    return int(result) if result.is_integer() else result


def at_least(least: int, unit: str = "") -> Callable[[Any], Any]:
    def read(value: Any) -> float | int:
        try:
            result = number(value)
        except ValueError:
            result = least - 1
        if result < least:
            raise ValueError(f"a number of {least} or more{unit}")
        if result > LARGEST:
            raise ValueError(f"a number of {LARGEST} or less{unit}")
        return result

    return read


def whole(least: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            result = number(value)
        except ValueError:
            result = 0.5
        if not isinstance(result, int) or result < least:
            raise ValueError(f"a whole number of {least} or more")
        if result > LARGEST:
            raise ValueError(f"a whole number of {LARGEST} or less")
        return result

    return read


def one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}")
        return str(value)

    return read


def identity(value: Any) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise ValueError("an id") from None


def texts(value: Any) -> list[str]:
    """Read a set: neither order nor repetition says anything."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError("a list of texts")
    return sorted({str(part) for part in value})


def labels(value: Any) -> Json:
    """Read what a resource has to be labelled with; one of several values is enough."""
    if not isinstance(value, dict):
        raise ValueError("a mapping of labels")
    result: Json = {}
    for name, wanted in value.items():
        if isinstance(wanted, str):
            result[str(name)] = wanted
            continue
        try:
            allowed = texts(wanted)
        except ValueError:
            raise ValueError("labels with a text or a list of texts each") from None
        result[str(name)] = allowed[0] if len(allowed) == 1 else allowed
    return result


def labels_of_each(value: Any) -> Json | list[Json]:
    """Read the labels of related resources: all items of a list have to match, and an empty one always does."""
    rows = [labels(row) for row in value] if isinstance(value, list) else [labels(value)]
    told = ordered(row for at, row in enumerate(rows) if row and row not in rows[:at])
    return told if len(told) > 1 else told[0] if told else {}
