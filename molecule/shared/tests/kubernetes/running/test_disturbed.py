"""What becomes of a run when a pod dies under it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

Ask = Callable[..., Any]
Eventually = Callable[..., Any]
Kubectl = Callable[..., str]

STEPS = 25


@pytest.mark.parametrize("pod", ["prefect-server", "prefect-postgres", "prefect-worker-default"])
def test_a_run_outlives_the_death_of(
    pod: str, ask: Ask, eventually: Eventually, kubectl: Kubectl, record_property: Callable[[str, object], None]
) -> None:
    deployment = ask("/deployments/name/pace/job")
    run = ask(f"/deployments/{deployment['id']}/create_flow_run", {"parameters": {"steps": STEPS}})
    eventually(lambda: ask(f"/flow_runs/{run['id']}")["state_type"] == "RUNNING")
    started = time.monotonic()
    selector = f"flowops.prefect/service={pod}"
    kubectl("delete", "pods", "--selector", selector, "--grace-period=0", "--force", "--wait=false")
    final = eventually(
        lambda: (state := ask(f"/flow_runs/{run['id']}"))["state_type"] in ("COMPLETED", "FAILED", "CRASHED") and state,
        seconds=300,
    )
    print(f"{pod} killed: {final['state_type']} {time.monotonic() - started:.0f} s after it ({STEPS} s of work)")
    record_property("state", final["state_type"])
    assert final["state_type"] == "COMPLETED"
    eventually(lambda: kubectl("wait", "pods", "--selector", selector, "--for=condition=Ready", "--timeout=5s"))
