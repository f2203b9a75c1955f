"""Buckets on a real server."""

from __future__ import annotations

import io

import pytest

NAME = "test-bucket"


@pytest.fixture(autouse=True)
def gone(store):
    yield
    store.call("minio_bucket", name=NAME, state="absent", force=True)


def put(store, name, content=b"x"):
    store.server.client().put_object(bucket_name=NAME, object_name=name, data=io.BytesIO(content), length=len(content))


def test_life(store):
    done = store.settles("minio_bucket", name=NAME)
    assert done["bucket"] == {"name": NAME}
    assert store.server.client().bucket_exists(bucket_name=NAME)
    store.settles("minio_bucket", changed=False, name=NAME, versioning=False)
    store.settles("minio_bucket", name=NAME, state="absent")
    store.settles("minio_bucket", changed=False, name=NAME, state="absent")


def test_objects_are_removed_by_force_only(store):
    store.settles("minio_bucket", name=NAME)
    for name in ("a", "folder/b"):
        put(store, name)
    message = store.fails("minio_bucket", name=NAME, state="absent")
    assert message == f"force: bucket '{NAME}' is not empty; with force its objects are removed, too"
    store.settles("minio_bucket", name=NAME, state="absent", force=True)


@pytest.mark.parametrize(
    ("options", "option"),
    [({"versioning": True}, "versioning"), ({"quota": "1GiB"}, "quota")],
)
def test_what_the_server_lacks_is_named(store, options, option):
    store.settles("minio_bucket", name=NAME)
    message = store.fails("minio_bucket", name=NAME, **options)
    assert message == f"{option}: {store.watch.url} does not offer this"


def test_a_bucket_without_its_lock_does_not_stay(store):
    result = store.call("minio_bucket", name=NAME, object_lock=True)
    assert result["msg"] == f"object_lock: {store.watch.url} does not offer this"
    assert not store.server.client().bucket_exists(bucket_name=NAME)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("ab", "a bucket's name has 3 to 63 characters, this one 2"),
        ("My-Bucket", "a bucket's name has no upper case letters"),
        ("my_bucket", "a bucket's name has lower case letters, digits, dots and dashes only"),
        ("-bucket", "a bucket's name begins and ends with a letter or digit"),
        ("my..bucket", "a bucket's name has no dot beside a dot or dash"),
        ("10.0.0.1", "a bucket's name is not an IP address"),
        ("xn--bucket", "names that begin with xn--, sthree- or amzn-s3-demo- are reserved"),
    ],
)
def test_the_rule_that_a_name_breaks(store, name, rule):
    assert store.fails("minio_bucket", name=name) == f"name: {rule}; found '{name}'"


def test_a_bucket_of_somebody_else(store):
    store.settles("minio_bucket", name=NAME)
    store.call("minio_user", name="stranger", user_secret_key="stranger-canary")
    message = store.fails("minio_bucket", name=NAME, access_key="stranger", secret_key="stranger-canary")
    assert message == (
        f"name: '{NAME}' exists and belongs to somebody else, or 'stranger' may not see it (needs s3:ListBucket)"
    )
    store.call("minio_user", name="stranger", state="absent")


def test_wrong_keys(store):
    url = store.watch.url
    assert store.fails("minio_bucket", name=NAME, access_key="nobody") == (
        f"access_key: {url} has no user 'nobody', or it is disabled"
    )
    assert store.fails("minio_bucket", name=NAME, secret_key="wrong-canary") == (
        f"secret_key: is not the one that {url} has for 'prefect-admin'"
    )


def test_an_address_without_scheme(store):
    assert store.fails("minio_bucket", name=NAME, endpoint="storage:9000") == (
        "endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], found 'storage:9000'; "
        "did you mean 'http://storage:9000'?"
    )


def test_nobody_there(store):
    message = store.fails("minio_bucket", name=NAME, endpoint="http://127.0.0.1:1")
    assert message.startswith("endpoint: nobody answers at http://127.0.0.1:1: ")
    assert "refused" in message


def test_https_to_a_server_without(store):
    message = store.fails("minio_bucket", name=NAME, endpoint=store.server.url.replace("http:", "https:"))
    address = f"127.0.0.1:{store.server.port}"
    assert message == f"endpoint: {address} does not speak TLS; use http://{address}"
