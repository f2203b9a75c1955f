"""Module global_concurrency_limit."""

from __future__ import annotations

import pytest

NAME = "test limit ü"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("global_concurrency_limit", name=NAME, state="absent")


def test_life(api):
    api.settles("global_concurrency_limit", name=NAME, limit=0)
    api.settles("global_concurrency_limit", name=NAME, limit=2**31 - 1, slot_decay_per_second=0.1)
    api.settles("global_concurrency_limit", changed=False, name=NAME)
    api.settles("global_concurrency_limit", changed=False, name=NAME, active=None)
    off = api.settles("global_concurrency_limit", name=NAME, active=False)
    assert off["global_concurrency_limit"]["slot_decay_per_second"] == 0.1
    on = api.settles("global_concurrency_limit", name=NAME, active=None, slot_decay_per_second=None)
    assert (on["global_concurrency_limit"]["active"], on["global_concurrency_limit"]["slot_decay_per_second"]) == (
        True,
        0,
    )
    api.settles("global_concurrency_limit", changed=False, name=NAME, slot_decay_per_second=0)
    api.settles("global_concurrency_limit", name=NAME, state="absent")
    api.settles("global_concurrency_limit", changed=False, name=NAME, state="absent")


def test_slots_that_are_taken_stay_taken(api, prefect):
    api.call("global_concurrency_limit", name=NAME, limit=3)
    prefect.request("POST", "/v2/concurrency_limits/increment", {"names": [NAME], "slots": 2})
    api.settles("global_concurrency_limit", changed=False, name=NAME, limit=3)
    api.settles("global_concurrency_limit", name=NAME, limit=4)
    found = prefect.request("POST", "/v2/concurrency_limits/filter", {})
    assert [row["active_slots"] for row in found if row["name"] == NAME] == [2]


def test_bad_input(api):
    assert api.fails("global_concurrency_limit", name=NAME)["msg"] == "limit: is missing; a new limit needs one"
    result = api.fails("global_concurrency_limit", name="tag:a", limit=-1, slot_decay_per_second=-1)
    assert [problem["path"] for problem in result["problems"]] == ["name", "limit", "slot_decay_per_second"]
    for name in ("deployment:x", "9f2c5f0e-8a52-4c37-9f59-0d1e62d2a1ff", "a/b"):
        assert api.fails("global_concurrency_limit", name=name, limit=1)["problems"][0]["path"] == "name"
    assert "found null" in api.fails("global_concurrency_limit", name=NAME, limit=None)["msg"]
