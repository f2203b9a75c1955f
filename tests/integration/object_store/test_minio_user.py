"""Users on a real server."""

from __future__ import annotations

import pytest
from minio.error import S3Error

NAME = "test-user"
SECRET = "first-secret-canary"
OTHER = "other-secret-canary"


@pytest.fixture(autouse=True)
def gone(store):
    yield
    store.call("minio_user", name=NAME, state="absent")


def logs_in(store, secret):
    try:
        store.server.client(NAME, secret).list_buckets()
    except S3Error as error:
        return error.code == "AccessDenied"
    return True


def test_life(store):
    done = store.settles("minio_user", name=NAME, user_secret_key=SECRET, policies=["readwrite", "readonly"])
    assert done["user"] == {"name": NAME, "status": "enabled", "policies": ["readonly", "readwrite"]}
    assert logs_in(store, SECRET)
    store.settles("minio_user", changed=False, name=NAME, user_secret_key=SECRET)
    store.settles("minio_user", changed=False, name=NAME, policies=["readwrite", "readonly"])
    store.settles("minio_user", name=NAME, policies=["writeonly"])
    store.settles("minio_user", name=NAME, policies=[])
    store.settles("minio_user", name=NAME, state="absent")
    store.settles("minio_user", changed=False, name=NAME, state="absent")


def test_a_new_user_may_have_nothing(store):
    assert store.settles("minio_user", name=NAME, user_secret_key=SECRET)["user"]["policies"] == []
    assert logs_in(store, SECRET)


def test_a_changed_secret(store):
    store.settles("minio_user", name=NAME, user_secret_key=SECRET, policies=["readonly"])
    done = store.settles("minio_user", name=NAME, user_secret_key=OTHER)
    assert done["diff"]["before"]["user_secret_key"] == "<secret>"
    assert done["diff"]["after"]["user_secret_key"] == "<secret: changed>"
    assert done["user"]["policies"] == ["readonly"]
    assert logs_in(store, OTHER)
    assert not logs_in(store, SECRET)


def test_a_secret_for_new_users_only(store):
    store.settles("minio_user", name=NAME, user_secret_key=SECRET, update_secret="on_create")
    store.settles("minio_user", changed=False, name=NAME, user_secret_key=OTHER, update_secret="on_create")
    assert logs_in(store, SECRET)


def test_disabled_and_enabled(store):
    store.settles("minio_user", name=NAME, user_secret_key=SECRET, status="disabled", policies=["readonly"])
    assert not logs_in(store, SECRET)
    store.settles("minio_user", changed=False, name=NAME, user_secret_key=OTHER, status="disabled")
    store.settles("minio_user", name=NAME, user_secret_key=OTHER, status="enabled")
    assert logs_in(store, OTHER)
    store.settles("minio_user", name=NAME, status="disabled")
    done = store.settles("minio_user", name=NAME, status="enabled")
    assert done["user"]["policies"] == ["readonly"]
    assert logs_in(store, OTHER)


def test_bad_input(store):
    assert store.fails("minio_user", name="a=", user_secret_key="short-x").splitlines() == [
        "name: expected at least 3 characters without =, comma and space at the ends, found 'a='",
        "user_secret_key: has 7 characters; MinIO wants at least 8",
    ]
    assert store.fails("minio_user", name=NAME) == "user_secret_key: is missing; a new user needs one"
    assert store.fails("minio_user", name="prefect-admin", state="absent") == (
        "name: is 'prefect-admin', whose keys this task uses itself; use those of somebody else"
    )


def test_a_policy_that_is_not_there(store):
    options = {"name": NAME, "user_secret_key": SECRET, "policies": ["readwite"]}
    assert store.call("minio_user", **options)["msg"] == (
        "policies[0]: there is no policy 'readwite'; did you mean 'readwrite'? "
        "known: consoleAdmin, readonly, readwrite, writeonly"
    )
    assert store.watch.writes == []
    foretold = store.call("minio_user", check=True, **options)
    assert foretold["changed"] is True
    assert "there is no policy 'readwite' yet" in str(foretold["warnings"])
