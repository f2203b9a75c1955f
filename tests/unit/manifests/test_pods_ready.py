"""Which pod is asked."""

from __future__ import annotations

from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.pods_ready import ready_pod


def pod(name: str, born: str, ready: str | None = "True", going: bool = False) -> dict[str, Any]:
    metadata = {"name": name, "creationTimestamp": f"2026-01-01T00:00:{born}Z"}
    conditions = [] if ready is None else [{"type": "Ready", "status": ready}]
    return {
        "metadata": {**metadata, **({"deletionTimestamp": "2026-01-02T00:00:00Z"} if going else {})},
        "status": {"conditions": conditions} if ready is not None else {},
    }


def test_the_newest_pod_that_is_ready_and_stays_is_asked() -> None:
    pods = [
        pod("old", "01"),
        pod("young", "02"),
        pod("starting", "03", "False"),
        pod("pending", "04", None),
        pod("leaving", "05", going=True),
    ]
    assert ready_pod(pods) == "young"
    assert ready_pod(pods[2:]) == ""
    assert ready_pod([]) == ""
