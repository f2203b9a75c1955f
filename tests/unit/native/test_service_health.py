"""Module service_health, against real processes."""

from __future__ import annotations

import http.server
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Module


class Answer(http.server.BaseHTTPRequestHandler):
    """Answer 200 to /health and 503 to everything else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_healthy_service_is_no_change(module: Module, url: str, tmp_path: Path) -> None:
    result = module("service_health", name="x", url=f"{url}/health", root=str(tmp_path), manager="supervisor")
    assert not result["changed"]
    assert result["seconds"] < 5


def test_time_out_shows_the_log_without_tracebacks(module: Module, url: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = 'start\nTraceback (most recent call last):\n  File "x"\nOSError: no such host\n'
    (tmp_path / "logs" / "x.log").write_text(log)
    result = module("service_health", name="x", url=f"{url}/ready", root=str(tmp_path), manager="supervisor", timeout=1)
    assert result["failed"]
    assert re.match(rf"x did not answer {url}/ready within \d+ s: OSError: no such host\n", result["msg"])
    assert "Traceback" not in result["msg"]
    assert result["log"] == ["start", "OSError: no such host"]


def test_service_that_keeps_dying_is_given_up_early(module: Module, url: str, tmp_path: Path) -> None:
    env = {**os.environ, "FLOWOPS_SERVICE": f"{tmp_path}:x"}
    stop = threading.Event()

    def flap() -> None:
        while not stop.is_set():
            subprocess.run(["sleep", "0.6"], env=env, check=True)

    flapping = threading.Thread(target=flap)
    flapping.start()
    try:
        result = module(
            "service_health", name="x", url=f"{url}/ready", root=str(tmp_path), manager="supervisor", timeout=300
        )
    finally:
        stop.set()
        flapping.join()
    assert "x died 2 times" in result["msg"]
    assert "nothing was logged" in result["msg"]
    assert result["seconds"] < 200
