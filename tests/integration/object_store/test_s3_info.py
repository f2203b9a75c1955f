"""Buckets and users on a simulation of AWS and on a real SeaweedFS; servers without IAM."""

from __future__ import annotations

import gateway
import pytest

BUCKET, USER = "info-flows", "info-user"


@pytest.fixture(scope="module")
def made(s3):
    s3.server.client("s3").create_bucket(Bucket=BUCKET)
    s3.user(USER)
    key = s3.server.client("iam").create_access_key(UserName=USER)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


@pytest.mark.parametrize("check", [False, True])
def test_what_there_is(s3, made, check):
    result = s3.call(
        "s3_info", check=check, buckets=[BUCKET, "info-nobody"], users=[USER, "info-nobody"], need_iam=True
    )
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False
    assert result["identity"]["arn"].endswith("user/prefect-admin")
    assert result["buckets"][BUCKET]["exists"] is True
    assert result["buckets"][BUCKET]["versioning"] is False
    assert result["buckets"]["info-nobody"] == {"exists": False, "region": None, "versioning": None}
    user = result["users"][USER]
    assert user["exists"] is True
    assert [(row["access_key_id"], row["status"]) for row in user["access_keys"]] == [(made[0], "Active")]
    assert result["users"]["info-nobody"] == {"exists": False, "access_keys": [], "groups": []}
    assert s3.watch.writes == []


def test_wrong_keys(s3):
    url = s3.watch.url
    told = s3.call("s3_info", secret_key="wrong-secret", buckets=[BUCKET])["msg"]
    assert told == f"secret_key: is not the one that {url} has for '{s3.server.access_key}'"
    told = s3.call("s3_info", access_key="AKIANOBODYNOBODY", buckets=[BUCKET])["msg"]
    assert told == f"access_key: {url} has no key 'AKIANOBODYNOBODY', or it is disabled"


def test_a_user_who_may_nothing(s3, made):
    keys = {"access_key": made[0], "secret_key": made[1]}
    problems = s3.call("s3_info", buckets=[BUCKET], users=[USER], **keys)["problems"]
    told = f"'{BUCKET}' exists and belongs to somebody else, or '{made[0]}' may not see it (needs s3:ListBucket)"
    assert {"path": "buckets[0]", "message": told} in problems
    if s3.lets_users_see_themselves:
        return
    assert len(problems) == 2
    assert problems[1]["message"].startswith(f"'{made[0]}'")
    assert "is not allowed iam:GetUser on arn:aws:iam::" in problems[1]["message"]


def test_a_server_without_iam(store):
    """MinIO's own code answers to STS only."""
    keys = {"access_key": gateway.ACCESS_KEY, "secret_key": gateway.SECRET_KEY}
    store.server.client().make_bucket(bucket_name=BUCKET)
    result = store.call("s3_info", buckets=[BUCKET])
    assert result["buckets"][BUCKET]["exists"] is True
    told = store.call("s3_info", need_iam=True, **keys)["msg"]
    assert told.startswith(f"endpoint: {store.watch.url} has no IAM API: it answered AuthorizationParametersError; ")
