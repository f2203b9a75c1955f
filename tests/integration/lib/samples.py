"""The least data that the schema of a type of blocks takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

NAME = "sample"
_PLAIN: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "object": {"one": "two"}}
# What a text is like is told by no schema.
_TEXTS = {
    "url": "https://example.com/s4mple",
    "email": "sample@example.com",
    "phone": "+15555550100",
    "sid": "AC" + "0123456789abcdef" * 2,
    "token": "0123456789abcdef" * 2,
    "key": "s4mple" * 4,
}


def sample(fields: Json) -> Json:
    """Return data for the fields that a block has to have."""
    return {name: _value(name, fields["properties"][name], fields) for name in fields.get("required", [])}


def _value(name: str, rules: Json, root: Json) -> Any:
    options = list(_options(rules, root))
    for option in options:
        if "block_type_slug" in option:
            return {"$ref": {"block_type_slug": option["block_type_slug"], "name": NAME}}
    first = options[0]
    if first.get("properties"):
        return {part: _value(part, first["properties"][part], root) for part in first.get("required", [])}
    if "enum" in first:
        return first["enum"][0]
    if first.get("type") == "array":
        return [_value(name, first.get("items", {}), root)]
    return _PLAIN.get(first.get("type", "")) or _text(name, rules)


def _text(name: str, rules: Json) -> str:
    written = next((example for example in rules.get("examples", []) if "://" in str(example)), None)
    return written or next((text for part, text in _TEXTS.items() if part in name), "s4mple-text")


def _options(rules: Json, root: Json) -> Iterator[Json]:
    """Yield what a value may be, behind all references within the schema."""
    inner = [*rules.get("anyOf", []), *rules.get("allOf", [])]
    if "$ref" in rules:
        inner.append(root.get("definitions", {}).get(rules["$ref"].rpartition("/")[2], {}))
    for option in inner:
        yield from _options(option, root)
    if not inner:
        yield rules
