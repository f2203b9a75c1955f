"""Groups on a real server."""

from __future__ import annotations

import io

import pytest
from minio.error import S3Error

NAME = "test-group"
BUCKET = "group-bucket"
USERS = ("group-anna", "group-bert")
SECRET = "member-secret-canary"


@pytest.fixture(scope="module", autouse=True)
def users(store):
    for name in USERS:
        store.call("minio_user", name=name, user_secret_key=SECRET)
    store.call("minio_bucket", name=BUCKET)
    yield
    store.call("minio_bucket", name=BUCKET, state="absent", force=True)
    for name in USERS:
        store.call("minio_user", name=name, state="absent")


@pytest.fixture(autouse=True)
def gone(store):
    yield
    store.call("minio_group", name=NAME, state="absent")


def may_write(store, user):
    try:
        store.server.client(user, SECRET).put_object(
            bucket_name=BUCKET, object_name=user, data=io.BytesIO(b"x"), length=1
        )
    except S3Error as error:
        return error.code != "AccessDenied"
    return True


def test_life(store):
    anna, bert = USERS
    done = store.settles("minio_group", name=NAME, members=[bert, anna], policies=["readwrite"])
    assert done["group"] == {"name": NAME, "members": [anna, bert], "status": "enabled", "policies": ["readwrite"]}
    assert may_write(store, anna)
    store.settles("minio_group", changed=False, name=NAME, members=[anna, bert, anna])
    store.settles("minio_group", changed=False, name=NAME)
    done = store.settles("minio_group", name=NAME, members=[bert])
    assert done["diff"]["before"]["members"] == [anna, bert]
    assert (may_write(store, anna), may_write(store, bert)) == (False, True)
    store.settles("minio_group", name=NAME, members=[anna], policies=["readonly", "writeonly"])
    assert (may_write(store, anna), may_write(store, bert)) == (True, False)
    store.settles("minio_group", name=NAME, policies=["readonly"])
    assert not may_write(store, anna)
    store.settles("minio_group", name=NAME, policies=[])
    store.settles("minio_group", name=NAME, state="absent")
    store.settles("minio_group", changed=False, name=NAME, state="absent")
    assert store.settles("minio_user", changed=False, name=anna)["user"]["status"] == "enabled"


def test_disabled_and_enabled(store):
    anna, _bert = USERS
    store.settles("minio_group", name=NAME, members=[anna], policies=["readwrite"], status="disabled")
    assert not may_write(store, anna)
    store.settles("minio_group", name=NAME, status="enabled")
    assert may_write(store, anna)
    done = store.settles("minio_group", name=NAME, status="disabled")
    assert done["group"]["policies"] == ["readwrite"]
    # The server does not tell what a disabled group has.
    store.settles("minio_group", changed=False, name=NAME, policies=["readonly"])
    assert "policies" not in store.settles("minio_group", changed=False, name=NAME)["group"]
    done = store.settles("minio_group", name=NAME, policies=["readonly"], status="enabled")
    assert done["diff"]["after"]["policies"] == ["readonly"]
    assert not may_write(store, anna)
    store.settles("minio_group", name=NAME, status="disabled", policies=[])
    store.settles("minio_group", name=NAME, status="enabled", members=[])
    assert store.settles("minio_group", changed=False, name=NAME)["group"]["policies"] == []


def test_no_list_of_members_leaves_them(store):
    store.settles("minio_group", name=NAME, members=list(USERS))
    store.settles("minio_group", changed=False, name=NAME, members=None)
    store.settles("minio_group", name=NAME, members=[])


def test_a_new_group_may_be_empty(store):
    assert store.settles("minio_group", name=NAME)["group"]["members"] == []


def test_bad_input(store):
    for name in ("", "a,b", "a=b", " a"):
        assert store.fails("minio_group", name=name) == (
            f"name: expected a name without =, comma and space at the ends, found '{name}'"
        )


def test_who_and_what_is_not_there(store):
    result = store.call("minio_group", name=NAME, members=["group-ana"])
    assert result["msg"].startswith("members[0]: there is no user 'group-ana'; did you mean 'group-anna'? known: ")
    assert store.watch.writes == []
    result = store.call("minio_group", name=NAME, policies=["readonly", "readwite"])
    assert result["msg"].startswith("policies[1]: there is no policy 'readwite'; did you mean 'readwrite'? known: ")
    assert store.watch.writes == []
    foretold = store.call("minio_group", check=True, name=NAME, members=["group-ana"], policies=["readwite"])
    assert foretold["changed"] is True
    warnings = str(foretold["warnings"])
    assert "there is no user 'group-ana' yet" in warnings
    assert "there is no policy 'readwite' yet" in warnings
