"""What the modules made, as MinIO's own client finds it: what there is, and what everybody may and may not do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gateway
import pytest
from mc import Listener, Mc
from modules import run_module

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


class Everybody(Mc):
    """MinIO's client as anybody whose secret is the same."""

    def __init__(self, url: str, home: Path) -> None:
        users = {name: (name, SECRET) for name in TABLE}
        super().__init__(url, {"root": (gateway.ACCESS_KEY, gateway.SECRET_KEY), **users}, home)

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
    client = Everybody(store.server.url, tmp_path_factory.mktemp("mc"))
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


# The same task of a module and of the client, against a server newer than the one above, and what there is before.
ANNA = {"anna": {"status": "enabled", "policyName": "one"}}
STAFF = {"group": {"name": "staff", "status": "enabled", "members": ["anna"], "policy": "one"}}
EMPTY = {"group": {"name": "staff", "status": "enabled", "members": [], "policy": ""}}
ACCOUNT = {"parentUser": "anna", "accountStatus": "on", "impliedPolicy": True}
WHOLE = {"description": "For reports", "expiration": "2099-12-31T00:00:00Z"}
FLAGS = ["--policy", "POLICY", "--description", "For reports", "--expiry", "2099-12-31"]
KEY = {"name": "acct", "account_secret_key": SECRET}
SAME = [
    ("minio_group", {"name": "staff", "policies": ["one", "two"]}, STAFF, "policy attach root two --group staff"),
    ("minio_group", {"name": "staff", "policies": []}, STAFF, "policy detach root one --group staff"),
    ("minio_group", {"name": "staff", "members": ["anna", "bert"]}, STAFF, "group add root staff bert"),
    ("minio_group", {"name": "staff", "members": []}, STAFF, "group remove root staff anna"),
    ("minio_group", {"name": "staff", "status": "disabled"}, STAFF, "group disable root staff"),
    ("minio_group", {"name": "staff", "state": "absent"}, EMPTY, "group remove root staff"),
    ("minio_user", {"name": "anna", "policies": ["one", "two"]}, ANNA, "policy attach root two --user anna"),
    ("minio_user", {"name": "anna", "policies": []}, ANNA, "policy detach root one --user anna"),
    ("minio_user", {"name": "anna", "user_secret_key": SECRET}, {}, f"user add root anna {SECRET}"),
    (
        "minio_service_account",
        {"name": "acct", "status": "disabled"},
        ACCOUNT,
        "user svcacct disable root acct",
    ),
    ("minio_service_account", {"name": "acct", "state": "absent"}, ACCOUNT, "user svcacct remove root acct"),
    (
        "minio_service_account",
        {**KEY, "policy": ONLY_REPORTS, **WHOLE},
        {**ACCOUNT, "description": "old"},
        ["user", "svcacct", "edit", "root", "acct", "--secret-key", SECRET, *FLAGS],
    ),
    (
        "minio_service_account",
        {**KEY, "user": "anna", "policy": ONLY_REPORTS, **WHOLE},
        {},
        ["user", "svcacct", "add", "root", "anna", "--access-key", "acct", "--secret-key", SECRET, *FLAGS],
    ),
]


def normal(writes):
    """Return writes with their policies in one form."""
    return [
        (*rest, {name: meaning(value) if "olicy" in name else value for name, value in body.items()} if body else body)
        for *rest, body in writes
    ]


def meaning(policy):
    if not isinstance(policy, dict):
        return policy
    rows = [json.dumps({**row, "Action": sorted(row["Action"])}, sort_keys=True) for row in policy["Statement"]]
    return sorted(rows)


@pytest.mark.parametrize(("module", "options", "there", "command"), SAME)
def test_the_modules_say_what_the_client_says(tmp_path, module, options, there, command):
    listener = Listener(gateway.SECRET_KEY)
    keys = {"endpoint": listener.url, "access_key": gateway.ACCESS_KEY, "secret_key": gateway.SECRET_KEY}
    client = Mc(listener.url, {"root": (gateway.ACCESS_KEY, gateway.SECRET_KEY)}, tmp_path)
    (tmp_path / "policy.json").write_text(json.dumps(ONLY_REPORTS))
    words = command.split() if isinstance(command, str) else command
    words = [str(tmp_path / "policy.json") if word == "POLICY" else word for word in words]
    try:
        said = []
        for speak in (lambda: run_module(module, {**keys, **options}), lambda: client.tells(*words)):
            listener.plain = {"list-canned-policies": {"one": {}, "two": {}}, **there}
            listener.users = {} if (module, there) == ("minio_user", {}) else {**ANNA, "bert": {"status": "enabled"}}
            listener.account = dict(there) if "parentUser" in there else None
            listener.writes = []
            result = speak()
            assert not result.get("failed"), result["msg"]
            said.append(normal(listener.writes))
    finally:
        listener.close()
    assert said[0] == said[1] != []
