# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of buckets and users, and all that would keep them from being provided."""

from __future__ import annotations

import contextlib
import re
from functools import partial
from typing import Any, Callable, ClassVar

from ..difference import Json
from ..errors import InvalidError, PrefectError, Problem, WrongAddressError, invalid
from ..resource import Options
from .bucket_name import broken_rule
from .client import RefusedError, UnsupportedError

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NAMED = re.compile(r"([a-z_]+(?:\[\d+\])?): (.*)", re.S)
_FIRST_REGION = "us-east-1"
# A name of it that is older than regions.
_EUROPE = {"EU": "eu-west-1"}


class Inventory:
    """Asks for everything, and says all that is wrong at once."""

    options: ClassVar[Options] = {
        "buckets": {"type": "list", "elements": "str", "default": []},
        "users": {"type": "list", "elements": "str", "default": []},
        "need_iam": {"type": "bool", "default": False},
    }

    def __init__(self, client: Any, params: Json) -> None:
        self.client = client
        self.params = params
        self.problems: list[Problem] = []

    @staticmethod
    def check(params: Json) -> list[Problem]:
        named = [(f"buckets[{at}]", name, broken_rule(name)) for at, name in enumerate(params["buckets"])]
        problems = [Problem(path, f"{rule}; found '{name}'") for path, name, rule in named if rule]
        return problems + [Problem(f"users[{at}]", "is empty") for at, name in enumerate(params["users"]) if not name]

    def run(self) -> Json:
        owned = self._try("endpoint", self._owned)
        iam = bool(self.params["need_iam"] or self.params["users"])
        # Wrong keys or a wrong address are said once.
        reached = not self.problems
        buckets: Json = {}
        for at, name in enumerate(self.params["buckets"] if reached else []):
            buckets[name] = self._try(f"buckets[{at}]", partial(self._bucket, name, f"buckets[{at}]", owned))
        has_iam = iam and (reached or self.client.urls["iam"] != self.client.urls["s3"])
        users: Json = {}
        if has_iam and self._try("iam_endpoint", self._has_iam):
            for at, name in enumerate(self.params["users"]):
                users[name] = self._try(f"users[{at}]", partial(self._user, name))
        if self.problems:
            raise InvalidError(*dict.fromkeys(self.problems))
        return {"changed": False, "identity": self._identity(), "buckets": buckets, "users": users}

    def _try(self, path: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except InvalidError as error:
            self.problems += error.problems
        except PrefectError as error:
            named = _NAMED.fullmatch(str(error))
            self.problems.append(Problem(*named.groups()) if named else Problem(path, str(error)))
        return None

    def _identity(self) -> Json | None:
        """Return who we are, where the server can tell."""
        with contextlib.suppress(PrefectError):
            found = self.client.sts("get_caller_identity")
            names = {"account": "Account", "arn": "Arn", "user_id": "UserId"}
            return {name: found.get(key) for name, key in names.items()}
        return None

    # Buckets

    def _owned(self) -> list[str] | None:
        """Return our buckets, None where they may not be listed: the keys are right all the same."""
        try:
            found = self.client.s3("list_buckets")
        except RefusedError as error:
            if error.code == "AccessDenied":
                return None
            raise
        if "Buckets" not in found and "Owner" not in found:
            raise WrongAddressError(
                f"endpoint: {self.client.url()} is no object store: its answer is no list of buckets"
            )
        return [row["Name"] for row in found.get("Buckets") or []]

    def _bucket(self, name: str, path: str, owned: list[str] | None) -> Json:
        try:
            head = self.client.s3("head_bucket", Bucket=name)
        except RefusedError as error:
            if error.code == "NotFound":
                return {"exists": False, "region": None, "versioning": None}
            if error.code != "AccessDenied":
                raise
            if name not in (owned or []):
                key = self.client.access_key
                text = f"'{name}' exists and belongs to somebody else, or '{key}' may not see it (needs s3:ListBucket)"
                raise invalid(path, text) from None
            head = {}
        except WrongAddressError as error:
            raise invalid(path, str(error).partition(": ")[2]) from None
        region = self._region(name, head)
        if region and region != self.client.region:
            text = f"'{name}' is in region '{region}', found '{self.client.region}'; set region to '{region}'"
            raise invalid(path, text)
        return {"exists": True, "region": region, "versioning": self._versioning(name)}

    def _region(self, name: str, head: Json) -> str | None:
        """Return where a bucket is, None where the server does not tell."""
        headers = (head.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
        if headers.get("x-amz-bucket-region"):
            return str(headers["x-amz-bucket-region"])
        with contextlib.suppress(RefusedError):
            found = self.client.s3("get_bucket_location", Bucket=name).get("LocationConstraint")
            # AWS leaves the oldest region out; others leave out whichever they have.
            silent = None if self.client.urls["s3"] else _FIRST_REGION
            return str(_EUROPE.get(found, found)) if found else silent
        return None

    def _versioning(self, name: str) -> bool | None:
        with contextlib.suppress(RefusedError):
            return bool(self.client.s3("get_bucket_versioning", Bucket=name).get("Status") == "Enabled")
        return None

    # Users

    def _has_iam(self) -> bool:
        try:
            self.client.iam("list_users", MaxItems=1)
        except UnsupportedError:
            raise
        except RefusedError as error:
            # Whoever refuses has one.
            if error.code != "AccessDenied":
                raise
        return True

    def _user(self, name: str) -> Json:
        try:
            self.client.iam("get_user", UserName=name)
        except UnsupportedError:
            raise
        except RefusedError as error:
            if error.code == "NoSuchEntity":
                return {"exists": False, "access_keys": [], "groups": []}
            raise
        rows = self.client.iam("list_access_keys", UserName=name)["AccessKeyMetadata"]
        return {"exists": True, "access_keys": [_key(row) for row in rows], "groups": self._groups(name)}

    def _groups(self, name: str) -> list[str] | None:
        """Return the groups of a user, None where there are none to have or they may not be listed."""
        with contextlib.suppress(RefusedError):
            rows = self.client.iam("list_groups_for_user", UserName=name)["Groups"]
            return sorted(row["GroupName"] for row in rows)
        return None


def _key(row: Json) -> Json:
    created = row.get("CreateDate")
    return {
        "access_key_id": row["AccessKeyId"],
        "status": row["Status"],
        "created": created.strftime(_TIME) if created else None,
    }
