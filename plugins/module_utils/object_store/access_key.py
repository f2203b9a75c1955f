# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access key of one user: made, kept at once, replaced and retired."""

from __future__ import annotations

import calendar
import contextlib
import os
import time
from typing import Any, ClassVar

from ..difference import Json
from ..errors import InvalidError, PrefectError, Problem, UnauthorizedError, invalid
from ..resource import STATE, Options
from .client import RefusedError
from .key_file import KeyFile

ACTIVE, INACTIVE = "Active", "Inactive"
# What stands for the id of a key that check mode does not make.
NEW = "<new>"
_PLANNED: Json = {"AccessKeyId": NEW, "SecretAccessKey": None}
_MOST_KEYS = 2
_DAY = 86400
_TIME = "%Y-%m-%dT%H:%M:%SZ"
# After these answers no key was made for sure.
_NOTHING_MADE = ("AccessDenied", "LimitExceeded", "NoSuchEntity")
# A key that was just made is not always in the next list.
_YOUNG = 120
_PATIENCE = 5


class AccessKey:
    """What IAM has, what the file keeps, and how both come to what is wanted."""

    options: ClassVar[Options] = {
        "user": {"type": "str", "required": True},
        "path": {"type": "path", "required": True},
        "rotate": {"type": "bool", "default": False},
        "retire": {"type": "bool", "default": False},
        "grace": {"type": "int", "default": _DAY},
        **STATE,
    }

    def __init__(self, client: Any, params: Json) -> None:
        self.client = client
        self.user: str = params["user"]
        self.params = params
        self.file = KeyFile(params["path"], self.user, client.check_mode)
        self.keys: dict[str, Json] = {}
        self.warnings: list[str] = []

    @staticmethod
    def check(params: Json) -> list[Problem]:
        problems = []
        if not params["user"].strip():
            problems.append(Problem("user", "is empty"))
        if not os.path.isabs(params["path"]) or params["path"].endswith("/"):
            problems.append(Problem("path", f"expected the absolute path of a file, found '{params['path']}'"))
        if params["grace"] < 0:
            problems.append(Problem("grace", f"expected 0 seconds or more, found {params['grace']}"))
        if params["rotate"] and params["retire"]:
            text = "cannot be together with rotate: the new key has to be in use before the previous one is retired"
            problems.append(Problem("retire", text))
        if params["state"] == "absent":
            wrong = [name for name in ("rotate", "retire") if params[name]]
            problems += [Problem(name, "cannot be together with state=absent") for name in wrong]
        return problems

    def run(self) -> Json:
        """Bring both to what is wanted; in check mode on paper."""
        with self.file.locked():
            absent = self.params["state"] == "absent"
            if not absent or self.file.there:
                self._list()
            before = self._shown()
            if absent:
                self._remove()
            else:
                self._provide()
            after = self._shown()
        result: Json = {"changed": before != after, "diff": {"before": before, "after": after}, **self._returned()}
        return {**result, "warnings": self.warnings} if self.warnings else result

    # What there is

    @property
    def _kept(self) -> Json:
        return self.file.content

    @property
    def _previous(self) -> str | None:
        return self._kept["previous"]["access_key_id"] if self._kept["previous"] else None

    def _list(self) -> None:
        """Ask for the user's keys, again while one that was just made is not among them."""
        for attempt in range(_PATIENCE + 1):
            self.keys = self._listed()
            stored, pending = self._kept["access_key_id"], self._kept["pending"]
            missing = (stored and stored not in self.keys) or (pending and not self._orphans())
            if not missing or self.file.age > _YOUNG or self.client.check_mode or attempt == _PATIENCE:
                return
            time.sleep(1)

    def _listed(self) -> dict[str, Json]:
        try:
            answer = self.client.iam("list_access_keys", UserName=self.user)
        except RefusedError as error:
            absent = self.params["state"] == "absent"
            if error.code != "NoSuchEntity" or not (absent or self.client.check_mode):
                raise
            if not absent:
                self.warnings.append(f"there is no user '{self.user}' yet")
            return {}
        rows = answer["AccessKeyMetadata"]
        return {row["AccessKeyId"]: {"status": row["Status"], "created": row.get("CreateDate")} for row in rows}

    def _orphans(self) -> list[str]:
        """Return the keys that a killed run made and could not keep."""
        pending = self._kept["pending"]
        if not pending:
            return []
        known = {*pending["known"], self._kept["access_key_id"], self._previous}
        return sorted(name for name in self.keys if name not in known)

    # What is wanted

    def _provide(self) -> None:
        orphans = self._orphans()
        rest = [name for name in self.keys if name not in orphans]
        stored = self._kept["access_key_id"] if self._kept["access_key_id"] in rest else None
        previous = self._kept["previous"] if self._previous in rest else None
        rotates = self.params["rotate"] and not previous
        if stored is None and not self._kept["access_key_id"] and rest:
            self._check_unknown(rest, rotates)
            previous = {"access_key_id": rest[0], "disabled_at": None}
        elif stored and rotates:
            previous = {"access_key_id": stored, "disabled_at": None}
        makes = stored is None or rotates
        if makes and len(rest) >= _MOST_KEYS:
            raise invalid("user", f"{self._owned(rest)}, and AWS allows two; {self._delete_one(rest)}")
        if stored and not makes and self.keys[stored]["status"] != ACTIVE:
            self._refuse_inactive(stored)
        retires = self._previous if self.params["retire"] and previous and not makes else None
        self._check_own([*orphans, *([retires] if retires else [])])
        self._delete(orphans)
        if makes:
            self._make(rest, previous)
        elif self._kept["pending"] or self._kept["previous"] != previous or self.file.open_to_others:
            self.file.save(pending=None, previous=previous)
        if retires:
            self._retire(retires)

    def _check_unknown(self, rest: list[str], rotates: bool) -> None:
        if rotates and len(rest) < _MOST_KEYS:
            return
        if len(rest) >= _MOST_KEYS:
            text = f"{self._owned(rest)}, {self.file.path} keeps none of them, and AWS allows two"
            raise invalid("user", f"{text}; {self._delete_one(rest)}")
        mends = [
            "give that key with its secret in the settings if you have it",
            "set rotate to make a new key and retire this one",
            f"or delete it if nobody uses it: {_command('delete', self.user, rest[0])}",
        ]
        raise invalid("user", f"{self._owned(rest)} and {self.file.path} does not keep it; {', '.join(mends)}")

    def _refuse_inactive(self, stored: str) -> None:
        on = f"{_command('update', self.user, stored)} --status {ACTIVE}"
        text = f"key '{stored}' of user '{self.user}' in {self.file.path} is {INACTIVE}; enable it again ({on})"
        raise invalid("user", f"{text}, or delete it, and the next run makes a new one")

    def _owned(self, names: list[str]) -> str:
        rows = [f"'{name}' ({self.keys[name]['status']}, {_age(self.keys[name]['created'])})" for name in names]
        return f"'{self.user}' has {len(rows)} access key{'s' if len(rows) > 1 else ''}: {', '.join(rows)}"

    def _delete_one(self, names: list[str]) -> str:
        """Say which key to delete: one that is off, else the one that nobody uses."""
        kept = (self._kept["access_key_id"],)
        off = [name for name in names if self.keys[name]["status"] != ACTIVE and name not in kept]
        which = (
            f"delete '{off[0]}', which is off"
            if off
            else "delete the one that nobody uses (AWS tells when it was last used)"
        )
        return f"{which}: {_command('delete', self.user, off[0] if off else 'ID')}"

    def _check_own(self, names: list[str]) -> None:
        if self.client.access_key in names:
            text = f"'{self.client.access_key}' would be retired or deleted, and this task uses it itself"
            raise invalid("access_key", f"{text}; use the key of somebody else")

    # Writes

    def _make(self, known: list[str], previous: Json | None) -> None:
        """Make a key: whoever is killed meanwhile leaves a journal that tells which key nobody knows."""
        was_there, old = self.file.there, {**self._kept, "pending": None}
        self.file.save(pending={"known": sorted(known)})
        made = _PLANNED if self.client.check_mode else self._created(was_there, old)
        name: str = made["AccessKeyId"]
        self.keys[name] = {"status": ACTIVE, "created": made.get("CreateDate")}
        try:
            self.file.save(
                access_key_id=name,
                secret_access_key=made["SecretAccessKey"],
                created=_written(made.get("CreateDate")),
                previous=previous,
                pending=None,
            )
        except InvalidError as error:
            raise self._not_kept(name, error) from None

    def _created(self, was_there: bool, old: Json) -> Json:
        try:
            made: Json = self.client.iam("create_access_key", UserName=self.user)["AccessKey"]
            if made["AccessKeyId"] and made["SecretAccessKey"]:
                return made
        except (RefusedError, UnauthorizedError) as error:
            if isinstance(error, UnauthorizedError) or error.code in _NOTHING_MADE:
                with contextlib.suppress(InvalidError):
                    self._put_back(was_there, old)
            raise
        except KeyError:
            pass
        raise PrefectError(f"{self.client.url('iam')} made a key and did not tell it; run again, and it is deleted")

    def _put_back(self, was_there: bool, old: Json) -> None:
        if was_there:
            self.file.save(**old)
        else:
            self.file.remove()

    def _not_kept(self, name: str, error: InvalidError) -> PrefectError:
        try:
            self.client.iam("delete_access_key", UserName=self.user, AccessKeyId=name)
        except PrefectError:
            return PrefectError(f"{error}; key '{name}' could not be deleted again: the next run does that")
        return PrefectError(f"{error}; the new key '{name}' was deleted again")

    def _delete(self, names: list[str]) -> None:
        for name in names:
            if not self.client.check_mode:
                try:
                    self.client.iam("delete_access_key", UserName=self.user, AccessKeyId=name)
                except RefusedError as error:
                    # Somebody else was faster.
                    if error.code != "NoSuchEntity":
                        raise
            del self.keys[name]

    def _retire(self, name: str) -> None:
        previous = self._kept["previous"]
        disabled_at = _parsed(previous.get("disabled_at"))
        if self.keys[name]["status"] == ACTIVE:
            if not self.client.check_mode:
                self.client.iam("update_access_key", UserName=self.user, AccessKeyId=name, Status=INACTIVE)
            self.keys[name]["status"] = INACTIVE
            disabled_at = None
        if disabled_at is None:
            self.file.save(previous={"access_key_id": name, "disabled_at": time.strftime(_TIME, time.gmtime())})
        elif time.time() - disabled_at >= self.params["grace"]:
            self._delete([name])
            self.file.save(previous=None)

    def _remove(self) -> None:
        if not self.file.there:
            return
        ours = [self._kept["access_key_id"], self._previous, *self._orphans()]
        names = [name for name in ours if name in self.keys]
        self._check_own(names)
        self._delete(names)
        self.file.remove()

    # What is told

    def _shown(self) -> Json:
        """Return ids and states, and no secret."""
        if not self.file.there:
            return {"access_keys": self._states()} if self.keys else {}
        mode = "open to others" if self.file.open_to_others else "0600"
        shown = {name: self._kept[name] for name in ("access_key_id", "previous", "pending")}
        return {"access_keys": self._states(), "path": self.file.path, "mode": mode, **shown}

    def _states(self) -> Json:
        return {name: row["status"] for name, row in sorted(self.keys.items())}

    def _returned(self) -> Json:
        if not self.file.there:
            return {"access_key_id": None, "secret_access_key": None, "previous": None}
        name = self._kept["access_key_id"]
        previous = self._previous
        return {
            "access_key_id": None if name == NEW else name,
            "secret_access_key": self._kept["secret_access_key"],
            "previous": {"access_key_id": previous, "status": self.keys[previous]["status"]} if previous else None,
        }


def _command(verb: str, user: str, name: str) -> str:
    return f"aws iam {verb}-access-key --user-name {user} --access-key-id {name}"


def _written(moment: Any) -> str | None:
    return moment.strftime(_TIME) if moment else None


def _parsed(text: Any) -> float | None:
    try:
        return float(calendar.timegm(time.strptime(text, _TIME)))
    except (TypeError, ValueError):
        return None


def _age(moment: Any) -> str:
    if not moment:
        return "of unknown age"
    days = max(0, int((time.time() - moment.timestamp()) // _DAY))
    return f"{days} day{'' if days == 1 else 's'} old"
