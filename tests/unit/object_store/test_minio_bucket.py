"""Buckets of a server that has all that MinIO has."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.bucket_name import broken_rule

from .conftest import XML, buckets, refusal

SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


@pytest.fixture
def bucket(minio):
    """A bucket with everything that can be set."""
    minio.on("GET /", buckets("flows"), headers=XML)
    versioning = f"<VersioningConfiguration {SPACE}><Status>Enabled</Status></VersioningConfiguration>"
    minio.on("GET /flows?versioning", versioning, headers=XML)
    tags = f"<Tagging {SPACE}><TagSet><Tag><Key>team</Key><Value>data</Value></Tag></TagSet></Tagging>"
    minio.on("GET /flows?tagging", tags, headers=XML)
    lock = f"<ObjectLockConfiguration {SPACE}><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"
    minio.on("GET /flows?object-lock", lock, headers=XML)
    minio.admin("GET get-bucket-quota?bucket", {"quota": 1024**3, "quotatype": "hard"})
    return minio


def test_nothing_to_do(bucket):
    options = {"versioning": True, "tags": {"team": "data"}, "quota": "1GiB", "object_lock": True}
    result = bucket.run("minio_bucket", name="flows", **options)
    assert result["changed"] is False
    assert result["bucket"] == {"name": "flows", **options, "quota": 1024**3}
    assert bucket.writes == []


@pytest.mark.parametrize(
    ("options", "write"),
    [
        ({"versioning": False}, "PUT /flows?versioning"),
        ({"tags": {"team": "other"}}, "PUT /flows?tagging"),
        ({"tags": {}}, "DELETE /flows?tagging"),
        ({"tags": None}, "DELETE /flows?tagging"),
        ({"quota": "2GiB"}, "PUT /minio/admin/v3/set-bucket-quota?bucket"),
        ({"quota": "0"}, "PUT /minio/admin/v3/set-bucket-quota?bucket"),
    ],
)
def test_one_thing_changes(bucket, options, write):
    assert bucket.run("minio_bucket", check=True, name="flows", **options)["changed"] is True
    assert bucket.writes == []
    assert bucket.run("minio_bucket", name="flows", **options)["changed"] is True
    assert bucket.writes == [write]


def test_what_is_not_declared_is_not_asked_for(bucket):
    assert bucket.run("minio_bucket", name="flows")["changed"] is False
    assert [request.key for request in bucket.requests] == ["GET /"]


def test_a_new_bucket(minio):
    minio.refuse("HEAD /flows", (404, b"", {}))
    result = minio.run("minio_bucket", name="flows", versioning=True, tags={"a": 1}, region="eu-west-1")
    assert result["bucket"] == {"name": "flows", "versioning": True, "tags": {"a": "1"}}
    assert minio.writes == ["PUT /flows", "PUT /flows?versioning", "PUT /flows?tagging"]
    assert b"eu-west-1" in next(request.body for request in minio.requests if request.key == "PUT /flows")


def test_locks_cannot_come_later(bucket):
    bucket.refuse("GET /flows?object-lock", refusal("ObjectLockConfigurationNotFoundError", 404))
    assert bucket.run("minio_bucket", name="flows", object_lock=True)["msg"] == (
        "object_lock: is 'False' and cannot become 'True': locks are chosen when a bucket is created; "
        "move the objects to a new one"
    )


def test_old_versions_are_objects_too(bucket):
    listing = f"<ListBucketResult {SPACE}><Name>flows</Name></ListBucketResult>"
    bucket.on("GET /flows?delimiter&encoding-type&list-type&max-keys&prefix", listing, headers=XML)
    bucket.refuse("DELETE /flows", refusal("BucketNotEmpty", 409))
    result = bucket.run("minio_bucket", name="flows", state="absent")
    assert result["msg"] == "force: bucket 'flows' is not empty: it keeps old versions; force removes them"


def test_bad_input(minio):
    result = minio.run("minio_bucket", name="A", quota="much", object_lock=True, versioning=False)
    assert result["msg"].splitlines() == [
        "name: a bucket's name has 3 to 63 characters, this one 1; found 'A'",
        "quota: expected bytes such as 10GiB, found 'much'",
        "versioning: cannot be off with object_lock, which keeps versions",
    ]


@pytest.mark.parametrize("name", ["abc", "a1.b-c", "0" * 63, "flows.2026"])
def test_good_names(name):
    assert broken_rule(name) == ""


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "aB3", "a_b", "-ab", "ab-", "a..b", "a.-b", "1.2.3.4", "abc-s3alias", "minio"]
)
def test_bad_names(name):
    assert broken_rule(name)
