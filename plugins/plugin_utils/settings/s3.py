# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets of AWS S3, or of a server that speaks its IAM."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ...module_utils.object_store.bucket_name import broken_rule
from . import addresses
from .context import SERVER_GROUP, WORKER_GROUP
from .problems import Path, Problems, found
from .stack import Stack

PATH: Path = ("prefect", "storage", "s3")
_KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]*:key/\S+")
_REGION = re.compile(r"[a-z0-9-]+")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_IAM_NAME = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
_LARGEST_POLICY = 20 * 1024


def resolve_s3(stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_s3."""
    section = stack.document["storage"]["s3"]
    if not section["enabled"]:
        return {**section, "install": False}
    _check_connection(section, problems)
    own = {user["name"]: user for user in section["users"]}
    for index, user in enumerate(section["users"]):
        _check_user(user, (*PATH, "users", index), section, problems)
        if own[user["name"]] is not user:
            problems.add((*PATH, "users", index, "name"), f"{found(user['name'])} is another user's name too")
    names: set[str] = set()
    for index, bucket in enumerate(section["buckets"]):
        here = (*PATH, "buckets", index)
        _check_bucket(bucket, here, section, problems)
        if bucket["user"] and not section["iam"] and not own.get(bucket["user"], {}).get("access_key"):
            problems.add((*here, "user"), "has no keys; without iam, give access_key and secret_key in users")
        if bucket["name"] in names:
            problems.add((*here, "name"), f"{found(bucket['name'])} is another bucket's name too")
        names.add(bucket["name"])
    home = stack.context.hosts(SERVER_GROUP if stack.deployed else WORKER_GROUP)[:1]
    return {**section, "install": home == [stack.context.inventory_hostname]}


def check_results(document: Mapping[str, Any], problems: Problems) -> None:
    """Note results that would be kept at two places, or where no flow finds them."""
    found_at: str | None = None
    for kind in ("minio", "s3"):
        section = document["storage"][kind]
        for index, bucket in enumerate(section["buckets"] if section["enabled"] else ()):
            path = ("prefect", "storage", kind, "buckets", index, "results")
            if not bucket["results"]:
                continue
            if not bucket["block"]:
                problems.add(path, "results are kept by means of a block; set block of this bucket")
            if found_at:
                problems.add(path, f"the results are kept in {found_at} already; one bucket at most")
            found_at = f"bucket {bucket['name']}"


def _check_connection(section: Mapping[str, Any], problems: Problems) -> None:
    for key in ("endpoint", "iam_endpoint"):
        parsed = addresses.parsed(section[key]) if section[key] is not None else None
        if isinstance(parsed, str):
            problems.add((*PATH, key), parsed)
        elif parsed is not None and parsed.path:
            problems.add((*PATH, key), f"expected an address without a path, found {found(section[key])}")
    if not _REGION.fullmatch(section["region"]):
        problems.add((*PATH, "region"), f"expected a region such as eu-central-1, found {found(section['region'])}")
    _check_pair(section, PATH, problems)
    if section["session_token"] is not None and section["access_key"] is None:
        problems.add((*PATH, "session_token"), "belongs to temporary keys; set access_key and secret_key too")


def _check_pair(holder: Mapping[str, Any], path: Path, problems: Problems) -> None:
    for key, other in (("access_key", "secret_key"), ("secret_key", "access_key")):
        if holder[key] is None and holder[other] is not None:
            problems.add((*path, key), f"missing; {other} is set")


def _check_user(user: Mapping[str, Any], path: Path, section: Mapping[str, Any], problems: Problems) -> None:
    _check_iam_name(user["name"], (*path, "name"), problems)
    _check_pair(user, path, problems)
    if not section["iam"] and user["access_key"] is None:
        problems.add((*path, "access_key"), "missing; without iam no key can be made")


def _check_iam_name(name: str | None, path: Path, problems: Problems) -> None:
    if name is not None and not _IAM_NAME.fullmatch(name):
        problems.add(path, f"expected 1 to 64 letters, digits and +=,.@_- as IAM takes them, found {found(name)}")


def _check_bucket(bucket: Mapping[str, Any], path: Path, section: Mapping[str, Any], problems: Problems) -> None:
    # A name that is missing is told of already.
    if bucket["name"] is not None and (broken := broken_rule(bucket["name"])):
        problems.add((*path, "name"), f"{broken}; found {found(bucket['name'])}")
    for key in ("user", "group"):
        _check_iam_name(bucket[key], (*path, key), problems)
    if bucket["group"] and not section["iam"]:
        problems.add((*path, "group"), "is a matter of IAM, and prefect.storage.s3.iam is false")
    if bucket["group"] and not bucket["user"]:
        problems.add((*path, "user"), "missing; the group of this bucket has its user as a member")
    if bucket["expire_days"] is not None and bucket["expire_days"] < 1:
        problems.add((*path, "expire_days"), f"expected 1 or more, found {found(bucket['expire_days'])}")
    if bucket["kms_key"] and not _KMS_KEY.fullmatch(bucket["kms_key"]):
        problems.add((*path, "kms_key"), f"expected the ARN of a key, found {found(bucket['kms_key'])}")
    if bucket["kms_key"] and bucket["encryption"] != "aws:kms":
        problems.add((*path, "encryption"), "expected aws:kms, since kms_key is set")
    size = len(json.dumps(bucket["policy"], default=str)) if bucket["policy"] else 0
    if size > _LARGEST_POLICY:
        problems.add((*path, "policy"), f"has {size} bytes as JSON; S3 takes {_LARGEST_POLICY}")
