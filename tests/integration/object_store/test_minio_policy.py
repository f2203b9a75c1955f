"""Policies on a real server."""

from __future__ import annotations

import pytest

NAME = "test-policy"
READ = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": "arn:aws:s3:::flows"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::flows/*"]},
    ],
}


@pytest.fixture(autouse=True)
def gone(store):
    yield
    store.call("minio_policy", name=NAME, state="absent")


def test_life(store):
    done = store.settles("minio_policy", name=NAME, policy=READ)
    assert done["policy"]["policy"]["Statement"][0]["Action"] == ["s3:GetBucketLocation", "s3:ListBucket"]
    store.settles("minio_policy", changed=False, name=NAME)
    turned = {"Statement": [dict(reversed(list(row.items()))) for row in reversed(READ["Statement"])]}
    store.settles("minio_policy", changed=False, name=NAME, policy=turned)
    less = {"Version": "2012-10-17", "Statement": READ["Statement"][:1]}
    store.settles("minio_policy", name=NAME, policy=less)
    store.settles("minio_policy", name=NAME, state="absent")
    store.settles("minio_policy", changed=False, name=NAME, state="absent")


def test_conditions_are_compared_by_meaning(store):
    statement = {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::flows",
        "Condition": {"StringLike": {"s3:prefix": ["b/*", "a/*"]}},
    }
    store.settles("minio_policy", name=NAME, policy={"Statement": statement})
    statement["Condition"] = {"StringLike": {"s3:prefix": ["a/*", "b/*"]}}
    store.settles("minio_policy", changed=False, name=NAME, policy={"Statement": [statement]})


def test_a_policy_in_use_is_not_removed(store):
    store.settles("minio_policy", name=NAME, policy=READ)
    store.settles("minio_user", name="reader", user_secret_key="reader-canary", policies=[NAME, "readonly"])
    assert store.fails("minio_policy", name=NAME, state="absent") == (
        f"name: policy '{NAME}' is attached to user 'reader'; detach it first"
    )
    store.settles("minio_user", name="reader", state="absent")
    store.settles("minio_policy", name=NAME, state="absent")


def test_bad_input(store):
    policy = {"Version": 2012, "Statements": [], "Statement": [{"Effect": "allow", "Actions": "s3:*"}]}
    assert store.fails("minio_policy", name="a,b", policy=policy).splitlines() == [
        "name: expected a name without comma and space at the ends, found 'a,b'",
        "policy.Statements: unknown key; allowed: ID, Version, Statement; did you mean 'Statement'?",
        "policy.Version: expected '2012-10-17', found '2012'",
        "policy.Statement[0].Actions: unknown key; allowed: Sid, Effect, Action, NotAction, Resource, NotResource, "
        "Condition; did you mean 'Action'?",
        "policy.Statement[0].Effect: expected one of Allow, Deny, found 'allow'; did you mean 'Allow'?",
        "policy.Statement[0].Action: is missing",
    ]


def test_what_only_the_server_knows(store):
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:Fly", "Resource": "arn:aws:s3:::*"}]}
    message = store.call("minio_policy", name=NAME, policy=policy)["msg"]
    assert message == f"{store.watch.url} answered XMinioMalformedIAMPolicy: unsupported action 's3:Fly'"


def test_a_new_policy_needs_its_text(store):
    assert store.fails("minio_policy", name=NAME) == "policy: is missing; a new policy needs one"


def test_a_policy_that_is_too_long(store):
    resources = [f"arn:aws:s3:::bucket-{number:06}/*" for number in range(900)]
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources}]}
    assert "bytes as JSON; MinIO takes 20480" in store.fails("minio_policy", name=NAME, policy=policy)


def test_who_may_not_administer(store):
    store.settles("minio_user", name="plain", user_secret_key="plain-canary", policies=["readwrite"])
    message = store.fails("minio_policy", name=NAME, policy=READ, access_key="plain", secret_key="plain-canary")
    assert message == f"access_key: 'plain' is not allowed admin:ListUserPolicies at {store.watch.url}"
    store.settles("minio_user", name="plain", state="absent")
