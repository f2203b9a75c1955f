"""Removed without the flag, an installation leaves its data and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host


def test_nothing_runs(running: Callable[[], dict[str, Any]]) -> None:
    assert running() == {}


def test_only_the_data_is_left(host: Host, root: str) -> None:
    assert host.file(root).listdir() == ["data"]
    assert host.file(f"{root}/data/server/prefect.db").exists
