"""Service accounts of a server that has all that MinIO has."""

from __future__ import annotations

import json

import pytest

from .conftest import admin_refusal, encrypted

NAME = "flows-key"
SECRET = "secret-canary"
KEYS = {"name": NAME, "user": "flows", "account_secret_key": SECRET}
INFO = "GET /minio/admin/v3/info-service-account?accessKey"
USER = "GET /minio/admin/v3/user-info?accessKey"
ENTITIES = "GET /minio/admin/v3/idp/builtin/policy-entities?user"
ADD = "PUT /minio/admin/v3/add-service-account"
UPDATE = "POST /minio/admin/v3/update-service-account?accessKey"
DELETE = "DELETE /minio/admin/v3/delete-service-account?accessKey"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["a"]}]}
GONE = admin_refusal("XMinioInvalidIAMCredentials", 404)
END = "2099-12-31T00:00:00Z"


def account(**live):
    base = {"parentUser": "flows", "accountStatus": "on", "impliedPolicy": True, "policy": json.dumps(POLICY)}
    return 200, encrypted({**base, "expiration": "1970-01-01T00:00:00Z", **live}), {}


@pytest.fixture
def server(minio):
    minio.refuse(INFO, account())
    minio.on(ENTITIES, encrypted({}))
    minio.on(USER, {"status": "enabled"})
    minio.on(ADD, encrypted({"credentials": {}}))
    return minio


@pytest.fixture
def empty(server):
    """A server without the account; once it is added it is there."""
    live = {}

    def add(request):
        body = request.secret
        live.update({name: body[name] for name in ("description", "expiration") if name in body})
        live["there"] = True
        return 200, encrypted({"credentials": {}}), {}

    server.routes[ADD] = add
    server.routes[INFO] = lambda _request: account(**live) if live.pop("there", False) else GONE
    users = {"flows": (200, b'{"status": "enabled"}', {})}
    server.routes[USER] = lambda request: users.get(
        request.query["accessKey"], admin_refusal("XMinioAdminNoSuchUser", 404)
    )
    return server


def told(server, key):
    return [request.secret for request in server.requests if request.key == key]


def test_a_new_account(empty):
    options = {**KEYS, "policy": POLICY, "description": "For reports", "expiration": "2099-12-31T01:00:00+01:00"}
    foretold = empty.run("minio_service_account", check=True, **options)
    assert empty.writes == []
    result = empty.run("minio_service_account", **options)
    assert result["service_account"] == foretold["service_account"]
    assert result["service_account"] == {
        "name": NAME,
        "user": "flows",
        "policy": POLICY,
        "status": "enabled",
        "description": "For reports",
        "expiration": END,
    }
    assert result["diff"]["after"]["account_secret_key"] == "<secret>"
    keys = {"accessKey": NAME, "secretKey": SECRET, "targetUser": "flows"}
    assert told(empty, ADD) == [{**keys, "policy": POLICY, "description": "For reports", "expiration": END}]
    assert empty.writes == [ADD]


def test_a_new_account_that_may_not_log_in(empty):
    empty.run("minio_service_account", **KEYS, policy=POLICY, status="disabled")
    assert empty.writes == [ADD, UPDATE]
    assert told(empty, UPDATE) == [{"newStatus": "off", "newPolicy": POLICY}]


def test_a_server_that_takes_no_notice_of_a_description(empty):
    def add(_request):
        empty.refuse(INFO, account())
        return 200, encrypted({"credentials": {}}), {}

    empty.routes[ADD] = add
    result = empty.run("minio_service_account", **KEYS, description="For reports")
    assert result["msg"] == f"description: {empty.url} does not offer this"
    assert empty.writes == [ADD, DELETE]


def test_an_old_server_is_not_even_told(empty):
    empty.refuse(ENTITIES, admin_refusal("XMinioAdminVersionMismatch", 426))
    for check in (True, False):
        result = empty.run("minio_service_account", check=check, **KEYS, description="For reports", expiration=END)
        assert result["msg"].splitlines() == [
            f"description: {empty.url} does not offer this",
            f"expiration: {empty.url} does not offer this",
        ]
        assert empty.writes == []


def test_nothing_to_do(server):
    assert server.run("minio_service_account", **KEYS)["changed"] is False
    server.refuse(INFO, account(description="told", expiration="2099-12-31T00:00:00.123456789Z", impliedPolicy=False))
    options = {"description": "told", "expiration": "2099-12-31 00:00:00+00:00", "policy": POLICY}
    result = server.run("minio_service_account", name=NAME, **options)
    assert result["changed"] is False, result["diff"]
    assert server.writes == []


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"description": "new"}, {"newDescription": "new"}),
        ({"expiration": END}, {"newExpiration": END}),
        ({"status": "disabled"}, {"newStatus": "off"}),
    ],
)
def test_a_change_brings_the_policy_along(server, options, body):
    live = {"description": "old", "impliedPolicy": False}
    server.refuse(INFO, account(**live))
    server.run("minio_service_account", check=True, name=NAME, **options)
    assert server.writes == []

    def change(_request):
        server.refuse(INFO, account(**{**live, **options}))
        return 204, b"", {}

    server.routes[UPDATE] = change
    assert server.run("minio_service_account", name=NAME, **options)["changed"] is True
    assert server.writes == [UPDATE]
    assert told(server, UPDATE) == [{**body, "newPolicy": POLICY}]


def test_a_policy_that_is_wanted_now(server):
    server.run("minio_service_account", name=NAME, policy=POLICY)
    assert told(server, UPDATE) == [{"newPolicy": POLICY}]


@pytest.mark.parametrize("option", ["policy", "description", "expiration"])
def test_what_is_taken_away_makes_the_account_again(server, option):
    server.refuse(INFO, account(description="old", expiration=END, impliedPolicy=False))
    message = server.run("minio_service_account", name=NAME, **{option: None})["msg"]
    assert message == (
        f"{option}: cannot be taken away from an account without making it again; give account_secret_key for that"
    )
    assert server.writes == []
    server.run("minio_service_account", **KEYS, **{option: None})
    assert server.writes == [DELETE, ADD]
    kept = {"policy": POLICY, "description": "old", "expiration": END}
    kept.pop(option)
    assert told(server, ADD) == [{"accessKey": NAME, "secretKey": SECRET, "targetUser": "flows", **kept}]


def test_a_disabled_account_is_not_tried(server):
    server.refuse(INFO, account(accountStatus="off"))
    assert server.run("minio_service_account", **KEYS)["changed"] is False
    assert "GET /" not in [request.key for request in server.requests]
    server.run("minio_service_account", **KEYS, status="enabled")
    assert told(server, UPDATE) == [{"newStatus": "on", "newSecretKey": SECRET}]


def test_removal(server):
    assert server.run("minio_service_account", name=NAME, state="absent")["changed"] is True
    assert server.writes == [DELETE]
    server.refuse(INFO, GONE)
    assert server.run("minio_service_account", name=NAME, state="absent")["changed"] is False


def test_the_account_of_somebody_else_stays(server):
    message = server.run("minio_service_account", name=NAME, user="anna", state="absent")["msg"]
    assert message == f"user: '{NAME}' belongs to 'flows', not to 'anna'; nothing is removed"
    assert server.writes == []


def test_an_empty_policy_is_not_none(server):
    message = server.run("minio_service_account", **KEYS, policy={})["msg"]
    assert message == "policy.Statement: is missing; expected a list of statements"


def test_what_the_administrator_may_not(server):
    server.refuse(INFO, admin_refusal("AccessDenied", 403))
    message = server.run("minio_service_account", **KEYS)["msg"]
    assert message == f"access_key: 'root' is not allowed admin:ListServiceAccounts at {server.url}"


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html><html><title>Log in</title></html>", b"\0" * 64])
def test_an_answer_that_is_not_for_us(server, body):
    server.on(INFO, body)
    message = server.run("minio_service_account", name=NAME)["msg"]
    assert "is not MinIO, or hides its admin API: its answer to get_service_account cannot be decrypted;" in message
