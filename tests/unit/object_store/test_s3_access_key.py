"""Every state that the key of a user and its file can be in."""

from __future__ import annotations

import json
import os
import time

import pytest

from .fake_aws import ADMIN, FakeAws, iam_refusal

MODULE = "s3_access_key"
NOTHING = {"access_key_id": None, "secret_access_key": None, "previous": None}


@pytest.fixture
def aws(monkeypatch):
    fake = FakeAws()
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    yield fake
    fake.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "flows.json"


@pytest.fixture
def run(aws, path):
    def call(check=False, **options):
        return aws.run(MODULE, check=check, **{"user": "flows", "path": str(path), **options})

    return call


@pytest.fixture
def settles(aws, run, path):
    def call(changed=True, again=False, **options):
        """Foretell, do, and find nothing left to do."""
        old = path.read_bytes() if path.exists() else None
        foretold = run(check=True, **options)
        assert (path.read_bytes() if path.exists() else None) == old
        done = run(**options)
        assert not done.get("failed"), done["msg"]
        assert foretold["changed"] == done["changed"] == changed
        assert foretold["diff"]["before"] == done["diff"]["before"]
        assert "secret-" not in json.dumps(done["diff"])
        if not again:
            after = run(**options)
            assert after["changed"] is False
            assert aws.writes == []
        return done

    return call


def fails(aws, run, path, **options):
    """Fail without having touched anything, in either mode."""
    keys, old = dict(aws.keys), path.read_bytes() if path.exists() else None
    result = run(**options)
    assert result.get("failed"), result
    assert aws.writes == []
    assert aws.keys == keys
    assert (path.read_bytes() if path.exists() else None) == old
    assert run(check=True, **options)["msg"] == result["msg"]
    return result["msg"]


def kept(path):
    return json.loads(path.read_text())


def keep(path, name, **more):
    path.parent.mkdir(mode=0o700, exist_ok=True)
    secret = None if name is None else f"secret-of-{name}"
    content = {"user": "flows", "access_key_id": name, "secret_access_key": secret, "created": None}
    path.write_text(json.dumps({**content, "previous": None, "pending": None, **more}))
    path.chmod(0o600)


# A first key


def test_a_new_key(aws, settles, path):
    done = settles()
    assert {name: done[name] for name in NOTHING} == {
        "access_key_id": "AKIA1",
        "secret_access_key": "secret-1",
        "previous": None,
    }
    assert aws.keys == {"AKIA1": "Active"}
    assert kept(path) == {
        "user": "flows",
        "access_key_id": "AKIA1",
        "secret_access_key": "secret-1",
        "created": "2026-01-01T00:00:00Z",
        "previous": None,
        "pending": None,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["flows.json"]


def test_check_mode_names_no_key(run, path):
    foretold = run(check=True)
    assert {name: foretold[name] for name in NOTHING} == NOTHING
    assert foretold["diff"]["after"]["access_key_id"] == "<new>"
    assert not path.parent.exists()


def test_the_journal_is_written_before_the_key_is_made(aws, run, path):
    seen = []

    def create():
        seen.append(kept(path)["pending"])
        return aws._CreateAccessKey({})

    aws.routes["CreateAccessKey"] = create
    run()
    run(rotate=True)
    assert seen == [{"known": []}, {"known": ["AKIA1"]}]


def test_a_user_who_is_not_there(run):
    assert run(user="nobody")["msg"] == "user: there is no user 'nobody'; create it first"
    foretold = run(check=True, user="nobody")
    assert foretold["changed"] is True
    assert "there is no user 'nobody' yet" in str(foretold["warnings"])


# What a killed run leaves


@pytest.mark.parametrize("rotate", [False, True])
def test_an_orphan_is_deleted(aws, settles, path, rotate):
    keep(path, None, pending={"known": []})
    aws.keys = {"AKIAORPHAN": "Active"}
    done = settles(again=rotate, rotate=rotate)
    assert aws.keys == {"AKIA1": "Active"}
    assert done["diff"]["before"]["access_keys"] == {"AKIAORPHAN": "Active"}
    assert done["previous"] is None
    assert kept(path)["pending"] is None


def test_an_orphan_of_a_rotation(aws, settles, path):
    keep(path, "AKIAOLD", pending={"known": ["AKIAOLD"]})
    aws.keys = {"AKIAOLD": "Active", "AKIAORPHAN": "Active"}
    assert settles()["access_key_id"] == "AKIAOLD"
    assert aws.keys == {"AKIAOLD": "Active"}


def test_an_orphan_in_the_way_of_a_rotation(aws, settles, path):
    keep(path, "AKIAOLD", pending={"known": ["AKIAOLD"]})
    aws.keys = {"AKIAOLD": "Active", "AKIAORPHAN": "Active"}
    done = settles(rotate=True)
    assert aws.keys == {"AKIAOLD": "Active", "AKIA1": "Active"}
    assert done["previous"] == {"access_key_id": "AKIAOLD", "status": "Active"}


def test_a_journal_without_an_orphan(aws, settles, path):
    keep(path, "AKIAOLD", pending={"known": ["AKIAOLD"]})
    aws.keys = {"AKIAOLD": "Active"}
    assert settles()["access_key_id"] == "AKIAOLD"
    assert kept(path)["pending"] is None


def test_an_orphan_that_is_listed_late(aws, run, path):
    keep(path, None, pending={"known": []})
    answers = iter([aws._ListAccessKeys({})])
    aws.keys = {"AKIAORPHAN": "Active"}
    aws.routes["ListAccessKeys"] = lambda: next(answers, None) or aws._ListAccessKeys({})
    run()
    assert aws.keys == {"AKIA1": "Active"}


def test_a_key_that_is_listed_late(aws, run):
    run()
    keys, aws.keys = aws.keys, {}
    answers = iter([aws._ListAccessKeys({})])
    aws.keys = keys
    aws.routes["ListAccessKeys"] = lambda: next(answers, None) or aws._ListAccessKeys({})
    assert run()["changed"] is False


def test_known_keys_are_never_deleted(aws, run, path):
    keep(path, None, pending={"known": ["AKIAHAND"]})
    aws.keys = {"AKIAHAND": "Active"}
    assert fails(aws, run, path).startswith("user: 'flows' has 1 access key: 'AKIAHAND'")


@pytest.mark.parametrize("kept_before", [False, True])
def test_a_refusal_leaves_no_journal(aws, run, path, kept_before):
    if kept_before:
        keep(path, "AKIAOLD")
        aws.keys = {"AKIAOLD": "Active"}
    aws.routes["CreateAccessKey"] = iam_refusal("AccessDenied")
    told = run(rotate=kept_before)["msg"]
    assert told.startswith(f"access_key: '{ADMIN}' is not allowed iam:CreateAccessKey on arn:aws:iam::*:user/flows")
    assert path.exists() == kept_before
    if kept_before:
        assert kept(path)["pending"] is None
        assert kept(path)["secret_access_key"] == "secret-of-AKIAOLD"


def test_too_many_keys_after_all(aws, run, path):
    aws.routes["CreateAccessKey"] = iam_refusal("LimitExceeded", 409)
    told = "user: 'flows' has as many access keys as it may (AWS allows two); delete one first"
    assert run()["msg"] == told
    assert not path.exists()


def test_an_answer_that_is_lost_leaves_the_journal(aws, run, path):
    def create():
        aws._CreateAccessKey({})
        return iam_refusal("ServiceFailure", 500)

    aws.routes["CreateAccessKey"] = create
    assert "answered ServiceFailure to iam:CreateAccessKey" in run()["msg"]
    assert aws.requests.count("CreateAccessKey") == 1
    assert kept(path)["pending"] == {"known": []}
    aws.routes.clear()
    assert run()["access_key_id"] == "AKIA2"
    assert aws.keys == {"AKIA2": "Active"}


def test_a_busy_server_is_asked_again_for_a_key(aws, run):
    answers = iter([iam_refusal("Throttling", 400)])
    aws.routes["CreateAccessKey"] = lambda: next(answers, None) or aws._CreateAccessKey({})
    assert run()["access_key_id"] == "AKIA1"


def test_a_key_that_cannot_be_kept_is_deleted_again(aws, run, path):
    def create():
        path.unlink()
        path.mkdir()
        (path / "in-the-way").touch()
        return aws._CreateAccessKey({})

    aws.routes["CreateAccessKey"] = create
    told = run()["msg"]
    assert told.endswith("the new key 'AKIA1' was deleted again")
    assert told.startswith("path: ")
    assert aws.keys == {}


# Keys that are not as expected


def test_a_key_that_nobody_kept(aws, run, path):
    aws.keys = {"AKIAHAND": "Inactive"}
    told = fails(aws, run, path)
    assert told.startswith("user: 'flows' has 1 access key: 'AKIAHAND' (Inactive, ")
    assert told.endswith(
        f" days old) and {path} does not keep it; give that key with its secret in the settings if you have it, "
        "set rotate to make a new key and retire this one, or delete it if nobody uses it: "
        "aws iam delete-access-key --user-name flows --access-key-id AKIAHAND"
    )


@pytest.mark.parametrize("rotate", [False, True])
def test_two_keys_that_nobody_kept(aws, run, path, rotate):
    aws.keys = {"AKIAONE": "Active", "AKIATWO": "Inactive"}
    told = fails(aws, run, path, rotate=rotate)
    assert told.startswith("user: 'flows' has 2 access keys: 'AKIAONE' (Active, ")
    assert told.endswith(
        f"{path} keeps none of them, and AWS allows two; delete 'AKIATWO', which is off: "
        "aws iam delete-access-key --user-name flows --access-key-id AKIATWO"
    )


def test_a_key_that_is_gone(aws, settles, path):
    keep(path, "AKIAGONE")
    assert settles()["access_key_id"] == "AKIA1"
    assert aws.keys == {"AKIA1": "Active"}


def test_a_key_that_is_gone_and_two_others(aws, run, path):
    keep(path, "AKIAGONE")
    aws.keys = {"AKIAONE": "Active", "AKIATWO": "Active"}
    told = fails(aws, run, path)
    assert "AWS allows two; delete the one that nobody uses (AWS tells when it was last used)" in told


def test_a_key_that_is_off(aws, run, path):
    keep(path, "AKIAOFF")
    aws.keys = {"AKIAOFF": "Inactive"}
    assert fails(aws, run, path) == (
        f"user: key 'AKIAOFF' of user 'flows' in {path} is Inactive; enable it again (aws iam update-access-key "
        "--user-name flows --access-key-id AKIAOFF --status Active), or delete it, and the next run makes a new one"
    )


# Rotation


def test_a_rotation(aws, run, settles, path):
    run()
    done = settles(rotate=True)
    assert done["access_key_id"] == "AKIA2"
    assert done["previous"] == {"access_key_id": "AKIA1", "status": "Active"}
    assert kept(path)["previous"] == {"access_key_id": "AKIA1", "disabled_at": None}
    assert settles(changed=False)["previous"] == {"access_key_id": "AKIA1", "status": "Active"}
    assert settles(retire=True)["previous"] == {"access_key_id": "AKIA1", "status": "Inactive"}
    assert aws.keys == {"AKIA1": "Inactive", "AKIA2": "Active"}
    assert kept(path)["previous"]["disabled_at"]
    settles(changed=False, retire=True)
    assert settles(retire=True, grace=0)["previous"] is None
    assert aws.keys == {"AKIA2": "Active"}
    assert kept(path)["access_key_id"] == "AKIA2"


def test_grace(aws, settles, path):
    aws.keys = {"AKIAOLD": "Inactive", "AKIANEW": "Active"}
    hour_ago = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    keep(path, "AKIANEW", previous={"access_key_id": "AKIAOLD", "disabled_at": hour_ago})
    settles(changed=False, retire=True, grace=3700)
    settles(retire=True, grace=3500)
    assert aws.keys == {"AKIANEW": "Active"}


def test_a_previous_key_that_somebody_enabled_again(aws, settles, path):
    aws.keys = {"AKIAOLD": "Active", "AKIANEW": "Active"}
    keep(path, "AKIANEW", previous={"access_key_id": "AKIAOLD", "disabled_at": "2026-01-01T00:00:00Z"})
    settles(retire=True)
    assert aws.keys["AKIAOLD"] == "Inactive"
    assert kept(path)["previous"]["disabled_at"] > "2026-01-01T00:00:00Z"


def test_a_run_that_was_killed_after_it_disabled_the_key(aws, settles, path):
    aws.keys = {"AKIAOLD": "Inactive", "AKIANEW": "Active"}
    keep(path, "AKIANEW", previous={"access_key_id": "AKIAOLD", "disabled_at": None})
    settles(retire=True)
    assert aws.keys["AKIAOLD"] == "Inactive"
    assert kept(path)["previous"]["disabled_at"]


def test_a_previous_key_that_is_gone(aws, settles, path):
    aws.keys = {"AKIANEW": "Active"}
    keep(path, "AKIANEW", previous={"access_key_id": "AKIAOLD", "disabled_at": None})
    assert settles()["previous"] is None
    assert kept(path)["previous"] is None


def test_no_room_for_a_rotation(aws, run, path):
    keep(path, "AKIAONE")
    aws.keys = {"AKIAONE": "Active", "AKIATWO": "Active"}
    assert "and AWS allows two; delete the one that nobody uses" in fails(aws, run, path, rotate=True)


def test_a_rotation_takes_over_a_key_that_nobody_kept(aws, settles):
    aws.keys = {"AKIAHAND": "Active"}
    done = settles(rotate=True)
    assert done["access_key_id"] == "AKIA1"
    assert done["previous"] == {"access_key_id": "AKIAHAND", "status": "Active"}


def test_a_rotation_replaces_a_key_that_is_off(aws, settles, path):
    keep(path, "AKIAOFF")
    aws.keys = {"AKIAOFF": "Inactive"}
    assert settles(rotate=True)["previous"] == {"access_key_id": "AKIAOFF", "status": "Inactive"}


def test_a_key_made_in_place_of_a_lost_one_is_used_before_another_is_retired(aws, run, path):
    keep(path, "AKIAGONE", previous={"access_key_id": "AKIAOLD", "disabled_at": None})
    aws.keys = {"AKIAOLD": "Active"}
    assert run(retire=True)["previous"] == {"access_key_id": "AKIAOLD", "status": "Active"}


# Removal


def test_removal(aws, run, settles, path):
    run()
    run(rotate=True)
    done = settles(state="absent")
    assert {name: done[name] for name in NOTHING} == NOTHING
    assert done["diff"]["after"] == {}
    assert aws.keys == {}
    assert os.listdir(path.parent) == []


def test_removal_leaves_keys_of_others(aws, run, settles):
    run()
    aws.keys["AKIAHAND"] = "Active"
    settles(state="absent")
    assert aws.keys == {"AKIAHAND": "Active"}
    settles(changed=False, state="absent")


def test_removal_takes_what_a_killed_run_left(aws, settles, path):
    keep(path, None, pending={"known": []})
    aws.keys = {"AKIAORPHAN": "Active"}
    settles(state="absent")
    assert aws.keys == {}
    assert not path.exists()


def test_removal_where_the_user_is_gone(aws, settles, path):
    keep(path, "AKIA1")
    aws.routes["ListAccessKeys"] = iam_refusal("NoSuchEntity", 404)
    settles(state="absent")
    assert not path.exists()


# Mistakes


def test_a_task_does_not_retire_its_own_key(aws, run, path):
    told = (
        f"access_key: '{ADMIN}' would be retired or deleted, and this task uses it itself; use the key of somebody else"
    )
    keep(path, "AKIANEW", previous={"access_key_id": ADMIN, "disabled_at": None})
    aws.keys = {ADMIN: "Active", "AKIANEW": "Active"}
    assert fails(aws, run, path, retire=True) == told
    assert fails(aws, run, path, state="absent") == told


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({"user": " ", "path": "keys.json", "grace": -1}, ["user", "path", "grace"]),
        ({"path": "/keys/"}, ["path"]),
        ({"rotate": True, "retire": True}, ["retire"]),
        ({"rotate": True, "retire": True, "state": "absent"}, ["retire", "rotate", "retire"]),
    ],
)
def test_options_that_cannot_be(aws, run, options, paths):
    if options.get("path") == "keys.json":
        options = {**options, "path": "./keys/"}
    result = run(**options)
    assert [row["path"] for row in result["problems"]] == paths
    assert aws.requests == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"user": "flows", "access_key_id": "A"}', '{"user": "flows", "x": 1}']
)
def test_a_file_that_keeps_no_key(aws, run, path, content):
    path.parent.mkdir()
    path.write_text(content)
    told = f"path: {path} is no file that keeps an access key; name another, or move it away"
    assert fails(aws, run, path) == told
    assert fails(aws, run, path, state="absent") == told


def test_a_file_of_somebody_else(aws, run, path):
    keep(path, "AKIA1", user="others")
    told = f"path: {path} keeps the key of user 'others', found 'flows'; each needs its own file"
    assert fails(aws, run, path) == told


def test_a_file_that_others_may_read(run, settles, path):
    run()
    path.chmod(0o644)
    done = settles()
    assert done["diff"]["before"]["mode"] == "open to others"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_a_file(run, tmp_path):
    (tmp_path / "file").touch()
    told = run(path=str(tmp_path / "file" / "flows.json"))["msg"]
    assert told == f"path: {tmp_path}/file/flows.json: Not a directory"
