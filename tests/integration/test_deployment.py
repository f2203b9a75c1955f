"""Module deployment."""

from __future__ import annotations

import json
import time
import urllib.error

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
    few = {"slug": "few", "cron": "@daily", "max_scheduled_runs": 2}
    api.settles("deployment", **KEY, work_pool_name=pool, schedules=[morning, hourly, weekly, few])
    api.settles("deployment", **KEY, schedules=[morning, hourly, weekly])
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
    rows = [{**weekly, "max_scheduled_runs": 2}, hourly, {"slug": "morning", "cron": "0 7 * * *"}]
    api.settles("deployment", **KEY, schedules=rows)
    rows[0]["max_scheduled_runs"] = None
    assert api.fails("deployment", **KEY, schedules=rows)["msg"].startswith(
        "schedules[0].max_scheduled_runs: is 2, and"
    )
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
    created = api.fails("deployment", **options, parameters={"n": "x", "password": "canary"})
    api.call("deployment", **options)
    updated = api.fails("deployment", **KEY, parameters={"n": "x", "password": "canary"})
    for result in (created, updated):
        assert result["msg"].splitlines() == [
            "parameters.n: expected integer, found a text",
            "parameters.password: expected integer, found a text",
        ]
    assert "canary" not in json.dumps([created, updated])
    # What is not checked is left to the flow.
    api.settles("deployment", **KEY, parameters={"n": "x"}, enforce_parameter_schema=False)


# What the server answers to each; it takes names that no template has, and nobody uses them.
@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ({"command": 3}, True),
        ({"command": "{{ prefect.variables.x }}"}, False),
        ({"stream_output": "yes"}, True),
        ({"stream_output": 1}, True),
        ({"stream_output": None}, False),
        ({"env": {"A": 1}}, True),
        ({"env": []}, True),
    ],
)
def test_job_variables_are_judged_as_by_the_server(api, prefect, pool, value, refused):
    flow = prefect.request("POST", "/flows/", {"name": "test flow"})["id"]
    body = {"name": "test judged", "flow_id": flow, "work_pool_name": pool, "job_variables": value}
    if refused:
        with pytest.raises(urllib.error.HTTPError, match="422"):
            prefect.request("POST", "/deployments/", body)
        result = api.fails("deployment", **KEY, work_pool_name=pool, job_variables=value)
        assert result["problems"][0]["path"].startswith(f"job_variables.{next(iter(value))}")
    else:
        prefect.request("POST", "/deployments/", body)
        api.settles("deployment", **KEY, work_pool_name=pool, job_variables=value)
        api.call("deployment", flow_name="test flow", name="test judged", state="absent")


def test_job_variables_that_the_pool_does_not_have(api, pool):
    api.call("deployment", **KEY, work_pool_name=pool)
    result = api.fails("deployment", **KEY, job_variables={"comand": "canary"})
    assert result["msg"].startswith(
        f"job_variables.comand: the template of pool '{pool}' has no such variable; did you mean 'command'?"
    )


def test_limits(api, prefect):
    api.call("global_concurrency_limit", name="test-shared", limit=5)
    shared = "/v2/concurrency_limits/test-shared"
    api.settles("deployment", **KEY, concurrency_limit=2)
    api.settles("deployment", **KEY, global_concurrency_limit="test-shared")
    options = {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": 60}
    api.settles("deployment", **KEY, concurrency_options=options)
    api.settles("deployment", changed=False, **KEY, concurrency_limit=None)
    own = api.settles("deployment", **KEY, concurrency_limit=3)
    assert (own["deployment"]["concurrency_limit"], own["deployment"]["global_concurrency_limit"]) == (3, None)
    assert prefect.request("GET", shared)["limit"] == 5
    api.settles(
        "deployment",
        **KEY,
        global_concurrency_limit="test-shared",
        concurrency_options={"collision_strategy": "ENQUEUE"},
    )
    api.settles("deployment", **KEY, global_concurrency_limit=None, concurrency_options=None)
    assert prefect.request("GET", shared)["limit"] == 5
    limits = prefect.request("POST", "/v2/concurrency_limits/filter", {"limit": 200})
    assert [limit for limit in limits if limit["name"].startswith("deployment:")] == []
    api.settles("deployment", **KEY, global_concurrency_limit="test-shared")
    api.settles("deployment", **KEY, state="absent")
    assert prefect.request("GET", shared)["limit"] == 5
    message = api.fails("deployment", **KEY, global_concurrency_limit="test-shred")["msg"]
    assert message.startswith(
        "global_concurrency_limit: no global concurrency limit 'test-shred'; did you mean 'test-shared'?"
    )
    api.call("global_concurrency_limit", name="test-shared", state="absent")


def test_limit_of_the_same_document(api):
    row = {**KEY, "global_concurrency_limit": "test-same"}
    document = {"deployments": [row], "global_concurrency_limits": [{"name": "test-same", "limit": 1}]}
    api.settles("resources", resources=document)
    away = {kind: [{**item, "state": "absent"} for item in items] for kind, items in document.items()}
    api.settles("resources", resources=away)


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"concurrency_limit": 0}, "concurrency_limit"),
        ({"concurrency_limit": 1, "global_concurrency_limit": "x"}, "global_concurrency_limit"),
        (
            {"concurrency_options": {"collision_strategy": "ENQUEUE", "grace_period_seconds": 59}},
            "concurrency_options.grace_period_seconds",
        ),
        ({"parameters": {"x": "x" * 524288}}, "parameters"),
    ],
)
def test_values_that_the_server_refuses(api, options, path):
    assert [problem["path"] for problem in api.fails("deployment", **KEY, **options)["problems"]] == [path]


def test_labels(api, prefect):
    api.settles("deployment", **KEY, labels={"team": "a", "cost": 3, "night": True})
    assert _live(prefect)["labels"]["team"] == "a"
    api.settles("deployment", **KEY, tags=["t"])
    assert "labels are set in new deployments only" in api.fails("deployment", **KEY, labels={"team": "b"})["msg"]


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


def _scheduled(prefect):
    """Return the runs that wait for their time, once there are some of a schedule."""
    query = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "flows": {"name": {"any_": ["test flow"]}}}
    # The scheduler's loop takes up to a minute.
    end = time.monotonic() + 100
    while True:
        runs = prefect.request("POST", "/flow_runs/filter", {**query, "limit": 200})
        times = [run["expected_start_time"] for run in runs if run["auto_scheduled"]]
        if times:
            assert len(times) == len(set(times)), "a run is there twice"
            return {run["id"] for run in runs}, set(times)
        assert time.monotonic() < end, "no run was scheduled"
        time.sleep(1)


def test_runs_survive_changes(api, prefect, pool):
    """A deployment that is saved anew instead loses its schedules' ids, and runs twice."""
    made = api.call("deployment", **KEY, entrypoint="f.py:f", work_pool_name=pool, schedules=[{"interval": 3600}])
    schedule = _live(prefect)["schedules"][0]["id"]
    path = f"/deployments/{made['deployment']['id']}/create_flow_run"
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}}
    manual = prefect.request("POST", path, {"state": later})["id"]
    runs, times = _scheduled(prefect)
    api.call("deployment", **KEY, schedules=[{"interval": 3600}])
    assert _scheduled(prefect) == (runs, times)
    api.call("deployment", **KEY, tags=["changed"], parameters={"n": 1})
    # The server takes its own runs away and makes them anew, with what is new.
    after, again = _scheduled(prefect)
    assert manual in after
    assert again == times
    assert _live(prefect)["schedules"][0]["id"] == schedule
