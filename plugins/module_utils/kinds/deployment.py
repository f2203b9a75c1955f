# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of flows."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Collection, Iterable, Iterator, Sequence

from .. import schedules
from ..automation_users import warn_of_automations
from ..client import encoded
from ..difference import Json
from ..errors import InvalidError, Problem, invalid
from ..json_values import check_parameters
from ..keys import any_of, beginnings
from ..names import check_name
from ..resource import Field, Options, Resource
from ..secrets import Path, by_name, in_schema
from ..session import Key, Session
from ..suggest import nearest
from ..writable import too_large
from .flow import Flow
from .global_concurrency_limit import GlobalConcurrencyLimit, limit_id
from .work_pool import WorkPool, check_job_variables, has_pool, pool_names
from .work_queue import WorkQueue

# What the server makes of no schema.
_EMPTY_SCHEMA: Json = {"type": "object", "properties": {}}
# The server's own default; what it was set to is asked for only beyond it.
_LARGEST_PARAMETERS = 524288
_SHORTEST_GRACE, _LONGEST_GRACE = 60, 86400
_SIZE_SETTING = "PREFECT_SERVER_API_MAX_PARAMETER_SIZE"
# Older servers refuse some of these words, and a limit of null would remove the one that others share.
_LEFT_OUT = ("concurrency_limit", "global_concurrency_limit", "concurrency_options", "labels")
_LABELS = "labels are set in new deployments only; remove the deployment with state absent first, or leave them out"


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
        "global_concurrency_limit": {"type": "str"},
        "concurrency_options": {
            "type": "dict",
            "options": {
                "collision_strategy": {"type": "str", "choices": ["ENQUEUE", "CANCEL_NEW"], "required": True},
                "grace_period_seconds": {"type": "int"},
            },
        },
        "labels": {"type": "dict"},
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
        Field("global_concurrency_limit"),
        Field("concurrency_options"),
        Field("labels", {}, create_only=_LABELS),
        Field("tags", [], unordered=True),
        Field("description", ""),
        Field("version"),
        Field("paused", False),
    )

    flow_id: str | None = None
    _limit_id: str | None = None

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
        session.preload(Flow, beginnings(keys, 1))
        for live in super().listed(session, keys):
            found = _with_flow(session, live)
            if found:
                yield found

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        chosen: Json = {}
        if keys is not None:
            chosen = {"flows": {"name": any_of(keys, 0)}, "deployments": {"name": any_of(keys, 1)}}
        return {**chosen, "sort": "CREATED_DESC"}

    def needs(self) -> Iterable[tuple[str, Key]]:
        yield Flow.kind, (self.given["flow_name"],)
        pool, queue = self.given.get("work_pool_name"), self.given.get("work_queue_name")
        if pool:
            yield WorkPool.kind, (pool,)
        if pool and queue:
            yield WorkQueue.kind, (pool, queue)
        if self.given.get("global_concurrency_limit"):
            yield GlobalConcurrencyLimit.kind, (self.given["global_concurrency_limit"],)

    def covers(self) -> Iterable[tuple[str, Key]]:
        if "schedules" in self.given:
            yield "deployment_schedule", self.name

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
        problems += too_large("concurrency_limit", limit)
        if limit is not None and self.given.get("global_concurrency_limit") is not None:
            problems.append(Problem("global_concurrency_limit", "is set, and so is concurrency_limit; one is enough"))
        grace = (self.given.get("concurrency_options") or {}).get("grace_period_seconds")
        if grace is not None and not _SHORTEST_GRACE <= grace <= _LONGEST_GRACE:
            allowed = f"expected {_SHORTEST_GRACE} to {_LONGEST_GRACE}, found {grace}"
            problems.append(Problem("concurrency_options.grace_period_seconds", allowed))
        return problems

    def check_removal(self) -> None:
        warn_of_automations(self)

    def managed(self, live: Json) -> Json:
        pool = live["work_pool_name"]
        limit = live.get("global_concurrency_limit") or {}
        own = limit.get("name") == f"deployment:{live['id']}"
        return {
            **super().managed(live),
            "flow_name": self.given["flow_name"],
            "description": live["description"] or "",
            "pull_steps": live["pull_steps"] or [],
            "parameter_openapi_schema": live["parameter_openapi_schema"] or _EMPTY_SCHEMA,
            # The queue of a pool that is gone stays behind.
            "work_queue_name": live["work_queue_name"] if pool else None,
            "concurrency_limit": limit.get("limit") if own else None,
            "global_concurrency_limit": None if own else limit.get("name"),
            "concurrency_options": _plain(live.get("concurrency_options")),
            # The server has labels of its own among them.
            "labels": {name: value for name, value in (live.get("labels") or {}).items() if not _is_kept(name)},
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
        self._settle_limits(after, old)
        problems = self._wrong_values(after)
        if problems:
            raise InvalidError(*problems)
        if "schedules" in self.given:
            # Single schedules would be in the way of all of them.
            self.session.cache.setdefault("scheduled_deployments", set()).add(self.name)
            after["schedules"] = schedules.wanted(self.given["schedules"] or [], old.get("schedules", []))
        # Automations of this run are checked against it.
        self.session.cache.setdefault("planned_deployments", {})[self.name] = after
        return after

    def create(self, after: Json) -> None:
        self.flow_id = self.session.id_of(Flow, (after["flow_name"],))
        if self.flow_id is None:
            self.flow_id = str(self.client.create("/flows/", {"name": after["flow_name"]})["id"])
            self.session.made(Flow, (after["flow_name"],), self.flow_id)
        body = {name: value for name, value in after.items() if name not in ("flow_name", *_LEFT_OUT) or value}
        rows = [schedules.body(row) for row in after["schedules"]]
        # Of those that come with the deployment the server forgets this.
        later = [row for row in rows if row["max_scheduled_runs"] is not None]
        body.update(flow_id=self.flow_id, schedules=[row for row in rows if row not in later])
        del body["flow_name"]
        if body.pop("global_concurrency_limit", None):
            body["global_concurrency_limit_id"] = self._limit_id
        self.id = str(self.client.create("/deployments/", body)["id"])
        if later:
            self.client.post(f"{self.address()}/schedules", later)

    def update(self, changes: Json) -> None:
        rest = {name: value for name, value in changes.items() if name != "schedules"}
        after = self.difference.after or {}
        if "work_pool_name" in rest or "work_queue_name" in rest:
            # Either alone moves the deployment: a pool to its default queue, a queue to the pool of old agents.
            rest.update({name: after[name] for name in ("work_pool_name", "work_queue_name")})
        if "global_concurrency_limit" in rest:
            del rest["global_concurrency_limit"]
            self._leave_limit()
            if after["global_concurrency_limit"]:
                rest["global_concurrency_limit_id"] = self._limit_id
                rest.pop("concurrency_limit", None)
        if rest:
            self.client.patch(self.address(), rest)
        if "schedules" in changes:
            self._save_schedules(changes["schedules"])

    def delete(self) -> None:
        # The server removes the limit with the deployment, also one that others share.
        if (self.difference.before or {})["global_concurrency_limit"]:
            self._leave_limit()
        super().delete()

    def is_secret(self, path: Path) -> bool:
        return in_schema(path) if path[:1] == ("parameter_openapi_schema",) else by_name(path)

    def object(self) -> Json | None:
        shown = super().object()
        return None if shown is None else {**shown, "flow_id": self.flow_id}

    def _settle_limits(self, after: Json, old: Json) -> None:
        """Let one kind of limit replace the other, and look for the one that is shared."""
        after["concurrency_options"] = _plain(after["concurrency_options"])
        name = after["global_concurrency_limit"]
        if self.given.get("concurrency_limit") is not None:
            after["global_concurrency_limit"] = None
        elif self.given.get("global_concurrency_limit") is not None:
            after["concurrency_limit"] = None
            self._limit_id, self.deferred = None, False
            if name != old.get("global_concurrency_limit"):
                self._limit_id, self.deferred = limit_id(self, name, "global_concurrency_limit")

    def _leave_limit(self) -> None:
        """Take the deployment from its limit: the server would change or remove one that others share."""
        before: Json = self.difference.before or {}
        if before["global_concurrency_limit"]:
            self.client.patch(self.address(), {"global_concurrency_limit_id": None})
        elif before["concurrency_limit"] is not None:
            self.client.patch(self.address(), {"concurrency_limit": None})

    def _wrong_values(self, after: Json) -> list[Problem]:
        problems: list[Problem] = []
        if self.given.get("job_variables") and after["work_pool_name"]:
            problems += check_job_variables(self, after["work_pool_name"], after["job_variables"], "job_variables")
        given = [
            name
            for name in ("parameters", "parameter_openapi_schema", "enforce_parameter_schema")
            if name in self.given
        ]
        if given and after["enforce_parameter_schema"]:
            problems += check_parameters(after["parameters"], after["parameter_openapi_schema"], "parameters")
        return problems + (self._too_large(after["parameters"]) if "parameters" in self.given else [])

    def _too_large(self, parameters: Json) -> list[Problem]:
        size = len(json.dumps(parameters, separators=(",", ":")))
        if size <= _LARGEST_PARAMETERS:
            return []
        settings = self.client.find("/admin/settings") or {}
        most = settings.get("server", {}).get("api", {}).get("max_parameter_size", 0)
        message = f"have {size:,} bytes as JSON, and the server takes {most:,}; see its setting {_SIZE_SETTING}"
        return [Problem("parameters", message)] if 0 < most < size else []

    def _save_schedules(self, after: list[Any]) -> None:
        before: Json = self.difference.before or {}
        todo = schedules.steps(before["schedules"], after)
        for identity in todo.removed:
            self.client.delete(f"{self.address()}/schedules/{identity}")
        for identity, row in todo.updated:
            self.client.patch(f"{self.address()}/schedules/{identity}", row)
        if todo.added:
            self.client.post(f"{self.address()}/schedules", todo.added)


def _plain(options: Json | None) -> Json | None:
    return {name: value for name, value in options.items() if value is not None} if options else None


def _is_kept(label: str) -> bool:
    """Return whether Prefect keeps the name of a label for itself."""
    return label.startswith("prefect.")


def _with_flow(session: Session, live: Json) -> Json | None:
    """Return a deployment with the name of its flow; None if the flow has gone with it meanwhile."""
    flow = session.key_of(Flow, str(live["flow_id"]))
    return {**live, "flow_name": flow[0]} if flow else None
