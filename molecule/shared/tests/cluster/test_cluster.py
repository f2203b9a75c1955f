"""A landscape of native hosts and Docker hosts is one landscape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import testinfra
from testinfra.host import Host

HOSTS = {name: f"flowops-cluster-{name}" for name in ("server", "storage", "proxy", "worker1", "worker2")}


def _containers(name: str) -> set[str]:
    machine = testinfra.get_host(f"docker://{HOSTS[name]}")
    return set(machine.check_output("docker ps --format '{{ .Names }}'").split())


def test_the_flow_completed(ask: Callable[..., Any], eventually: Callable[..., Any]) -> None:
    deployment = ask("/deployments/name/greetings/test-deployment")
    run = ask(f"/deployments/{deployment['id']}/create_flow_run", {})["id"]
    ended = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    state = eventually(lambda: {ask(f"/flow_runs/{run}")["state_type"]} & ended, 180)
    assert state == {"COMPLETED"}


def test_a_worker_is_online_on_each_host(ask: Callable[..., Any]) -> None:
    workers = ask("/work_pools/default/workers/filter", {})
    online = {worker["name"] for worker in workers if worker["status"] == "ONLINE"}
    assert {f"dask-{HOSTS['worker1']}", f"dask-{HOSTS['worker2']}"} <= online


def test_native_parts_run_without_an_engine(host: Host, running: Callable[[], dict[str, Any]]) -> None:
    assert "prefect-server" in running()
    assert not host.exists("docker")


def test_each_part_is_on_its_host() -> None:
    assert _containers("proxy") >= {"prefect-proxy", "prefect-authelia"}
    assert _containers("worker1") >= {"prefect-worker-dask", "prefect-dask-scheduler"}


def test_the_storage_is_on_one_host() -> None:
    assert sum("prefect-minio" in _containers(name) for name in ("storage", "worker1")) == 1


def test_the_public_name_leads_through_the_proxy() -> None:
    machine = testinfra.get_host(f"docker://{HOSTS['proxy']}")
    code = "curl -sk -o /dev/null -w '%{http_code} %{redirect_url}' https://tasks.example.org/"
    status, _space, target = machine.check_output(code).partition(" ")
    assert status in {"302", "303"}
    assert target.startswith("https://whoareyou.example.org/")
