# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Sequence

from ..client import encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_variable_name
from ..resource import Field, Options, Resource
from ..secrets import SECRET, Path, by_name, secret_name
from ..session import Key, Session

_LARGEST = 5000


class Variable(Resource):
    kind = "variable"
    plural = "variables"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "value": {"type": "raw"},
        "tags": {"type": "list", "elements": "str"},
        "sensitive": {"type": "bool"},
    }
    fields = (Field("name"), Field("value"), Field("tags", [], unordered=True))

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("variables", "name", *key)

    def address(self) -> str:
        return self.location(self.name)

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        return {**super().query(keys), "sort": "NAME_ASC"}

    @classmethod
    def to_remove(cls, session: Session, key: Key) -> Resource:
        # What is no longer declared tells no longer either whether it is sensitive.
        return cls(session, {**cls.bare(session, key).given, "sensitive": True})

    def check(self) -> list[Problem]:
        problems = check_variable_name("name", self.given["name"])
        size = len(json.dumps(self.given.get("value"), ensure_ascii=False, separators=(",", ":")).encode())
        if _holds_large_number(self.given.get("value")):
            # With some of them the server could not even list its variables any more.
            problems.append(Problem("value", "holds a number of more than 64 bits; write it as a text"))
        if size > _LARGEST:
            problems.append(Problem("value", f"has {size} bytes as JSON; Prefect stores at most {_LARGEST}"))
        return problems

    def wanted(self, before: Json | None) -> Json:
        if before is None and "value" not in self.given:
            raise invalid("value", "is missing; a new variable needs one, null is one too")
        return super().wanted(before)

    def is_secret(self, path: Path) -> bool:
        return (path[:1] == ("value",) and _sensitive(self.given)) or by_name(path)

    @classmethod
    def invocation(cls, options: Json) -> Json:
        shown = super().invocation(options)
        return {**shown, "value": SECRET} if "value" in options and _sensitive(options) else shown


def _sensitive(options: Json) -> bool:
    """Return whether the value is hidden: as declared, or as the name tells."""
    declared = options.get("sensitive")
    return secret_name(options.get("name")) if declared is None else bool(declared)


def _holds_large_number(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return any(map(_holds_large_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, (int, float)) and not -(2**63) <= value < 2**64
