# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of flows."""

from __future__ import annotations

from typing import Any, ClassVar, Collection, Iterable, Iterator, Sequence

from .. import schedules
from ..client import encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session
from ..suggest import nearest
from .flow import Flow
from .work_pool import WorkPool, has_pool, pool_names
from .work_queue import WorkQueue

# What the server makes of no schema.
_EMPTY_SCHEMA: Json = {"type": "object", "properties": {}}


class Deployment(Resource):
    kind = "deployment"
    plural = "deployments"
    key = ("flow_name", "name")
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "flow_name": {"type": "str", "required": True},
        "entrypoint": {"type": "str"},
        "path": {"type": "str"},
        "pull_steps": {"type": "list", "elements": "dict"},
        "parameters": {"type": "dict"},
        "parameter_openapi_schema": {"type": "dict"},
        "enforce_parameter_schema": {"type": "bool"},
        "work_pool_name": {"type": "str", "aliases": ["work_pool"]},
        "work_queue_name": {"type": "str", "aliases": ["work_queue"]},
        "job_variables": {"type": "dict"},
        "schedules": {"type": "list", "elements": "dict", "options": schedules.OPTIONS},
        "concurrency_limit": {"type": "int"},
        "tags": {"type": "list", "elements": "str"},
        "description": {"type": "str"},
        "version": {"type": "str"},
        "paused": {"type": "bool"},
    }
    fields = (
        Field("name"),
        Field("flow_name"),
        Field("entrypoint"),
        Field("path"),
        Field("pull_steps", []),
        Field("parameters", {}),
        Field("parameter_openapi_schema", _EMPTY_SCHEMA),
        Field("enforce_parameter_schema", True),
        Field("work_pool_name"),
        Field("work_queue_name"),
        Field("job_variables", {}),
        Field("schedules", []),
        Field("concurrency_limit"),
        Field("tags", [], unordered=True),
        Field("description", ""),
        Field("version"),
        Field("paused", False),
    )

    flow_id: str | None = None

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("deployments", "name", *key)

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        found = super().fetch(session, key)
        return {**found, "flow_name": key[0]} if found else None

    @classmethod
    def fetch_by_id(cls, session: Session, identity: str) -> Json | None:
        found = super().fetch_by_id(session, identity)
        return _with_flow(session, found) if found else None

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        # The API tells only the id of the flow.
        session.preload(Flow, None if keys is None else {(key[0],) for key in keys})
        for live in super().listed(session, keys):
            found = _with_flow(session, live)
            if found:
                yield found

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        flows = {} if keys is None else {"flows": {"name": {"any_": sorted({key[0] for key in keys})}}}
        return {**super().query(keys), **flows, "sort": "CREATED_DESC"}

    def needs(self) -> Iterable[tuple[str, Key]]:
        yield Flow.kind, (self.given["flow_name"],)
        pool, queue = self.given.get("work_pool_name"), self.given.get("work_queue_name")
        if pool:
            yield WorkPool.kind, (pool,)
        if pool and queue:
            yield WorkQueue.kind, (pool, queue)

    def find(self) -> Json | None:
        found = super().find()
        self.flow_id = str(found["flow_id"]) if found else None
        return found

    def check(self) -> list[Problem]:
        problems = check_name("name", self.given["name"]) + check_name("flow_name", self.given["flow_name"])
        problems += schedules.check(self.given.get("schedules") or [])
        limit = self.given.get("concurrency_limit")
        if limit is not None and limit < 1:
            problems.append(
                Problem("concurrency_limit", f"expected 1 or more, found {limit}; null takes the limit away")
            )
        return problems

    def managed(self, live: Json) -> Json:
        pool = live["work_pool_name"]
        limit = live.get("global_concurrency_limit") or {}
        return {
            **super().managed(live),
            "flow_name": self.given["flow_name"],
            "description": live["description"] or "",
            "pull_steps": live["pull_steps"] or [],
            "parameter_openapi_schema": live["parameter_openapi_schema"] or _EMPTY_SCHEMA,
            # The queue of a pool that is gone stays behind.
            "work_queue_name": live["work_queue_name"] if pool else None,
            "concurrency_limit": limit.get("limit"),
            "schedules": schedules.managed(live["schedules"]),
        }

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        old: Json = before or {}
        pool = after["work_pool_name"]
        if pool and pool != old.get("work_pool_name") and not has_pool(self, pool):
            raise invalid("work_pool_name", f"no work pool '{pool}'; {nearest(pool, pool_names(self))}")
        if not pool:
            after["work_queue_name"] = None
        elif self.given.get("work_queue_name") is None and (
            "work_queue_name" in self.given or pool != old.get("work_pool_name")
        ):
            after["work_queue_name"] = "default"
        if "schedules" in self.given:
            after["schedules"] = schedules.wanted(self.given["schedules"] or [], old.get("schedules", []))
        return after

    def create(self, after: Json) -> None:
        self.flow_id = self.session.id_of(Flow, (after["flow_name"],))
        if self.flow_id is None:
            self.flow_id = str(self.client.post("/flows/", {"name": after["flow_name"]})["id"])
            self.session.made(Flow, (after["flow_name"],), self.flow_id)
        rest = {name: value for name, value in after.items() if name not in ("flow_name", "schedules")}
        rows = [schedules.body(row) for row in after["schedules"]]
        self.id = str(self.client.post("/deployments/", {**rest, "flow_id": self.flow_id, "schedules": rows})["id"])

    def update(self, changes: Json) -> None:
        rest = {name: value for name, value in changes.items() if name != "schedules"}
        if "work_pool_name" in rest or "work_queue_name" in rest:
            # Either alone moves the deployment: a pool to its default queue, a queue to the pool of old agents.
            after = self.difference.after or {}
            rest.update({name: after[name] for name in ("work_pool_name", "work_queue_name")})
        if rest:
            self.client.patch(self.address(), rest)
        if "schedules" in changes:
            self._save_schedules(changes["schedules"])

    def object(self) -> Json | None:
        shown = super().object()
        return None if shown is None else {**shown, "flow_id": self.flow_id}

    def _save_schedules(self, after: list[Any]) -> None:
        before: Json = self.difference.before or {}
        todo = schedules.steps(before["schedules"], after)
        for identity in todo.removed:
            self.client.delete(f"{self.address()}/schedules/{identity}")
        for identity, row in todo.updated:
            self.client.patch(f"{self.address()}/schedules/{identity}", row)
        if todo.added:
            self.client.post(f"{self.address()}/schedules", todo.added)


def _with_flow(session: Session, live: Json) -> Json | None:
    """Return a deployment with the name of its flow; None if the flow has gone with it meanwhile."""
    flow = session.key_of(Flow, str(live["flow_id"]))
    return {**live, "flow_name": flow[0]} if flow else None
