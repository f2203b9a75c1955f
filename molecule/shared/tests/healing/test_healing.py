"""What dies comes back by itself and works again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host


@pytest.mark.parametrize("name", ["prefect-server", "prefect-worker-default"])
def test_a_killed_service_returns(
    host: Host,
    name: str,
    running: Callable[[], dict[str, Any]],
    ask: Callable[..., Any],
    eventually: Callable[..., Any],
) -> None:
    killed, _uid = running()[name]
    host.check_output("kill -KILL %s", str(killed))
    eventually(lambda: running().get(name, [killed])[0] != killed)
    eventually(lambda: ask("/ready"))


def test_runs_still_complete(ask: Callable[..., Any], eventually: Callable[..., Any]) -> None:
    deployment = ask("/deployments/name/canary/default")
    run = ask(f"/deployments/{deployment['id']}/create_flow_run", {})
    final = eventually(lambda: _final_state(ask(f"/flow_runs/{run['id']}")), 90)
    assert final == "COMPLETED"


def _final_state(run: dict[str, Any]) -> str | None:
    state: str = run["state_type"]
    return state if state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None
