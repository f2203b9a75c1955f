"""The stack does what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SERVICES = {
    "prefect-authelia",
    "prefect-dask-scheduler",
    "prefect-dask-worker-1",
    "prefect-minio",
    "prefect-postgres",
    "prefect-proxy",
    "prefect-server",
    "prefect-worker-dask",
}


def test_every_component_is_well(
    containers: Callable[[], dict[str, Any]], is_well: Callable[[dict[str, Any]], bool]
) -> None:
    found = containers()
    assert found.keys() >= SERVICES
    assert [name for name in SERVICES if not is_well(found[name])] == []


def test_they_start_with_the_host(containers: Callable[[], dict[str, Any]]) -> None:
    policies = {name: item["HostConfig"]["RestartPolicy"]["Name"] for name, item in containers().items()}
    assert {name: policy for name, policy in policies.items() if policy not in {"always", "unless-stopped"}} == {}


def test_the_flow_completed(ask: Callable[..., Any]) -> None:
    deployment = ask("/deployments/name/greetings/test-deployment")
    wanted = {"deployments": {"id": {"any_": [deployment["id"]]}}}
    states = [run["state_type"] for run in ask("/flow_runs/filter", wanted)]
    assert states
    assert set(states) == {"COMPLETED"}


def test_the_worker_is_online(ask: Callable[..., Any]) -> None:
    workers = ask("/work_pools/default/workers/filter", {})
    assert [worker["status"] for worker in workers] == ["ONLINE"]


def test_the_runs_are_in_postgresql(host: Any) -> None:
    query = "select count(*) from flow_run"
    count = host.check_output("docker exec --user postgres prefect-postgres psql -U prefect -d prefect -tAc %s", query)
    assert int(count) >= 1


def test_data_lives_in_volumes(containers: Callable[[], dict[str, Any]]) -> None:
    found = containers()
    for name in ("prefect-postgres", "prefect-minio"):
        mounts = [mount["Name"] for mount in found[name]["Mounts"] if mount["Type"] == "volume"]
        assert mounts == [name]
