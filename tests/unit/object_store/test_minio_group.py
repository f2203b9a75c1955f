"""Groups of a server that attaches and detaches policies one by one."""

from __future__ import annotations

import json

import pytest

from .conftest import admin_refusal, encrypted

NAME = "staff"
ATTACH = "POST /minio/admin/v3/idp/builtin/policy/attach"
DETACH = "POST /minio/admin/v3/idp/builtin/policy/detach"
ENTITIES = "GET idp/builtin/policy-entities?group"
INFO = "GET /minio/admin/v3/group?group"
MEMBERS = "PUT /minio/admin/v3/update-group-members"
STATUS = "PUT /minio/admin/v3/set-group-status?group&status"
UNSUPPORTED = admin_refusal("XMinioAdminVersionMismatch", 426)


@pytest.fixture
def server(minio):
    minio.admin("GET list-canned-policies", {name: {"Statement": []} for name in ("one", "two", "three")})
    minio.admin("GET list-users", encrypted({name: {"status": "enabled"} for name in ("anna", "bert", "cora")}))
    group(minio)
    for call in (ATTACH, DETACH):
        minio.on(call, encrypted({}))
    return minio


def group(minio, status="enabled", policy="one,two"):
    minio.on(INFO, {"name": NAME, "status": status, "members": ["anna", "bert"], "policy": policy})


def bodies(server, key):
    return [json.loads(request.body) for request in server.requests if request.key == key]


def test_nothing_to_do(server):
    options = {"members": ["bert", "anna"], "policies": ["two", "one"], "status": "enabled"}
    assert server.run("minio_group", name=NAME, **options)["changed"] is False
    assert server.writes == []


def test_who_leaves_goes_first_and_who_joins_comes_last(server):
    result = server.run("minio_group", name=NAME, members=["bert", "cora"], policies=["three", "one"])
    assert result["diff"]["before"]["members"] == ["anna", "bert"]
    assert result["group"] == {
        "name": NAME,
        "members": ["bert", "cora"],
        "status": "enabled",
        "policies": ["one", "three"],
    }
    assert server.writes == [MEMBERS, ATTACH, DETACH, MEMBERS]
    assert bodies(server, MEMBERS) == [
        {"group": NAME, "isRemove": True, "members": ["anna"]},
        {"group": NAME, "isRemove": False, "members": ["cora"]},
    ]
    told = [request.secret for request in server.requests if request.method == "POST"]
    assert told == [{"policies": ["three"], "group": NAME}, {"policies": ["two"], "group": NAME}]


def test_a_server_that_only_sets_the_whole_list(server):
    server.refuse(ATTACH, UNSUPPORTED)
    server.run("minio_group", name=NAME, policies=["three", "one"])
    assert server.requests[-1].query == {"isGroup": "true", "policyName": "one,three", "userOrGroup": NAME}
    server.refuse(DETACH, UNSUPPORTED)
    server.run("minio_group", name=NAME, policies=[])
    assert server.requests[-1].query == {"isGroup": "true", "policyName": "", "userOrGroup": NAME}


def test_a_new_group(server):
    server.refuse(INFO, admin_refusal("XMinioAdminNoSuchGroup", 404))
    result = server.run("minio_group", name=NAME, members=["anna"], policies=["one"], status="disabled")
    assert result["diff"]["before"] == {}
    assert server.writes == [MEMBERS, STATUS, ATTACH]
    assert bodies(server, MEMBERS) == [{"group": NAME, "isRemove": False, "members": ["anna"]}]


def test_removal(server):
    assert server.run("minio_group", check=True, name=NAME, state="absent")["changed"] is True
    assert server.writes == []
    server.run("minio_group", name=NAME, state="absent")
    assert server.writes == [MEMBERS, MEMBERS]
    assert bodies(server, MEMBERS) == [
        {"group": NAME, "isRemove": True, "members": ["anna", "bert"]},
        {"group": NAME, "isRemove": True},
    ]


def test_a_disabled_group_hides_what_is_attached(server):
    group(server, "disabled", "")
    server.admin(ENTITIES, encrypted({"groupMappings": [{"group": NAME, "policies": ["two", "one"]}]}))
    assert server.run("minio_group", name=NAME, policies=["one", "two"])["changed"] is False
    server.run("minio_group", name=NAME, policies=["one"])
    assert server.writes == [DETACH]


def test_a_disabled_group_of_an_old_server(server):
    group(server, "disabled", "")
    server.refuse(f"GET /minio/admin/v3/{ENTITIES[4:]}", UNSUPPORTED)
    result = server.run("minio_group", name=NAME, policies=["one"])
    assert result["changed"] is False
    assert "policies" not in result["group"]
    server.run("minio_group", name=NAME, policies=["one"], status="enabled")
    assert server.writes == ["PUT /minio/admin/v3/set-user-or-group-policy?isGroup&policyName&userOrGroup", STATUS]


def test_who_is_not_there(server):
    message = server.run("minio_group", name=NAME, members=["anna", "berta"], policies=[])["msg"]
    assert message == "members[1]: there is no user 'berta'; did you mean 'bert'? known: anna, bert, cora"
    assert server.writes == []
