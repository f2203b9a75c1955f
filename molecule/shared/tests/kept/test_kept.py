"""Removed without the flag, an installation leaves its data and its secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host


def test_nothing_runs(running: Callable[[], dict[str, Any]]) -> None:
    assert running() == {}


def test_only_data_and_secrets_are_left(host: Host, root: str) -> None:
    assert sorted(host.file(root).listdir()) == ["data", "etc"]
    assert host.check_output("find %s/etc -type f ! -name '*.password'", root) == ""
    assert host.file(f"{root}/data/server/prefect.db").exists
