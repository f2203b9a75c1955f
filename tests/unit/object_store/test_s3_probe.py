"""What is tried as a user, and what is said of it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.bucket_policy import ACCESS, bucket_policy

from .fake_aws import ADMIN, XML, FakeAws, refusal

MODULE = "s3_probe"
PREFIXES = (None, "team/a", "/team/a/")


def xml(text):
    return 200, text.encode(), XML


class Bucket(FakeAws):
    """Does what a policy allows to one user, and nothing else."""

    def __init__(self, policy):
        super().__init__()
        self.statements = policy["Statement"]
        self.objects = set()
        self.uploads = set()
        self.queries = []

    def known(self, name, _form):
        method, _, rest = name.partition(" ")
        path, _, query = rest.partition("?")
        bucket, _, key = path.lstrip("/").partition("/")
        action = {
            ("GET", "location"): "s3:GetBucketLocation",
            ("GET", "list-type"): "s3:ListBucket",
            ("GET", "uploadId"): "s3:ListMultipartUploadParts",
            ("DELETE", "uploadId"): "s3:AbortMultipartUpload",
            ("DELETE", ""): "s3:DeleteObject",
            ("PUT", ""): "s3:PutObject",
            ("POST", "uploads"): "s3:PutObject",
        }.get((method, query), "s3:GetObject")
        if not self._allows(action, bucket, key):
            return refusal("AccessDenied")
        return self._do(method, query, key)

    def _allows(self, action, bucket, key):
        resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
        granted = [row["Resource"][0] for row in self.statements if action in row["Action"]]
        return any(arn == resource or (arn.endswith("*") and resource.startswith(arn[:-1])) for arn in granted)

    def _do(self, method, query, key):
        changes = {("PUT", ""): self.objects.add, ("DELETE", ""): self.objects.discard}
        changes |= {("POST", "uploads"): self.uploads.add, ("DELETE", "uploadId"): self.uploads.discard}
        if (method, query) in changes:
            changes[method, query](key)
        if method == "POST":
            return xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
        if method in ("GET", "HEAD") and not query:
            return (200, b"", {}) if key in self.objects else refusal("NoSuchKey", 404)
        return xml("<Result/>") if method == "GET" else (204, b"", {})


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def place():
    made = []

    def make(policy):
        made.append(Bucket(policy))
        return made[-1]

    yield make
    for fake in made:
        assert fake.objects == set()
        assert fake.uploads == set()
        fake.close()


def probe(fake, **options):
    return fake.run(MODULE, **{"bucket": "flows", "retry": 0, **options})


@pytest.mark.parametrize("access", ACCESS)
def test_every_right_of_the_policy_is_tried(place, access):
    policy = bucket_policy("flows", None, access)
    result = probe(place(policy), access=access, others=["other"])
    assert not result.get("failed"), result["msg"]
    allowed = {row["call"] for row in result["rows"] if row["expected"] == "allowed"}
    assert allowed == {action for row in policy["Statement"] for action in row["Action"]}
    denied = {row["resource"].split("/")[0] for row in result["rows"] if row["expected"] == "denied"}
    assert "arn:aws:s3:::other" in denied


@pytest.mark.parametrize("prefix", PREFIXES[1:])
def test_a_folder(place, prefix):
    result = probe(place(bucket_policy("flows", prefix, "writeonly")), access="writeonly", prefix=prefix)
    assert not result.get("failed"), result["msg"]
    inside = {row["resource"] for row in result["rows"] if row["resource"].startswith("arn:aws:s3:::flows/team/a/")}
    beside = {row["resource"] for row in result["rows"] if row["resource"].startswith("arn:aws:s3:::flows/team/a-")}
    assert len(inside) == len(beside) == 1


@pytest.mark.parametrize("access", ACCESS)
def test_each_missing_statement_is_told(place, access):
    policy = bucket_policy("flows", None, access)
    for at, missing in enumerate(policy["Statement"]):
        rest = {**policy, "Statement": policy["Statement"][:at] + policy["Statement"][at + 1 :]}
        result = probe(place(rest), access=access)
        assert {row["path"] for row in result["problems"]} == {"bucket"}
        lacks = json.dumps(missing, separators=(",", ":"))
        for problem in result["problems"]:
            assert f" by '{ADMIN}' on arn:aws:s3:::flows" in problem["message"]
            assert problem["message"].endswith(f" is denied and must be allowed; the policy of its user lacks {lacks}")


def test_what_is_too_wide(place):
    policy = bucket_policy("*", None, "readwrite")
    policy["Statement"][-1]["Resource"] = ["arn:aws:s3:::*"]
    policy["Statement"][1]["Resource"] = ["arn:aws:s3:::flows"]
    policy["Statement"][0]["Resource"] = ["arn:aws:s3:::flows"]
    result = probe(place(policy), others=["first", "second"])
    assert [row["path"] for row in result["problems"]] == ["others[0]"] * 3 + ["others[1]"] * 3
    assert result["problems"][0]["message"].startswith(
        f"s3:PutObject by '{ADMIN}' on arn:aws:s3:::first/flowops-probe-"
    )
    too_wide = "is allowed and must not be; a statement of a policy of its user is too wide"
    assert all(row["message"].endswith(too_wide) for row in result["problems"])
    loose = probe(place(policy), others=["first", "second"], exact=False)
    assert {row["expected"] for row in loose["rows"]} == {row["found"] for row in loose["rows"]} == {"allowed"}


def test_an_explicit_deny_is_no_gap_in_the_policy(place):
    fake = place(bucket_policy("flows", None, "readonly"))
    fake.routes["GET /flows?location"] = refusal("AccessDenied", message="with an explicit deny in a policy")
    (problem,) = probe(fake, access="readonly")["problems"]
    assert problem["message"].endswith("; an explicit deny forbids it")
    assert "lacks" not in problem["message"]


def test_a_missing_right_on_a_key_for_encryption(place):
    fake = place(bucket_policy("flows", None, "readonly"))
    arn = "arn:aws:kms:eu-central-1:1:key/2"
    text = f"User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource: {arn}"
    fake.routes["GET /flows?location"] = refusal("AccessDenied", message=text)
    (problem,) = probe(fake, access="readonly")["problems"]
    assert f"is not allowed kms:Decrypt on {arn}" in problem["message"]


def test_a_key_that_is_not_known_everywhere_yet(place):
    fake = place(bucket_policy("flows", None, "readonly"))
    answers = iter([refusal("InvalidAccessKeyId"), refusal("AccessDenied")])
    fake.routes["GET /flows?location"] = lambda: next(answers, None) or xml("<LocationConstraint/>")
    assert not probe(fake, access="readonly", retry=30).get("failed")
    fake.routes["GET /flows?location"] = refusal("InvalidAccessKeyId")
    told = probe(fake, access="readonly")["msg"]
    assert told == f"access_key: {fake.url} has no key '{ADMIN}', or it is disabled"


def test_what_a_probe_left_is_removed_when_it_ends_early(place):
    fake = place(bucket_policy("flows", None, "readwrite"))
    skewed = refusal("RequestTimeTooSkewed")

    def answer():
        last = fake.requests[-1]
        return skewed if last.startswith("GET /flows/") else fake.known(last, {})

    fake.routes["*"] = answer
    assert "the clocks of this host" in probe(fake)["msg"]
    assert any(name.startswith("PUT /flows/") for name in fake.requests)


def test_buckets_that_are_not_there(place):
    fake = place(bucket_policy("flows", None, "readonly"))
    fake.routes["GET /other?list-type"] = refusal("NoSuchBucket", 404)
    (problem,) = probe(fake, access="readonly", others=["other"])["problems"]
    assert problem == {
        "path": "others[0]",
        "message": "there is no bucket 'other', so nothing is proven of it",
    }


def test_check_mode_and_bad_options(place):
    fake = place(bucket_policy("flows", None, "readonly"))
    assert fake.run(MODULE, check=True, bucket="flows")["skipped"] is True
    result = probe(fake, bucket="", retry=-1, others=["", "x"])
    assert [row["path"] for row in result["problems"]] == ["bucket", "retry", "others[0]"]
    assert fake.requests == []
