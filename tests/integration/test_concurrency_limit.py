"""Module concurrency_limit."""

from __future__ import annotations

import pytest

TAG = "test: tag ü"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("concurrency_limit", tag=TAG, state="absent")


def test_life(api):
    created = api.settles("concurrency_limit", tag=TAG, limit=0)
    updated = api.settles("concurrency_limit", tag=TAG, concurrency_limit=2**31 - 1)
    assert updated["concurrency_limit"]["id"] == created["concurrency_limit"]["id"]
    api.settles("concurrency_limit", changed=False, tag=TAG)
    api.settles("concurrency_limit", tag=TAG, state="absent")
    api.settles("concurrency_limit", changed=False, tag=TAG, state="absent")


def test_bad_input(api):
    assert api.fails("concurrency_limit", tag=TAG)["msg"] == "limit: is missing; a new limit needs one"
    assert "found -1" in api.fails("concurrency_limit", tag=TAG, limit=-1)["msg"]
    assert "found null" in api.fails("concurrency_limit", tag=TAG, limit=None)["msg"]
    assert api.fails("concurrency_limit", tag="a/b", limit=1)["problems"][0]["path"] == "tag"


def test_with_limits_of_other_kinds(api):
    document = {
        "concurrency_limits": [{"tag": TAG, "limit": 2}],
        "global_concurrency_limits": [{"name": TAG, "limit": 2}],
    }
    api.settles("resources", resources=document)
    absent = {kind: [{**rows[0], "state": "absent"}] for kind, rows in document.items()}
    api.settles("resources", resources=absent)
