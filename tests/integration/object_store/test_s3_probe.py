"""What users may do, proven on a simulation of AWS, on a real SeaweedFS and on MinIO's own code."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid

import aws
import gateway
import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.bucket_policy import bucket_policy
from minio import MinioAdmin
from minio.credentials import StaticProvider

BUCKET, OTHER, USER = "probe-flows", "probe-other", "probe-user"
ACCESS = ("readwrite", "readonly", "writeonly")
SECRET = "secret-of-probe-user"


class Place:
    """A server with two buckets and a user whose rights can be set."""

    def __init__(self, store, server, keys, allow):
        self.store = store
        self.client = server.client("s3")
        self.keys = keys
        self.allow = allow
        # The simulation does not.
        self.reads_conditions = True
        for name in (BUCKET, OTHER):
            self.client.create_bucket(Bucket=name)

    def clear(self):
        """Leave nothing to the tests of others."""
        for name in (BUCKET, OTHER):
            self.client.delete_bucket(Bucket=name)

    def probe(self, check=False, **options):
        return self.store.call("s3_probe", check=check, **{"bucket": BUCKET, "retry": 0, **self.keys, **options})

    def left(self):
        names = (BUCKET, OTHER)
        objects = [row["Key"] for name in names for row in self.client.list_objects_v2(Bucket=name).get("Contents", [])]
        return objects + [
            row for name in names for row in self.client.list_multipart_uploads(Bucket=name).get("Uploads", [])
        ]


def amazon(store):
    store.user(USER)
    key = store.server.client("iam").create_access_key(UserName=USER)["AccessKey"]
    keys = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
    yield Place(store, store.server, keys, lambda policy: store.allow(USER, policy))


def minio(store):
    provider = StaticProvider(gateway.ACCESS_KEY, gateway.SECRET_KEY)
    admin = MinioAdmin(endpoint=f"127.0.0.1:{store.server.port}", credentials=provider, secure=False)
    admin.user_add(access_key=USER, secret_key=SECRET)

    names = []

    def allow(policy):
        # A policy that is there does not change at once for those who have it.
        name = uuid.uuid4().hex
        admin.policy_add(policy_name=name, policy=policy)
        admin.policy_set(policy_name=name, user=USER)
        names.append(name)

    server = aws.Aws(store.server.url, gateway.ACCESS_KEY, gateway.SECRET_KEY)
    yield Place(store, server, {"access_key": USER, "secret_key": SECRET}, allow)
    admin.user_remove(access_key=USER)
    for name in names:
        admin.policy_remove(policy_name=name)


@pytest.fixture(scope="module", params=["moto", "seaweedfs", "store"])
def place(request):
    make = minio if request.param == "store" else amazon
    with contextlib.contextmanager(make)(request.getfixturevalue(request.param)) as found:
        found.reads_conditions = request.param != "moto"
        yield found
        found.clear()


def widened(access, prefix):
    """Return a policy that says prefix* where it means prefix/*."""
    policy = bucket_policy(BUCKET, prefix, access)
    policy["Statement"][-1]["Resource"] = [f"arn:aws:s3:::{BUCKET}/{prefix}*"]
    return policy


@pytest.mark.parametrize("prefix", [None, "team/a"])
@pytest.mark.parametrize("access", ACCESS)
def test_the_policy_of_a_bucket_is_right(place, access, prefix):
    place.allow(bucket_policy(BUCKET, prefix, access))
    if prefix and access != "writeonly" and not place.reads_conditions:
        pytest.skip("the simulation reads no conditions of policies")
    result = place.probe(access=access, prefix=prefix, others=[OTHER])
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False
    assert all(row["found"] == row["expected"] for row in result["rows"])
    assert {row["found"] for row in result["rows"]} == {"allowed", "denied"}
    assert place.left() == []


def test_a_policy_that_lacks_something(place):
    place.allow(bucket_policy(BUCKET, None, "writeonly"))
    result = place.probe(access="readwrite")
    who = place.keys["access_key"]
    bucket = f"arn:aws:s3:::{BUCKET}"
    assert (
        f"bucket: s3:ListBucket by '{who}' on {bucket} is denied and must be allowed; the policy of its user lacks "
        + (f'{{"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["{bucket}"]}}')
        in result["msg"].splitlines()
    )
    calls = {row["call"] for row in result["rows"] if row["found"] != row["expected"]}
    assert calls == {"s3:ListBucket", "s3:GetObject", "s3:DeleteObject"}
    # What may be put and not deleted is left, and said.
    (left,) = place.left()
    assert f"bucket: {bucket}/{left} was left behind, since it may not be deleted; remove it" in result["msg"]
    place.client.delete_object(Bucket=BUCKET, Key=left)


def test_a_policy_without_the_location(place):
    policy = bucket_policy(BUCKET, None, "readonly")
    del policy["Statement"][0]
    place.allow(policy)
    result = place.probe(access="readonly")
    (problem,) = result["problems"]
    assert problem["message"].startswith(
        f"s3:GetBucketLocation by '{place.keys['access_key']}' on arn:aws:s3:::{BUCKET} is denied"
    )


def test_a_policy_without_a_slash(place):
    place.allow(widened("readwrite", "team"))
    result = place.probe(prefix="team")
    wrong = [row for row in result["rows"] if row["found"] != row["expected"] and row["call"] != "s3:ListBucket"]
    assert [row["call"] for row in wrong] == ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    assert all(row["resource"].startswith(f"arn:aws:s3:::{BUCKET}/team-flowops-probe-") for row in wrong)
    assert "is allowed and must not be; a statement of a policy of its user is too wide" in result["msg"]
    assert place.left() == []


def test_a_user_who_may_everything(place):
    place.allow(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}],
        }
    )
    result = place.probe(others=[OTHER])
    assert {problem["path"] for problem in result["problems"]} == {"others[0]"}
    assert len(result["problems"]) == 4
    assert place.left() == []
    assert place.probe(access="readonly")["problems"]
    assert place.left() == []


def test_a_right_that_comes_late(place):
    place.allow(bucket_policy(OTHER, None, "readonly"))
    timer = threading.Timer(2, place.allow, [bucket_policy(BUCKET, None, "readwrite")])
    timer.start()
    result = place.probe(retry=30)
    timer.join()
    assert not result.get("failed"), result["msg"]


def test_check_mode_tries_nothing(place):
    result = place.probe(check=True)
    assert result["skipped"] is True
    assert result["changed"] is False
    assert "rows" not in result


def test_a_bucket_that_is_not_there(place):
    place.allow(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"]}],
        }
    )
    told = place.probe(bucket="probe-nowhere")["msg"]
    assert told == "bucket: there is no bucket 'probe-nowhere', so nothing is proven of it"


def test_no_secret_is_shown(place):
    assert place.keys["secret_key"] not in json.dumps(place.probe(access="readonly"))
