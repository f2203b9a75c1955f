# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries what a user of a bucket may do, and what not."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any, ClassVar, Iterator, NamedTuple

from ..difference import Json
from ..errors import InvalidError, PrefectError, Problem
from ..resource import Options
from .bucket_policy import ACCESS, LISTERS, ON_OBJECTS, bucket_policy, plain_prefix
from .client import RefusedError, UnknownUserError

ALLOWED, DENIED, ABSENT = "allowed", "denied", "absent"
# What is said of an object that is not there to those who may ask for it.
_MISSING = ("NotFound", "NoSuchKey", "NoSuchUpload")
_PAUSE = 1.0

# The right that each call needs.
_ACTIONS = {
    "get_bucket_location": "s3:GetBucketLocation",
    "list_objects_v2": "s3:ListBucket",
    "put_object": "s3:PutObject",
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "create_multipart_upload": "s3:PutObject",
    "list_parts": "s3:ListMultipartUploadParts",
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "delete_object": "s3:DeleteObject",
}
_UPLOAD = "create_multipart_upload"
_OF_UPLOADS = ("list_parts", "abort_multipart_upload")
# In the order in which an object is made and removed.
_ON_OBJECTS = ("put_object", "head_object", "get_object", _UPLOAD, *_OF_UPLOADS, "delete_object")


class Call(NamedTuple):
    """One call to try, and what is to come of it."""

    method: str
    path: str  # the option that asks for it
    bucket: str
    key: str | None
    prefix: str | None
    expected: str

    @property
    def action(self) -> str:
        return _ACTIONS[self.method]

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}" + (f"/{self.key}" if self.key else "")


class Probe:
    """Everything is tried with an object that no flow uses, and removed again."""

    options: ClassVar[Options] = {
        "bucket": {"type": "str", "required": True},
        "prefix": {"type": "str"},
        "access": {"type": "str", "choices": list(ACCESS), "default": "readwrite"},
        "others": {"type": "list", "elements": "str", "default": []},
        "exact": {"type": "bool", "default": True},
        "retry": {"type": "int", "default": 15},
    }

    def __init__(self, client: Any, params: Json) -> None:
        self.client = client
        self.bucket: str = params["bucket"]
        self.prefix = plain_prefix(params["prefix"])
        self.access: str = params["access"]
        self.others: list[str] = params["others"]
        self.exact: bool = params["exact"]
        self.retry: int = params["retry"]
        self.name = f"flowops-probe-{uuid.uuid4()}"
        self._objects: dict[str, Json] = {}
        self._uploads: dict[str, Json] = {}

    @staticmethod
    def check(params: Json) -> list[Problem]:
        problems = [] if params["bucket"] else [Problem("bucket", "is empty")]
        if params["retry"] < 0:
            problems.append(Problem("retry", f"expected 0 seconds or more, found {params['retry']}"))
        own = [at for at, name in enumerate(params["others"]) if name == params["bucket"]]
        return problems + [Problem(f"others[{at}]", f"'{params['bucket']}' is the bucket itself") for at in own]

    def run(self) -> Json:
        until = time.monotonic() + self.retry
        try:
            tried = list(self._tried(until))
        finally:
            left = self._clear()
        rows = [
            {"call": call.action, "resource": call.arn, "expected": call.expected, "found": found}
            for call, found, _why in tried
        ]
        wrong = [
            Problem(call.path, self._wrong(call, found, why)) for call, found, why in tried if found != call.expected
        ]
        wrong += [Problem("bucket", f"{arn} was left behind, since it may not be deleted; remove it") for arn in left]
        if wrong:
            error = InvalidError(*dict.fromkeys(wrong))
            error.result["rows"] = rows
            raise error
        return {"changed": False, "rows": rows}

    # What is tried

    def _calls(self) -> list[Call]:
        key = "/".join(filter(None, [self.prefix, self.name]))
        listed = f"{self.prefix}/" if self.prefix else None
        may_list = ALLOWED if self.access in LISTERS else DENIED
        calls = [
            Call("get_bucket_location", "bucket", self.bucket, None, None, ALLOWED),
            Call("list_objects_v2", "bucket", self.bucket, None, listed, may_list),
            *self._inside(key),
        ]
        if self.prefix:
            # It begins like the prefix, and is not in that folder.
            beside = f"{self.prefix}-{self.name}"
            calls.append(Call("list_objects_v2", "prefix", self.bucket, None, beside, DENIED))
            calls += self._outside("prefix", self.bucket, beside)
        for at, other in enumerate(self.others):
            calls += self._outside(f"others[{at}]", other, self.name)
        return [call for call in calls if self.exact or call.expected == ALLOWED]

    def _inside(self, key: str) -> list[Call]:
        granted = ON_OBJECTS[self.access]
        methods = list(_ON_OBJECTS)
        if "s3:PutObject" in granted and "s3:DeleteObject" not in granted:
            # The object would stay; an upload needs the same right.
            methods.remove("put_object")
        if "s3:PutObject" not in granted:
            methods = [method for method in methods if method not in _OF_UPLOADS]
        return [
            Call(method, "bucket", self.bucket, key, None, ALLOWED if _ACTIONS[method] in granted else DENIED)
            for method in methods
        ]

    def _outside(self, path: str, bucket: str, key: str) -> list[Call]:
        calls = [Call("list_objects_v2", path, bucket, None, None, DENIED)]
        methods = ("put_object", "get_object", "delete_object")
        return calls + [Call(method, path, bucket, key, None, DENIED) for method in methods]

    def _tried(self, until: float) -> Iterator[tuple[Call, str, str]]:
        """Yield what comes of each call; of a bucket that is not there the first is enough."""
        absent = set()
        for call in self._calls():
            if call.bucket not in absent:
                found, why = self._settled(call, until)
                if found == ABSENT:
                    absent.add(call.bucket)
                yield call, found, why

    def _settled(self, call: Call, until: float) -> tuple[str, str]:
        """Return what comes of a call; what was just granted is not known everywhere at once."""
        while True:
            try:
                found, why = self._try(call)
                if found == call.expected or time.monotonic() >= until:
                    return found, why
            except UnknownUserError:
                if time.monotonic() >= until:
                    raise
            time.sleep(_PAUSE)

    def _try(self, call: Call) -> tuple[str, str]:
        try:
            self._send(call)
        except RefusedError as error:
            if error.code == "NoSuchBucket":
                return ABSENT, ""
            if error.code == "AccessDenied":
                return DENIED, str(error)
            if error.code not in _MISSING:
                raise
        return ALLOWED, ""

    def _send(self, call: Call) -> None:
        found = {"Bucket": call.bucket, "Key": call.key, "Prefix": call.prefix}
        arguments: Json = {name: value for name, value in found.items() if value}
        upload = {"UploadId": self.name, **self._uploads.get(call.arn, arguments)}
        answer = self.client.s3(call.method, **(upload if call.method in _OF_UPLOADS else arguments))
        if call.method == "get_object":
            answer["Body"].close()
        self._note(call, {**arguments, **({"UploadId": answer["UploadId"]} if call.method == _UPLOAD else {})})

    def _note(self, call: Call, made: Json) -> None:
        """Keep in mind what is to be removed, and remove at once what must not have been possible."""
        removals = {"put_object": (self._objects, "delete_object"), _UPLOAD: (self._uploads, "abort_multipart_upload")}
        for maker, (kept, remover) in removals.items():
            if call.method == maker:
                kept[call.arn] = made
                if call.expected == DENIED:
                    self._take_back(kept, remover, call.arn)
            elif call.method == remover:
                kept.pop(call.arn, None)

    def _take_back(self, made: dict[str, Json], method: str, arn: str) -> bool:
        try:
            self.client.s3(method, **made[arn])
        except PrefectError:
            return False
        del made[arn]
        return True

    def _clear(self) -> list[str]:
        """Remove what is still there, and return what cannot be."""
        todo = [(self._objects, "delete_object", arn) for arn in list(self._objects)]
        todo += [(self._uploads, "abort_multipart_upload", arn) for arn in list(self._uploads)]
        return [arn for made, method, arn in todo if not self._take_back(made, method, arn)]

    # What is told

    def _wrong(self, call: Call, found: str, why: str) -> str:
        if found == ABSENT:
            return f"there is no bucket '{call.bucket}', so nothing is proven of it"
        tried = f"{call.action} by '{self.client.access_key}' on {call.arn}"
        if call.prefix:
            tried += f" (prefix {call.prefix})"
        if found == ALLOWED:
            return f"{tried} is allowed and must not be; a statement of a policy of its user is too wide"
        if "explicit deny" in why or "kms:" in why:
            return f"{tried} is denied and must be allowed; {why.partition(': ')[2]}"
        return f"{tried} is denied and must be allowed; the policy of its user lacks {self._statement(call.action)}"

    def _statement(self, action: str) -> str:
        statements = bucket_policy(self.bucket, self.prefix, self.access)["Statement"]
        return json.dumps(next(row for row in statements if action in row["Action"]), separators=(",", ":"))
