"""What is said and proved over all hosts."""

from __future__ import annotations

from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils import landscape

HOST = {"root": "/r", "environment": "/r/venvs/3.8.8-ab", "manager": "systemd"}


def test_one_canary_for_each_pool() -> None:
    pools = [
        {"name": "p", "work_queue": None, "environment": ["E", "S"]},
        {"name": "q", "work_queue": "fast", "environment": []},
    ]
    found: list[dict[str, Any]] = landscape.canary_deployments({"fingerprint": "f", "pools": pools}, HOST)
    assert [item["work_pool_name"] for item in found] == ["p", "q"]
    assert [item["work_queue_name"] for item in found] == ["default", "fast"]
    assert found[0]["pull_steps"][0]["prefect.deployments.steps.set_working_directory"] == {
        "directory": "/r/current/canary"
    }
    assert found[0]["parameters"] == {"fingerprint": "f 3.8.8-ab", "expected_environment": ["E", "S"]}


def test_summary_names_what_a_person_needs() -> None:
    runtime, server = (
        {"version": "3.8.8"},
        {"enabled": True, "ui": True, "ui_url": "http://u", "api_url": "http://u/api"},
    )
    api = {"url": "http://u/api", "auth_string": "u:hush", "api_key": None}
    run = {"name": "blue-fox", "work_pool_name": "etl", "state_name": "Completed"}
    runs = [{"flow_run": run, "item": {"name": "etl"}}, {"flow_run": run, "item": "mine/nightly"}]
    text = "\n".join(landscape.summary(runtime, server, api, HOST, runs))
    assert "hush" not in text
    for word in (
        "PREFECT_API_AUTH_STRING",
        "http://u",
        "http://u/api",
        "/r/data",
        "journalctl",
        "blue-fox of canary/etl",
        "blue-fox of mine/nightly",
        "COMPLETED",
        "remove_prefect",
    ):
        assert word in text
    public = {**server, "ui_url": "https://p.example.org"}
    text = "\n".join(landscape.summary(runtime, public, api, HOST, runs))
    assert "https://p.example.org (on the host itself http://u)" in text
    text = "\n".join(landscape.summary(runtime, {"enabled": False}, api, {"root": "/r", "manager": "supervisor"}, []))
    assert "UI:" not in text
    assert "/r/logs" in text
    assert "nothing was run" in text


def test_summary_of_a_docker_host() -> None:
    host = {"root": "/r", "platform": "docker", "has_cli": False}
    server = {
        "enabled": True,
        "ui": True,
        "proxied": True,
        "ui_url": "https://p",
        "ui_api_url": "https://p/api",
        "api_url": "http://127.0.0.1:4200/api",
    }
    api = {"url": "http://127.0.0.1:4200/api", "auth_string": "u:hush", "api_key": None}
    text = "\n".join(landscape.summary({"version": "3.8.8"}, server, api, host, []))
    assert "API:      https://p/api (on the host itself http://127.0.0.1:4200/api)" in text
    assert "docker exec --env PREFECT_API_AUTH_STRING prefect-server prefect flow-run ls" in text
    text = "\n".join(landscape.summary({"version": "3.8.8"}, server, api, {**host, "has_cli": True}, []))
    assert "Try next: prefect-cli flow-run ls" in text
    assert "hush" not in text
