"""Manifests of services that do nothing but run."""

from __future__ import annotations

from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.manifests import service_manifests

Item = dict[str, Any]


def host(namespace: str) -> Item:
    return {"namespace": namespace, "apis": ["policy/v1beta1", "autoscaling/v2beta2"]}


def settings(namespace: str, **more: Any) -> Item:
    return {"namespace": namespace, "version": "3.8.8", "image": "redis:7", "timeout": 240, **more}


def spec(name: str = "prefect-test", **more: Any) -> Item:
    return {
        "name": name,
        "workload": "redis",
        "run_as": "image",
        "command": ["--dir", "/data", "--save", ""],
        "directories": ["/data"],
        "ports": [{"host": "0.0.0.0", "port": 6379}],
        "health": {"command": ["redis-cli", "ping"], "timeout": 120},
        **more,
    }


def manifests(namespace: str, of: Item | None = None, **more: Any) -> list[Item]:
    return service_manifests(of or spec(), host(namespace), settings(namespace, **more))


def split(objects: list[Item]) -> dict[str, list[Item]]:
    """Return the options of module cluster_changes."""
    return {
        "objects": [item for item in objects if item["kind"] != "Secret"],
        "secrets": [item for item in objects if item["kind"] == "Secret"],
    }
