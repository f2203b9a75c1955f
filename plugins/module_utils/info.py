# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the objects of a kind, for the modules that only look."""

from __future__ import annotations

from itertools import product
from typing import Callable, Collection, Iterator, Optional, Sequence

from .difference import Json
from .errors import InvalidError, Problem
from .module import PrefectModule, guarded
from .resource import Options, Resource
from .secrets import shown
from .session import Key, Session

Listed = Callable[[Session, Optional[Collection[Key]]], Iterator[Json]]

_NAMES = {"type": "list", "elements": "str"}
_TIMES = ("created", "updated")


def run(kind: type[Resource], facts: Sequence[str] = (), secrets: bool = False, listed: Listed | None = None) -> None:
    """Be the module that reads one kind, with facts besides the managed fields, and secrets if they are asked for."""
    module = PrefectModule(options(kind, secrets), lambda options: options)

    def work() -> Json:
        wanted = module.params
        problems = _check(kind, wanted)
        if problems:
            raise InvalidError(*problems)
        session = Session(module.connect())
        found = _found(session, kind, wanted, listed or kind.listed)
        times = _TIMES if kind.key else ()
        rows = [_row(session, kind, live, (*facts, *times), wanted.get("secrets", False)) for live in found]
        return {"changed": False, section(kind): rows}

    guarded(module, work)


def section(kind: type[Resource]) -> str:
    """Return what a document calls objects of a kind."""
    return f"{kind.kind}s" if kind.key else kind.kind


def options(kind: type[Resource], secrets: bool) -> Options:
    """Return the filters that a kind has."""
    spec: Options = {part: dict(_NAMES) for part in kind.key}
    for part, rules in spec.items():
        if "aliases" in kind.options[part]:
            rules["aliases"] = kind.options[part]["aliases"]
    if kind.has_tags():
        spec["tags"] = dict(_NAMES)
    if secrets:
        spec["secrets"] = {"type": "bool", "default": False, "no_log": False}
    return spec


def _check(kind: type[Resource], wanted: Json) -> list[Problem]:
    return [
        Problem(f"{part}[{at}]", "expected a name, found ''")
        for part in kind.key
        for at, name in enumerate(wanted[part] or [])
        if not name
    ]


def _found(session: Session, kind: type[Resource], wanted: Json, listed: Listed) -> list[Json]:
    """Return the objects that are looked for, in the order of their keys."""
    names = [wanted[part] for part in kind.key]
    given = any(row is not None for row in names)
    # Without a name there is nothing to ask for.
    keys = set(product(*(("",) if row is None else row for row in names))) if given else None
    if keys is not None and not keys:
        return []
    tags = set(wanted.get("tags") or ())
    # What names cannot tell apart may come twice.
    found = {
        str(live["id"]): live
        for live in listed(session, keys)
        if live["id"]
        and all(row is None or name in row for row, name in zip(names, kind.key_of(live)))
        and tags.issubset(live.get("tags") or ())
    }
    return sorted(found.values(), key=lambda live: (kind.key_of(live), str(live["id"])))


def _row(session: Session, kind: type[Resource], live: Json, facts: Sequence[str], secrets: bool) -> Json:
    resource = kind.bare(session, kind.key_of(live))
    resource.live = live
    managed = resource.managed(live)
    told = {name: live.get(name) for name in facts}
    return {"id": live["id"], **(managed if secrets else shown(managed, resource.is_secret)), **told}
