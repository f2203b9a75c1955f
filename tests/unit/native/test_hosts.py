"""Hosts that cannot be used stop the deployment before others are touched; a role alone prepares its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "deploy_prefect.yaml"


def run(playbook: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook with the inventory of a folder; nothing of the environment's settings counts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PREFECT_"))}
    return subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", str(playbook), *arguments],
        cwd=folder,
        env={**kept, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ({"ansible_host": "127.0.0.1", "ansible_port": 1}, "UNREACHABLE"),
        ({"ansible_connection": "local", "ansible_python_interpreter": "/nowhere/python3"}, "/nowhere/python3"),
    ],
    ids=["unreachable", "without Python"],
)
def test_one_bad_host_stops_all(tmp_path: Path, bad: dict[str, object], word: str) -> None:
    good = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    document = {"root": str(tmp_path / "root"), "server": {"host": "0.0.0.0", "auth_string": "a:b"}}
    inventory = {
        "prefect_servers": {"hosts": {"good": {**good, "prefect_settings_address": "192.0.2.1"}}},
        "prefect_workers": {"hosts": {"bad": bad}},
    }
    (tmp_path / "inventory.yml").write_text(
        yaml.safe_dump({"all": {"children": inventory, "vars": {"prefect": document}}})
    )
    done = run(PLAYBOOK, tmp_path)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert word in text
    assert "Traceback" not in text
    assert "changed=0" in next(line for line in text.splitlines() if line.startswith("good "))
    assert not (tmp_path / "root").exists()


def test_a_role_alone_prepares_its_host(tmp_path: Path) -> None:
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    own = {"prefect_runtime": {"root": "/nowhere/prefect"}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": {"here": here}, "vars": own}}))
    play = {"name": "Alone", "hosts": "all", "gather_facts": False, "roles": ["flowops.prefect.prefect_server"]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    done = run(tmp_path / "play.yml", tmp_path, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    order = ("Create the folders", "Install the packages", "Switch to the version", "Keep the server running")
    places = [done.stdout.find(name) for name in order]
    assert -1 not in places
    assert places == sorted(places)
    assert not Path("/nowhere").exists()
