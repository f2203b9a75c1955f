"""The modules of MinIO against SeaweedFS, which takes a call of MinIO's admin API for an object and stores it."""

from __future__ import annotations

import json

import pytest
import seaweed
from gateway import Watch
from minio import MinioAdmin
from minio.credentials import StaticProvider
from modules import run_module

POLICY = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::flows/*"}]}
TASKS = [
    ("minio_user", {"name": "flows-user", "user_secret_key": "user-secret-canary", "policies": ["readwrite"]}),
    ("minio_user", {"name": "flows-user", "state": "absent"}),
    ("minio_group", {"name": "staff", "members": ["flows-user"], "policies": ["readwrite"]}),
    ("minio_group", {"name": "staff", "state": "absent"}),
    ("minio_policy", {"name": "flows-policy", "policy": POLICY}),
    ("minio_policy", {"name": "flows-policy", "state": "absent"}),
    (
        "minio_service_account",
        {"name": "flows-key", "user": "flows-user", "account_secret_key": "key-secret-canary", "policy": POLICY},
    ),
    ("minio_service_account", {"name": "flows-key", "state": "absent"}),
    ("minio_bucket", {"name": "new-bucket", "quota": "1GiB"}),
    ("minio_bucket", {"name": "flows", "quota": "1GiB"}),
]


@pytest.fixture(scope="module", params=["no bucket minio", "a bucket minio"])
def server(folder, request):
    """A server on which the first admin call fails by luck, and one that somebody has talked to before."""
    with seaweed.seaweed(folder / request.param.replace(" ", "-")) as found:
        found.client().make_bucket(bucket_name="flows")
        if request.param == "a bucket minio":
            keys = StaticProvider(seaweed.ACCESS_KEY, seaweed.SECRET_KEY)
            admin = MinioAdmin(endpoint=f"127.0.0.1:{found.port}", credentials=keys, secure=False)
            # That is the trap: nobody complains, and there is no user afterwards.
            assert admin.user_add(access_key="stored", secret_key="stored-secret") == ""
            assert ("minio", "admin/v3/add-user") in contents(found)
        yield found


def contents(server):
    client = server.client()
    names = [bucket.name for bucket in client.list_buckets()]
    found = [(name, row.object_name) for name in names for row in client.list_objects(bucket_name=name, recursive=True)]
    return {(name, "") for name in names} | set(found)


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("module", "options"), TASKS)
def test_nothing_is_written(server, module, options, check):
    before, watch = contents(server), Watch(server.port)
    keys = {"endpoint": watch.url, "access_key": seaweed.ACCESS_KEY, "secret_key": seaweed.SECRET_KEY}
    try:
        result = run_module(module, {**keys, **options}, check)
    finally:
        watch.close()
    assert watch.writes == []
    assert contents(server) == before
    told = result["msg"]
    assert told.startswith(
        f"endpoint: {watch.url} is not MinIO, or hides its admin API: it answered an admin call with"
    )
    assert told.endswith(
        "; it calls itself SeaweedFS; for other object stores there is prefect.storage.s3 (role prefect_s3)"
    )
    assert "canary" not in json.dumps(result)


def test_buckets_need_no_admin_api(server):
    keys = {"endpoint": server.url, "access_key": seaweed.ACCESS_KEY, "secret_key": seaweed.SECRET_KEY}
    for state, there in (("present", True), ("absent", False)):
        assert run_module("minio_bucket", {**keys, "name": "plain", "state": state})["changed"] is True
        assert run_module("minio_bucket", {**keys, "name": "plain", "state": state})["changed"] is False
        assert server.client().bucket_exists(bucket_name="plain") is there
