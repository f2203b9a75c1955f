# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global concurrency limits."""

from __future__ import annotations

from typing import ClassVar, Collection, Iterator

from ..client import encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_name, is_id
from ..resource import Field, Options, Resource
from ..session import Key, Session
from ..suggest import nearest
from ..writable import LARGEST, too_large

# Limits that the server keeps for other objects, and where those are set.
_KEPT = {
    "tag:": "is the limit of a tag; see module concurrency_limit",
    "deployment:": "is the limit of a deployment; set its concurrency_limit",
}


def check_limit(limit: int | None, instead: str) -> list[Problem]:
    """Return what is wrong with a number of slots that was given."""
    if limit is None:
        return [Problem("limit", f"expected a number, found null; {instead}")]
    if not 0 <= limit <= LARGEST:
        return [Problem("limit", f"expected 0 to {LARGEST}, found {limit}")]
    return []


class GlobalConcurrencyLimit(Resource):
    kind = "global_concurrency_limit"
    plural = "v2/concurrency_limits"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "limit": {"type": "int"},
        "active": {"type": "bool"},
        "slot_decay_per_second": {"type": "float"},
    }
    fields = (Field("name"), Field("limit"), Field("active", True), Field("slot_decay_per_second", 0.0))

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("v2", "concurrency_limits", *key)

    @classmethod
    def listed(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        # There is no filter of names.
        yield from session.client.filter(f"/{cls.plural}")

    @classmethod
    def is_builtin(cls, live: Json) -> bool:
        return str(live["name"]).startswith(tuple(_KEPT))

    def check(self) -> list[Problem]:
        name = self.given["name"]
        problems = check_name("name", name)
        problems += [Problem("name", f"'{name}' {reason}") for start, reason in _KEPT.items() if name.startswith(start)]
        if is_id(name):
            problems.append(Problem("name", f"'{name}' looks like an id, by which the server would search"))
        if self.absent:
            return problems
        if "limit" in self.given:
            problems += check_limit(self.given["limit"], "active: false lets everything pass")
        decay = self.given.get("slot_decay_per_second")
        if decay is not None and not decay >= 0:
            problems.append(Problem("slot_decay_per_second", f"expected 0 or more, found {decay}"))
        # The database multiplies it by the time that has passed, in every list of limits.
        problems += too_large("slot_decay_per_second", decay)
        return problems

    def wanted(self, before: Json | None) -> Json:
        if before is None and "limit" not in self.given:
            raise invalid("limit", "is missing; a new limit needs one")
        return super().wanted(before)


def limit_id(resource: Resource, name: str, place: str) -> tuple[str | None, bool]:
    """Return the id of a limit by its name, and whether this very run is to make it."""
    kind = GlobalConcurrencyLimit.kind
    if (kind, (name,)) in resource.session.removed:
        raise invalid(place, f"this run removes the limit '{name}'")
    found = resource.session.id_of(GlobalConcurrencyLimit, (name,))
    if found is not None:
        return found, False
    if (kind, (name,)) in resource.session.declared:
        return None, True
    known = [str(limit["name"]) for limit in resource.client.filter("/v2/concurrency_limits")]
    shared = [other for other in known if not other.startswith(tuple(_KEPT))]
    raise invalid(place, f"no global concurrency limit '{name}'; {nearest(name, shared)}")
