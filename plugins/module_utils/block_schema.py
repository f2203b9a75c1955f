# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the schema of a block type says of a block's data. The server itself takes any data."""

from __future__ import annotations

import re
from typing import Any, Mapping, Sequence

from .difference import Json, same
from .errors import Problem
from .secrets import CHANGED, SECRET, Path, secret_name
from .suggest import nearest

# Secrets that the schemas do not mark as such, and that the server shows to everybody.
_UNMARKED = {
    "kubernetes-cluster-config": ["config"],
    "remote-file-system": ["settings.key", "settings.secret", "settings.token"],
}
_MASK = "is what is shown in the place of a secret; give the secret, or keep the old one by update_secrets: on_create"
_NO_SECRETS = {"": "is an empty secret", "********": _MASK, SECRET: _MASK, CHANGED: _MASK}
_CONTAINERS = {"object": dict, "array": list}


class BlockSchema:
    """The newest schema of a type, or the one that a block was saved with."""

    def __init__(self, slug: str, schema: Mapping[str, Any]) -> None:
        # None of one that this very run is to make.
        self.id: str | None = schema["id"] and str(schema["id"])
        self._fields: Json = schema.get("fields") or {}
        self._properties: dict[str, Json] = self._fields.get("properties") or {}
        self._marked = [tuple(path.split(".")) for path in self._fields.get("secret_fields") or []]
        self._secret = [*self._marked, *(tuple(path.split(".")) for path in _UNMARKED.get(slug, []))]

    def is_secret(self, path: Path) -> bool:
        """Return whether a place in the data is secret, by the schema or by its name."""
        parts = tuple(str(part) for part in path)
        return secret_name(path[-1]) or any(_matches(pattern, parts) for pattern in self._secret)

    def is_text(self, path: Path) -> bool:
        """Return whether a place is a secret that the server hides only when it is one text."""
        return tuple(str(part) for part in path) in self._marked

    def is_default(self, name: str, value: Any) -> bool:
        """Return whether a field says the same as leaving it out."""
        return value is None or (
            "default" in self._properties.get(name, {}) and same(self._properties[name]["default"], value)
        )

    def problems(self, data: Json) -> list[Problem]:
        """Return what a block with this data would fail on when it is loaded."""
        result = [
            Problem(f"data.{name}", f"no such field; {nearest(name, self._properties)}")
            for name in data
            if self._properties and name not in self._properties and not self._fields.get("additionalProperties")
        ]
        for name in self._fields.get("required") or []:
            if data.get(name) is None and "default" not in self._properties.get(name, {}):
                result.append(Problem(f"data.{name}", "is missing; the block type requires it"))
        for name, value in data.items():
            wanted = _refused(self._properties.get(name, {}), value)
            if wanted:
                result.append(Problem(f"data.{name}", f"expected {wanted}, found {_kind(value)}"))
        return [*result, *self._no_secrets(data)]

    def _no_secrets(self, value: Any, path: Path = (), inside: bool = False) -> list[Problem]:
        """Return which secrets are none."""
        inside = inside or (bool(path) and any(_matches(pattern, tuple(map(str, path))) for pattern in self._secret))
        if isinstance(value, dict) and "$ref" not in value:
            return [found for key, part in value.items() for found in self._no_secrets(part, (*path, key), inside)]
        message = _NO_SECRETS.get(value) if inside and isinstance(value, str) else None
        return [Problem(".".join(map(str, ("data", *path))), message)] if message else []


def newest(schemas: Sequence[Json]) -> Json | None:
    """Return the schema of the highest version: the server lists the bundled, old one first."""
    return max(schemas, key=lambda schema: (_version(schema.get("version")), str(schema.get("created"))), default=None)


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(text))[:3])


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    return len(pattern) == len(parts) and all(one in ("*", other) for one, other in zip(pattern, parts))


def _refused(schema: Mapping[str, Any], value: Any) -> str:
    """Return the types that are allowed where the value is of quite another shape."""
    if value is None or (isinstance(value, dict) and "$ref" in value):
        return ""
    options = schema.get("anyOf") or schema.get("oneOf") or [schema]
    types = [option.get("type") for option in options]
    if not all(isinstance(kind, str) for kind in types):
        return ""
    shapes = {_CONTAINERS.get(str(kind), str) for kind in types if kind != "null"}
    shape = type(value) if isinstance(value, (dict, list)) else str
    return "" if shape in shapes else " or ".join(str(kind) for kind in types if kind != "null")


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a single value"
