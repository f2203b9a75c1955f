"""Module flow_run_info on a scripted API."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import SECRET
from ansible_collections.flowops.prefect.plugins.modules import flow_run_info

RUN = {"id": "r1", "name": "calm-fox", "state_type": "RUNNING", "start_time": "t", "deployment_id": "d"}
ID = "0190c2f4-9d2f-7e70-9c3a-2f3b4c5d6e7f"


def test_runs_are_listed_by_state(api):
    api.on("POST", "/flow_runs/filter", [{**RUN, "more": 1, "parameters": {"token": "canary"}}])
    result = api.run("flow_run_info", states=["RUNNING"])
    assert (result["unfinished"], result["changed"]) == (["calm-fox"], False)
    (row,) = result["flow_runs"]
    assert {name: value for name, value in row.items() if value is not None} == {**RUN, "parameters": {"token": SECRET}}
    assert set(row) == set(yaml.safe_load(flow_run_info.RETURN)["flow_runs"]["contains"])
    assert api.requests[-1].body["flow_runs"] == {"state": {"type": {"any_": ["RUNNING"]}}}


def test_only_those_that_were_found_are_waited_for(api):
    api.on("POST", "/flow_runs/filter", [RUN], [RUN], [])
    result = api.run("flow_run_info", wait_timeout=10, poll_interval=0.01)
    assert (len(result["flow_runs"]), result["unfinished"]) == (1, [])
    assert [request.body["flow_runs"].get("id") for request in api.requests[-2:]] == [{"any_": ["r1"]}] * 2


def test_those_that_go_on_are_told(api):
    api.on("POST", "/flow_runs/filter", [RUN])
    assert api.run("flow_run_info", wait_timeout=0.05, poll_interval=0.01)["unfinished"] == ["calm-fox"]


def test_nothing_is_waited_for_when_all_have_ended(api):
    api.on("POST", "/flow_runs/filter", [{**RUN, "state_type": "COMPLETED"}])
    result = api.run("flow_run_info", states=["COMPLETED"], wait_timeout=10)
    assert (result["unfinished"], len(api.requests)) == ([], 1)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {"flow_runs": {}}),
        ({"name": ["a", "b"]}, {"flow_runs": {"name": {"any_": ["a", "b"]}}}),
        ({"name": []}, {"flow_runs": {"name": {"any_": []}}}),
        ({"tags": ["a"]}, {"flow_runs": {"tags": {"all_": ["a"]}}}),
        ({"flow_name": "f"}, {"flow_runs": {}, "flows": {"name": {"any_": ["f"]}}}),
        (
            {"deployment": "f/d"},
            {"flow_runs": {}, "flows": {"name": {"any_": ["f"]}}, "deployments": {"name": {"any_": ["d"]}}},
        ),
        ({"deployment": ID}, {"flow_runs": {}, "deployments": {"id": {"any_": [ID]}}}),
    ],
)
def test_one_request_tells_the_server_what_is_looked_for(api, options, sent):
    assert api.run("flow_run_info", states=[], **options)["flow_runs"] == []
    (request,) = api.requests
    assert {name: part for name, part in request.body.items() if isinstance(part, dict)} == sent


@pytest.mark.parametrize(("limit", "asked"), [(1, [1]), (200, [200]), (250, [200, 200]), (None, [200, 200, 200])])
def test_no_more_than_the_limit(api, limit, asked):
    runs = [{**RUN, "id": f"r{n}"} for n in range(400)]
    api.on("POST", "/flow_runs/filter", lambda request: runs[request.body.get("offset", 0) :][: request.body["limit"]])
    found = api.run("flow_run_info", limit=limit)["flow_runs"]
    assert [row["id"] for row in found] == [f"r{n}" for n in range(limit or 400)]
    assert [request.body["limit"] for request in api.requests] == asked


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "limit: expected 1 or more, found 0"),
        ({"deployment": "d"}, "deployment: expected FLOW/DEPLOYMENT or an id, found 'd'"),
        ({"deployment": "f/d", "flow_name": "f"}, "parameters are mutually exclusive: deployment|flow_name"),
    ],
)
def test_bad_options(api, options, message):
    assert api.run("flow_run_info", **options)["msg"] == message
    assert api.requests == []
