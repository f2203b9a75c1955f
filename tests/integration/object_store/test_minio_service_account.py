"""Service accounts on a real server, of the time before they had a description and an end."""

from __future__ import annotations

import io

import pytest
from minio.error import S3Error

NAME = "test-account"
USER = "account-owner"
BUCKET = "account-bucket"
SECRET = "first-secret-canary"
OTHER = "other-secret-canary"
KEYS = {"name": NAME, "user": USER, "account_secret_key": SECRET}
BUCKET_ONLY = {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": f"arn:aws:s3:::{BUCKET}"}
READ = {
    "Statement": [BUCKET_ONLY, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}]
}


@pytest.fixture(scope="module", autouse=True)
def owner(store):
    store.call("minio_user", name=USER, user_secret_key="owner-secret-canary", policies=["readwrite"])
    store.call("minio_bucket", name=BUCKET)
    client = store.server.client()
    client.put_object(bucket_name=BUCKET, object_name="there", data=io.BytesIO(b"x"), length=1)
    yield
    store.call("minio_bucket", name=BUCKET, state="absent", force=True)
    store.call("minio_user", name=USER, state="absent")


@pytest.fixture(autouse=True)
def gone(store):
    yield
    store.call("minio_service_account", name=NAME, state="absent")


def answer(call, **arguments):
    try:
        call(bucket_name=BUCKET, **arguments)
    except S3Error as error:
        return error.code
    return "yes"


def may(store, secret=SECRET):
    """Return what the account gets when it reads and when it writes."""
    client = store.server.client(NAME, secret)
    written = {"object_name": "new", "data": io.BytesIO(b"x"), "length": 1}
    return answer(client.stat_object, object_name="there"), answer(client.put_object, **written)


def test_life(store):
    done = store.settles("minio_service_account", **KEYS)
    assert done["service_account"] == {
        "name": NAME,
        "user": USER,
        "policy": None,
        "status": "enabled",
        "description": "",
        "expiration": None,
    }
    assert done["diff"]["after"]["account_secret_key"] == "<secret>"
    assert may(store) == ("yes", "yes")
    store.settles("minio_service_account", changed=False, name=NAME)
    store.settles("minio_service_account", name=NAME, state="absent")
    assert may(store)[1] == "InvalidAccessKeyId"
    store.settles("minio_service_account", changed=False, name=NAME, state="absent")


def test_an_account_that_may_less_than_its_user(store):
    store.settles("minio_service_account", **KEYS, policy=READ)
    assert may(store) == ("yes", "AccessDenied")
    turned = {"Version": "2012-10-17", "Statement": list(reversed(READ["Statement"]))}
    store.settles("minio_service_account", changed=False, **KEYS, policy=turned)
    store.settles("minio_service_account", name=NAME, policy={"Statement": BUCKET_ONLY})
    assert may(store) == ("AccessDenied", "AccessDenied")


def test_other_changes_leave_the_policy(store):
    store.settles("minio_service_account", **KEYS, policy=READ)
    store.settles("minio_service_account", **{**KEYS, "account_secret_key": OTHER})
    store.settles("minio_service_account", name=NAME, status="disabled")
    store.settles("minio_service_account", name=NAME, status="enabled")
    assert may(store, OTHER) == ("yes", "AccessDenied")


def test_no_policy_any_more(store):
    store.settles("minio_service_account", **KEYS, policy=READ)
    told = "cannot be taken away from an account without making it again; give account_secret_key for that"
    assert store.fails("minio_service_account", name=NAME, policy=None) == f"policy: {told}"
    store.settles("minio_service_account", **KEYS, policy=None)
    assert may(store) == ("yes", "yes")


def test_a_changed_secret(store):
    store.settles("minio_service_account", **KEYS)
    done = store.settles("minio_service_account", name=NAME, account_secret_key=OTHER)
    assert done["diff"]["before"]["account_secret_key"] == "<secret>"
    assert done["diff"]["after"]["account_secret_key"] == "<secret: changed>"
    assert may(store, OTHER) == ("yes", "yes")
    assert may(store, SECRET)[1] == "SignatureDoesNotMatch"


def test_a_secret_for_new_accounts_only(store):
    store.settles("minio_service_account", **KEYS, update_secret="on_create")
    options = {"account_secret_key": OTHER, "update_secret": "on_create"}
    store.settles("minio_service_account", changed=False, name=NAME, **options)
    assert may(store) == ("yes", "yes")


def test_disabled_and_enabled(store):
    store.settles("minio_service_account", **KEYS, status="disabled", policy=READ)
    assert may(store)[1] == "InvalidAccessKeyId"
    changed = {**KEYS, "account_secret_key": OTHER}
    store.settles("minio_service_account", changed=False, **changed, status="disabled")
    store.settles("minio_service_account", **changed, status="enabled")
    assert may(store, OTHER) == ("yes", "AccessDenied")


def test_the_secret_of_a_user_who_is_locked_out(store):
    store.settles("minio_service_account", **KEYS)
    store.call("minio_user", name=USER, status="disabled")
    try:
        store.settles("minio_service_account", changed=False, **KEYS)
        store.settles("minio_service_account", name=NAME, account_secret_key=OTHER)
    finally:
        store.call("minio_user", name=USER, status="enabled")
    assert may(store, OTHER) == ("yes", "yes")


def test_an_account_stays_with_its_user(store):
    store.settles("minio_service_account", **KEYS)
    assert store.fails("minio_service_account", name=NAME, user="somebody") == (
        f"user: is '{USER}' and cannot become 'somebody': an account stays with its user; "
        "remove it, or give the other user one of another name"
    )


@pytest.mark.parametrize("option", [{"description": "For reports"}, {"expiration": "2099-01-01T00:00:00Z"}])
def test_what_the_server_lacks_is_named(store, option):
    told = f"{next(iter(option))}: {store.watch.url} does not offer this"
    assert store.fails("minio_service_account", **KEYS, **option) == told
    store.settles("minio_service_account", **KEYS)
    assert store.fails("minio_service_account", **KEYS, **option) == told


def test_bad_input(store):
    options = {
        "name": "a=",
        "user": "prefect-admin",
        "account_secret_key": "short-x",
        "policy": {"Statement": []},
        "description": "x" * 257,
        "expiration": "2026-12-31",
    }
    assert store.fails("minio_service_account", **options).splitlines() == [
        "name: has 2 characters; MinIO takes 3 to 20",
        "account_secret_key: has 7 characters; MinIO takes 8 to 40",
        "name: expected no =, comma and space at the ends, found 'a='",
        "user: is 'prefect-admin', whose keys this task uses itself; use those of somebody else",
        "policy.Statement: is missing; expected a list of statements",
        "description: has 257 characters; MinIO takes 256",
        "expiration: expected a time with its zone such as 2026-12-31T00:00:00Z, found '2026-12-31'",
    ]
    assert store.fails("minio_service_account", name=NAME, expiration="2020-01-01T00:00:00+01:00") == (
        "expiration: '2020-01-01T00:00:00+01:00' is over, and MinIO removes such an account; name a later time"
    )
    assert store.fails("minio_service_account", name=NAME).splitlines() == [
        "user: is missing; a new account needs one",
        "account_secret_key: is missing; a new account needs one",
    ]


def test_a_user_is_not_replaced(store):
    assert store.fails("minio_service_account", **{**KEYS, "name": USER}) == (
        f"name: is '{USER}', the user itself; an account has a name of its own"
    )
    store.call("minio_user", name="bystander", user_secret_key="bystander-canary")
    assert store.fails("minio_service_account", **{**KEYS, "name": "bystander"}) == (
        "name: 'bystander' is a user; an account has a name of its own"
    )
    store.call("minio_user", name="bystander", state="absent")


def test_a_user_that_is_not_there(store):
    options = {**KEYS, "user": "nobody-there"}
    assert store.call("minio_service_account", **options)["msg"] == (
        "user: there is no user 'nobody-there'; make it first"
    )
    assert store.watch.writes == []
    foretold = store.call("minio_service_account", check=True, **options)
    assert foretold["changed"] is True
    assert "there is no user 'nobody-there' yet" in str(foretold["warnings"])
