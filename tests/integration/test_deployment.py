"""Module deployment."""

from __future__ import annotations

import json
import time

import pytest

KEY = {"flow_name": "test flow", "name": "test deployment"}


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("deployment", **KEY, state="absent")


def _live(prefect):
    return prefect.request("GET", "/deployments/name/test%20flow/test%20deployment")


def test_life(api, pool):
    created = api.settles(
        "deployment",
        **KEY,
        entrypoint="flows.py:hello",
        path="/opt/flows",
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "/opt/flows"}}],
        parameters={"name": "x"},
        parameter_openapi_schema={"type": "object", "properties": {"name": {"type": "string"}}},
        work_pool_name=pool,
        job_variables={"env": {"A": "1"}},
        schedules=[{"cron": "0 6 * * *"}],
        concurrency_limit=2,
        tags=["b", "a"],
        description="d",
        version="1",
        paused=True,
    )
    assert created["deployment"]["work_queue_name"] == "default"
    assert created["deployment"]["flow_id"]
    api.settles("deployment", changed=False, **KEY, tags=["a", "b"])
    api.settles("deployment", **KEY, parameters={"name": "y"}, work_queue_name="other", paused=False)
    fields = (
        "entrypoint",
        "path",
        "pull_steps",
        "parameters",
        "job_variables",
        "schedules",
        "concurrency_limit",
        "tags",
    )
    cleared = api.settles(
        "deployment", **KEY, **dict.fromkeys((*fields, "description", "version", "parameter_openapi_schema"))
    )
    assert [cleared["deployment"][field] for field in fields] == [None, None, [], {}, {}, [], None, []]
    out = api.settles("deployment", **KEY, work_pool_name=None)
    assert (out["deployment"]["work_pool_name"], out["deployment"]["work_queue_name"]) == (None, None)
    api.settles("deployment", **KEY, state="absent")
    api.settles("deployment", changed=False, **KEY, state="absent")


def test_another_pool_brings_its_default_queue(api, pool):
    api.call("work_pool", name="test-second")
    api.settles("deployment", **KEY, work_pool_name=pool, work_queue_name="q")
    moved = api.settles("deployment", **KEY, work_pool_name="test-second")
    assert moved["deployment"]["work_queue_name"] == "default"
    both = api.settles("deployment", **KEY, work_pool_name=pool, work_queue_name="q")
    assert both["deployment"]["work_queue_name"] == "q"
    api.call("work_pool", name="test-second", state="absent")


def test_pool_that_is_gone_leaves_no_queue(api, pool):
    api.settles("deployment", **KEY, work_pool_name=pool)
    api.call("work_pool", name=pool, state="absent")
    result = api.call("deployment", **KEY)
    assert not result["changed"]
    assert (result["deployment"]["work_pool_name"], result["deployment"]["work_queue_name"]) == (None, None)


def test_schedules_keep_their_ids(api, pool, prefect):
    morning = {"slug": "morning", "cron": "0 6 * * *", "timezone": "Europe/Vienna"}
    hourly = {"interval": 3600}
    weekly = {"slug": "weekly", "rrule": "FREQ=WEEKLY;BYDAY=MO", "parameters": {"name": "w"}}
    api.settles("deployment", **KEY, work_pool_name=pool, schedules=[morning, hourly, weekly])
    ids = {row["slug"]: row["id"] for row in _live(prefect)["schedules"]}
    api.settles("deployment", changed=False, **KEY, schedules=[weekly, hourly, morning])
    api.settles("deployment", changed=False, **KEY, schedules=[weekly, {**hourly, "active": True}, morning])
    api.settles(
        "deployment", **KEY, schedules=[{**weekly, "active": False}, hourly, {"slug": "morning", "cron": "0 7 * * *"}]
    )
    live = {row["slug"]: row for row in _live(prefect)["schedules"]}
    assert {slug: row["id"] for slug, row in live.items()} == ids
    # What was not given again stays.
    assert live["morning"]["schedule"] == {"cron": "0 7 * * *", "timezone": "Europe/Vienna", "day_or": True}
    assert live["weekly"]["parameters"] == {"name": "w"}
    assert live["weekly"]["active"] is False
    # One less, one of another kind, one more.
    api.settles(
        "deployment", **KEY, schedules=[{"slug": "morning", "interval": 60}, {"slug": "new", "cron": "* * * * *"}]
    )
    live = {row["slug"]: row for row in _live(prefect)["schedules"]}
    assert live["morning"]["id"] == ids["morning"]
    assert set(live) == {"morning", "new"}
    api.settles("deployment", **KEY, schedules=[])
    assert _live(prefect)["schedules"] == []


def test_bad_schedules(api):
    schedules = [
        {"slug": "a"},
        {"cron": "* * * * *", "interval": 3},
        {"slug": "b", "interval": 0},
        {"slug": "b", "cron": "1 * * * *"},
    ]
    schedules += [{"rrule": "FREQ=DAILY", "day_or": True, "max_scheduled_runs": 0}]
    result = api.fails("deployment", **KEY, schedules=schedules)
    assert [problem["path"] for problem in result["problems"]] == [
        "schedules[0]",
        "schedules[1]",
        "schedules[2].interval",
        "schedules[3].slug",
        "schedules[4].day_or",
        "schedules[4].max_scheduled_runs",
    ]


def test_missing_pool_names_those_there_are(api, pool):
    for state in ("new", "existing"):
        result = api.fails("deployment", **KEY, work_pool_name=pool[:-1])
        assert result["msg"].startswith(
            f"work_pool_name: no work pool '{pool[:-1]}'; did you mean '{pool}'? known: "
        ), state
        api.call("deployment", **KEY, work_pool_name=pool)


def test_parameters_that_break_the_schema(api, pool):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "password": {"type": "integer"}}}
    options = {**KEY, "work_pool_name": pool, "parameter_openapi_schema": schema}
    created = api.call("deployment", **options, parameters={"n": "x", "password": "canary"})
    assert created["failed"]
    assert "refused with status 422" in created["msg"]
    api.call("deployment", **options)
    updated = api.call("deployment", **KEY, parameters={"n": "x", "password": "canary"})
    assert "refused with status 409" in updated["msg"]
    assert "canary" not in json.dumps([created, updated])


def test_secrets_are_masked_by_name(api, pool):
    for value in ("canary-old", "canary-new"):
        result = api.settles(
            "deployment",
            **KEY,
            work_pool_name=pool,
            job_variables={"env": {"API_TOKEN": value, "PLAIN": "shown"}},
            parameters={"password": value},
            pull_steps=[
                {"prefect.deployments.steps.git_clone": {"repository": f"https://u:{value}@h/r", "access_token": value}}
            ],
            schedules=[{"slug": "s", "cron": "* * * * *", "active": False, "parameters": {"secret": value}}],
        )
        assert "canary" not in json.dumps(result)
    after = result["diff"]["after"]
    assert after["job_variables"]["env"] == {"API_TOKEN": "<secret: changed>", "PLAIN": "shown"}
    step = after["pull_steps"][0]["prefect.deployments.steps.git_clone"]
    assert step == {"repository": "https://u:<secret: changed>@h/r", "access_token": "<secret: changed>"}


def test_names(api):
    result = api.fails("deployment", flow_name="a/b", name="c/d")
    assert [problem["path"] for problem in result["problems"]] == ["name", "flow_name"]


def test_schedule_makes_runs(api, prefect, pool):
    api.call("deployment", **KEY, entrypoint="f.py:f", work_pool_name=pool, schedules=[{"interval": 3600}])
    scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "flows": {"name": {"any_": ["test flow"]}}}
    # The scheduler's loop takes up to a minute.
    end = time.monotonic() + 100
    while not prefect.request("POST", "/flow_runs/count", scheduled):
        assert time.monotonic() < end, "no run was scheduled"
        time.sleep(1)
