"""Module container_health, against a real container engine."""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Iterator

import pytest
from modules import run_module

IMAGE = "flowops-test/debian:bookworm"


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def name() -> Iterator[str]:
    name = f"flowops-health-{uuid.uuid4().hex[:8]}"
    yield name
    subprocess.run(["docker", "rm", "--force", "--volumes", name], check=False, capture_output=True)


def test_a_healthy_container_is_no_change(name: str) -> None:
    docker("run", "-d", "--name", name, "--health-cmd", "true", "--health-interval", "1s", IMAGE, "sleep", "100")
    result = run_module("container_health", {"name": name}, False)
    assert not result.get("failed"), result
    assert not result["changed"]


def test_the_engines_own_check_is_not_waited_for(name: str) -> None:
    docker("run", "-d", "--name", name, "--health-cmd", "true", "--health-interval", "90s", IMAGE, "sleep", "100")
    result = run_module("container_health", {"name": name, "timeout": 60}, False)
    assert not result.get("failed"), result
    assert result["seconds"] < 60


def test_a_loop_is_given_up_early_with_its_last_words(name: str) -> None:
    script = "echo 'Traceback (most recent call last):'; echo '  File x'; echo 'OSError: pass sw0rdfish'; exit 3"
    docker("run", "-d", "--name", name, "--restart", "unless-stopped", IMAGE, "sh", "-c", script)
    result = run_module("container_health", {"name": name, "secrets": ["sw0rdfish"], "timeout": 300}, False)
    assert result["failed"]
    assert "ended with status 3 and was restarted 2 times" in result["msg"]
    assert "OSError: pass" in result["msg"]
    assert "sw0rdfish" not in str(result)
    assert "Traceback" not in result["msg"]
    assert result["seconds"] < 200


def test_a_container_that_ended_is_not_waited_for(name: str) -> None:
    docker("run", "-d", "--name", name, IMAGE, "sh", "-c", "echo bye; exit 4")
    result = run_module("container_health", {"name": name, "timeout": 60}, False)
    assert result["msg"].startswith(f"{name} ended with status 4")
    assert result["log"] == ["bye"]


def test_a_time_out_says_what_the_check_said(name: str) -> None:
    check = "echo not yet; exit 1"
    docker("run", "-d", "--name", name, "--health-cmd", check, "--health-interval", "1s", IMAGE, "sleep", "100")
    result = run_module("container_health", {"name": name, "timeout": 3}, False)
    assert re.search(r"is not healthy after \d+ s: not yet", result["msg"])


def test_a_container_that_is_not_there(name: str) -> None:
    assert run_module("container_health", {"name": name}, False)["msg"] == f"there is no container {name}"
