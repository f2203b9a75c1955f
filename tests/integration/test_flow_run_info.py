"""Module flow_run_info with a run that nobody starts, and one that has ended."""

from __future__ import annotations


def test_runs_are_found_by_their_state(api, pool):
    assert not api.call("deployment", flow_name="info", name="test", entrypoint="a.py:f", work_pool_name=pool).get(
        "failed"
    )
    started = api.call("flow_run", deployment="info/test", wait=False)["flow_run"]
    found = api.call("flow_run_info", states=["SCHEDULED"], check=True)
    assert [run["name"] for run in found["flow_runs"] if run["id"] == started["id"]] == [started["name"]]
    waited = api.call("flow_run_info", states=["SCHEDULED"], wait_timeout=0.2, poll_interval=0.1)
    assert started["name"] in waited["unfinished"]
    assert api.call("flow_run_info", states=["CRASHED"], wait_timeout=1)["unfinished"] == []
