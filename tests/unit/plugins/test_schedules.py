"""Schedules: matched by slug or rule, changed in place, never all anew."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import schedules
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError
from hypothesis import given
from hypothesis import strategies as st


def _live(identity, rule, **more):
    base = {"id": identity, "active": True, "max_scheduled_runs": None, "parameters": {}, "slug": None}
    return {**base, "schedule": rule, **more, "created": "x"}


CRON = _live("1", {"cron": "0 6 * * *", "timezone": None, "day_or": True})
HOUR = _live("2", {"interval": 3600.0, "anchor_date": "2026-11-21T06:00:00.123456Z", "timezone": "UTC"}, slug="hour")
WEEK = _live("3", {"rrule": "DTSTART:20200101T000000\nRRULE:FREQ=WEEKLY", "timezone": "UTC"})
BEFORE = schedules.managed([WEEK, HOUR, CRON])


def _steps(*items):
    return schedules.steps(BEFORE, schedules.wanted(items, BEFORE))


SAME = ({"cron": "0 6 * * *"}, {"slug": "hour", "interval": 3600}, {"rrule": "FREQ=WEEKLY"})


@given(st.permutations(SAME))
def test_nothing_to_do_in_any_order(items):
    assert _steps(*items) == ([], [], [])


def test_order_of_the_api_does_not_count():
    assert schedules.managed([CRON, HOUR, WEEK]) == BEFORE


def test_missing_ones_are_removed():
    assert sorted(_steps().removed) == ["1", "2", "3"]
    assert _steps(*SAME[:2]) == (["3"], [], [])


def test_change_in_place_keeps_what_is_not_given():
    steps = _steps(SAME[0], SAME[2], {"slug": "hour", "interval": 60, "active": False})
    assert (steps.removed, steps.added) == ([], [])
    rule = {"interval": 60, "anchor_date": "2026-11-21T06:00:00.123456Z", "timezone": "UTC"}
    assert steps.updated == [
        ("2", {"active": False, "max_scheduled_runs": None, "parameters": {}, "slug": "hour", "schedule": rule})
    ]


def test_another_kind_of_rule_keeps_nothing_of_the_old_rule():
    steps = _steps(SAME[0], SAME[2], {"slug": "hour", "cron": "1 * * * *"})
    assert steps.updated[0][1]["schedule"] == {"cron": "1 * * * *"}


def test_without_a_slug_another_rule_is_another_schedule():
    steps = _steps({"cron": "0 7 * * *"}, *SAME[1:])
    assert steps.removed == ["1"]
    assert [row["schedule"] for row in steps.added] == [{"cron": "0 7 * * *"}]


def test_an_item_without_a_slug_does_not_take_one_with():
    steps = _steps({"interval": 3600}, SAME[0], SAME[2])
    assert steps.removed == ["2"]
    assert len(steps.added) == 1


def test_null_resets():
    before = schedules.managed([{**CRON, "active": False, "parameters": {"a": 1}}])
    item = {"cron": "0 6 * * *", "active": None, "parameters": None, "max_scheduled_runs": None}
    row = schedules.wanted([item], before)[0]
    assert (row["active"], row["parameters"], row["max_scheduled_runs"]) == (True, {}, None)


def test_null_does_not_reset_what_the_server_keeps():
    before = schedules.managed([HOUR, {**CRON, "max_scheduled_runs": 3}])
    item = {"cron": "0 6 * * *", "max_scheduled_runs": None}
    with pytest.raises(InvalidError, match=r"schedules\[1\]\.max_scheduled_runs: is 3, and the server cannot take it"):
        schedules.wanted([SAME[1], item], before)


@pytest.mark.parametrize("text", ["2026-11-21T06:00:00.123456Z", "2026-11-21 06:00:00.123456+00:00"])
def test_spellings_of_an_anchor(text):
    assert _steps(SAME[0], {"slug": "hour", "interval": 3600, "anchor_date": text}, SAME[2]) == ([], [], [])


def test_another_anchor():
    steps = _steps(SAME[0], {"slug": "hour", "interval": 3600, "anchor_date": "2026-01-01T00:00:00Z"}, SAME[2])
    assert [identity for identity, _ in steps.updated] == ["2"]


def test_own_start_of_a_rule_counts():
    assert _steps(*SAME[:2], {"rrule": "DTSTART:20260101T000000\nFREQ=WEEKLY"}).removed == ["3"]


def test_of_several_with_one_rule_each_is_known_by_the_rest():
    rule = {"cron": "0 6 * * *", "timezone": None, "day_or": True}
    rows = [_live("1", rule, parameters={"n": 1}), _live("2", rule, active=False), _live("3", rule)]
    items = [
        {"cron": "0 6 * * *", "active": True, "parameters": {}},
        {"cron": "0 6 * * *", "active": True, "parameters": {"n": 1}},
        {"cron": "0 6 * * *", "active": False, "parameters": {}},
    ]
    for live in (rows, rows[::-1]):
        before = schedules.managed(live)
        assert schedules.wanted(items, before) == before
