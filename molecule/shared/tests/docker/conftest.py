"""What the tests of containers ask a host's engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

OURS = "label=flowops.prefect.service"
# Networks that every engine has.
BUILT_IN = {"bridge", "host", "none"}

Inspect = Callable[..., "list[dict[str, Any]]"]
Containers = Callable[[], "dict[str, dict[str, Any]]"]


@pytest.fixture(scope="session")
def built_in() -> set[str]:
    """Names of the networks that every engine has."""
    return BUILT_IN


@pytest.fixture(scope="module")
def inspect(host: Host) -> Inspect:
    """Everything the engine knows of these objects: inspect(kind, *names)."""

    def inspect(kind: str, *names: str) -> list[dict[str, Any]]:
        if not names:
            return []
        answer = host.check_output(f"docker {kind} inspect " + " ".join(names))
        found: list[dict[str, Any]] = json.loads(answer)
        return found

    return inspect


@pytest.fixture(scope="module")
def containers(host: Host, inspect: Inspect) -> Containers:
    """Containers of the installation's services, by name."""

    def containers() -> dict[str, dict[str, Any]]:
        names = host.check_output("docker ps --all --quiet --filter %s", OURS).split()
        return {item["Name"].lstrip("/"): item for item in inspect("container", *names)}

    return containers


@pytest.fixture(scope="session")
def is_well() -> Callable[[dict[str, Any]], bool]:
    """Tell whether a container runs and, if it has a health check, passes it."""

    def is_well(container: dict[str, Any]) -> bool:
        state = container["State"]
        return state["Running"] and state.get("Health", {}).get("Status", "healthy") == "healthy"

    return is_well
