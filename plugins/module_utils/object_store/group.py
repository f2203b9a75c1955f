# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of MinIO: their members, and the policies that are attached."""

from __future__ import annotations

from typing import ClassVar

from ..difference import Json
from ..errors import Problem
from ..resource import Field, Options
from .client import RefusedError, UnsupportedError
from .holder import PolicyHolder, attached, name_problems


class MinioGroup(PolicyHolder):
    kind = "minio_group"
    holder = "group"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "members": {"type": "list", "elements": "str"},
        "status": {"type": "str", "choices": ["enabled", "disabled"]},
        "policies": {"type": "list", "elements": "str"},
    }
    fields = (
        Field("name"),
        Field("members", [], unordered=True),
        Field("status", "enabled"),
        Field("policies", [], unordered=True),
    )

    def check(self) -> list[Problem]:
        return name_problems(self.given["name"], 1)

    def find(self) -> Json | None:
        self.require_policies()
        members = self.given.get("members")
        if members and not self.absent:
            self.require("members", "user", members, self.client.admin("user_list") or {})
        try:
            live: Json = self.client.admin("group_info", group_name=self.given["name"])
        except RefusedError as error:
            if error.code == "XMinioAdminNoSuchGroup":
                return None
            raise
        return {"id": self.given["name"], **live, "name": self.given["name"]}

    def managed(self, live: Json) -> Json:
        managed = {"name": live["name"], "members": sorted(live.get("members") or []), "status": live["status"]}
        policies = attached(live.get("policy"))
        if live["status"] == "enabled":
            return {**managed, "policies": policies}
        # MinIO shows a disabled group as if it had none.
        found = self._mapped()
        return managed if found is None else {**managed, "policies": found}

    def _mapped(self) -> list[str] | None:
        """Return the policies of a disabled group, or None if the server does not tell them."""
        try:
            found = self.client.admin("get_policy_entities", users=[], groups=[self.given["name"]], policies=[]) or {}
        except UnsupportedError:
            return None
        return sorted(name for row in found.get("groupMappings") or [] for name in row.get("policies") or [])

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if before and self.given.get("members") is None:
            after["members"] = before["members"]
        if before and "policies" not in before and after["status"] == "disabled":
            # They are written when the group is enabled.
            after.pop("policies", None)
        return {name: sorted(set(part)) if isinstance(part, list) else part for name, part in after.items()}

    # Writes

    def create(self, after: Json) -> None:
        self.client.admin("group_add", group_name=after["name"], members=after["members"])
        if after["status"] == "disabled":
            self.client.admin("group_disable", group_name=after["name"])
        if after["policies"]:
            self.set_policies([], after["policies"])

    def update(self, changes: Json) -> None:
        name, before, after = self.given["name"], self.difference.before or {}, self.difference.after or {}
        members = after["members"]
        # Whoever leaves or is locked out does so before the group may more, whoever joins comes last.
        self._members("group_remove", [user for user in before["members"] if user not in members])
        if changes.get("status") == "disabled":
            self.client.admin("group_disable", group_name=name)
        if "policies" in changes:
            self.set_policies(before.get("policies"), changes["policies"])
        self._members("group_add", [user for user in members if user not in before["members"]])
        if changes.get("status") == "enabled":
            self.client.admin("group_enable", group_name=name)

    def delete(self) -> None:
        # A group that has members is not removed.
        self._members("group_remove", (self.difference.before or {})["members"])
        self.client.admin("group_remove", group_name=self.given["name"])

    def _members(self, method: str, users: list[str]) -> None:
        if users:
            self.client.admin(method, group_name=self.given["name"], members=users)
