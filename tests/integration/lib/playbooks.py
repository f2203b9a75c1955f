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
    playbook, secrets = folder / "play.yml", folder / "secrets.json"
    playbook.write_text(yaml.safe_dump([play], sort_keys=False, allow_unicode=True))
    secrets.write_text(json.dumps({"auth_string": auth_string}))
    done = run_ansible(folder, "ansible-playbook", str(playbook), "-e", f"@{secrets}", *arguments)
    output = done.stdout + done.stderr
    if done.returncode:
        raise AssertionError(output[-6000:])
    return output


def run_ansible(folder: Path, program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program of Ansible in a folder, with variables of the environment, and no settings of this machine."""
    folder.mkdir(exist_ok=True)
    config = folder / "ansible.cfg"
    config.touch()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= {
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "home"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "PREFECT_HOME": str(folder),
        **variables,
    }
    environment.pop("ANSIBLE_FORCE_COLOR", None)
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
