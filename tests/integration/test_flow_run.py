"""Module flow_run, with a real worker of the default template."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

POOL = "test-runs"


@pytest.fixture(scope="module")
def worker(api, prefect):
    """A worker of the pool; its flows see what the pool's template sets."""
    api.call("work_pool", name=POOL, job_variables={"env": {"GREETER": "the pool"}})
    for name in ("hello", "broken"):
        step = {"prefect.deployments.steps.set_working_directory": {"directory": str(Path(__file__).parent / "lib")}}
        result = api.call(
            "deployment",
            flow_name=name,
            name="test",
            entrypoint=f"flows.py:{name}",
            pull_steps=[step],
            work_pool_name=POOL,
        )
        assert not result.get("failed"), result["msg"]
    with prefect.worker(POOL, "test-worker") as log:
        yield log


def _run(api, deployment="hello/test", check=False, **options):
    return api.call(
        "flow_run", deployment=deployment, check=check, **{"poll_interval": 0.3, "wait_timeout": 60, **options}
    )


@pytest.mark.usefixtures("worker")
def test_run_completes_once(api, prefect):
    once = {"parameters": {"name": "Ansible"}, "once": True}
    foretold = _run(api, check=True, **once)
    assert foretold["changed"] is True
    assert foretold["flow_run"]["id"] is None
    done = _run(api, tags=["by-test"], name="named", **once)
    assert done["changed"] is True, done
    run = done["flow_run"]
    assert (run["state_type"], run["name"], run["parameters"], run["work_pool_name"]) == (
        "COMPLETED",
        "named",
        {"name": "Ansible"},
        POOL,
    )
    assert "by-test" in run["tags"]
    for check in (True, False):
        again = _run(api, check=check, **once)
        assert again["changed"] is False
        assert again["flow_run"]["id"] == run["id"]
    # Other parameters are another run.
    assert _run(api, check=True, once=True, parameters={"name": "ansible"})["changed"] is True
    # The pool's template is what a real worker understands.
    lines = []
    for _ in range(20):
        query = {"logs": {"flow_run_id": {"any_": [run["id"]]}}}
        lines = [row["message"] for row in prefect.request("POST", "/logs/filter", query)]
        if any("Hello" in line for line in lines):
            break
        time.sleep(0.5)
    assert "Hello Ansible from the pool" in lines


@pytest.mark.usefixtures("worker")
def test_failed_run_says_why(api):
    result = _run(api, "broken/test", parameters={"password": "canary-canary"})
    assert result["failed"]
    assert result["msg"].startswith(
        f"flow run '{result['flow_run']['name']}' ({result['flow_run']['id']}) ended in state Failed: "
    )
    assert "broken on purpose" in result["msg"]
    assert "ERROR this is the last word, 13 characters" in result["logs"]
    assert result["flow_run"]["parameters"] == {"password": "<secret>"}
    assert "canary" not in json.dumps(result)


@pytest.mark.usefixtures("worker")
def test_key_makes_one_run(api):
    first = _run(api, idempotency_key="test-key", wait=False)
    second = _run(api, idempotency_key="test-key")
    assert first["flow_run"]["id"] == second["flow_run"]["id"]
    assert second["flow_run"]["state_type"] == "COMPLETED"


@pytest.mark.usefixtures("worker")
def test_too_slow(api):
    result = _run(api, parameters={"seconds": 30}, wait_timeout=6)
    assert "did not end within 6 seconds: it is in state " in result["msg"]


def test_nobody_runs_it(api, pool):
    api.call("deployment", flow_name="hello", name="lonely", work_pool_name=pool, work_queue_name="q")
    result = _run(api, "hello/lonely", wait_timeout=1)
    assert (
        f"did not end within 1 seconds: it is in state Scheduled; pool '{pool}' has never had a worker; queue 'q'"
        in result["msg"]
    )
    api.call("work_queue", work_pool_name=pool, name="q", is_paused=True, concurrency_limit=1)
    assert "work queue 'q' is paused; pool" in _run(api, "hello/lonely", wait_timeout=0)["msg"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hello/tset", "deployment: no deployment 'hello/tset'; did you mean 'hello/test'? known: "),
        ("hello", "deployment: expected FLOW/DEPLOYMENT or an id, found 'hello'"),
        ("00000000-0000-0000-0000-000000000000", "deployment: no deployment of id "),
    ],
)
@pytest.mark.usefixtures("worker")
def test_no_such_deployment(api, name, message):
    assert api.fails("flow_run", deployment=name)["msg"].startswith(message)
