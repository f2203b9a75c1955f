# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong for certain with values that a JSON schema describes; whatever is in doubt is left to the server."""

from __future__ import annotations

from typing import Any, Mapping

from .difference import same
from .errors import Problem
from .secrets import secret_name
from .suggest import closest, nearest

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_FOUND = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
# How Prefect marks a value that it puts in later.
_MARKS = ("$ref", "__prefect_kind")


def found(value: Any) -> str:
    """Return what kind of value something is."""
    return _FOUND.get(type(value), "something else")


def check_values(values: Mapping[str, Any], schema: Schema, place: str) -> list[Problem]:
    """Return which values have not the type that their schema wants; never a value."""
    return _object(values, schema, place, schema)


def check_parameters(values: Mapping[str, Any], schema: Schema, place: str) -> list[Problem]:
    """Return which parameters a flow run would end with before the flow starts."""
    return [*check_names(values, schema, place, "the flow has no such parameter"), *check_values(values, schema, place)]


def check_names(values: Mapping[str, Any], schema: Schema, place: str, message: str) -> list[Problem]:
    """Return which names a schema does not have, unless it allows any."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties or schema.get("additionalProperties"):
        return []
    return [
        Problem(f"{place}.{name}", f"{message}; {nearest(str(name), properties)}")
        for name in values
        if name not in properties
    ]


def _object(values: Mapping[str, Any], schema: Schema, place: str, root: Schema) -> list[Problem]:
    properties, others = (schema.get(name) for name in ("properties", "additionalProperties"))
    known: Mapping[str, Any] = properties if isinstance(properties, Mapping) else {}
    rest: Schema = others if isinstance(others, Mapping) else {}
    return [
        problem
        for name, value in values.items()
        for problem in _value(value, known.get(name, rest), f"{place}.{name}", root)
    ]


def _value(value: Any, schema: Any, place: str, root: Schema) -> list[Problem]:
    schema = _resolved(schema, root)
    if not schema or _comes_later(value):
        return []
    allowed = _types(schema, root)
    if allowed and not any(_is(value, kind) for kind in allowed):
        return [Problem(place, f"expected {' or '.join(allowed)}, found {found(value)}")]
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(same(value, choice) for choice in choices):
        told = (
            ""
            if secret_name(place.rpartition(".")[2])
            else f", found '{value}'{closest(str(value), map(str, choices))}"
        )
        return [Problem(place, f"expected one of {', '.join(map(str, choices))}{told}")]
    if isinstance(value, dict):
        return _object(value, schema, place, root)
    if isinstance(value, list):
        items = schema.get("items")
        return [problem for at, part in enumerate(value) for problem in _value(part, items, f"{place}[{at}]", root)]
    return []


def _resolved(schema: Any, root: Schema) -> Schema:
    """Return a schema behind its references within the whole; nothing of one that says nothing certain."""
    for _step in range(10):
        if not isinstance(schema, Mapping):
            return {}
        parts = schema.get("allOf")
        if isinstance(parts, list) and len(parts) == 1:
            schema = parts[0]
        elif "$ref" in schema:
            schema = _at(root, str(schema["$ref"]))
        else:
            return schema
    return {}


def _at(root: Any, reference: str) -> Any:
    start, *keys = reference.split("/")
    for key in keys if start == "#" else ("",):
        root = root.get(key) if isinstance(root, Mapping) else None
    return root


def _types(schema: Schema, root: Schema) -> list[str]:
    """Return the types that a schema allows, none where that is in doubt."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list):
        each = [_types(_resolved(option, root), root) for option in options]
        return [kind for kinds in each for kind in kinds] if all(each) else []
    kind = schema.get("type")
    kinds = [str(name) for name in (kind if isinstance(kind, list) else [kind])]
    return kinds if all(name == "null" or name in _TYPES for name in kinds) else []


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, ()))


def _comes_later(value: Any) -> bool:
    """Return whether a value is put in by the server or the worker; what null means is the server's to say."""
    if isinstance(value, dict):
        return any(mark in value for mark in _MARKS)
    return value is None or (isinstance(value, str) and "{{" in value)
