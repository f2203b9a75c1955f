"""What stands in the object store, as its administrator sees it with boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

ASK = """
import boto3, json, sys
def client(kind):
    return boto3.client(kind, endpoint_url="http://127.0.0.1:8333", region_name="us-east-1",
                        aws_access_key_id="prefect-admin", aws_secret_access_key="deployer-canarysecret")
kind, method, options = json.loads(sys.argv[1])
found = getattr(client(kind), method)(**options)
found.pop("ResponseMetadata")
print(json.dumps(found, default=str))
"""


def ask(host: Host, kind: str, method: str, **options: Any) -> Any:
    return json.loads(host.check_output("/stores/bin/python -c %s %s", ASK, json.dumps([kind, method, options])))


def test_flows_keep_their_results_in_the_bucket(host: Host) -> None:
    found = ask(host, "s3", "list_objects_v2", Bucket="example-results")["Contents"]
    names = [row["Key"] for row in found]
    assert names
    assert [name for name in names if not name.startswith("results/")] == []


def test_the_flows_lie_in_theirs(host: Host) -> None:
    found = ask(host, "s3", "list_objects_v2", Bucket="example-flows")["Contents"]
    assert [row["Key"] for row in found] == ["counting.py"]


def test_the_bucket_is_as_declared(host: Host) -> None:
    assert ask(host, "s3", "get_bucket_versioning", Bucket="example-results") == {"Status": "Enabled"}
    tags = ask(host, "s3", "get_bucket_tagging", Bucket="example-results")
    assert tags["TagSet"] == [{"Key": "team", "Value": "data"}]
    (rule,) = ask(host, "s3", "get_bucket_lifecycle_configuration", Bucket="example-results")["Rules"]
    assert (rule["Expiration"]["Days"], rule["Filter"].get("Prefix", rule.get("Prefix"))) == (30, "results/")


def test_the_policy_is_the_groups(host: Host) -> None:
    members = ask(host, "iam", "get_group", GroupName="prefect-readers")["Users"]
    assert [member["UserName"] for member in members] == ["prefect-flows"]
    policies = ask(host, "iam", "list_attached_group_policies", GroupName="prefect-readers")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in policies] == ["prefect-bucket-example-flows"]


@pytest.mark.parametrize("user", ["prefect-flows", "prefect-results"])
def test_a_user_has_one_key(host: Host, user: str) -> None:
    keys = ask(host, "iam", "list_access_keys", UserName=user)["AccessKeyMetadata"]
    assert [key["Status"] for key in keys] == ["Active"]


def test_the_secret_is_kept_for_its_owner_alone() -> None:
    host = Host.get_host("docker://flowops-s3-host")
    for user in ("prefect-flows", "prefect-results"):
        kept = host.file(f"/opt/prefect/etc/s3-user-{user}.json")
        assert (kept.user, kept.mode) == ("root", 0o600)
