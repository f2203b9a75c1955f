"""What modules of amazon.aws are to provide, and what flows get of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import bucket_blocks, s3

BUCKET: dict[str, Any] = {
    "name": "flows", "user": None, "group": None, "prefix": None, "access": "readwrite", "block": None,
    "block_type": "s3-bucket", "results": False, "source": None, "versioning": None, "encryption": "keep",
    "kms_key": None, "public_access_blocked": None, "expire_days": None, "tags": {}, "policy": None,
}  # fmt: skip
KEYS = {"etl": {"access_key": "AK", "secret_key": "SK"}}


def settings(*buckets: dict[str, Any], **more: Any) -> dict[str, Any]:
    rows = [{**BUCKET, **bucket} for bucket in buckets]
    return {
        "enabled": True, "endpoint": None, "region": "eu-central-1", "iam": True, "ca_file": None,
        "validate_certs": True, "users": [], "buckets": rows, **more,
    }  # fmt: skip


def test_a_bucket_is_closed_to_the_public_on_aws_alone() -> None:
    (bucket,) = s3.s3_buckets(settings({}))
    assert set(bucket["public_access"].values()) == {True}
    assert s3.s3_buckets(settings({}, endpoint="http://s3:1")) == [{"name": "flows"}]
    (bucket,) = s3.s3_buckets(settings({"public_access_blocked": False}))
    assert set(bucket["public_access"].values()) == {False}


def test_what_is_asked_of_a_bucket_reaches_the_module() -> None:
    asked = {"versioning": True, "encryption": "aws:kms", "kms_key": "arn", "tags": {"a": "b"}, "policy": {"x": 1}}
    (bucket,) = s3.s3_buckets(settings(asked, endpoint="http://s3:1"))
    assert bucket == {
        "name": "flows", "versioning": True, "encryption": "aws:kms", "encryption_key_id": "arn",
        "tags": {"a": "b"}, "policy": {"x": 1},
    }  # fmt: skip


def test_a_policy_is_the_groups_or_the_users() -> None:
    asked = settings({"user": "etl", "group": "team"}, {"name": "raw", "user": "etl"}, {"name": "more", "user": "b"})
    assert [row["name"] for row in s3.s3_policies(asked)] == [
        "prefect-bucket-flows",
        "prefect-bucket-raw",
        "prefect-bucket-more",
    ]
    assert s3.s3_users(asked) == [
        {"name": "etl", "policies": ["prefect-bucket-raw"]},
        {"name": "b", "policies": ["prefect-bucket-more"]},
    ]
    assert s3.s3_groups(asked) == [{"name": "team", "policies": ["prefect-bucket-flows"], "users": ["etl"]}]
    without = {**asked, "iam": False}
    assert (s3.s3_policies(without), s3.s3_users(without), s3.s3_groups(without)) == ([], [], [])


def test_who_writes_with_a_key_may_use_it() -> None:
    ((policy),) = s3.s3_policies(settings({"user": "etl", "kms_key": "arn:key"}))
    last = policy["policy"]["Statement"][-1]
    assert last == {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": ["arn:key"]}


def test_keys_are_made_for_those_who_bring_none() -> None:
    asked = settings(
        {"user": "e/l"}, {"name": "raw", "user": "b"}, users=[{"name": "b", "access_key": "A", "secret_key": "S"}]
    )
    assert s3.s3_keys(asked, "/etc") == [{"user": "e/l", "path": "/etc/s3-user-e%2Fl.json"}]
    made = [{"item": {"user": "e/l"}, "access_key_id": "M", "secret_access_key": "T"}]
    assert s3.s3_credentials(asked, made) == {
        "e/l": {"access_key": "M", "secret_key": "T"},
        "b": {"access_key": "A", "secret_key": "S"},
    }
    # In check mode nothing is made.
    assert s3.s3_credentials(settings({}), [{"item": {"user": "x"}, "access_key_id": None}]) == {}


def test_a_replaced_key_is_told_with_whether_it_works() -> None:
    rows = [
        {"item": {"user": "a", "path": "p"}, "previous": None},
        {"item": {"user": "b", "path": "q"}, "previous": {"access_key_id": "X", "status": "Active"}},
        {"item": {"user": "c", "path": "r"}, "previous": {"access_key_id": "Y", "status": "Inactive"}},
    ]
    assert s3.s3_replaced(rows) == [
        {"user": "b", "path": "q", "works": True},
        {"user": "c", "path": "r", "works": False},
    ]


def test_blocks_of_prefect_aws_refer_to_their_credentials() -> None:
    asked = settings({"user": "etl", "block": "b", "prefix": "/in/"}, endpoint="http://s3:1", ca_file="/ca.pem")
    assert s3.s3_blocks(asked, KEYS) == [
        {
            "block_type_slug": "aws-credentials",
            "name": "b",
            "data": {
                "aws_access_key_id": "AK", "aws_secret_access_key": "SK", "region_name": "eu-central-1",
                "aws_client_parameters": {"endpoint_url": "http://s3:1", "verify_cert_path": "/ca.pem"},
            },
        },
        {
            "block_type_slug": "s3-bucket",
            "name": "b",
            "data": {
                "bucket_name": "flows", "bucket_folder": "in",
                "credentials": {"$ref": {"block_type_slug": "aws-credentials", "name": "b"}},
            },
        },
    ]  # fmt: skip


def test_a_block_without_a_user_has_no_keys() -> None:
    credentials, _bucket = s3.s3_blocks(settings({"block": "b"}), {})
    assert credentials["data"] == {"region_name": "eu-central-1"}
    # A key that is still to be made gives no block.
    assert s3.s3_blocks(settings({"block": "b", "user": "etl"}), {}) == []


def test_a_file_system_takes_all_in_one_block() -> None:
    bucket = {"block": "b", "user": "etl", "block_type": "remote-file-system", "prefix": "in"}
    (block,) = s3.s3_blocks(settings(bucket, endpoint="https://s3:1", validate_certs=False), KEYS)
    client = {"endpoint_url": "https://s3:1", "region_name": "eu-central-1", "verify": False}
    assert block["data"] == {
        "basepath": "s3://flows/in",
        "settings": {"key": "AK", "secret": "SK", "client_kwargs": client},
    }


def test_results_are_kept_in_the_bucket_that_says_so() -> None:
    storages = [settings({"block": "a"}), settings({"block": "b", "results": True})]
    assert bucket_blocks.default_results(*storages) == [{"block_type_slug": "s3-bucket", "name": "b"}]
    assert bucket_blocks.default_results({**storages[1], "enabled": False}) == []


def test_users_prove_their_own_bucket_and_that_others_are_closed() -> None:
    asked = settings({"user": "etl"}, {"name": "raw", "user": "b"}, {"name": "open"})
    assert s3.s3_probes(asked, KEYS) == [
        {"bucket": "flows", "prefix": None, "access": "readwrite", "others": ["raw"], "user": "etl"}
    ]


def test_objects_expire_below_the_prefix() -> None:
    rows = s3.s3_expirations(settings({"expire_days": 3}, {"name": "raw", "prefix": "a/b/", "expire_days": 4}, {}))
    assert rows == [{"name": "flows", "prefix": "", "days": 3}, {"name": "raw", "prefix": "a/b/", "days": 4}]


@pytest.mark.parametrize(
    ("result", "action", "text"),
    [
        (
            {"msg": "Failed: An error occurred (AccessDenied) when calling the HeadBucket operation: no way"},
            "amazon.aws.s3_bucket",
            "prefect.storage.s3: the deployer may not call s3:ListBucket (no way); the README of role prefect_s3 has",
        ),
        (
            {"msg": "2", "results": [{"failed": False}, {
                "failed": True,
                "msg": "An error occurred (LimitExceeded) when calling the CreateUser operation (reached 4): full",
            }]},
            "amazon.aws.iam_user",
            "prefect.storage.s3: iam:CreateUser failed with LimitExceeded: full",
        ),
        ({"msg": "no such thing"}, "flowops.prefect.s3_info", "prefect.storage.s3: no such thing"),
    ],
)  # fmt: skip
def test_a_failure_says_what_is_missing(result: dict[str, Any], action: str, text: str) -> None:
    assert s3.s3_failure(result, action).startswith(text)
