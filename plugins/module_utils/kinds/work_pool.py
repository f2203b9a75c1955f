# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work pools."""

from __future__ import annotations

from typing import ClassVar, Iterable

from ..automation_users import warn_of_automations
from ..block_names import block_id, block_name
from ..client import encoded
from ..difference import Json
from ..errors import Problem
from ..json_values import check_names, check_values
from ..names import check_name
from ..resource import Field, Options, Resource
from ..secrets import Path, by_name, in_schema
from ..session import Key, Session
from ..templates import OWN, check_template, default_template, with_defaults
from ..writable import too_large
from .flow import Flow

_BLOCK, _BLOCK_ID = "default_result_storage", "default_result_storage_block_id"
_STEPS = ("bundle_upload_step", "bundle_execution_step")
_OFFERED = "/collections/views/aggregate-worker-metadata"


class WorkPool(Resource):
    kind = "work_pool"
    plural = "work_pools"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "type": {"type": "str"},
        "description": {"type": "str"},
        "base_job_template": {"type": "dict"},
        "job_variables": {"type": "dict"},
        "is_paused": {"type": "bool"},
        "concurrency_limit": {"type": "int"},
        "storage_configuration": {
            "type": "dict",
            "options": {
                "bundle_upload_step": {"type": "dict"},
                "bundle_execution_step": {"type": "dict"},
                "default_result_storage": {
                    "type": "dict",
                    "options": {"block_type_slug": {"type": "str"}, "name": {"type": "str"}},
                },
            },
        },
    }
    fields = (
        Field("name"),
        Field(
            "type",
            "process",
            create_only="remove the pool with state absent first (its deployments then have none), or name another one",
        ),
        Field("description", ""),
        Field("base_job_template"),
        Field("is_paused", False),
        Field("concurrency_limit"),
        Field("storage_configuration", {}),
    )

    # Of the block that default_result_storage names.
    _block_id: str | None = None

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("work_pools", *key)

    @classmethod
    def fetch_by_id(cls, session: Session, identity: str) -> Json | None:
        return next(session.client.filter("/work_pools", {"work_pools": {"id": {"any_": [identity]}}}), None)

    @classmethod
    def is_builtin(cls, live: Json) -> bool:
        return _is_kept(live["name"])

    def address(self) -> str:
        return self.location(self.name)

    def needs(self) -> Iterable[tuple[str, Key]]:
        block = (self.given.get("storage_configuration") or {}).get(_BLOCK) or {}
        if block:
            yield "block", (str(block.get("block_type_slug")), str(block.get("name")))

    def check(self) -> list[Problem]:
        name = self.given["name"]
        problems = check_name("name", name)
        if _is_kept(name) and not self.absent:
            problems.append(Problem("name", f"'{name}' begins with 'prefect', which Prefect keeps for itself"))
        if (self.given.get("concurrency_limit") or 0) < 0:
            problems.append(Problem("concurrency_limit", "expected 0 or more, null takes the limit away"))
        problems += too_large("concurrency_limit", self.given.get("concurrency_limit"))
        block = (self.given.get("storage_configuration") or {}).get(_BLOCK) or {}
        parts = ("block_type_slug", "name") if any(block.values()) else ()
        problems += [
            Problem(f"storage_configuration.{_BLOCK}.{part}", "is missing; a block is known by both")
            for part in parts
            if not block.get(part)
        ]
        if self.given.get("base_job_template"):
            problems += check_template(self.given["base_job_template"])
        return problems

    def is_secret(self, path: Path) -> bool:
        return in_schema(path) if path[:2] == ("base_job_template", "variables") else by_name(path)

    def check_removal(self) -> None:
        warn_of_automations(self)
        left = self._left_deployments()
        if left:
            self.session.warnings.append(
                f"work pool {self.given['name']} is removed, and these deployments have none then: {', '.join(left)}"
            )

    def _left_deployments(self) -> list[str]:
        """Return the deployments of the pool that this run neither removes nor declares."""
        settled = self.session.removed | self.session.declared
        query = {"work_pools": {"name": {"any_": [self.given["name"]]}}}
        keys = (
            (*(self.session.key_of(Flow, str(live["flow_id"])) or ("",)), str(live["name"]))
            for live in self.client.filter("/deployments", query)
        )
        return sorted("/".join(key) for key in keys if ("deployment", key) not in settled)

    def managed(self, live: Json) -> Json:
        return {
            **super().managed(live),
            "description": live.get("description") or "",
            "storage_configuration": self._stored(live.get("storage_configuration") or {}),
        }

    def _stored(self, live: Json) -> Json:
        """Return a storage configuration with the name of the block in the place of its id."""
        stored = {name: value for name, value in live.items() if name in _STEPS and value}
        block = live.get(_BLOCK_ID)
        return {**stored, _BLOCK: block_name(self.session, str(block))} if block else stored

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if before is not None and self.given.get("type") is None:
            after["type"] = before["type"]
        # An empty template is a defect of the pool: it is repaired.
        template = self.given.get("base_job_template") or (before or {}).get("base_job_template")
        if not template:
            template = default_template(after["type"], {} if after["type"] in OWN else self._offered())
        after["base_job_template"] = with_defaults(template, self.given.get("job_variables") or {})
        self.session.cache.setdefault("planned_templates", {})[self.given["name"]] = after["base_job_template"]
        storage = {name: value for name, value in after["storage_configuration"].items() if _is_set(value)}
        self.deferred = False
        if _BLOCK in storage and (before is None or storage != before["storage_configuration"]):
            self._block_id, self.deferred = block_id(self, storage[_BLOCK], f"storage_configuration.{_BLOCK}")
        return {**after, "storage_configuration": storage}

    def body(self, after: Json) -> Json:
        if "storage_configuration" not in after:
            return after
        storage = {name: value for name, value in after["storage_configuration"].items() if name != _BLOCK}
        block = {_BLOCK_ID: self._block_id} if _BLOCK in after["storage_configuration"] else {}
        return {**after, "storage_configuration": {**storage, **block}}

    def create(self, after: Json) -> None:
        super().create(after)
        # It comes with a queue.
        self.session.forget("work_queue", (after["name"], "default"))

    def _offered(self) -> Json:
        if "worker_types" not in self.session.cache:
            self.session.cache["worker_types"] = self.client.get(_OFFERED)
        offered: Json = self.session.cache["worker_types"]
        return offered


def _is_kept(name: str) -> bool:
    """Return whether Prefect keeps the name of a pool for itself."""
    return name.lower().startswith("prefect")


def _is_set(value: Json | None) -> bool:
    """Tell a part that was given from one that a validator has filled with nothing."""
    return any(part is not None for part in (value or {}).values())


def pool_names(resource: Resource) -> list[str]:
    """Return the pools that there are, and those that this run makes."""
    declared = [key[0] for kind, key in resource.session.declared if kind == WorkPool.kind]
    return [*(str(pool["name"]) for pool in resource.client.filter("/work_pools")), *declared]


def has_pool(resource: Resource, name: str) -> bool:
    """Return whether a pool is there, or will be."""
    if (WorkPool.kind, (name,)) in resource.session.declared:
        return True
    return resource.session.fetch(WorkPool, (name,)) is not None


def check_job_variables(resource: Resource, pool: str, values: Json, place: str) -> list[Problem]:
    """Return what a pool's template refuses, or would ignore."""
    template = resource.session.cache.get("planned_templates", {}).get(pool)
    if template is None:
        template = (resource.session.fetch(WorkPool, (pool,)) or {}).get("base_job_template")
    schema = (template or {}).get("variables") or {}
    message = f"the template of pool '{pool}' has no such variable"
    return [*check_names(values, schema, place, message), *check_values(values, schema, place)]
