# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Automations."""

from __future__ import annotations

from typing import Any, ClassVar, Collection, Iterable, Iterator, Sequence

from ..automation_actions import REFERENCES, TEMPLATES, check_action, normal_action, reference_of, vetted_action
from ..automation_references import checked_name, reference_id, reference_key, reference_name, the_only
from ..automation_triggers import (
    check_trigger,
    every_run_fires,
    has_metric,
    matches_every_run,
    normal_trigger,
    trigger_body,
    vetted_trigger,
)
from ..automation_users import warn_of_automations
from ..difference import Json, same
from ..errors import InvalidError, Problem, RefusedError, invalid
from ..json_values import check_parameters
from ..resource import Field, Options, Resource
from ..secrets import hidden
from ..session import Key, Session
from .block import Block
from .deployment import Deployment
from .work_pool import WorkPool, check_job_variables
from .work_queue import WorkQueue

_ACTIONS = ("actions", "actions_on_trigger", "actions_on_resolve")
_TEMPLATE_CHECK = "/automations/templates/validate"
# As many objects are asked for one by one.
_FEW = 3


class Automation(Resource):
    kind = "automation"
    plural = "automations"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "description": {"type": "str"},
        "enabled": {"type": "bool"},
        "tags": {"type": "list", "elements": "str"},
        "trigger": {"type": "dict"},
        **{name: {"type": "list", "elements": "dict"} for name in _ACTIONS},
    }
    fields = (
        Field("name"),
        Field("description", ""),
        Field("enabled", True),
        Field("tags", [], unordered=True),
        Field("trigger"),
        *(Field(name, []) for name in _ACTIONS),
    )

    def __init__(self, session: Session, given: Json) -> None:
        super().__init__(session, given)
        # Automations that this run makes before this one.
        self.earlier: set[str] = set()
        self._ids: dict[tuple[str, str], str | None] = {}

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        return next((live for live in cls.listed(session, [key]) if cls.key_of(live) == key), None)

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        # The server allows many of one name.
        same_name: dict[Key, dict[str, Json]] = {}
        for live in super().listed(session, keys):
            same_name.setdefault(cls.key_of(live), {})[str(live["id"])] = live
        for found in same_name.values():
            yield {**found[min(found)], "ids": sorted(found)}

    @classmethod
    def every(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        """Yield each automation, also those of one name; what many refer to is asked for by list calls."""
        found = list(super().listed(session, keys))
        referred: dict[str, set[str]] = {}
        for _name, _at, action in (row for live in found for row in _actions(live)):
            kind = reference_of(action)
            identity = action.get(REFERENCES[kind].id) if kind else None
            if kind and identity:
                referred.setdefault(kind, set()).add(identity)
        for kind, identities in referred.items():
            if len(identities) > _FEW:
                session.preload(REFERRED[kind])
        yield from found

    def needs(self) -> Iterable[tuple[str, Key]]:
        for _name, _at, action in _actions(self.given):
            kind = reference_of(action)
            if kind and isinstance(action.get(kind), str):
                yield kind, reference_key(kind, action[kind])

    def find(self) -> Json | None:
        return the_only(super().find(), self.given["name"], "name")

    def check(self) -> list[Problem]:
        problems = [] if self.given["name"] else [Problem("name", "expected a name, found ''")]
        if self.given.get("trigger") is not None:
            problems += check_trigger(self.given["trigger"])
        for name, at, action in _actions(self.given):
            problems += check_action(action, f"{name}[{at}]")
        return problems

    def check_removal(self) -> None:
        warn_of_automations(self)

    @classmethod
    def invocation(cls, options: Json) -> Json:
        safe = dict(options)
        if options.get("trigger") is not None:
            safe["trigger"] = vetted_trigger(options["trigger"])
        for name in _ACTIONS:
            rows = options.get(name)
            if rows is not None:
                safe[name] = [vetted_action(row) for row in rows] if isinstance(rows, list) else hidden(rows)
        return super().invocation(safe)

    @classmethod
    def arrange(cls, resources: Sequence[Resource]) -> list[list[Resource]]:
        """Put automations behind those that they pause or resume."""
        steps = super().arrange(resources)
        earlier: set[str] = set()
        for step in steps:
            for resource in step:
                if isinstance(resource, Automation):
                    resource.earlier = set(earlier)
            earlier |= {resource.name[0] for resource in step}
        return steps

    def managed(self, live: Json) -> Json:
        return {
            **super().managed(live),
            "description": live.get("description") or "",
            "tags": live.get("tags") or [],
            "trigger": normal_trigger(live["trigger"]),
            **{name: [self._as_known(action) for action in live.get(name) or []] for name in _ACTIONS},
        }

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if after["trigger"] is None:
            raise invalid("trigger", "is missing; an automation needs one")
        self.deferred = False
        problems: list[Problem] = []
        if "trigger" in self.given:
            after["trigger"] = normal_trigger(after["trigger"])
            if has_metric(after["trigger"]) and not self.client.is_cloud:
                message = "a server of one's own has no metric triggers, only Prefect Cloud has; use an event trigger"
                problems.append(Problem("trigger.type", message))
        for name in _ACTIONS:
            if name in self.given:
                after[name] = [normal_action(action) for action in after[name]]
        for name, at, action in _actions({name: after[name] for name in _ACTIONS if name in self.given}):
            try:
                self._resolve(action, f"{name}[{at}]")
                if before is None or not any(same(action, old) for old in before[name]):
                    problems += self._check_templates(action, f"{name}[{at}]")
                    problems += self._check_run(action, f"{name}[{at}]")
            except InvalidError as error:
                problems += error.problems
        problems += _loops(after)
        if problems:
            raise InvalidError(*problems)
        return after

    def body(self, after: Json) -> Json:
        """Return all of the automation; what is not given stays as the server has it."""
        result: Json = {name: after[name] for name in ("name", "description", "enabled")}
        # Servers before tags refuse the word.
        if after["tags"] or "tags" in (self.live or {}):
            result["tags"] = after["tags"]
        kept: Json = {name: value for name, value in (self.live or {}).items() if name not in self.given}
        result["trigger"] = kept["trigger"] if "trigger" in kept else trigger_body(after["trigger"])
        for name in _ACTIONS:
            result[name] = kept[name] if name in kept else [self._with_id(action) for action in after[name]]
        return result

    def update(self, changes: Json) -> None:
        if list(changes) == ["enabled"]:
            # Anything else starts the trigger anew.
            self.client.patch(self.address(), changes)
        else:
            self.client.put(self.address(), self.body(self.difference.after or {}))

    def create(self, after: Json) -> None:
        super().create(after)
        self._leave_one(after)

    def _leave_one(self, after: Json) -> None:
        """Remove what two runs at once have made twice, which the server allows: whoever sees both keeps the same."""
        query = self.query([self.name])
        same_name = [live for live in self.client.filter("/automations", query) if self.key_of(live) == self.name]
        twins = sorted(str(live["id"]) for live in same_name if same(self.managed(live), after))
        for superfluous in twins[1:]:
            self.id = twins[0]
            try:
                self.client.delete(f"/automations/{superfluous}")
            except RefusedError as error:
                # The other run was faster.
                if error.status != 404:
                    raise

    def check_anew(self) -> list[Problem]:
        """Return what would be refused if the automation were not there yet."""
        rows = _actions(self.difference.after or {})
        return [problem for name, at, action in rows for problem in self._check_run(action, f"{name}[{at}]")]

    def _as_known(self, action: Json) -> Json:
        """Return an action of the server with a name in the place of the id, unless the object is gone."""
        result = normal_action(action)
        kind = reference_of(result)
        identity = result.get(REFERENCES[kind].id) if kind else None
        name = reference_name(self.session, REFERRED[kind], identity) if kind and identity else None
        return result if name is None else _named(result, str(kind), name)

    def _resolve(self, action: Json, place: str) -> None:
        """Put the name into the action and keep the id."""
        kind = reference_of(action)
        if kind is None or action.get("source") == "inferred":
            return
        key = REFERENCES[kind].id
        if key in action:
            identity = action[key]
            name = checked_name(self.session, REFERRED[kind], identity, f"{place}.{key}")
            named = _named(action, kind, name)
            action.clear()
            action.update(named)
            self._ids[kind, name] = identity
            return
        name = action[kind]
        later = kind != self.kind or name in self.earlier
        self._ids[kind, name], deferred = reference_id(self, REFERRED[kind], name, f"{place}.{kind}", later)
        self.deferred = self.deferred or deferred

    def _with_id(self, action: Json) -> Json:
        kind = reference_of(action)
        if kind is None or kind not in action:
            return action
        rest = {name: value for name, value in action.items() if name != kind}
        return {**rest, REFERENCES[kind].id: self._ids[kind, action[kind]]}

    def _check_templates(self, action: Json, place: str) -> list[Problem]:
        problems = []
        texts = {name: action.get(name, "") for name in TEMPLATES}
        for path, text in {**texts, **dict(_templates(action.get("parameters"), "parameters"))}.items():
            if "{" not in text:
                continue
            try:
                self.client.post(_TEMPLATE_CHECK, text)
            except RefusedError as error:
                if error.status != 422:
                    raise
                problems.append(Problem(f"{place}.{path}", "is no template that the server can read; see its braces"))
        return problems

    def _check_run(self, action: Json, place: str) -> list[Problem]:
        """Return what the deployment that an action starts would refuse, or its pool ignore."""
        if action["type"] != "run-deployment" or "deployment" not in action:
            return []
        key = reference_key("deployment", action["deployment"])
        planned = self.session.cache.get("planned_deployments", {})
        deployment: Json = planned.get(key) or self.session.fetch(Deployment, key) or {}
        problems: list[Problem] = []
        if deployment.get("work_pool_name"):
            variables = action.get("job_variables") or {}
            problems += check_job_variables(self, deployment["work_pool_name"], variables, f"{place}.job_variables")
        if deployment.get("enforce_parameter_schema"):
            schema = deployment.get("parameter_openapi_schema") or {}
            problems += check_parameters(action.get("parameters") or {}, schema, f"{place}.parameters")
        return problems


# The kinds of objects that actions are about.
REFERRED: dict[str, type[Resource]] = {kind.kind: kind for kind in (Deployment, WorkPool, WorkQueue, Automation, Block)}


def _actions(options: Json) -> list[tuple[str, int, Json]]:
    return [(name, at, action) for name in _ACTIONS for at, action in enumerate(options.get(name) or [])]


def _templates(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield the templates in parameters: texts, and what is marked as such."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _templates(part, f"{path}.{name}")
    elif isinstance(value, str) and "{{" in value:
        yield path, value


def _named(action: Json, kind: str, name: str) -> Json:
    """Return an action with a name in the place of the id."""
    key = REFERENCES[kind].id
    return {kind if part == key else part: name if part == key else value for part, value in action.items()}


def _loops(after: Json) -> list[Problem]:
    """Return which actions would start flow runs that start flow runs; the server refuses them."""
    if not after["enabled"] or not every_run_fires(after["trigger"]):
        return []
    problems = []
    for at, action in enumerate(after["actions"]):
        if action["type"] == "run-deployment" and (
            action.get("source") == "inferred" or matches_every_run(after["trigger"])
        ):
            message = "starts a flow run for each that it has started; narrow match or match_related of the trigger"
            if action.get("source") == "inferred":
                message = "starts a flow run for each that it has started; name the deployment"
            problems.append(Problem(f"actions[{at}]", message))
    return problems
