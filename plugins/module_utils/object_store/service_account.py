# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service accounts of MinIO: further access keys of a user, which may do less than the user."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, ClassVar

from ..difference import Json
from ..errors import InvalidError, Problem, invalid
from ..resource import Field, Options
from ..secrets import Path
from ..session import Session
from .client import RefusedError, UnsupportedError
from .module import MinioResource
from .policy import check_policy, normal

SECRET_KEY = "account_secret_key"
# Whatever the server has instead cannot be read.
_ANOTHER = "?"
_NAME = (3, 20)
_SECRET = (8, 40)
_LONGEST_DESCRIPTION = 256
_MISSING = ("XMinioInvalidIAMCredentials", "XMinioAdminNoSuchAccessKey")
_NO_USER = "XMinioAdminNoSuchUser"
# What a server before 2023 takes no notice of.
_NEWER = ("description", "expiration")
# What no call takes away again.
_ADDITIONS = ("policy", "description", "expiration")
_STATUS = {"enabled": "on", "disabled": "off"}
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_STAYS = "an account stays with its user; remove it, or give the other user one of another name"


class MinioServiceAccount(MinioResource):
    kind = "minio_service_account"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "user": {"type": "str"},
        SECRET_KEY: {"type": "str", "no_log": True},
        "update_secret": {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False},
        "policy": {"type": "dict"},
        "status": {"type": "str", "choices": ["enabled", "disabled"]},
        "description": {"type": "str"},
        "expiration": {"type": "str"},
    }
    fields = (
        Field("name"),
        Field("user", create_only=_STAYS),
        Field("policy"),
        Field("status", "enabled"),
        Field("description", ""),
        Field("expiration"),
    )

    def __init__(self, session: Session, given: Json) -> None:
        super().__init__(session, given)
        self._no_user = False

    def check(self) -> list[Problem]:
        given, problems = self.given, []
        for option, (shortest, longest) in (("name", _NAME), (SECRET_KEY, _SECRET)):
            size = len(given.get(option) or "")
            if given.get(option) is not None and not shortest <= size <= longest:
                text = f"has {size} characters; MinIO takes {shortest} to {longest}"
                problems.append(Problem(option, text))
        name, user = given["name"], given.get("user")
        if name != name.strip() or any(character in name for character in "=,"):
            problems.append(Problem("name", f"expected no =, comma and space at the ends, found '{name}'"))
        for option, value in (("name", name), ("user", user)):
            if value == self.client.access_key:
                text = f"is '{value}', whose keys this task uses itself; use those of somebody else"
                problems.append(Problem(option, text))
        if name == user:
            problems.append(Problem("name", f"is '{name}', the user itself; an account has a name of its own"))
        if given.get("policy") is not None:
            problems += check_policy(given["policy"])
        if len(given.get("description") or "") > _LONGEST_DESCRIPTION:
            size = len(given["description"])
            problems.append(Problem("description", f"has {size} characters; MinIO takes {_LONGEST_DESCRIPTION}"))
        return [*problems, *self._check_expiration()]

    def _check_expiration(self) -> list[Problem]:
        text = self.given.get("expiration")
        if not text:
            return []
        moment = _moment(text)
        if moment is None:
            return [
                Problem("expiration", f"expected a time with its zone such as 2026-12-31T00:00:00Z, found '{text}'")
            ]
        self.given["expiration"] = moment.strftime(_TIME)
        if moment <= datetime.now(timezone.utc) and not self.absent:
            return [Problem("expiration", f"'{text}' is over, and MinIO removes such an account; name a later time")]
        return []

    def find(self) -> Json | None:
        try:
            live: Json = self.client.admin("get_service_account", access_key=self.given["name"])
        except RefusedError as error:
            if error.code not in _MISSING:
                raise
            if not self.absent:
                self._check_new()
            return None
        return {**live, "id": self.given["name"], "name": self.given["name"]}

    def _check_new(self) -> None:
        user, name = self.given.get("user"), self.given["name"]
        missing = [option for option in ("user", SECRET_KEY) if not self.given.get(option)]
        if missing:
            raise InvalidError(*(Problem(option, "is missing; a new account needs one") for option in missing))
        # Some servers let an account take the place of a user.
        if self._is_user(name):
            raise invalid("name", f"'{name}' is a user; an account has a name of its own")
        self._no_user = not self._is_user(str(user))
        if self._no_user and not self.client.check_mode:
            raise invalid("user", f"there is no user '{user}'; make it first")

    def _is_user(self, name: str) -> bool:
        try:
            self.client.admin("user_info", access_key=name)
        except RefusedError as error:
            if error.code == _NO_USER:
                return False
            raise
        return True

    def managed(self, live: Json) -> Json:
        status = "enabled" if live.get("accountStatus") in ("on", "enabled") else "disabled"
        managed = {
            "name": live["name"],
            "user": live["parentUser"],
            "policy": None if live.get("impliedPolicy") else normal(json.loads(live.get("policy") or "{}")),
            "status": status,
            "description": live.get("description") or "",
            "expiration": _expires(live.get("expiration")),
        }
        if self._writes_secret() and status == "enabled":
            secret = self.given[SECRET_KEY]
            managed[SECRET_KEY] = secret if self.client.knows(live["name"], secret) else _ANOTHER
        return managed

    def check_removal(self) -> None:
        user, owner = self.given.get("user"), (self.live or {}).get("parentUser")
        if user and user != owner:
            raise invalid("user", f"'{self.given['name']}' belongs to '{owner}', not to '{user}'; nothing is removed")

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if before and not self.given.get("user"):
            after["user"] = before["user"]
        after["policy"] = normal(after["policy"]) if after["policy"] is not None else None
        after["expiration"] = after["expiration"] or None
        if before is None or SECRET_KEY in before:
            after[SECRET_KEY] = self.given[SECRET_KEY]
        self._check_offered(before or {}, after)
        self._check_taken(before, after)
        return after

    def _check_offered(self, before: Json, after: Json) -> None:
        wanted = [option for option in _NEWER if after[option] and after[option] != before.get(option)]
        if not wanted:
            return
        try:
            self.client.admin("get_policy_entities", users=[after["user"]], groups=[], policies=[])
        except UnsupportedError:
            raise self._not_offered(wanted) from None
        except RefusedError:
            # It has the call, and is asked for what it has only.
            return

    def _not_offered(self, options: list[str]) -> InvalidError:
        return InvalidError(*(Problem(option, f"{self.client.address.url} does not offer this") for option in options))

    def _check_taken(self, before: Json | None, after: Json) -> None:
        taken = _taken(before or {}, after)
        if taken and not self._writes_secret():
            text = f"cannot be taken away from an account without making it again; give {SECRET_KEY} for that"
            raise InvalidError(*(Problem(option, text) for option in taken))

    def _writes_secret(self) -> bool:
        """A disabled account cannot show whether the secret is right; it is written when it is enabled."""
        return bool(self.given.get(SECRET_KEY)) and self.given["update_secret"] == "always" and not self.absent

    def is_secret(self, path: Path) -> bool:
        return path[-1:] == (SECRET_KEY,)

    def advice(self) -> list[str]:
        return [f"there is no user '{self.given['user']}' yet"] if self._no_user else []

    def object(self) -> Json | None:
        found = super().object()
        return None if found is None else {name: value for name, value in found.items() if name != SECRET_KEY}

    # Writes

    def create(self, after: Json) -> None:
        body = {name: after[name] for name in _ADDITIONS if after[name]}
        keys = {"accessKey": after["name"], "secretKey": self.given[SECRET_KEY], "targetUser": after["user"]}
        self.client.admin("account_add", **keys, **body)
        if after["status"] == "disabled":
            self._change(after, newStatus=_STATUS["disabled"])
        lost = self._lost(after)
        if lost:
            self.delete()
            raise self._not_offered(lost)

    def update(self, changes: Json) -> None:
        after = self.difference.after or {}
        if _taken(self.difference.before or {}, after):
            self.delete()
            self.create(after)
            return
        body: Json = {f"new{name.capitalize()}": changes[name] for name in _NEWER if changes.get(name)}
        if changes.get("status"):
            body["newStatus"] = _STATUS[changes["status"]]
        if SECRET_KEY in changes or (changes.get("status") == "enabled" and self._writes_secret()):
            body["newSecretKey"] = self.given[SECRET_KEY]
        self._change(after, **body)
        lost = self._lost(after)
        if lost:
            raise self._not_offered(lost)

    def delete(self) -> None:
        self.client.admin("delete_service_account", access_key=self.given["name"])

    def _change(self, after: Json, **body: Any) -> None:
        # Many servers drop the policy of an account with whatever change comes without one.
        policy = {"newPolicy": after["policy"]} if after["policy"] else {}
        self.client.admin("account_update", access_key=after["name"], **body, **policy)

    def _lost(self, after: Json) -> list[str]:
        """Return what was written and is not there."""
        if not any(after[option] for option in _NEWER):
            return []
        live = self.client.admin("get_service_account", access_key=after["name"])
        return [option for option in _NEWER if after[option] and not live.get(option)]


def _taken(before: Json, after: Json) -> list[str]:
    return [option for option in _ADDITIONS if before.get(option) and not after[option]]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(timezone.utc)


def _expires(text: str | None) -> str | None:
    """Return when an account ends; servers write the beginning of time when it does not."""
    # Go writes up to nine digits behind the second, Python reads six at most.
    moment = _moment(text.split(".")[0].rstrip("Z") + "Z") if text else None
    return moment.strftime(_TIME) if moment and moment.year > 1970 else None
