"""What the modules of S3 say when the server will not serve: each sentence says how to mend it."""

from __future__ import annotations

import datetime
import ipaddress
import socket

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store import aws_module as runner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .fake_aws import ADMIN, PAGE, WELL_FORMED_PAGE, XML, FakeAws, iam_refusal, refusal

FORM = "expected http://HOST[:PORT] or https://HOST[:PORT], found"
HTML = {"Content-Type": "text/html"}
NO_IAM = "name the address of its IAM API in iam_endpoint, or make its users by its own means"
SKEWED = "2026-01-01T00:00:00Z"


@pytest.fixture
def aws():
    fake = FakeAws()
    yield fake
    fake.close()


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Have no keys of this machine's, and no pauses."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "SSL_CERT_FILE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def message(aws, **options):
    result = aws.run("s3_info", **options)
    assert result.get("failed"), result
    return result["msg"]


# Options


@pytest.mark.parametrize("option", ["endpoint", "iam_endpoint"])
def test_addresses_without_a_scheme(aws, option):
    told = f"{option}: {FORM} 'storage:9000'; did you mean 'http://storage:9000'?"
    assert message(aws, **{option: "storage:9000"}) == told
    told = f"{option}: {FORM} 'http://storage/s3'; its API is at the root of its address only"
    assert message(aws, **{option: "http://storage/s3"}) == told
    assert aws.requests == []


def test_all_that_is_wrong_at_once(aws):
    result = aws.run("s3_info", endpoint="storage", region="EU west", timeout=0, secret_key=None, buckets=["A"])
    assert [row["path"] for row in result["problems"]] == ["endpoint", "region", "timeout", "secret_key", "buckets[0]"]


def test_one_key_of_two(aws):
    mend = "give both keys, or none of the keys and no token to use those of the host"
    assert message(aws, secret_key=None) == f"secret_key: is missing; {mend}"
    result = message(aws, access_key=None, secret_key=None, session_token="token-canary")
    assert result.splitlines() == [f"access_key: is missing; {mend}", f"secret_key: is missing; {mend}"]


def test_the_package_is_missing(aws, monkeypatch):
    monkeypatch.setattr(runner, "HAS_BOTO3", False)
    told = message(aws)
    assert "Failed to import the required Python library (boto3)" in told
    assert "to talk to S3 and IAM" in told


def test_keys_of_the_host(aws, monkeypatch):
    told = message(aws, access_key=None, secret_key=None)
    assert told == (
        "access_key: no keys were given, and the host's own fail: this host has none: no environment, no file, "
        "no role; give access_key and secret_key"
    )
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAHOST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "host-canary")
    aws.run("s3_info", access_key=None, secret_key=None)
    assert "Credential=AKIAHOST/" in aws.authorizations[-1]


def test_a_profile_that_is_not_there(aws, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    told = message(aws, access_key=None, secret_key=None)
    assert told.startswith("access_key: ")
    assert "nowhere" in told
    assert told.endswith("see AWS_PROFILE in the environment of this host")


# Network


def test_nobody_answers(aws):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        told = message(aws, endpoint=url)
    assert told.startswith(f"endpoint: nobody answers at {url}: ")
    assert "Connection refused" in told


def test_nobody_answers_in_time(aws):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert message(aws, endpoint=url, timeout=1) == f"endpoint: nobody answers at {url} within 1 s"


def test_an_iam_endpoint_that_nobody_answers_at(aws):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert message(aws, iam_endpoint=url, need_iam=True).startswith(f"iam_endpoint: nobody answers at {url}: ")


@pytest.fixture
def certificate(tmp_path):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = builder.add_extension(address, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "server.pem"
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(form) + private)
    return path


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_certificate_of_a_private_authority(certificate):
    fake = FakeAws(certificate)
    told = message(fake)
    start = f"endpoint: the certificate of {fake.url} is not trusted; name the certificates to trust in ca_path ("
    assert told.startswith(start)
    assert not fake.run("s3_info", ca_path=str(certificate)).get("failed")
    assert not fake.run("s3_info", validate_certs=False).get("failed")
    fake.close()


def test_no_tls_where_it_is_expected(aws):
    host = aws.url.removeprefix("http://")
    assert message(aws, endpoint=f"https://{host}") == f"endpoint: {host} does not speak TLS; use http://{host}"


def test_certificates_that_cannot_be_read(aws):
    assert message(aws, ca_path="/nowhere.pem") == "ca_path: /nowhere.pem cannot be read on this host"


# Somebody else


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ((401, PAGE, HTML), "it answered with status 401 and a web page"),
        ((403, WELL_FORMED_PAGE, HTML), "it answered with status 403 and a web page"),
        ((302, b"", {"Location": "/login"}), "it answered with status 302 and a redirect"),
        ((301, b"", {"Location": "/login"}), "it answered with status 301 and a redirect"),
        ((200, PAGE, HTML), "it"),
        ((200, WELL_FORMED_PAGE, HTML), "its answer is no list of buckets"),
    ],
)
def test_a_server_that_keeps_no_objects(aws, told, reason):
    aws.routes["*"] = told
    assert message(aws).startswith(f"endpoint: {aws.url} is no object store: {reason}")


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (refusal("NotImplemented", 501), "it answered NotImplemented"),
        (refusal("MethodNotAllowed", 405), "it answered MethodNotAllowed"),
        (iam_refusal("AuthorizationParametersError", 400), "it answered AuthorizationParametersError"),
        (iam_refusal("InvalidAction", 400), "it answered InvalidAction"),
        (refusal("NoSuchBucket", 404), "it answered NoSuchBucket"),
        ((404, PAGE, HTML), "its answer cannot be read"),
        ((404, WELL_FORMED_PAGE, HTML), "it answered with status 404 and a web page"),
        ((200, PAGE, HTML), "its answer cannot be read"),
        ((200, WELL_FORMED_PAGE, HTML), "its answer cannot be read"),
        ((302, b"", {"Location": "/login"}), "its answer cannot be read"),
    ],
)
def test_a_server_without_iam(aws, told, reason):
    aws.routes["ListUsers"] = told
    found = message(aws, need_iam=True)
    assert found.startswith(f"endpoint: {aws.url} has no IAM API: {reason}")
    assert found.endswith(NO_IAM)
    assert message(aws, users=["flows"]) == found


# Keys, clock, region, rights


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InvalidAccessKeyId", "access_key: {url} has no key 'AKIAADMIN', or it is disabled"),
        ("InvalidClientTokenId", "access_key: {url} has no key 'AKIAADMIN', or it is disabled"),
        ("SignatureDoesNotMatch", "secret_key: is not the one that {url} has for 'AKIAADMIN'"),
        (
            "ExpiredToken",
            "session_token: has expired for 'AKIAADMIN'; log in again and give the new keys and token",
        ),
        (
            "InvalidToken",
            "session_token: {url} does not take it for 'AKIAADMIN'; give the one that came with the keys, and none "
            "with lasting keys",
        ),
    ],
)
def test_keys(aws, code, told):
    aws.routes["GET /"] = refusal(code)
    assert message(aws) == told.format(url=aws.url)
    aws.routes.clear()
    aws.routes["ListUsers"] = iam_refusal(code)
    assert message(aws, need_iam=True) == told.format(url=aws.url)


def test_both_clocks_are_named(aws):
    aws.routes["GET /"] = refusal("RequestTimeTooSkewed", ServerTime=SKEWED)
    told = message(aws)
    assert told.startswith(f"endpoint: the clocks of this host and of {aws.url} differ: here it is 2")
    assert told.endswith(f"Z, there {SKEWED}; set them right")
    aws.routes.clear()
    expired = "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z"
    aws.routes["ListUsers"] = iam_refusal("SignatureDoesNotMatch", message=expired)
    assert "the clocks of this host and of" in message(aws, need_iam=True)


def test_the_region_is_told(aws):
    aws.routes["GET /"] = refusal("AuthorizationHeaderMalformed", 400, Region="eu-central-1")
    told = f"region: {aws.url} is in 'eu-central-1', found 'us-east-1'; set region to it"
    assert message(aws) == told
    del aws.routes["GET /"]
    for answer in (refusal("PermanentRedirect", 301), (301, b"", {}), (400, b"", {})):
        aws.routes["HEAD /flows"] = (answer[0], b"", {**XML, "x-amz-bucket-region": "eu-central-1"})
        told = "buckets[0]: bucket 'flows' is in 'eu-central-1', found 'us-east-1'; set region to it"
        assert message(aws, buckets=["flows"]) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
            "is in 'eu-west-1', found 'us-east-1'; set region to it",
        ),
        ("nothing that helps", "refuses 'us-east-1': nothing that helps"),
    ],
)
def test_a_region_in_words(aws, text, told):
    aws.routes["GET /"] = refusal("AuthorizationHeaderMalformed", 400, text)
    assert message(aws) == f"region: {aws.url} {told}"


def test_a_missing_right_is_named(aws):
    aws.routes["GetUser"] = iam_refusal("AccessDenied", message="no")
    told = message(aws, users=["flows"])
    mend = "a policy of this user has to allow it"
    start = f"access_key: '{ADMIN}' is not allowed iam:GetUser on arn:aws:iam::*:user/flows"
    assert told == f"{start} at {aws.url}; {mend}"
    who, arn = "arn:aws:iam::1:user/admin", "arn:aws:iam::1:user/flows"
    text = f"User: {who} is not authorized to perform: iam:GetUser on resource: {arn} with an explicit deny in a policy"
    aws.routes["GetUser"] = iam_refusal("AccessDenied", message=text)
    start = f"access_key: '{ADMIN}' ({who}) is not allowed iam:GetUser on {arn}"
    assert message(aws, users=["flows"]) == f"{start} at {aws.url}; an explicit deny forbids it"


def test_a_busy_server_is_asked_again(aws):
    answers = iter([refusal("SlowDown", 503), refusal("SlowDown", 503)])
    aws.routes["GET /"] = lambda: next(answers, None) or aws.known("GET /", {})
    assert not aws.run("s3_info").get("failed")
    assert aws.requests.count("GET /") == 3
    aws.routes["GET /"] = refusal("SlowDown", 503)
    assert message(aws).endswith("it wants fewer requests, run again later")
