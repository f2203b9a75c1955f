"""Module flow_run on a scripted API."""

from __future__ import annotations

import json

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import flow_runs

DEPLOYMENT = {"id": "d1", "flow_id": "f1", "parameters": {"a": 1, "password": "canary-default"}}
RUN = {
    "id": "r1",
    "name": "calm-fox",
    "deployment_id": "d1",
    "parameters": {"a": 1},
    "work_pool_name": "p",
    "work_queue_name": "q",
}


def _run(kind, **more):
    state = {"message": f"{kind} message"}
    return {**RUN, "state_type": kind, "state_name": kind.capitalize(), "state": state, **more}


@pytest.fixture
def prefect(api):
    api.on("GET", "/deployments/name/f/d", DEPLOYMENT)
    api.on("POST", "/deployments/d1/create_flow_run", _run("SCHEDULED"), status=201)
    return api


def _call(api, **options):
    return api.run("flow_run", **{"deployment": "f/d", "poll_interval": 0.01, **options})


def test_waits_for_the_end(prefect):
    prefect.on("GET", "/flow_runs/r1", _run("PENDING"), _run("RUNNING"), _run("COMPLETED"))
    result = _call(prefect, parameters={"b": 2}, tags=["t"], name="n", job_variables={"env": {}})
    assert result["changed"] is True
    assert result["flow_run"]["state_type"] == "COMPLETED"
    body = prefect.writes[0][2]
    assert body.pop("idempotency_key")
    assert body == {"parameters": {"b": 2}, "tags": ["t"], "name": "n", "job_variables": {"env": {}}}


@pytest.mark.parametrize("check", [False, True])
def test_parameters_that_no_run_could_start_with(api, check):
    schema = {"properties": {"rows": {"type": "integer"}, "password": {"type": "integer"}}}
    checked = {**DEPLOYMENT, "parameter_openapi_schema": schema, "enforce_parameter_schema": True}
    api.on("GET", "/deployments/name/f/d", checked)
    result = _call(api, check=check, parameters={"row": 1, "password": "canary"})
    assert [problem["path"] for problem in result["problems"]] == ["parameters.row", "parameters.password"]
    assert "the flow has no such parameter; did you mean 'rows'? known: password, rows" in result["msg"]
    assert "canary" not in str(result)
    assert api.writes == []


def test_own_key_and_no_waiting(prefect):
    result = _call(prefect, idempotency_key="k", wait=False)
    assert result["flow_run"]["state_type"] == "SCHEDULED"
    assert prefect.writes[0][2]["idempotency_key"] == "k"


@pytest.mark.parametrize("kind", ["FAILED", "CRASHED", "CANCELLED"])
def test_any_other_end_is_a_failure(prefect, kind, pauses):
    prefect.on("GET", "/flow_runs/r1", _run(kind))
    rows = [{"level": 40, "message": "last"}, {"level": 20, "message": "first"}]
    # The lines come later than the state.
    prefect.on("POST", "/logs/filter", [], rows[1:], rows)
    result = _call(prefect)
    assert result["msg"] == (
        f"flow run 'calm-fox' (r1) ended in state {kind.capitalize()}: {kind} message\n"
        "Last log lines:\nINFO first\nERROR last"
    )
    assert (result["logs"], result["changed"]) == (["INFO first", "ERROR last"], True)
    assert len(pauses) >= 2


def test_no_lines_at_all(prefect, monkeypatch):
    monkeypatch.setattr(flow_runs, "_LOG_SECONDS", 0)
    prefect.on("GET", "/flow_runs/r1", _run("CRASHED", state=None))
    assert _call(prefect)["msg"].endswith("Crashed: no message\nNo log lines arrived; see the log of the worker.")


@pytest.mark.parametrize(
    ("runs", "changed"),
    [
        ([], True),
        ([{"parameters": {"a": 1, "password": "canary-default", "b": 2}}], False),
        ([{"parameters": {"a": 1, "password": "canary-default", "b": True}}, {"parameters": {"a": 1}}], True),
    ],
)
def test_once(prefect, runs, changed):
    prefect.on("POST", "/flow_runs/filter", [{**_run("COMPLETED"), **run} for run in runs])
    for check in (True, False):
        result = _call(prefect, check=check, parameters={"b": 2}, once=True, wait=False)
        assert result["changed"] is changed
        assert "canary" not in json.dumps(result)
    assert bool(prefect.writes) is changed
    query = next(request.body for request in prefect.requests if request.path == "/flow_runs/filter")
    assert query["deployments"] == {"id": {"any_": ["d1"]}}


def test_check_mode_creates_nothing(prefect):
    result = _call(prefect, check=True)
    assert (result["changed"], result["flow_run"]["id"]) == (True, None)
    assert prefect.writes == []


POOL = {"is_paused": False, "concurrency_limit": None}


@pytest.mark.parametrize(
    ("routes", "run", "text"),
    [
        ({}, {"work_pool_name": None}, "its deployment has no work pool, so nobody starts it"),
        ({}, {}, "its work pool 'p' is gone"),
        ({"p": POOL}, {}, "work queue 'q' is gone; pool 'p' has never had a worker; queue 'q'"),
        ({"p": {**POOL, "is_paused": True}, "q": POOL}, {}, "work pool 'p' is paused"),
        (
            {"p": {**POOL, "concurrency_limit": 1}, "q": {**POOL, "is_paused": True}},
            {},
            "work pool 'p' runs 1 at a time; work queue 'q' is paused",
        ),
        ({"p": POOL, "q": POOL, "w": "OFFLINE"}, {}, "no worker of pool 'p' is online: w1 (last seen then)"),
        (
            {"p": POOL, "q": POOL, "w": "ONLINE"},
            {},
            "pool 'p' has workers online (w1): do they poll queue 'q', is a slot free?",
        ),
        ({}, {"state_type": "RUNNING", "state_name": "Running"}, "it is in state Running"),
    ],
)
def test_why_it_has_not_ended(prefect, routes, run, text):
    paths = {"p": "/work_pools/p", "q": "/work_pools/p/queues/q"}
    for name, path in paths.items():
        if name in routes:
            prefect.on("GET", path, routes[name])
    if "w" in routes:
        worker = {"name": "w1", "status": routes["w"], "last_heartbeat_time": "then"}
        prefect.on("POST", "/work_pools/p/workers/filter", [worker])
    prefect.on("GET", "/flow_runs/r1", _run("SCHEDULED", **run))
    prefect.routes[("POST", "/deployments/d1/create_flow_run")] = [(201, _run("SCHEDULED", **run), {})]
    message = _call(prefect, wait_timeout=0)["msg"]
    assert message.startswith("flow run 'calm-fox' (r1) did not end within 0 seconds: it is in state ")
    assert text in message


@pytest.mark.parametrize("name", ["f", "/d", "f/", "f/d/e", ""])
def test_name_of_a_deployment(api, name):
    assert "expected FLOW/DEPLOYMENT or an id" in api.run("flow_run", deployment=name)["msg"]


def test_deployment_by_id(api):
    api.on("GET", "/deployments/0f60f4a8-1f2f-4bd5-a6ab-a0f9d1d8a111", DEPLOYMENT)
    assert api.run("flow_run", deployment="0f60f4a8-1f2f-4bd5-a6ab-a0f9d1d8a111", check=True)["changed"]


def test_unknown_deployment_lists_those_there_are(api):
    api.on("POST", "/flows/filter", [{"id": "1", "name": "f"}])
    api.on("POST", "/deployments/filter", [{"flow_id": "1", "name": "d"}])
    assert (
        api.run("flow_run", deployment="f/e")["msg"]
        == "deployment: no deployment 'f/e'; did you mean 'f/d'? known: f/d"
    )
