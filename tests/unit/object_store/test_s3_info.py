"""What there is, and all that is wrong at once."""

from __future__ import annotations

import pytest

from .fake_aws import ADMIN, CREATED, XML, FakeAws, iam_refusal, refusal


@pytest.fixture
def aws():
    fake = FakeAws()
    fake.buckets = ["flows"]
    fake.routes["HEAD /flows"] = (200, b"", {"x-amz-bucket-region": "us-east-1"})
    fake.routes["GET /flows?versioning"] = xml(
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    )
    yield fake
    fake.close()


def xml(text):
    return 200, text.encode(), XML


def location(region):
    return xml(f"<LocationConstraint>{region}</LocationConstraint>")


@pytest.mark.parametrize("check", [False, True])
def test_everything(aws, check):
    aws.keys = {"AKIA1": "Active", "AKIA2": "Inactive"}
    result = aws.run("s3_info", check=check, buckets=["flows", "other"], users=["flows", "nobody"])
    assert result["changed"] is False
    assert result["identity"] == {"account": "1", "arn": "arn:aws:iam::1:user/admin", "user_id": "u"}
    assert result["buckets"] == {
        "flows": {"exists": True, "region": "us-east-1", "versioning": True},
        "other": {"exists": False, "region": None, "versioning": None},
    }
    assert result["users"] == {
        "flows": {
            "exists": True,
            "access_keys": [
                {"access_key_id": "AKIA1", "status": "Active", "created": CREATED},
                {"access_key_id": "AKIA2", "status": "Inactive", "created": CREATED},
            ],
            "groups": ["pipelines"],
        },
        "nobody": {"exists": False, "access_keys": [], "groups": []},
    }
    assert aws.writes == []


def test_iam_is_not_asked_unless_it_is_needed(aws):
    aws.run("s3_info", buckets=["flows"])
    assert "ListUsers" not in aws.requests


def test_all_that_is_wrong_is_told_at_once(aws):
    aws.routes["HEAD /taken"] = (403, b"", {})
    aws.routes["HEAD /far-away"] = (200, b"", {"x-amz-bucket-region": "eu-west-1"})
    aws.routes["GetUser"] = iam_refusal("AccessDenied")
    result = aws.run("s3_info", buckets=["flows", "taken", "far-away"], users=["flows"])
    assert result["msg"].splitlines() == [
        f"buckets[1]: 'taken' exists and belongs to somebody else, or '{ADMIN}' may not see it (needs s3:ListBucket)",
        "buckets[2]: 'far-away' is in region 'eu-west-1', found 'us-east-1'; set region to 'eu-west-1'",
        f"access_key: '{ADMIN}' is not allowed iam:GetUser on arn:aws:iam::*:user/flows at {aws.url}; "
        "a policy of this user has to allow it",
    ]
    assert [row["path"] for row in result["problems"]] == ["buckets[1]", "buckets[2]", "access_key"]


def test_wrong_keys_are_told_once(aws):
    aws.routes["*"] = refusal("InvalidAccessKeyId")
    result = aws.run("s3_info", buckets=["flows", "other"], users=["flows"])
    assert len(result["problems"]) == 1
    assert aws.requests == ["GET /"]


def test_buckets_that_may_not_be_listed(aws):
    aws.routes["GET /"] = refusal("AccessDenied")
    assert aws.run("s3_info", buckets=["flows"])["buckets"]["flows"]["exists"] is True


def test_an_own_bucket_that_may_not_be_looked_into(aws):
    aws.routes["HEAD /flows"] = (403, b"", {})
    aws.routes["GET /flows?versioning"] = refusal("AccessDenied")
    aws.routes["GET /flows?location"] = refusal("AccessDenied")
    found = aws.run("s3_info", buckets=["flows"])["buckets"]["flows"]
    assert found == {"exists": True, "region": None, "versioning": None}


@pytest.mark.parametrize(("told", "region"), [("", None), ("us-east-1", "us-east-1")])
def test_a_server_that_tells_the_region_when_asked(aws, told, region):
    aws.routes["HEAD /flows"] = (200, b"", {})
    aws.routes["GET /flows?location"] = location(told)
    assert aws.run("s3_info", buckets=["flows"])["buckets"]["flows"]["region"] == region


def test_the_old_name_of_a_region(aws):
    aws.routes["HEAD /flows"] = (200, b"", {})
    aws.routes["GET /flows?location"] = location("EU")
    found = aws.run("s3_info", region="eu-west-1", buckets=["flows"])
    assert found["buckets"]["flows"]["region"] == "eu-west-1"


def test_a_server_without_sts(aws):
    aws.routes["GetCallerIdentity"] = refusal("NotImplemented", 501)
    assert aws.run("s3_info")["identity"] is None


def test_iam_without_the_right_to_list_users(aws):
    aws.routes["ListUsers"] = iam_refusal("AccessDenied")
    aws.routes["ListGroupsForUser"] = iam_refusal("AccessDenied")
    assert aws.run("s3_info", users=["flows"])["users"]["flows"]["groups"] is None


def test_names_that_cannot_be(aws):
    result = aws.run("s3_info", buckets=["ok-name", "Not OK"], users=[""])
    assert [row["path"] for row in result["problems"]] == ["buckets[1]", "users[0]"]
    assert aws.requests == []
