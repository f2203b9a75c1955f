# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies of MinIO, compared by what they mean."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..difference import Json
from ..errors import Problem, invalid
from ..resource import Field, Options
from ..secrets import Path
from ..suggest import closest, unknown_key
from .client import UnsupportedError
from .module import MinioResource

_LARGEST = 20 * 1024
_VERSION = "2012-10-17"
_VERSIONS = (_VERSION, "2008-10-17")
_KEYS = ("ID", "Version", "Statement")
_STATEMENT_KEYS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_EFFECTS = ("Allow", "Deny")


class MinioPolicy(MinioResource):
    kind = "minio_policy"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "policy": {"type": "dict"},
    }
    fields = (Field("name"), Field("policy"))

    def check(self) -> list[Problem]:
        name, policy = self.given["name"], self.given.get("policy")
        problems = []
        if not name or "," in name or name != name.strip():
            problems.append(Problem("name", f"expected a name without comma and space at the ends, found '{name}'"))
        return problems if policy is None else problems + check_policy(policy)

    def find(self) -> Json | None:
        live = self.client.policies().get(self.given["name"])
        return None if live is None else {"id": self.given["name"], "name": self.given["name"], "policy": live}

    def managed(self, live: Json) -> Json:
        return {"name": live["name"], "policy": normal(live["policy"])}

    def wanted(self, before: Json | None) -> Json:
        policy = self.given.get("policy")
        if policy is None:
            if before is None:
                raise invalid("policy", "is missing; a new policy needs one")
            return dict(before)
        return {"name": self.given["name"], "policy": normal(policy)}

    def is_secret(self, path: Path) -> bool:
        # Conditions name keys such as s3:x-amz-server-side-encryption-customer-key, and hold none.
        del path
        return False

    def check_removal(self) -> None:
        users, groups = self._used_by()
        used = [f"user '{name}'" for name in users] + [f"group '{name}'" for name in groups]
        if used:
            raise invalid("name", f"policy '{self.given['name']}' is attached to {', '.join(used)}; detach it first")

    def create(self, after: Json) -> None:
        self.client.admin("policy_add", policy_name=after["name"], policy=after["policy"])

    def update(self, changes: Json) -> None:
        self.create({"name": self.given["name"], **changes})

    def delete(self) -> None:
        self.client.admin("policy_remove", policy_name=self.given["name"])

    def _used_by(self) -> tuple[list[str], list[str]]:
        """Return the users and the groups that the policy is attached to."""
        name = self.given["name"]
        try:
            found = self.client.admin("get_policy_entities", users=[], groups=[], policies=[name]) or {}
        except UnsupportedError:
            return self._searched(name)
        rows = found.get("policyMappings") or []
        users = sorted(user for row in rows for user in row.get("users") or [])
        return users, sorted(group for row in rows for group in row.get("groups") or [])

    def _searched(self, name: str) -> tuple[list[str], list[str]]:
        users = self.client.admin("user_list") or {}
        groups = {
            group: self.client.admin("group_info", group_name=group) for group in self.client.admin("group_list") or []
        }
        return (
            sorted(user for user, row in users.items() if name in row.get("policyName", "").split(",")),
            sorted(group for group, row in groups.items() if name in row.get("policy", "").split(",")),
        )


def check_policy(policy: Json) -> list[Problem]:
    """Return what MinIO would refuse, or read as something else than was meant."""
    problems = [Problem(f"policy.{key}", unknown_key(str(key), _KEYS)) for key in policy if key not in _KEYS]
    if policy.get("Version", _VERSION) not in _VERSIONS:
        problems.append(Problem("policy.Version", f"expected '{_VERSION}', found '{policy['Version']}'"))
    statements = policy.get("Statement")
    if not isinstance(statements, (list, dict)) or not statements:
        return [*problems, Problem("policy.Statement", "is missing; expected a list of statements")]
    for at, statement in enumerate(_listed(statements)):
        problems += _check_statement(f"policy.Statement[{at}]", statement)
    try:
        size = len(json.dumps(policy))
    except (TypeError, ValueError):
        return [*problems, Problem("policy", "cannot be written as JSON")]
    if not problems:
        size = len(json.dumps(normal(policy)))
    if size > _LARGEST:
        problems.append(
            Problem("policy", f"has {size} bytes as JSON; MinIO takes {_LARGEST}. Use wildcards or two policies")
        )
    return problems


def _check_statement(path: str, statement: Any) -> list[Problem]:
    if not isinstance(statement, dict):
        return [Problem(path, "expected a statement with Effect, Action and Resource")]
    problems = [
        Problem(f"{path}.{key}", unknown_key(str(key), _STATEMENT_KEYS))
        for key in statement
        if key not in _STATEMENT_KEYS
    ]
    effect = statement.get("Effect")
    if effect not in _EFFECTS:
        near = closest(str(effect), _EFFECTS)
        problems.append(Problem(f"{path}.Effect", f"expected one of {', '.join(_EFFECTS)}, found '{effect}'{near}"))
    if not statement.get("Action") and not statement.get("NotAction"):
        problems.append(Problem(f"{path}.Action", "is missing"))
    return problems


def normal(policy: Json) -> Json:
    """Return a policy in the one form of all policies that mean the same."""
    statements: list[Json] = []
    for statement in _listed(policy.get("Statement") or []):
        written = _normal_statement(statement)
        if written not in statements:
            statements.append(written)
    kept = {"ID": policy["ID"]} if policy.get("ID") else {}
    version = policy.get("Version") or _VERSION
    return {
        **kept,
        "Version": version,
        "Statement": sorted(statements, key=lambda row: json.dumps(row, sort_keys=True)),
    }


def _normal_statement(statement: Json) -> Json:
    written: Json = {}
    for key in _STATEMENT_KEYS:
        value = statement.get(key)
        if key == "Condition" and value:
            written[key] = {
                operator: {name: _normal_values(values) for name, values in tests.items()}
                for operator, tests in value.items()
            }
        elif value:
            written[key] = value if key in ("Sid", "Effect") else _normal_values(value)
    return written


def _normal_values(values: Any) -> list[str]:
    return sorted({str(value).lower() if isinstance(value, bool) else str(value) for value in _listed(values)})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
