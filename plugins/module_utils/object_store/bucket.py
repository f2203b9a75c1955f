# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.module_utils.common.text.formatters import human_to_bytes

from ..difference import Json
from ..errors import Problem, invalid
from ..resource import Field, Options
from .bucket_name import broken_rule
from .client import RefusedError, UnsupportedError
from .module import MinioResource

try:
    from minio.commonconfig import Tags
    from minio.deleteobjects import DeleteObject
    from minio.versioningconfig import VersioningConfig
except ImportError:
    # The module says so.
    pass

_MOST_TAGS = 50
_ROUNDS = 10


class MinioBucket(MinioResource):
    kind = "minio_bucket"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "versioning": {"type": "bool"},
        "object_lock": {"type": "bool"},
        "quota": {"type": "str"},
        "tags": {"type": "dict"},
        "force": {"type": "bool", "default": False},
    }
    fields: tuple[Field, ...] = (
        Field("name"),
        Field("versioning", False),
        Field(
            "object_lock", False, create_only="locks are chosen when a bucket is created; move the objects to a new one"
        ),
        Field("quota", 0),
        Field("tags", {}),
    )

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # What nobody asks for is not read: not every server has it.
        self.fields = tuple(field for field in type(self).fields if field.name in self.given)

    def check(self) -> list[Problem]:
        broken = broken_rule(self.given["name"])
        problems = [Problem("name", f"{broken}; found '{self.given['name']}'")] if broken else []
        quota = self.given.get("quota")
        if quota is not None:
            try:
                self.given["quota"] = human_to_bytes(str(quota).replace("iB", "B"))
            except ValueError:
                problems.append(Problem("quota", f"expected bytes such as 10GiB, found '{quota}'"))
        tags = self.given.get("tags") or {}
        if tags:
            self.given["tags"] = {str(key): str(value) for key, value in tags.items()}
        if len(tags) > _MOST_TAGS:
            problems.append(Problem("tags", f"has {len(tags)} tags; a bucket takes {_MOST_TAGS}"))
        if self.given.get("object_lock") and self.given.get("versioning") is False:
            problems.append(Problem("versioning", "cannot be off with object_lock, which keeps versions"))
        return problems

    def find(self) -> Json | None:
        name = self.given["name"]
        if self.given.get("quota"):
            self.client.prove()
        try:
            owned = [bucket.name for bucket in self.client.s3("list_buckets")]
        except RefusedError as error:
            if error.code != "AccessDenied":
                raise
            owned = []
        if name not in owned and not self._exists(name):
            return None
        return {"id": name, "name": name}

    def _exists(self, name: str) -> bool:
        try:
            return bool(self.client.s3("bucket_exists", bucket_name=name))
        except RefusedError as error:
            if error.code != "AccessDenied":
                raise
            user = self.client.access_key
            text = f"'{name}' exists and belongs to somebody else, or '{user}' may not see it (needs s3:ListBucket)"
            raise invalid("name", text) from None

    def managed(self, live: Json) -> Json:
        readers = {"versioning": self._versioning, "object_lock": self._lock, "quota": self._quota, "tags": self._tags}
        read = [field.name for field in self.fields if field.name in readers and not self.absent]
        return {"name": live["name"], **{name: readers[name]() for name in read}}

    def check_removal(self) -> None:
        name = self.given["name"]
        if not self.given["force"] and self.client.first("list_objects", bucket_name=name, recursive=True):
            raise invalid("force", f"bucket '{name}' is not empty; with force its objects are removed, too")

    # What a bucket has

    def _versioning(self) -> bool:
        return bool(
            self._feature("versioning", "get_bucket_versioning", False, lambda found: found.status == "Enabled")
        )

    def _lock(self) -> bool:
        try:
            return bool(self._feature("object_lock", "get_object_lock_config", False, lambda found: found is not None))
        except RefusedError as error:
            if error.code == "ObjectLockConfigurationNotFoundError":
                return False
            raise

    def _tags(self) -> Json:
        return dict(self._feature("tags", "get_bucket_tags", {}, lambda found: dict(found or {})))

    def _quota(self) -> int:
        try:
            return int((self.client.admin("bucket_quota_get", bucket=self.given["name"]) or {}).get("quota") or 0)
        except UnsupportedError:
            self._without("quota")
            return 0

    def _feature(self, option: str, method: str, nothing: Any, read: Any) -> Any:
        try:
            return read(self.client.s3(method, bucket_name=self.given["name"]))
        except UnsupportedError:
            self._without(option)
            return nothing

    def _without(self, option: str) -> None:
        """A server that has no such thing agrees with those who want none."""
        if self.given.get(option):
            raise invalid(option, f"{self.client.address.url} does not offer this") from None

    # Writes

    def create(self, after: Json) -> None:
        name = after["name"]
        self.client.s3(
            "make_bucket", bucket_name=name, location=self.client.region, object_lock=bool(after.get("object_lock"))
        )
        if after.get("object_lock"):
            self._check_lock(name)
        self.update({key: value for key, value in after.items() if key in ("versioning", "quota", "tags") and value})

    def _check_lock(self, name: str) -> None:
        """A server without locks makes the bucket all the same."""
        try:
            locked = self._lock()
        except Exception:
            self.client.s3("remove_bucket", bucket_name=name)
            raise
        if not locked:
            self.client.s3("remove_bucket", bucket_name=name)
            raise invalid("object_lock", f"{self.client.address.url} does not offer this")

    def update(self, changes: Json) -> None:
        name = self.given["name"]
        if "versioning" in changes:
            config = VersioningConfig("Enabled" if changes["versioning"] else "Suspended")
            self._set("versioning", "set_bucket_versioning", config=config)
        if changes.get("tags"):
            tags = Tags.new_bucket_tags()
            tags.update(changes["tags"])
            self._set("tags", "set_bucket_tags", tags=tags)
        elif "tags" in changes:
            self.client.s3("delete_bucket_tags", bucket_name=name)
        if "quota" in changes:
            try:
                self.client.admin("bucket_quota_set", bucket=name, size=changes["quota"])
            except UnsupportedError:
                self._without("quota")

    def _set(self, option: str, method: str, **arguments: Any) -> None:
        try:
            self.client.s3(method, bucket_name=self.given["name"], **arguments)
        except UnsupportedError:
            self._without(option)

    def delete(self) -> None:
        name = self.given["name"]
        if self.given["force"]:
            self._empty(name)
        try:
            self.client.s3("remove_bucket", bucket_name=name)
        except RefusedError as error:
            if error.code == "BucketNotEmpty":
                raise invalid(
                    "force", f"bucket '{name}' is not empty: it keeps old versions; force removes them"
                ) from None
            raise

    def _empty(self, name: str) -> None:
        listing = {"bucket_name": name, "recursive": True, "include_version": True}
        # A server that keeps objects as files lists a folder as soon as there is nothing in it.
        for _round in range(_ROUNDS):
            rows = self.client.s3("list_objects", **listing)
            if not rows:
                return
            todo = [DeleteObject(row.object_name, _real_version(row.version_id)) for row in rows if not _is_folder(row)]
            left = self.client.s3("remove_objects", bucket_name=name, delete_object_list=todo) if todo else []
            if left:
                raise invalid("force", f"'{left[0].name}' in bucket '{name}' cannot be removed: {left[0].message}")
            for row in filter(_is_folder, rows):
                version = _real_version(row.version_id)
                self.client.s3("remove_object", bucket_name=name, object_name=row.object_name, version_id=version)


def _is_folder(row: Any) -> bool:
    # Such a server does not take it in a list of objects to remove.
    return str(row.object_name).endswith("/")


def _real_version(version: str | None) -> str | None:
    return None if version == "null" else version
