"""Run a module as Ansible does: a process of its own, arguments in, one JSON document out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Module = Callable[..., dict[str, Any]]


@pytest.fixture
def module() -> Module:
    def run(of: str, /, env: dict[str, str] | None = None, **arguments: Any) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", f"ansible_collections.flowops.prefect.plugins.modules.{of}"],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return dict(json.loads(done.stdout))

    return run
