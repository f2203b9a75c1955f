"""Users of a server that attaches and detaches policies one by one."""

from __future__ import annotations

import pytest

from .conftest import admin_refusal, encrypted

NAME = "flows"
SECRET = "secret-canary"
ATTACH = "POST /minio/admin/v3/idp/builtin/policy/attach"
DETACH = "POST /minio/admin/v3/idp/builtin/policy/detach"
INFO = "GET /minio/admin/v3/user-info?accessKey"


@pytest.fixture
def server(minio):
    minio.admin("GET list-canned-policies", {name: {"Statement": []} for name in ("one", "two", "three")})
    minio.on(INFO, {"status": "enabled", "policyName": "one,two"})
    for call in (ATTACH, DETACH):
        minio.on(call, encrypted({}))
    return minio


def test_policies_are_attached_before_others_are_detached(server):
    result = server.run("minio_user", name=NAME, policies=["three", "one"])
    assert result["diff"]["before"]["policies"] == ["one", "two"]
    assert result["user"] == {"name": NAME, "status": "enabled", "policies": ["one", "three"]}
    assert server.writes == [ATTACH, DETACH]
    told = [request.secret for request in server.requests if request.method == "POST"]
    assert told == [{"policies": ["three"], "user": NAME}, {"policies": ["two"], "user": NAME}]


def test_a_server_that_only_sets_the_whole_list(server):
    server.refuse(ATTACH, admin_refusal("XMinioAdminVersionMismatch", 426))
    server.run("minio_user", name=NAME, policies=["three", "one"])
    assert server.requests[-1].query == {"isGroup": "false", "policyName": "one,three", "userOrGroup": NAME}


def test_a_new_user(server):
    server.refuse(INFO, admin_refusal("XMinioAdminNoSuchUser", 404))
    result = server.run("minio_user", name=NAME, user_secret_key=SECRET, policies=["one"])
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["user_secret_key"] == "<secret>"
    assert result["user"] == {"name": NAME, "status": "enabled", "policies": ["one"]}
    assert server.writes == ["PUT /minio/admin/v3/add-user?accessKey", ATTACH]
    added = next(request for request in server.requests if request.method == "PUT")
    assert added.secret == {"status": "enabled", "secretKey": SECRET}


def test_the_secret_is_tried_as_the_user(server):
    assert server.run("minio_user", name=NAME, user_secret_key=SECRET)["changed"] is False
    assert [request.key for request in server.requests][-1] == "GET /"


def test_the_state_of_a_clock_says_nothing_of_a_secret(server):
    body = b"<?xml version='1.0'?><Error><Code>RequestTimeTooSkewed</Code><Message>told</Message></Error>"
    server.on("GET /", body, status=403, headers={"Content-Type": "application/xml"})
    assert "clocks" in server.run("minio_user", name=NAME, user_secret_key=SECRET)["msg"]
    assert server.writes == []
