# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single schedules of deployments, each changed in place."""

from __future__ import annotations

from typing import ClassVar, Collection, Iterator

from .. import schedules
from ..difference import Json
from ..errors import InvalidError, Problem, invalid
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session
from ..suggest import nearest
from .deployment import Deployment

_DEPLOYMENT = ("flow_name", "deployment_name")


class DeploymentSchedule(Resource):
    kind = "deployment_schedule"
    plural = "deployment_schedules"
    key = (*_DEPLOYMENT, "slug")
    options: ClassVar[Options] = {
        "flow_name": {"type": "str", "required": True},
        "deployment_name": {"type": "str", "required": True, "aliases": ["deployment"]},
        **schedules.OPTIONS,
        "slug": {"type": "str", "required": True},
    }

    fields = tuple(Field(name) for name in (*_DEPLOYMENT, *schedules.OPTIONS))

    _deployment_id: str | None = None

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        return next((row for row in cls._rows(session, key[:2]) if row["slug"] == key[2]), None)

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        session.preload(Deployment, None if keys is None else {key[:2] for key in keys})
        for deployment, _live in session.known(Deployment):
            yield from cls._rows(session, deployment)

    @classmethod
    def _rows(cls, session: Session, deployment: Key) -> Iterator[Json]:
        names = dict(zip(_DEPLOYMENT, deployment))
        live: Json = session.fetch(Deployment, deployment) or {}
        yield from ({**row, **names} for row in live.get("schedules", []) if row["slug"])

    def needs(self) -> Iterator[tuple[str, Key]]:
        yield Deployment.kind, self.name[:2]

    def find(self) -> Json | None:
        flow, name = self.name[:2]
        self._deployment_id = self.session.id_of(Deployment, (flow, name))
        self.deferred = self._deployment_id is None and not self.absent
        if self.deferred and (Deployment.kind, (flow, name)) not in self.session.declared:
            query = {"flows": {"name": {"any_": [flow]}}}
            known = [str(other["name"]) for other in self.client.filter("/deployments", query)]
            raise invalid("deployment_name", f"no deployment '{name}' of flow '{flow}'; {nearest(name, known)}")
        return super().find()

    def address(self) -> str:
        return f"{self.collection()}/{self.id}"

    def collection(self) -> str:
        return f"/deployments/{self._deployment_id}/schedules"

    def check(self) -> list[Problem]:
        problems = [problem for option in _DEPLOYMENT for problem in check_name(option, self.given[option])]
        if not self.given["slug"]:
            problems.append(Problem("slug", "expected a name, found ''"))
        return problems if self.absent else problems + schedules.check_one(self.given)

    def managed(self, live: Json) -> Json:
        (row,) = schedules.managed([live])
        return self._whole(row)

    def wanted(self, before: Json | None) -> Json:
        deployment = self.name[:2]
        if ("deployment", deployment) in self.session.removed:
            raise invalid("deployment_name", "this run removes the deployment")
        if deployment in self.session.cache.get("scheduled_deployments", ()):
            raise invalid("slug", "this run declares all schedules of the deployment; this one belongs there")
        item = {name: value for name, value in self.given.items() if name in schedules.OPTIONS}
        rule = schedules.rule_of(item)
        if rule is None:
            rule = schedules.rule_of(before or {})
            if before is None or rule is None:
                raise invalid("cron", "is missing; a new schedule needs one of cron, interval and rrule")
            item[rule] = before[rule]
            problems = schedules.check_one(item)
            if problems:
                raise InvalidError(*problems)
        row = schedules.merged(item, before)
        return self._whole(row)

    def create(self, after: Json) -> None:
        self.id = str(self.client.post(self.collection(), [schedules.body(after)])[0]["id"])

    def update(self, _changes: Json) -> None:
        # The server replaces the rule as a whole.
        self.client.patch(self.address(), schedules.body(self.difference.after or {}))

    def _whole(self, row: Json) -> Json:
        names = {option: self.given[option] for option in _DEPLOYMENT}
        return {**names, **{name: row.get(name) for name in schedules.OPTIONS}}
