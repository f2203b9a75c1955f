"""Whatever container dies comes back by itself and works again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
SERVICES = [
    "prefect-postgres",
    "prefect-server",
    "prefect-minio",
    "prefect-dask-scheduler",
    "prefect-dask-worker-1",
    "prefect-worker-dask",
    "prefect-authelia",
    "prefect-proxy",
]
Ask = Callable[..., Any]


def _run(ask: Ask) -> str:
    deployment = ask("/deployments/name/greetings/test-deployment")
    identity: str = ask(f"/deployments/{deployment['id']}/create_flow_run", {})["id"]
    return identity


def _state(ask: Ask, run: str) -> str | None:
    found = ask(f"/flow_runs/{run}")
    return found["state_type"] if found else None


@pytest.mark.parametrize("name", SERVICES)
def test_the_stack_heals_while_a_flow_runs(
    host: Host,
    name: str,
    ask: Ask,
    containers: Callable[[], dict[str, dict[str, Any]]],
    is_well: Callable[[dict[str, Any]], bool],
    eventually: Callable[..., Any],
) -> None:
    before = containers()[name]
    run = _run(ask)
    eventually(lambda: _state(ask, run) not in {"SCHEDULED", None})
    host.check_output("kill -KILL %s", str(before["State"]["Pid"]))

    def is_back() -> bool:
        now = containers()[name]
        return is_well(now) and now["State"]["Pid"] != before["State"]["Pid"]

    eventually(is_back, 90)
    assert containers()[name]["Id"] == before["Id"]
    eventually(lambda: all(is_well(item) for item in containers().values()), 90)
    # What was caught in the middle may fail; what comes after may not.
    after = _run(ask)
    assert eventually(lambda: _state(ask, after) in ENDED and _state(ask, after), 120) == "COMPLETED"
