"""Modules global_concurrency_limit and concurrency_limit on a scripted API."""

from __future__ import annotations

import pytest

LIMIT = {"id": "l1", "name": "a b", "limit": 3, "active": True, "active_slots": 2, "slot_decay_per_second": 0.0}
PATH = "/v2/concurrency_limits/a%20b"
OF_TAG = {"id": "t1", "tag": "a", "concurrency_limit": 3, "active_slots": []}


@pytest.fixture
def limit(api):
    api.on("GET", PATH, LIMIT)
    return api


def _both(api, module, **options):
    foretold = api.run(module, check=True, **options)
    assert api.writes == []
    done = api.run(module, **options)
    assert (foretold["changed"], foretold["diff"]) == (done["changed"], done["diff"])
    return done


def test_a_new_limit(api):
    done = _both(api, "global_concurrency_limit", name="a b", limit=0)
    body = {"name": "a b", "limit": 0, "active": True, "slot_decay_per_second": 0.0}
    assert api.writes == [("POST", "/v2/concurrency_limits/", body)]
    assert done["global_concurrency_limit"] == {"id": "new", **body}


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, None),
        ({"limit": 3, "active": None, "slot_decay_per_second": 0}, None),
        ({"limit": 4}, {"limit": 4}),
        ({"active": False, "slot_decay_per_second": 0.5}, {"active": False, "slot_decay_per_second": 0.5}),
    ],
)
def test_what_differs_is_sent_and_slots_never(limit, options, sent):
    _both(limit, "global_concurrency_limit", name="a b", **options)
    assert limit.writes == ([] if sent is None else [("PATCH", "/v2/concurrency_limits/l1", sent)])


def test_a_limit_is_removed(limit):
    _both(limit, "global_concurrency_limit", name="a b", state="absent")
    assert limit.writes == [("DELETE", "/v2/concurrency_limits/l1", None)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "tag:x", "limit": 1}, "name: 'tag:x' is the limit of a tag; see module concurrency_limit"),
        ({"name": "deployment:x", "limit": 1}, "name: 'deployment:x' is the limit of a deployment; set its"),
        ({"name": "a/b", "limit": 1}, "name: expected a name without / % & > <, found 'a/b'"),
        ({"name": "9f2c5f0e-8a52-4c37-9f59-0d1e62d2a1ff", "limit": 1}, "looks like an id"),
        ({"name": "a", "limit": None}, "limit: expected a number, found null; active: false lets everything pass"),
        ({"name": "a", "limit": 2**31}, "limit: expected 0 to 2147483647, found 2147483648"),
        ({"name": "a", "limit": 1, "slot_decay_per_second": -1}, "slot_decay_per_second: expected 0 or more"),
        ({"name": "a"}, "limit: is missing; a new limit needs one"),
    ],
)
def test_what_is_wrong_with_a_limit_is_named(api, options, message):
    assert message in api.run("global_concurrency_limit", **options)["msg"]
    assert api.writes == []


def test_the_limit_of_a_tag(api):
    done = _both(api, "concurrency_limit", tag="a", limit=2)
    assert api.writes == [("POST", "/concurrency_limits/", {"tag": "a", "concurrency_limit": 2})]
    assert done["concurrency_limit"] == {"id": "new", "tag": "a", "limit": 2}


@pytest.mark.parametrize(("options", "changed"), [({}, False), ({"limit": 3}, False), ({"concurrency_limit": 0}, True)])
def test_the_limit_of_a_tag_is_updated_in_place(api, options, changed):
    api.on("GET", "/concurrency_limits/tag/a", OF_TAG)
    _both(api, "concurrency_limit", tag="a", **options)
    assert api.writes == [("POST", "/concurrency_limits/", {"tag": "a", "concurrency_limit": 0})] * changed


def test_the_limit_of_a_tag_is_removed(api):
    api.on("GET", "/concurrency_limits/tag/a", OF_TAG)
    _both(api, "concurrency_limit", tag="a", state="absent")
    assert api.writes == [("DELETE", "/concurrency_limits/tag/a", None)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tag": "a/b", "limit": 1}, "tag: expected a name without / % & > <, found 'a/b'"),
        ({"tag": "a", "limit": None}, "limit: expected a number, found null; state: absent takes the limit away"),
        ({"tag": "a"}, "limit: is missing; a new limit needs one"),
    ],
)
def test_what_is_wrong_with_the_limit_of_a_tag_is_named(api, options, message):
    assert message in api.run("concurrency_limit", **options)["msg"]
