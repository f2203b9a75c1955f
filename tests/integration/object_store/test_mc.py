"""What the modules made, as MinIO's own client finds it: what there is, and what everybody may and may not do."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import bed
import gateway
import pytest

OWN, OTHER = "mc-flows", "mc-other"
SECRET = "mc-secret-canary"
MEMBER, WRITER, ALONE, LOCKED = "mc-member", "mc-writer", "mc-alone", "mc-locked"
REPORTS, INHERITING, OFF = "mc-reports", "mc-inheriting", "mc-off"
GROUP, IDLE = "mc-readers", "mc-idle"
READ, WRITE = "mc-read", "mc-write"
DENIED = ("Access Denied", "Insufficient permissions", "Access Key Id you provided does not exist")


def statement(*actions: str, resource: str = OWN) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": [f"arn:aws:s3:::{resource}"]}


BUCKET = statement("s3:GetBucketLocation", "s3:ListBucket")
POLICIES = {
    READ: {"Version": "2012-10-17", "Statement": [BUCKET, statement("s3:GetObject", resource=f"{OWN}/*")]},
    WRITE: {
        "Version": "2012-10-17",
        "Statement": [BUCKET, statement("s3:GetObject", "s3:PutObject", "s3:DeleteObject", resource=f"{OWN}/*")],
    },
}
ONLY_REPORTS = {
    "Version": "2012-10-17",
    "Statement": [
        statement("s3:GetBucketLocation"),
        statement("s3:GetObject", "s3:PutObject", resource=f"{OWN}/reports/*"),
    ],
}
OBJECTS = [
    ("minio_bucket", {"name": OWN}),
    ("minio_bucket", {"name": OTHER}),
    *(("minio_policy", {"name": name, "policy": policy}) for name, policy in POLICIES.items()),
    ("minio_user", {"name": MEMBER, "user_secret_key": SECRET}),
    ("minio_user", {"name": WRITER, "user_secret_key": SECRET, "policies": [WRITE]}),
    ("minio_user", {"name": ALONE, "user_secret_key": SECRET, "policies": []}),
    ("minio_user", {"name": LOCKED, "user_secret_key": SECRET, "policies": [WRITE], "status": "disabled"}),
    ("minio_group", {"name": GROUP, "members": [MEMBER], "policies": [READ]}),
    ("minio_group", {"name": IDLE, "members": [ALONE], "policies": [WRITE], "status": "disabled"}),
    ("minio_service_account", {"name": REPORTS, "user": WRITER, "account_secret_key": SECRET, "policy": ONLY_REPORTS}),
    ("minio_service_account", {"name": INHERITING, "user": MEMBER, "account_secret_key": SECRET}),
    ("minio_service_account", {"name": OFF, "user": WRITER, "account_secret_key": SECRET, "status": "disabled"}),
]
# Who, and what is allowed of: list, read reports, read, write reports, write, delete in their bucket.
CALLS = ("list", "read reports", "read", "write reports", "write", "delete")
TABLE = {
    MEMBER: "list, read reports, read",
    WRITER: "list, read reports, read, write reports, write, delete",
    ALONE: "",
    LOCKED: "",
    REPORTS: "read reports, write reports",
    INHERITING: "list, read reports, read",
    OFF: "",
}


class Mc:
    """MinIO's client as anybody whose secret is the same."""

    def __init__(self, store: Any) -> None:
        self._program = subprocess.check_output([str(bed.ROOT / "tests/bed/mc")], text=True).strip()
        host = store.server.url.removeprefix("http://")
        keys = {"root": (gateway.ACCESS_KEY, gateway.SECRET_KEY), **{name: (name, SECRET) for name in TABLE}}
        hosts = {f"MC_HOST_{name}": f"http://{user}:{secret}@{host}" for name, (user, secret) in keys.items()}
        self._environment = {"PATH": os.environ["PATH"], **hosts}

    def run(self, *arguments: str, content: str = "") -> subprocess.CompletedProcess[str]:
        command, environment = [self._program, "--json", *arguments], self._environment
        return subprocess.run(command, env=environment, input=content, text=True, capture_output=True, check=False)

    def tells(self, *arguments: str) -> dict[str, Any]:
        done = self.run("admin", *arguments)
        assert done.returncode == 0, done.stdout
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def may(self, user: str, call: str, bucket: str) -> bool:
        place = f"{user}/{bucket}"
        command, content = {
            "list": (["ls", place], ""),
            "read reports": (["cat", f"{place}/reports/there"], ""),
            "read": (["cat", f"{place}/there"], ""),
            "write reports": (["pipe", f"{place}/reports/new-{user}"], "x"),
            "write": (["pipe", f"{place}/new-{user}"], "x"),
            "delete": (["rm", f"{place}/gone-{user}"], ""),
        }[call]
        done = self.run(*command, content=content)
        assert done.returncode == 0 or any(text in done.stdout for text in DENIED), done.stdout
        return done.returncode == 0


@pytest.fixture(scope="module")
def mc(store, tmp_path_factory):
    for module, options in OBJECTS:
        result = store.call(module, **options)
        assert not result.get("failed"), result["msg"]
    client = Mc(store)
    client._environment["HOME"] = str(tmp_path_factory.mktemp("mc"))
    for bucket in (OWN, OTHER):
        for name in ("there", "reports/there", *(f"gone-{user}" for user in TABLE)):
            assert client.run("pipe", f"root/{bucket}/{name}", content="x").returncode == 0
    yield client
    for module, options in reversed(OBJECTS):
        force = {"force": True} if module == "minio_bucket" else {}
        result = store.call(module, name=options["name"], state="absent", **force)
        assert not result.get("failed"), result["msg"]


@pytest.mark.parametrize("name", POLICIES)
def test_policies(mc, name):
    found = mc.tells("policy", "info", "root", name)["policyInfo"]["Policy"]["Statement"]
    assert {tuple(row["Resource"]): set(row["Action"]) for row in found} == {
        tuple(row["Resource"]): set(row["Action"]) for row in POLICIES[name]["Statement"]
    }


@pytest.mark.parametrize(
    ("name", "policy", "status", "groups"),
    [
        (MEMBER, None, "enabled", [GROUP]),
        (WRITER, WRITE, "enabled", []),
        (ALONE, None, "enabled", [IDLE]),
        (LOCKED, WRITE, "disabled", []),
    ],
)
def test_users(mc, name, policy, status, groups):
    found = mc.tells("user", "info", "root", name)
    assert (found.get("policyName"), found["userStatus"]) == (policy, status)
    assert [row["name"] for row in found.get("memberOf") or []] == groups


def test_groups(mc):
    found = mc.tells("group", "info", "root", GROUP)
    assert (found["members"], found["groupStatus"], found["groupPolicy"]) == ([MEMBER], "enabled", READ)
    found = mc.tells("group", "info", "root", IDLE)
    assert (found["members"], found["groupStatus"]) == ([ALONE], "disabled")


@pytest.mark.parametrize(
    ("name", "user", "status", "inherits"),
    [(REPORTS, WRITER, "on", False), (INHERITING, MEMBER, "on", True), (OFF, WRITER, "off", True)],
)
def test_service_accounts(mc, name, user, status, inherits):
    found = mc.tells("user", "svcacct", "info", "root", name)
    assert (found["parentUser"], found["accountStatus"]) == (user, status)
    assert found.get("impliedPolicy", False) is inherits


@pytest.mark.parametrize("user", TABLE)
def test_who_may_what(mc, user):
    allowed = [call for call in TABLE[user].split(", ") if call]
    assert [call for call in CALLS if mc.may(user, call, OWN)] == allowed
    assert [call for call in CALLS if mc.may(user, call, OTHER)] == []


def test_a_group_that_is_enabled(mc, store):
    store.settles("minio_group", name=IDLE, status="enabled")
    assert [call for call in CALLS if mc.may(ALONE, call, OWN)] == list(CALLS)
    store.settles("minio_group", name=IDLE, members=[])
    assert [call for call in CALLS if mc.may(ALONE, call, OWN)] == []
