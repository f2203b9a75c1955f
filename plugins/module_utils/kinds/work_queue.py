# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work queues."""

from __future__ import annotations

from typing import ClassVar, Collection, Iterable, Iterator, Sequence

from ..automation_users import warn_of_automations
from ..client import encoded
from ..difference import Json
from ..errors import Problem, RefusedError, invalid
from ..keys import beginnings
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session
from ..suggest import nearest
from ..writable import too_large
from .work_pool import WorkPool, has_pool, pool_names

# As the server makes it together with its pool.
DEFAULT: Json = {
    "id": None,
    "name": "default",
    "description": "The work pool's default queue.",
    "priority": 1,
    "concurrency_limit": None,
    "is_paused": False,
}


class WorkQueue(Resource):
    kind = "work_queue"
    plural = "work_queues"
    key = ("work_pool_name", "name")
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "work_pool_name": {"type": "str", "required": True, "aliases": ["work_pool"]},
        "description": {"type": "str"},
        "priority": {"type": "int"},
        "concurrency_limit": {"type": "int"},
        "is_paused": {"type": "bool"},
    }
    fields = (
        Field("name"),
        Field("work_pool_name"),
        Field("description", ""),
        Field("priority"),
        Field("concurrency_limit"),
        Field("is_paused", False),
    )

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("work_pools", key[0], "queues", key[1])

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        if keys is None or all(key[1] for key in keys):
            found = list(super().listed(session, keys))
            if len({live["id"] for live in found}) == len(found):
                # Those of old agents have no pool.
                yield from (live for live in found if live["work_pool_name"])
                return
        # Queues of one name have no order: one is on two pages, and another on none. In a pool they have one.
        for pool in session.preload(WorkPool, beginnings(keys, 1)):
            try:
                yield from session.client.filter(encoded("work_pools", *pool, "queues"))
            except RefusedError as error:
                # Somebody has removed the pool meanwhile.
                if error.status != 404:
                    raise

    @classmethod
    def fetch_by_id(cls, session: Session, identity: str) -> Json | None:
        found = super().fetch_by_id(session, identity)
        # Those of old agents have no pool.
        return found if found and found["work_pool_name"] else None

    @classmethod
    def is_builtin(cls, live: Json) -> bool:
        return live["name"] == "default" or WorkPool.is_builtin({"name": live["work_pool_name"]})

    def needs(self) -> Iterable[tuple[str, Key]]:
        yield WorkPool.kind, (self.given["work_pool_name"],)

    def find(self) -> Json | None:
        found = super().find()
        if found is None and not self.absent:
            pool = self.given["work_pool_name"]
            if not has_pool(self, pool):
                raise invalid("work_pool_name", f"no work pool '{pool}'; {nearest(pool, pool_names(self))}")
            if self.given["name"] == "default":
                # It comes with the pool that this run makes.
                found = DEFAULT
        self.deferred = found is DEFAULT
        return found

    def is_stale(self) -> bool:
        # The queues of one pool push each other along, so only the moment of writing tells what differs.
        return super().is_stale() or (not self.absent and self.given["work_pool_name"] in self._written_pools)

    def replan(self) -> None:
        self.session.forget(self.kind, self.name)
        super().replan()

    def apply(self) -> None:
        super().apply()
        if self.changed:
            self._written_pools.add(self.given["work_pool_name"])

    @property
    def _written_pools(self) -> set[str]:
        """The pools of which this run has written a queue."""
        pools: set[str] = self.session.cache.setdefault("written_pools", set())
        return pools

    def collection(self) -> str:
        return encoded("work_pools", self.given["work_pool_name"], "queues")

    def address(self) -> str:
        return self.location(self.name)

    def check(self) -> list[Problem]:
        problems = check_name("name", self.given["name"]) + check_name("work_pool_name", self.given["work_pool_name"])
        if self.absent and self.given["name"] == "default":
            problems.append(
                Problem("name", "the queue 'default' belongs to its pool and cannot be removed; pause it instead")
            )
        for name, least in (("priority", 1), ("concurrency_limit", 0)):
            value = self.given.get(name)
            if value is not None and value < least:
                problems.append(Problem(name, f"expected {least} or more, found {value}"))
            problems += too_large(name, value)
        return problems

    @classmethod
    def clashes(cls, resources: Sequence[Resource]) -> list[tuple[Resource, Problem]]:
        taken: dict[tuple[str, int], str] = {}
        result: list[tuple[Resource, Problem]] = []
        for queue in resources:
            pool, priority, name = (queue.given.get(option) for option in ("work_pool_name", "priority", "name"))
            if priority is None or queue.absent:
                continue
            other = taken.setdefault((str(pool), priority), str(name))
            if other != name:
                text = f"queue '{other}' of this pool has priority {priority} too; each needs its own"
                result.append((queue, Problem("priority", text)))
        return result

    @classmethod
    def arrange(cls, resources: Sequence[Resource]) -> list[list[Resource]]:
        # A queue that gets a priority moves only those behind it: ascending, none moves one that is settled.
        steps: list[list[Resource]] = []
        lengths: dict[str, int] = {}
        for queue in sorted(resources, key=lambda queue: queue.given.get("priority") or 0):
            pool = queue.given["work_pool_name"]
            at = lengths[pool] = lengths.get(pool, -1) + 1
            steps += [[]] if at == len(steps) else []
            steps[at].append(queue)
        return steps

    def check_removal(self) -> None:
        warn_of_automations(self)

    def managed(self, live: Json) -> Json:
        return {
            **super().managed(live),
            "description": live.get("description") or "",
            "work_pool_name": self.given["work_pool_name"],
        }

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if before is not None and self.given.get("priority") is None:
            after["priority"] = before["priority"]
        return after

    def body(self, after: Json) -> Json:
        return {name: value for name, value in after.items() if name != "work_pool_name"}

    def create(self, after: Json) -> None:
        answer = self.client.create(self.collection(), self.body(after))
        self.id = str(answer["id"])
        after["priority"] = answer["priority"]
