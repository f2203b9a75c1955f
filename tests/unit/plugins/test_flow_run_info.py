"""Module flow_run_info on a scripted API."""

from __future__ import annotations

RUN = {"id": "r1", "name": "calm-fox", "state_type": "RUNNING", "start_time": "t", "deployment_id": "d", "more": 1}


def test_runs_are_listed_by_state(api):
    api.on("POST", "/flow_runs/filter", [RUN])
    result = api.run("flow_run_info", states=["RUNNING"])
    row = {"id": "r1", "name": "calm-fox", "state_type": "RUNNING", "start_time": "t", "deployment_id": "d"}
    assert (result["flow_runs"], result["unfinished"], result["changed"]) == ([row], ["calm-fox"], False)
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
