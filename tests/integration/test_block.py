"""Module block."""

from __future__ import annotations

import json

import pytest

MINIO = {"minio_root_user": "user", "minio_root_password": "canary-old"}


def _minio(api, **options):
    return api.settles("block", block_type_slug="minio-credentials", name="test-creds", **options)


def _reference(name="test-creds"):
    return {"$ref": {"block_type_slug": "minio-credentials", "name": name}}


@pytest.fixture(autouse=True)
def gone(api):
    yield
    for slug, name in (("s3-bucket", "test-bucket"), ("minio-credentials", "test-creds"), ("secret", "test-secret")):
        assert not api.call("block", block_type_slug=slug, name=name, state="absent", force=True).get("failed")


def test_life(api, prefect):
    created = _minio(api, data=MINIO)
    assert created["block"]["data"] == {"minio_root_user": "user", "minio_root_password": "<secret>"}
    _minio(api, changed=False)
    changed = _minio(api, data={**MINIO, "minio_root_password": "canary-new"})
    assert changed["diff"]["after"]["data"]["minio_root_password"] == "<secret: changed>"
    assert changed["diff"]["before"]["data"]["minio_root_password"] == "<secret>"
    assert "canary" not in json.dumps([created, changed])
    _minio(api, data={**MINIO, "region_name": "eu", "aws_client_parameters": {"endpoint_url": "http://x"}})
    # A field that is left out is gone.
    cleared = _minio(api, data={**MINIO, "region_name": None})
    assert set(cleared["block"]["data"]) == set(MINIO)
    live = prefect.request(
        "GET", "/block_types/slug/minio-credentials/block_documents/name/test-creds?include_secrets=true"
    )
    assert live["data"]["minio_root_password"] == "canary-old"
    _minio(api, state="absent")
    _minio(api, changed=False, state="absent")


def test_reference_is_compared_by_id_and_survives_changes(api, prefect):
    made = _minio(api, data=MINIO)["block"]["id"]
    bucket = {"block_type_slug": "s3-bucket", "name": "test-bucket"}
    result = api.settles("block", **bucket, data={"bucket_name": "a", "credentials": _reference()})
    assert result["block"]["data"]["credentials"]["$ref"]["block_document_id"] == made
    api.settles(
        "block",
        changed=False,
        **bucket,
        data={"bucket_name": "a", "credentials": {"$ref": {"block_document_id": made}}},
    )
    _minio(api, data={**MINIO, "minio_root_password": "another"})
    # What is in the other block is none of this one's business, and the schema's default says nothing.
    api.settles(
        "block", changed=False, **bucket, data={"bucket_name": "a", "credentials": _reference(), "bucket_folder": ""}
    )
    api.settles("block", **bucket, data={"bucket_name": "a", "credentials": _reference(), "bucket_folder": "f"})
    live = prefect.request("GET", "/block_types/slug/s3-bucket/block_documents/name/test-bucket")
    assert live["block_document_references"]["credentials"]["block_document"]["id"] == made


def test_block_in_use_stays(api):
    _minio(api, data=MINIO)
    api.settles(
        "block", block_type_slug="s3-bucket", name="test-bucket", data={"bucket_name": "a", "credentials": _reference()}
    )
    result = api.fails("block", block_type_slug="minio-credentials", name="test-creds", state="absent")
    assert (
        result["msg"]
        == "name: other blocks refer to this one and would lose it: s3-bucket/test-bucket; see option force"
    )
    _minio(api, state="absent", force=True)


@pytest.mark.parametrize("value", ["text", {"user": "u", "password": "canary"}, ["a", "canary"], 4711])
def test_secret_of_any_kind(api, prefect, value):
    secret = {"block_type_slug": "secret", "name": "test-secret"}
    result = api.settles("block", **secret, data={"value": value})
    assert result["block"]["data"] == {"value": "<secret>"}
    public = prefect.request("GET", "/block_types/slug/secret/block_documents/name/test-secret")
    assert public["data"]["value"] == "********"
    if isinstance(value, dict):
        api.settles("block", changed=False, **secret, data={"value": dict(reversed(value.items()))})


def test_secrets_of_others_are_kept_on_request(api, prefect):
    _minio(api, data=MINIO)
    data = {"minio_root_user": "other", "minio_root_password": "initial"}
    result = _minio(api, data=data, update_secrets="on_create")
    assert result["diff"]["after"]["data"] == {"minio_root_user": "other", "minio_root_password": "<secret>"}
    live = prefect.request(
        "GET", "/block_types/slug/minio-credentials/block_documents/name/test-creds?include_secrets=true"
    )
    assert live["data"] == {"minio_root_user": "other", "minio_root_password": "canary-old"}
    _minio(api, data=data)


def test_unknown_type_lists_all(api):
    result = api.fails("block", block_type_slug="minio-credential", name="x", data={})
    assert result["msg"].startswith(
        "block_type_slug: no block type 'minio-credential'; did you mean 'minio-credentials'? known: aws-"
    )
    assert "webhook" in result["msg"]
    api.settles("block", changed=False, block_type_slug="nonsense", name="x", state="absent")


def test_bad_data_all_at_once(api):
    data = {"minio_root_pasword": "canary", "minio_root_user": "", "minio_root_password": "********", "region_name": {}}
    result = api.fails("block", block_type_slug="minio-credentials", name="test-creds", data=data)
    assert {problem["path"]: problem["message"].split(";")[0] for problem in result["problems"]} == {
        "data.minio_root_pasword": "no such field",
        "data.region_name": "expected string, found an object",
        "data.minio_root_password": "is what is shown in the place of a secret",
    }
    assert "did you mean 'minio_root_password'?" in result["msg"]
    assert "canary" not in json.dumps(result)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "data.bucket_name: is missing; the block type requires it"),
        (
            {"bucket_name": "a", "credentials": _reference("nobody")},
            "data.credentials.$ref: no block minio-credentials/nobody; ",
        ),
        (
            {"bucket_name": "a", "credentials": {"$ref": {"block_type_slug": "s3-bucket", "name": "test-bucket"}}},
            "data.credentials.$ref: refers to the block itself",
        ),
        (
            {"bucket_name": "a", "credentials": {"$ref": {"name": "x"}}},
            "data.credentials.$ref: expected block_type_slug and name",
        ),
        (
            {"bucket_name": "a", "credentials": {"deep": _reference()}},
            "data.credentials.deep: a $ref is possible in the fields",
        ),
    ],
)
def test_bad_references(api, data, message):
    assert api.fails("block", block_type_slug="s3-bucket", name="test-bucket", data=data)["msg"].startswith(message)


def test_block_that_refers_to_itself_by_its_id(api):
    bucket = {"block_type_slug": "s3-bucket", "name": "test-bucket"}
    made = api.settles("block", **bucket, data={"bucket_name": "a"})["block"]["id"]
    data = {"bucket_name": "a", "credentials": {"$ref": {"block_document_id": made}}}
    assert api.fails("block", **bucket, data=data)["msg"] == "data.credentials.$ref: refers to the block itself"


@pytest.mark.parametrize("mask", ["********", "<secret>", "<secret: changed>", ""])
def test_mask_in_the_place_of_a_secret(api, mask):
    data = {"minio_root_user": mask or "u", "minio_root_password": mask}
    result = api.fails("block", block_type_slug="minio-credentials", name="test-creds", data=data)
    assert [problem["path"] for problem in result["problems"]] == ["data.minio_root_password"]
    _minio(api, data=MINIO)
    _minio(api, changed=False, data={**MINIO, "minio_root_password": mask}, update_secrets="on_create")


def test_plain_text_traps_are_masked(api):
    result = api.settles(
        "block",
        block_type_slug="kubernetes-cluster-config",
        name="test-k8s",
        data={"context_name": "c", "config": {"users": [{"user": {"tok": "canary"}}]}},
    )
    assert result["block"]["data"] == {"context_name": "c", "config": "<secret>"}
    assert "canary" not in json.dumps(result)
    api.settles("block", block_type_slug="kubernetes-cluster-config", name="test-k8s", state="absent")
