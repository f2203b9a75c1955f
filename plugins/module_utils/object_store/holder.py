# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users and groups of MinIO share: a status, and the policies that are attached."""

from __future__ import annotations

from typing import Any, ClassVar

from ..difference import Json
from ..errors import InvalidError, Problem
from ..session import Session
from ..suggest import nearest
from .client import UnsupportedError
from .module import MinioResource


def name_problems(name: str, shortest: int) -> list[Problem]:
    """Return what is wrong with the name of a user or a group."""
    if len(name) >= shortest and name == name.strip() and not any(character in name for character in "=,"):
        return []
    size = f"at least {shortest} characters" if shortest > 1 else "a name"
    return [Problem("name", f"expected {size} without =, comma and space at the ends, found '{name}'")]


class PolicyHolder(MinioResource):
    # What the admin API calls it.
    holder: ClassVar[str] = ""

    def __init__(self, session: Session, given: Json) -> None:
        super().__init__(session, given)
        # Names that the task rests on and that the server does not have, each with its kind.
        self._missing: list[tuple[str, str]] = []

    def require(self, option: str, kind: str, names: list[str], known: Any) -> None:
        """Refuse names that the server does not have; in check mode a task before may be going to make them."""
        missing = [(at, name) for at, name in enumerate(names) if name not in known]
        if not missing or self.absent:
            return
        if not self.client.check_mode:
            raise InvalidError(
                *(
                    Problem(f"{option}[{at}]", f"there is no {kind} '{name}'; {nearest(name, known)}")
                    for at, name in missing
                )
            )
        self._missing += [(kind, name) for _at, name in missing]

    def require_policies(self) -> None:
        self.require("policies", "policy", self.given.get("policies") or [], self.client.policies())

    def advice(self) -> list[str]:
        return [f"there is no {kind} '{name}' yet" for kind, name in self._missing]

    def set_policies(self, before: list[str] | None, after: list[str]) -> None:
        """Attach and detach what differs; without a list of what there is, replace the whole."""
        if before is None:
            self._replace_policies(after)
            return
        calls: list[tuple[str, list[str]]] = [
            ("attach_policy", [name for name in after if name not in before]),
            ("detach_policy", [name for name in before if name not in after]),
        ]
        whose: dict[str, Any] = {self.holder: self.given["name"]}
        try:
            for method, policies in calls:
                if policies:
                    self.client.admin(method, policies=policies, **whose)
        except UnsupportedError:
            # Servers before 2023 know only the call that replaces the whole list.
            self._replace_policies(after)

    def _replace_policies(self, names: list[str]) -> None:
        whose: dict[str, Any] = {self.holder: self.given["name"]}
        self.client.admin("policy_set", policy_name=",".join(names), **whose)


def attached(names: str | None) -> list[str]:
    """Return the policies that the server names in one string."""
    return sorted(name for name in (names or "").split(",") if name)
