"""Module engine_info, against a real container engine."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from modules import run_module

IMAGE = "flowops-test/debian:bookworm"
LABEL = "flowops.prefect"


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def name() -> Iterator[str]:
    name = f"flowops-info-{uuid.uuid4().hex[:8]}"
    yield name
    for kind in (["rm", "--force"], ["network", "rm"], ["volume", "rm"]):
        subprocess.run(["docker", *kind, name], check=False, capture_output=True)


def test_what_is_ours_is_told_from_what_is_not(name: str, tmp_path: Path) -> None:
    ours = ["--label", f"{LABEL}.root={tmp_path}"]
    docker("network", "create", "--internal", *ours, name)
    docker("volume", "create", *ours, name)
    marks = ["--label", f"{LABEL}.digest=d", "--label", f"{LABEL}.arguments=a"]
    published = ["--publish", "127.0.0.1::80"]
    docker("run", "-d", "--name", name, "-v", f"{name}:/v", *ours, *marks, *published, IMAGE, "sleep", "100")
    result = run_module("engine_info", {"root": str(tmp_path), "image": IMAGE}, False)
    assert not result.get("failed"), result
    host = result["host"]
    running = host["running"][name]
    assert (running["digest"], running["arguments"], running["healthy"]) == ("d", "a", True)
    assert running["volumes"] == [name]
    assert running["image_id"] == host["images"][IMAGE]
    assert host["installed"] == [name]
    assert name not in host["others"]
    assert host["networks"][name]["internal"]
    assert host["networks"][name]["is_ours"]
    assert host["volumes"][name] == {"is_ours": True}
    other = run_module("engine_info", {"root": f"{tmp_path}/other"}, True)["host"]
    assert name in other["others"]
    assert other["installed"] == []
    assert not other["networks"][name]["is_ours"]


def test_problems_with_networks_name_both(name: str, tmp_path: Path) -> None:
    docker("network", "create", name)
    taken = docker("network", "inspect", name, "--format", "{{(index .IPAM.Config 0).Subnet}}")
    zone = {"setting": "prefect.docker.networks.app", "name": f"{name}-app", "subnet": taken}
    joined = {"setting": "prefect.proxy.networks[0]", "name": f"{name}x"}
    options = {"root": str(tmp_path), "zones": [zone], "joined": [joined]}
    result = run_module("engine_info", options, False)
    assert f"{taken} of {name}-app collides with {taken} of the network {name}" in result["msg"]
    assert f"there is no network {name}x on this host; did you mean '{name}'?" in result["msg"]
    assert run_module("engine_info", options, True)["msg"] == result["msg"]
