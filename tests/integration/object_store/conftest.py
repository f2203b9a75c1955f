"""Modules of MinIO against MinIO's own code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gateway
import pytest
from modules import run_module

Result = dict[str, Any]


class Store:
    """Calls modules; in check mode every write is refused, and fails the test."""

    def __init__(self, server: gateway.Gateway, watch: gateway.Watch) -> None:
        self.server = server
        self.watch = watch

    def call(self, module: str, check: bool = False, **options: Any) -> Result:
        keys = {"endpoint": self.watch.url, "access_key": gateway.ACCESS_KEY, "secret_key": gateway.SECRET_KEY}
        self.watch.writes.clear()
        self.watch.read_only = check
        try:
            result = run_module(module, {**keys, **options}, check)
        finally:
            self.watch.read_only = False
        if check:
            assert self.watch.writes == []
        assert "canary" not in json.dumps(result)
        return result

    def fails(self, module: str, **options: Any) -> str:
        """Fail without having written, in either mode, and with the same message."""
        result = self.call(module, **options)
        assert result.get("failed"), result
        assert self.watch.writes == []
        assert self.call(module, check=True, **options)["msg"] == result["msg"]
        return str(result["msg"])

    def settles(self, module: str, changed: bool = True, **options: Any) -> Result:
        """Foretell, do, and find nothing left to do."""
        foretold = self.call(module, check=True, **options)
        assert not foretold.get("failed"), foretold["msg"]
        done = self.call(module, **options)
        assert not done.get("failed"), done["msg"]
        assert foretold["changed"] == done["changed"] == changed, done["diff"]
        assert {**foretold, "invocation": None} == {**done, "invocation": None}
        again = self.call(module, **options)
        assert again["changed"] is False, again["diff"]
        assert again["diff"]["before"] == again["diff"]["after"]
        assert self.watch.writes == []
        return done


@pytest.fixture(scope="session")
def store(folder: Path) -> Iterator[Store]:
    with gateway.gateway(folder / "minio") as server:
        watch = gateway.Watch(server.port)
        yield Store(server, watch)
        watch.close()
