"""Modules that ask a cluster, in this process, against an API server that answers from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from modules import run_module

from .api_server import ApiServer, running

Module = Callable[..., dict[str, Any]]


@pytest.fixture
def api() -> Iterator[ApiServer]:
    with running() as server:
        yield server


@pytest.fixture
def module(api: ApiServer, tmp_path: Path) -> Module:
    """Run a module against the API server; `check` in check mode."""
    kubeconfig = api.kubeconfig(tmp_path)

    def run(name: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(name, {"kubeconfig": kubeconfig, **options}, check)

    return run
