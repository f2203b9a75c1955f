# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in exported objects, and the variables that stand for them."""

from __future__ import annotations

import re
from typing import Any, Iterator, NamedTuple

from .difference import Json
from .resource import Resource
from .secrets import Path, secret_places

_NO_WORD = re.compile(r"[^a-z0-9]+")
# Options that hold nothing but what the object is about: they would only make names longer.
_PLAIN = ("data", "value")


class Secret(NamedTuple):
    kind: str
    name: str  # of the object
    path: Path  # in its options
    variable: str
    value: Any

    @property
    def option(self) -> str:
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts)[1:]


class Names:
    """Gives each secret a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def taken_out(self, resource: Resource, options: Json) -> Iterator[Secret]:
        """Yield the secrets in the options of an object, and leave null in their places."""
        for path in list(secret_places(options, resource.is_secret)):
            inside: Any = options
            for part in path[:-1]:
                inside = inside[part]
            value, inside[path[-1]] = inside[path[-1]], None
            short = path[1:] if path[0] in _PLAIN else path
            variable = self._free("_".join(map(str, ("vault_prefect", resource.kind, *resource.name, *short))))
            yield Secret(resource.kind, "/".join(resource.name), path, variable, value)

    def _free(self, wanted: str) -> str:
        """Return a valid name that no other secret has."""
        name = first = _NO_WORD.sub("_", wanted.lower()).strip("_")
        number = 1
        while name in self._taken:
            number += 1
            name = f"{first}_{number}"
        self._taken.add(name)
        return name
