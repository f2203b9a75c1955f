"""What is said and proved over all hosts."""

from __future__ import annotations

from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils import landscape


def host(root: str, *workers: dict[str, Any]) -> dict[str, Any]:
    return {"prefect_workers": list(workers), "__prefect_runtime": {"host": {"root": root}}}


def worker(pool: str, *queues: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    return {"work_pool": pool, "work_queues": list(queues), "env": env or {}, "secret_env": {"S": "hush"}}


def test_one_canary_for_each_pool() -> None:
    hosts = [host("/a", worker("p", env={"E": "1"}), worker("q", "fast")), host("/b", worker("p"))]
    found = landscape.canary_deployments(hosts, "f")
    assert [item["work_pool_name"] for item in found] == ["p", "q"]
    assert [item["work_queue_name"] for item in found] == ["default", "fast"]
    assert found[0]["pull_steps"][0]["prefect.deployments.steps.set_working_directory"] == {"directory": "/a"}
    assert found[0]["parameters"] == {"fingerprint": "f", "expected_environment": ["E", "S"]}
    assert "hush" not in str(found)


def test_summary_names_what_a_person_needs() -> None:
    runtime, server = {"version": "3.8.8"}, {"enabled": True, "ui": True, "ui_url": "http://u"}
    api = {"url": "http://u/api"}
    runs = [{"name": "blue-fox", "deployment": "canary/default", "state": "COMPLETED"}]
    text = "\n".join(landscape.summary(runtime, server, api, {"root": "/r", "manager": "systemd"}, runs))
    for word in ("http://u", "http://u/api", "/r/data", "journalctl", "blue-fox", "COMPLETED", "remove_prefect"):
        assert word in text
    text = "\n".join(landscape.summary(runtime, {"enabled": False}, api, {"root": "/r", "manager": "supervisor"}, []))
    assert "UI:" not in text
    assert "/r/logs" in text
    assert "nothing was run" in text
