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


def test_runs_are_found_by_what_they_are_of(api, pool):
    api.call("deployment", flow_name="info by", name="test", tags=["of all"], work_pool_name=pool)
    runs = [
        api.call("flow_run", deployment="info by/test", name=f"info {n}", tags=[f"n{n}"], wait=False)["flow_run"]
        for n in range(3)
    ]
    identities = [run["id"] for run in runs]

    def found(**options):
        rows = api.call("flow_run_info", check=True, **{"states": [], **options})["flow_runs"]
        return {row["id"] for row in rows}

    everything = set(identities)
    assert found(deployment="info by/test") == found(flow_name="info by") == found(tags=["of all"]) == everything
    assert found(deployment=runs[0]["deployment_id"]) == everything
    assert found(name=["info 1", "info 2"]) == set(identities[1:])
    assert found(deployment="info by/test", tags=["n0"]) == {identities[0]}
    assert len(found(flow_name="info by", limit=2)) == 2
    assert found(flow_name="info by", states=["COMPLETED"]) == set()
    for options in ({"deployment": "info by/none"}, {"flow_name": "none"}, {"name": "none"}, {"name": []}):
        assert found(**options) == set()
    api.call("flow", name="info by", state="absent", force=True)
