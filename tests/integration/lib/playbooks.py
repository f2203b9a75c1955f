"""Run playbooks with the Ansible of this environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml


def run_playbook(folder: Path, api_url: str, auth_string: str, tasks: list[dict[str, Any]], *arguments: str) -> str:
    """Return the output of the tasks; raises when one fails."""
    folder.mkdir(exist_ok=True)
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/flowops.prefect.prefect": {"api_url": api_url, "auth_string": "{{ auth_string }}"}},
        "tasks": tasks,
    }
    playbook, secrets, config = folder / "play.yml", folder / "secrets.json", folder / "ansible.cfg"
    config.touch()
    playbook.write_text(yaml.safe_dump([play], sort_keys=False, allow_unicode=True))
    secrets.write_text(json.dumps({"auth_string": auth_string}))
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "home"),
        "LC_ALL": "C.UTF-8",
    }
    environment |= {
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
    }
    for name in ("ANSIBLE_FORCE_COLOR", "PREFECT_API_URL"):
        environment.pop(name, None)
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), "-e", f"@{secrets}", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise AssertionError(output[-6000:])
    return output
