# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects a document owns, so that those may be removed that it no longer declares."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, Mapping, Sequence

from .difference import Json
from .errors import InvalidError, Problem
from .resource import Resource
from .session import Key
from .suggest import nearest

# What role prefect_verify makes for its proof, at each deployment anew.
PROOF_TAG = "flowops.prefect"
OPTIONS: dict[str, dict[str, Any]] = {
    "ownership_tag": {"type": "str"},
    "prune": {"type": "bool", "default": False},
    "prune_scope": {"type": "dict"},
    "prune_limit": {"type": "int", "default": 50},
}


def check_patterns(option: str, patterns: Mapping[str, Sequence[str]], sections: Sequence[str]) -> list[Problem]:
    """Return what is wrong with patterns of names by section."""
    problems = [
        Problem(f"{option}.{section}", f"there is no such section of resources; {nearest(str(section), sections)}")
        for section in patterns
        if section not in sections
    ]
    return problems + [
        Problem(f"{option}.{section}", "expected a list of patterns such as 'team-a-*'")
        for section, rows in patterns.items()
        if not isinstance(rows, list) or not all(isinstance(pattern, str) and pattern for pattern in rows)
    ]


def matches(patterns: Sequence[str], key: Key) -> bool:
    """Return whether an object is meant by the patterns of its section."""
    return any(fnmatchcase("/".join(key), pattern) for pattern in patterns)


class Ownership:
    """An object is owned by its tag, or by a name in the scope."""

    def __init__(self, tag: str | None, prune: bool, scope: Mapping[str, Sequence[str]], limit: int) -> None:
        self.tag = tag
        self.prune = prune
        self.limit = limit
        self._scope = scope

    @classmethod
    def of(cls, options: Json, sections: Sequence[str]) -> Ownership:
        """Return what the options say; raise InvalidError if that is wrong."""
        given: Json = {name: rules.get("default") for name, rules in OPTIONS.items()}
        given.update({name: options[name] for name in OPTIONS if options.get(name) is not None})
        tag, prune, limit = given["ownership_tag"], given["prune"], given["prune_limit"]
        scope: Json = given["prune_scope"] or {}
        problems = check_patterns("prune_scope", scope, sections)
        if tag == "":
            problems.append(Problem("ownership_tag", "expected a tag, found ''"))
        if not 0 <= limit <= 100:
            problems.append(Problem("prune_limit", f"expected 0 to 100 percent, found {limit}"))
        if prune and not tag and not scope:
            message = "needs ownership_tag or prune_scope: they tell which objects this document owns"
            problems.append(Problem("prune", message))
        if problems:
            raise InvalidError(*problems)
        return cls(tag, prune, scope, limit)

    def reaches(self, section: str, kind: type[Resource]) -> bool:
        """Return whether objects of a kind can be superfluous."""
        tagged = self.tag is not None and kind.has_tags()
        return self.prune and (tagged or bool(self._scope.get(section)))

    def owns(self, section: str, key: Key, live: Json) -> bool:
        tagged = self.tag is not None and self.tag in (live.get("tags") or ())
        return tagged or matches(self._scope.get(section, ()), key)

    def check(self, superfluous: Sequence[str], owned: int) -> list[Problem]:
        """Return why so many objects are not removed."""
        if len(superfluous) * 100 <= self.limit * owned:
            return []
        shown = ", ".join(superfluous[:10]) + (f" and {len(superfluous) - 10} more" if superfluous[10:] else "")
        message = (
            f"would remove {len(superfluous)} of the {owned} objects that this document owns, which is more than "
            f"{self.limit} percent: {shown}. If that is meant, raise prune_limit, to 100 at most"
        )
        return [Problem("prune", message)]
