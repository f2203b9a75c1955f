"""Access keys on a simulation of AWS and on a real SeaweedFS, and what is left of runs that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.object_store import access_key

MODULE = "s3_access_key"
LIB = Path(__file__).parents[1] / "lib"
# Kills itself before the n-th of the steps by which a key and its file come to be; prints what the module returns else.
RUNNER = """
import itertools, json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from modules import run_module
options, at = json.loads(sys.argv[2]), int(sys.argv[3])
steps = itertools.count(1)

def counted(function):
    def step(*arguments, **named):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **named)
    return step

from ansible_collections.flowops.prefect.plugins.module_utils.object_store import key_file
if at:
    from ansible_collections.flowops.prefect.plugins.module_utils.object_store.aws import AwsClient
    AwsClient._send = counted(AwsClient._send)
    for name in ("replace", "fsync", "unlink", "makedirs"):
        setattr(os, name, counted(getattr(os, name)))
print(json.dumps(run_module("s3_access_key", options)))
"""


@pytest.fixture
def user(s3):
    name = f"user-{uuid.uuid4().hex[:8]}"
    s3.user(name)
    return name


@pytest.fixture
def options(user, tmp_path):
    return {"user": user, "path": str(tmp_path / "keys" / f"{user}.json")}


def kept(options):
    return json.loads(Path(options["path"]).read_text())


def start(s3, options, at=0):
    command = [sys.executable, "-c", RUNNER, str(LIB), json.dumps({**s3.connection, **options}), str(at)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_life(s3, options):
    def settles(changed=True, again=True, **more):
        foretold = s3.call(MODULE, check=True, **options, **more)
        done = s3.call(MODULE, **options, **more)
        assert not done.get("failed"), done["msg"]
        assert foretold["changed"] == done["changed"] == changed
        if again:
            assert s3.call(MODULE, **options, **more)["changed"] is False
            assert s3.watch.writes == []
        return done

    name = options["user"]
    first = settles()
    assert s3.keys(name) == {first["access_key_id"]: "Active"}
    assert kept(options)["secret_access_key"] == first["secret_access_key"]
    own = {"access_key": first["access_key_id"], "secret_key": first["secret_access_key"]}
    assert not s3.call("s3_info", **own).get("failed")
    second = settles(rotate=True)
    assert second["previous"] == {"access_key_id": first["access_key_id"], "status": "Active"}
    settles(retire=True)
    assert s3.keys(name) == {first["access_key_id"]: "Inactive", second["access_key_id"]: "Active"}
    if s3.enforces_status:
        assert s3.call("s3_info", **own)["msg"].endswith(f"has no key '{first['access_key_id']}', or it is disabled")
    settles(retire=True, grace=0)
    assert s3.keys(name) == {second["access_key_id"]: "Active"}
    settles(state="absent")
    assert s3.keys(name) == {}
    assert not os.path.exists(options["path"])


def test_a_key_that_nobody_kept(s3, options):
    s3.server.client("iam").create_access_key(UserName=options["user"])
    told = s3.call(MODULE, **options)["msg"]
    assert told.startswith(f"user: '{options['user']}' has 1 access key: ")
    assert s3.watch.writes == []
    assert s3.call(MODULE, rotate=True, **options)["previous"]["status"] == "Active"


@pytest.mark.parametrize("moment", ["asked", "answered"])
@pytest.mark.parametrize("rotate", [False, True])
def test_killed_while_a_key_is_made(s3, options, moment, rotate):
    """The proxy kills the module before or after the server makes the key, and before the answer comes back."""
    name = options["user"]
    before = [s3.call(MODULE, **options)["access_key_id"]] if rotate else []
    child = start(s3, {**options, "rotate": rotate})

    def kill(write):
        if write == "CreateAccessKey":
            child.kill()
            child.wait()

    setattr(s3.watch, moment, kill)
    try:
        child.communicate(timeout=60)
    finally:
        setattr(s3.watch, moment, None)
    assert child.returncode == -signal.SIGKILL
    # The server makes the key of a caller who is gone, too.
    end = time.monotonic() + 60
    while not (made := [key for key in s3.keys(name) if key not in before]) and time.monotonic() < end:
        time.sleep(0.1)
    assert len(made) == 1
    assert kept(options)["pending"] == {"known": before}
    healed = s3.call(MODULE, **options)
    assert not healed.get("failed"), healed["msg"]
    assert len(s3.keys(name)) == 1
    assert made[0] not in s3.keys(name)
    assert s3.keys(name) == {healed["access_key_id"]: "Active"}
    assert s3.call(MODULE, **options)["changed"] is False


@pytest.mark.parametrize("rotate", [False, True])
def test_killed_at_every_step(seaweedfs, tmp_path, rotate, monkeypatch):
    """Whatever is left, the next run comes to one key that works, and none that nobody knows."""
    # This server lists what it has just made.
    monkeypatch.setattr(access_key, "_PATIENCE", 0)
    at, killed = 0, True
    while killed:
        at += 1
        name = f"user-{uuid.uuid4().hex[:8]}"
        seaweedfs.user(name)
        options = {"user": name, "path": str(tmp_path / str(at) / "key.json")}
        if rotate:
            seaweedfs.call(MODULE, **options)
        child = start(seaweedfs, {**options, "rotate": rotate}, at)
        output, _errors = child.communicate(timeout=60)
        killed = child.returncode == -signal.SIGKILL
        assert killed or not json.loads(output).get("failed"), output
        healed = seaweedfs.call(MODULE, **options)
        assert not healed.get("failed"), (at, healed["msg"])
        known = [healed["access_key_id"], *([healed["previous"]["access_key_id"]] if healed["previous"] else [])]
        assert sorted(seaweedfs.keys(name)) == sorted(known), at
        assert kept(options)["secret_access_key"] == healed["secret_access_key"]
        assert seaweedfs.call(MODULE, **options)["changed"] is False
        assert os.listdir(os.path.dirname(options["path"])) == ["key.json"]
    assert at > 8
