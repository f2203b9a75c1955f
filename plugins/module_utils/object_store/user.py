# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of MinIO: access key, secret key, and the policies that are attached."""

from __future__ import annotations

from typing import ClassVar

from ..difference import Json
from ..errors import Problem, invalid
from ..resource import Field, Options
from ..secrets import Path, by_name
from .client import RefusedError
from .holder import PolicyHolder, attached, name_problems

SECRET_KEY = "user_secret_key"
# Whatever the server has instead cannot be read.
_ANOTHER = "?"
_SHORTEST_NAME = 3
_SHORTEST_SECRET = 8


class MinioUser(PolicyHolder):
    kind = "minio_user"
    holder = "user"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        SECRET_KEY: {"type": "str", "no_log": True},
        "update_secret": {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False},
        "status": {"type": "str", "choices": ["enabled", "disabled"]},
        "policies": {"type": "list", "elements": "str"},
    }
    fields = (Field("name"), Field("status", "enabled"), Field("policies", [], unordered=True))

    def check(self) -> list[Problem]:
        name, secret = self.given["name"], self.given.get(SECRET_KEY)
        problems = name_problems(name, _SHORTEST_NAME)
        if secret is not None and len(secret) < _SHORTEST_SECRET:
            problems.append(
                Problem(SECRET_KEY, f"has {len(secret)} characters; MinIO wants at least {_SHORTEST_SECRET}")
            )
        if name == self.client.access_key:
            problems.append(
                Problem("name", f"is '{name}', whose keys this task uses itself; use those of somebody else")
            )
        return problems

    def find(self) -> Json | None:
        self.require_policies()
        try:
            live: Json = self.client.admin("user_info", access_key=self.given["name"])
        except RefusedError as error:
            if error.code == "XMinioAdminNoSuchUser":
                return None
            raise
        return {"id": self.given["name"], "name": self.given["name"], **live}

    def managed(self, live: Json) -> Json:
        managed = {"name": live["name"], "status": live["status"], "policies": attached(live.get("policyName"))}
        if self._compares_secret(live["status"]):
            secret = self.given[SECRET_KEY]
            managed[SECRET_KEY] = secret if self.client.knows(live["name"], secret) else _ANOTHER
        return managed

    def wanted(self, before: Json | None) -> Json:
        if before is None and not self.given.get(SECRET_KEY):
            raise invalid(SECRET_KEY, "is missing; a new user needs one")
        after = super().wanted(before)
        after["policies"] = sorted(set(after["policies"]))
        if before is None or SECRET_KEY in before:
            after[SECRET_KEY] = self.given[SECRET_KEY]
        return after

    def _compares_secret(self, status: str) -> bool:
        """A disabled user cannot show whether the secret is right; it is written when the user is enabled."""
        given = self.given.get(SECRET_KEY) and self.given["update_secret"] == "always" and not self.absent
        return bool(given) and status == "enabled"

    def is_secret(self, path: Path) -> bool:
        return path[-1:] == (SECRET_KEY,) or by_name(path)

    def object(self) -> Json | None:
        found = super().object()
        return None if found is None else {name: value for name, value in found.items() if name != SECRET_KEY}

    # Writes

    def create(self, after: Json) -> None:
        self._write_secret()
        if after["status"] == "disabled":
            self.client.admin("user_disable", access_key=after["name"])
        if after["policies"]:
            self.set_policies([], after["policies"])

    def update(self, changes: Json) -> None:
        name, status = self.given["name"], changes.get("status")
        rewrites = status == "enabled" and self.given.get(SECRET_KEY) and self.given["update_secret"] == "always"
        if SECRET_KEY in changes or rewrites:
            # This enables, too.
            self._write_secret()
        elif status == "enabled":
            self.client.admin("user_enable", access_key=name)
        if status == "disabled":
            self.client.admin("user_disable", access_key=name)
        if "policies" in changes:
            self.set_policies((self.difference.before or {})["policies"], changes["policies"])

    def delete(self) -> None:
        self.client.admin("user_remove", access_key=self.given["name"])

    def _write_secret(self) -> None:
        self.client.admin("user_add", access_key=self.given["name"], secret_key=self.given[SECRET_KEY])
