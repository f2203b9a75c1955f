# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets of S3 and their users: what modules of amazon.aws are to provide, and what flows get of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...module_utils.object_store.bucket_policy import bucket_policy, plain_prefix
from ..settings.stack import bucket_policy_name
from .bucket_blocks import Access, bucket_blocks, bucket_probes

Item = dict[str, Any]
Settings = Mapping[str, Any]

_REFUSED = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation[^:]*: (.*)", re.DOTALL)
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_PUBLIC_ACCESS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")


def s3_buckets(s3: Settings) -> list[Item]:
    """Return each bucket as options of amazon.aws.s3_bucket; what nobody asks for is left out."""
    return [{"name": bucket["name"], **_bucket_options(bucket, s3)} for bucket in s3["buckets"]]


def _bucket_options(bucket: Mapping[str, Any], s3: Settings) -> Item:
    blocked = bucket["public_access_blocked"]
    if blocked is None:
        blocked = s3["endpoint"] is None or None
    options = {
        "versioning": bucket["versioning"],
        "encryption": None if bucket["encryption"] == "keep" else bucket["encryption"],
        "encryption_key_id": bucket["kms_key"],
        "public_access": None if blocked is None else dict.fromkeys(_PUBLIC_ACCESS, blocked),
        "policy": bucket["policy"],
        "tags": bucket["tags"] or None,
    }
    return {name: value for name, value in options.items() if value is not None}


def s3_expirations(s3: Settings) -> list[Item]:
    """Return the buckets with objects that expire, as options of community.aws.s3_lifecycle."""
    return [
        {
            "name": bucket["name"],
            "prefix": f"{plain_prefix(bucket['prefix'])}/".lstrip("/"),
            "days": bucket["expire_days"],
        }
        for bucket in s3["buckets"]
        if bucket["expire_days"] is not None
    ]


def s3_policies(s3: Settings) -> list[Item]:
    """Return the policy of each bucket that has a user."""
    return [
        {"name": bucket_policy_name(bucket), "policy": _policy(bucket)}
        for bucket in s3["buckets"]
        if bucket["user"] and s3["iam"]
    ]


def _policy(bucket: Mapping[str, Any]) -> Item:
    policy = dict(bucket_policy(bucket["name"], bucket["prefix"], bucket["access"]))
    if bucket["kms_key"]:
        # Without these, objects of the bucket can be neither written nor read.
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
        statement = {"Effect": "Allow", "Action": actions, "Resource": [bucket["kms_key"]]}
        policy["Statement"] = [*policy["Statement"], statement]
    return policy


def s3_users(s3: Settings) -> list[Item]:
    """Return all users with the policies that are attached to themselves."""
    if not s3["iam"]:
        return []
    policies: dict[str, list[str]] = {user["name"]: [] for user in s3["users"]}
    for bucket in s3["buckets"]:
        if bucket["user"]:
            policies.setdefault(bucket["user"], []).extend([] if bucket["group"] else [bucket_policy_name(bucket)])
    return [{"name": name, "policies": names} for name, names in policies.items()]


def s3_groups(s3: Settings) -> list[Item]:
    """Return the groups with their policies and members."""
    groups: dict[str, Item] = {}
    for bucket in s3["buckets"]:
        if bucket["group"] and s3["iam"]:
            group = groups.setdefault(bucket["group"], {"name": bucket["group"], "policies": [], "users": []})
            group["policies"].append(bucket_policy_name(bucket))
            group["users"] = list(dict.fromkeys([*group["users"], bucket["user"]]))
    return list(groups.values())


def s3_keys(s3: Settings, folder: str) -> list[Item]:
    """Return the users whose access keys are made, and the file that keeps each."""
    given = {user["name"] for user in s3["users"] if user["access_key"]}
    return [
        {"user": user["name"], "path": f"{folder}/s3-user-{quote(user['name'], safe='')}.json"}
        for user in s3_users(s3)
        if user["name"] not in given
    ]


def s3_credentials(s3: Settings, made: list[Mapping[str, Any]]) -> dict[str, Item]:
    """Return the keys of each user: the given ones, or those that the results of s3_access_key tell."""
    found = {
        result["item"]["user"]: {"access_key": result["access_key_id"], "secret_key": result["secret_access_key"]}
        for result in made
        if result.get("access_key_id")
    }
    given = {
        user["name"]: {"access_key": user["access_key"], "secret_key": user["secret_key"]}
        for user in s3["users"]
        if user["access_key"]
    }
    return {**found, **given}


def s3_replaced(made: list[Mapping[str, Any]]) -> list[Item]:
    """Return the users with an access key that was replaced, and whether that still works."""
    return [
        {**result["item"], "works": result["previous"]["status"] == "Active"}
        for result in made
        if result.get("previous")
    ]


def s3_blocks(s3: Settings, credentials: Mapping[str, Mapping[str, Any]]) -> list[Item]:
    """Return the blocks by which flows use the buckets, as items of module block."""
    blocks: list[Item] = []
    for bucket in s3["buckets"]:
        # In check mode a key may still have to be made.
        if not bucket["block"] or (bucket["user"] and bucket["user"] not in credentials):
            continue
        keys = credentials.get(bucket["user"], {})
        access = Access(
            "aws-credentials",
            s3["endpoint"],
            s3["region"],
            keys.get("access_key"),
            keys.get("secret_key"),
            s3["ca_file"] if s3["validate_certs"] else False,
        )
        blocks += bucket_blocks(bucket, access)
    return blocks


def s3_probes(s3: Settings, credentials: Mapping[str, Mapping[str, Any]]) -> list[Item]:
    """Return what each user whose keys are known is to prove, without the keys."""
    return bucket_probes(s3["buckets"], credentials)


def s3_failure(result: Mapping[str, Any], action: str) -> str:
    """Return why a module of amazon.aws failed, and what the deployer has to be allowed."""
    text = str(result.get("msg") or "it failed without a word")
    if "results" in result:
        text = next((str(row.get("msg")) for row in result["results"] if row.get("failed")), text)
    match = _REFUSED.search(text)
    if not match:
        return f"prefect.storage.s3: {text}"
    code, call, words = match.groups()
    service = "iam" if ".iam_" in action else "s3"
    if code in _DENIED:
        return (
            f"prefect.storage.s3: the deployer may not call {service}:{_action(call)} ({words.strip()}); "
            "the README of role prefect_s3 has a policy with all that is needed"
        )
    return f"prefect.storage.s3: {service}:{call} failed with {code}: {words.strip()}"


def _action(call: str) -> str:
    """Return the name by which a policy allows a call; a few differ."""
    names = {
        "HeadBucket": "ListBucket",
        "ListBuckets": "ListAllMyBuckets",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    }
    return names.get(call, call)
