"""Who answers at the address, and what is said when it is not MinIO or will not serve."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store import module as runner
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.connection import Address, parse

from .conftest import XML, FakeMinio, admin_refusal, buckets, refusal

FORM = "expected http://HOST[:PORT] or https://HOST[:PORT], found"
ADMIN = "it answered an admin call with status"
OTHERS = "it calls itself SeaweedFS; for other object stores there is prefect.storage.s3 (role prefect_s3)"
PAGE = b"<!DOCTYPE html><html><title>Log in</title></html>"
POLICIES = "GET /minio/admin/v3/list-canned-policies"
TASKS = [
    ("minio_user", {"name": "flows", "user_secret_key": "secret-canary"}),
    ("minio_policy", {"name": "flows", "policy": {"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}}),
    ("minio_group", {"name": "staff", "members": ["flows"]}),
    ("minio_service_account", {"name": "flows-key", "user": "flows", "account_secret_key": "secret-canary"}),
    ("minio_bucket", {"name": "flows", "quota": "1GiB"}),
    *((module, {"name": "flows", "state": "absent"}) for module in ("minio_user", "minio_group", "minio_policy")),
    ("minio_service_account", {"name": "flows-key", "state": "absent"}),
]


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://storage", Address("storage", False)),
        ("https://storage.example.com:9000/", Address("storage.example.com:9000", True)),
        ("http://[::1]:9000", Address("[::1]:9000", False)),
    ],
)
def test_addresses(endpoint, address):
    assert parse(endpoint) == address


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        ("storage:9000", f"{FORM} 'storage:9000'; did you mean 'http://storage:9000'?"),
        (
            "storage.example.com:443",
            f"{FORM} 'storage.example.com:443'; did you mean 'https://storage.example.com:443'?",
        ),
        ("s3://bucket", f"{FORM} 's3://bucket'; did you mean 'http://bucket'?"),
        ("http://", f"{FORM} 'http://'"),
        ("http://a b", f"{FORM} 'http://a b'"),
        ("http://storage:x", f"{FORM} 'http://storage:x'"),
        ("http://s/minio", f"{FORM} 'http://s/minio'; MinIO answers at the root of its address only"),
        (
            "http://root:canary@storage",
            f"{FORM} an address with a user; the keys have options of their own",
        ),
    ],
)
def test_bad_addresses(endpoint, message):
    assert parse(endpoint) == message


def test_all_that_is_wrong_at_once(minio):
    result = minio.run("minio_bucket", name="flows", endpoint="storage", region="EU west", timeout=0, access_key="")
    assert [problem["path"] for problem in result["problems"]] == ["endpoint", "region", "timeout", "access_key"]
    assert minio.requests == []


@pytest.mark.parametrize(("module", "options"), TASKS)
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        # An S3 server that takes the call for an object of the bucket minio.
        (refusal("NoSuchKey", 404), f"{ADMIN} 404 and the S3 error NoSuchKey"),
        (
            refusal("InvalidAccessKeyId"),
            f"{ADMIN} 403 and the S3 error InvalidAccessKeyId",
        ),
        ((200, PAGE, {}), "its answer is no JSON"),
        ((200, b"[]", {}), "its answer is no list of policies"),
        ((200, b"", {}), "its answer is no list of policies"),
        ((404, PAGE, {}), f"{ADMIN} 404 and a web page"),
        (
            (302, b"", {"Location": "/login"}),
            f"{ADMIN} 302 and an empty page",
        ),
    ],
)
def test_a_server_without_the_admin_api(minio, module, options, answer, told):
    minio.refuse(POLICIES, answer)
    minio.on("GET /", buckets("flows"), headers={**XML, "Server": "SeaweedFS 8000GB 4.48"})
    for check in (True, False):
        result = minio.run(module, check=check, **options)
        assert result["msg"] == f"endpoint: {minio.url} is not MinIO, or hides its admin API: {told}; {OTHERS}"
        assert minio.writes == []
        assert {request.key for request in minio.requests} == {POLICIES, "GET /"}


def test_a_server_without_a_name(minio):
    minio.refuse(POLICIES, refusal("NoSuchKey", 404))
    minio.on("GET /", buckets(), headers={**XML, "Server": "8000"})
    assert "NoSuchKey; for other object stores" in minio.run("minio_group", name="staff")["msg"]


def test_who_may_not_list_policies_is_answered_by_minio(minio):
    minio.refuse(POLICIES, admin_refusal("AccessDenied", 403))
    minio.admin("GET get-bucket-quota?bucket", {"quota": 0})
    minio.on("GET /", buckets("flows"), headers=XML)
    assert minio.run("minio_bucket", name="flows", quota="1GiB")["changed"] is True
    assert minio.writes == ["PUT /minio/admin/v3/set-bucket-quota?bucket"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((200, PAGE, {}), "a page of its own"),
        ((302, b"", {"Location": "/login"}), "status 302 and an empty page"),
        ((401, PAGE, {}), "status 401 and a web page"),
    ],
)
def test_a_server_that_keeps_no_objects(minio, answer, told):
    minio.routes = {"*": answer}
    result = minio.run("minio_bucket", name="flows")
    assert result["msg"] == f"endpoint: {minio.url} is no object store: it answered with {told}"
    assert minio.writes == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InvalidAccessKeyId", "access_key: {url} has no user 'root', or it is disabled"),
        ("SignatureDoesNotMatch", "secret_key: is not the one that {url} has for 'root'"),
        ("RequestTimeTooSkewed", "the clocks of this host and of {url} differ by more than 15 minutes; set them right"),
        ("AuthorizationHeaderMalformed", "region: {url} refuses 'us-east-1': told"),
    ],
)
def test_keys_clock_and_region(minio, code, told):
    minio.refuse("GET /", refusal(code))
    assert minio.run("minio_bucket", name="flows")["msg"] == told.format(url=minio.url)
    minio.refuse(POLICIES, admin_refusal(code, 403))
    assert minio.run("minio_policy", name="flows", state="absent")["msg"] == told.format(url=minio.url)


def test_what_the_administrator_may_not(minio):
    minio.refuse(POLICIES, admin_refusal("AccessDenied", 403))
    result = minio.run("minio_policy", name="flows", state="absent")
    assert result["msg"] == f"access_key: 'root' is not allowed admin:ListUserPolicies at {minio.url}"


def test_the_package_is_missing(minio, monkeypatch):
    monkeypatch.setattr(runner, "HAS_MINIO", False)
    message = minio.run("minio_bucket", name="flows")["msg"]
    assert "Failed to import the required Python library (minio)" in message
    assert "to talk to MinIO" in message


def test_certificates_that_cannot_be_read(minio):
    result = minio.run("minio_bucket", name="flows", ca_path="/nowhere.pem")
    assert result["msg"] == "ca_path: /nowhere.pem cannot be read on this host"


def test_a_busy_server_is_asked_again(minio: FakeMinio):
    answers = iter([(503, b"", {}), (200, minio.routes["GET /"][1], XML)])
    minio.routes["GET /"] = lambda _request: next(answers)
    assert minio.run("minio_bucket", check=True, name="flows")["changed"] is False
    assert [request.key for request in minio.requests] == ["GET /", "GET /", "HEAD /flows"]
