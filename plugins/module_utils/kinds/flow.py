# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows."""

from __future__ import annotations

from typing import ClassVar, Sequence

from ..client import encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key


class Flow(Resource):
    kind = "flow"
    plural = "flows"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "tags": {"type": "list", "elements": "str"},
        "force": {"type": "bool", "default": False},
    }
    fields = (Field("name"), Field("tags", [], unordered=True))

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("flows", "name", *key)

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        return {**super().query(keys), "sort": "NAME_ASC"}

    def check(self) -> list[Problem]:
        return check_name("name", self.given["name"])

    def check_removal(self) -> None:
        if self.given["force"]:
            return
        flow = self.given["name"]
        query = {"flows": {"id": {"any_": [self.id]}}}
        names = [str(deployment["name"]) for deployment in self.client.filter("/deployments", query)]
        # One that this run declares says itself that it needs the flow.
        settled = self.session.removed | self.session.declared
        left = sorted(name for name in names if ("deployment", (flow, name)) not in settled)
        if left:
            raise invalid("name", f"deployments of this flow would go with it: {', '.join(left)}; see option force")
