"""What policies mean, and who uses them."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.policy import check_policy, normal

from .conftest import encrypted

ALLOW = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::a/*"]}


@pytest.mark.parametrize(
    "other",
    [
        {"Statement": ALLOW},
        {"Statement": [ALLOW, ALLOW]},
        {"Version": "2012-10-17", "Statement": [{**ALLOW, "Action": "s3:GetObject", "Sid": ""}]},
        {"ID": "", "Version": "", "Statement": [{**ALLOW, "Resource": "arn:aws:s3:::a/*", "Condition": {}}]},
    ],
)
def test_the_same_meaning(other):
    assert normal(other) == normal({"Statement": [ALLOW]})


@pytest.mark.parametrize(
    "other",
    [
        {"Statement": [{**ALLOW, "Effect": "Deny"}]},
        {"Statement": [{**ALLOW, "Action": ["s3:GetObject", "s3:PutObject"]}]},
        {"Statement": [ALLOW, {**ALLOW, "Effect": "Deny"}]},
        {"Statement": [{**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": True}}}]},
        {"Version": "2008-10-17", "Statement": [ALLOW]},
    ],
)
def test_another_meaning(other):
    assert normal(other) != normal({"Statement": [ALLOW]})


def test_switches_in_conditions():
    statements = [{**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": value}}} for value in (True, ["true"])]
    assert normal({"Statement": statements[:1]}) == normal({"Statement": statements[1:]})


@pytest.mark.parametrize("policy", [{}, {"Statement": []}, {"Statement": "all"}, {"Statement": ["all"]}])
def test_no_policies(policy):
    assert check_policy(policy)


def test_who_uses_it(minio):
    mappings = {"policyMappings": [{"policy": "readwrite", "users": ["flows"], "groups": ["staff"]}]}
    minio.admin("GET idp/builtin/policy-entities?policy", encrypted(mappings))
    result = minio.run("minio_policy", name="readwrite", state="absent")
    assert result["msg"] == "name: policy 'readwrite' is attached to user 'flows', group 'staff'; detach it first"
    assert minio.writes == []


def test_nobody_uses_it(minio):
    minio.admin("GET idp/builtin/policy-entities?policy", encrypted({}))
    assert minio.run("minio_policy", name="readwrite", state="absent")["changed"] is True
    assert minio.writes == ["DELETE /minio/admin/v3/remove-canned-policy?name"]
