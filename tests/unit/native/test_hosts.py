"""Hosts that cannot be used stop the deployment before any other host is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "deploy_prefect.yaml"


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
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PREFECT_"))}
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", str(PLAYBOOK)],
        cwd=tmp_path,
        env={**kept, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert word in text
    assert "Traceback" not in text
    assert "changed=0" in next(line for line in text.splitlines() if line.startswith("good "))
    assert not (tmp_path / "root").exists()
