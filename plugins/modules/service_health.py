#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_health
short_description: Wait until a service of this host answers its health check
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Asks the health check of a service that the native platform runs until it answers with status 200.
  - Gives up early when the service dies twice, and then fails with the last lines of its log.
  - Changes nothing.
options:
  name:
    description: Name of the service.
    type: str
    required: true
  url:
    description: Address of the health check on this host.
    type: str
    required: true
  root:
    description: Absolute path of the folder that holds all of the installation.
    type: path
    required: true
  manager:
    description: What runs the service, and so where its log is.
    type: str
    choices: [systemd, supervisor]
    required: true
  secrets:
    description: Values that are masked where the log repeats them.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait.
    type: int
    default: 60
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
"""

EXAMPLES = r"""
- name: Wait until the server is healthy
  flowops.prefect.service_health:
    name: prefect-server
    url: http://127.0.0.1:4200/api/health
    root: /opt/prefect
    manager: systemd
    timeout: 180
"""

RETURN = r"""
seconds:
  description: How long the service took to answer.
  returned: always
  type: float
log:
  description: Last lines of the service's log.
  returned: failure
  type: list
  elements: str
"""

import collections
import subprocess
import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import open_url
from ansible_collections.flowops.prefect.plugins.module_utils import host, output
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import censorable

LINES = 60
SHOWN_LINES = 15
DEATHS = 2
POLL_SECONDS = 0.25


def is_healthy(url):
    # type: (str) -> bool
    try:
        return bool(open_url(url, timeout=5, use_proxy=False).status == 200)
    except Exception:  # Whatever keeps the answer away, the service is not healthy yet.
        return False


def last_lines(manager, root, name):
    # type: (str, str, str) -> list[str]
    """Return the end of the log from where the manager keeps it."""
    if manager == "systemd":
        command = ["journalctl", "--unit", name, "--lines", str(LINES), "--output", "cat", "--no-pager"]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
        except OSError:
            return []
    try:
        with open(f"{root}/logs/{name}.log", encoding="utf-8", errors="replace") as source:
            return [line.rstrip("\n") for line in collections.deque(source, LINES)]
    except OSError:
        return []


def main():
    # type: () -> None
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "url": {"type": "str", "required": True},
            "root": {"type": "path", "required": True},
            "manager": {"type": "str", "choices": ["systemd", "supervisor"], "required": True},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    # Ansible would mask every single letter that is somebody's secret.
    module.no_log_values = set(censorable(wanted["secrets"]))
    begin = time.monotonic()
    pids = set()  # type: set[int]
    while True:
        if is_healthy(wanted["url"]):
            module.exit_json(changed=False, seconds=round(time.monotonic() - begin, 2))
        process = host.running_services(wanted["root"]).get(wanted["name"])
        pids |= {process["pid"]} if process else set()
        deaths = len(pids) - (1 if process else 0)
        waited = time.monotonic() - begin
        if deaths >= DEATHS or waited >= wanted["timeout"]:
            break
        time.sleep(POLL_SECONDS)
    log = output.without_tracebacks(last_lines(wanted["manager"], wanted["root"], wanted["name"]))[-SHOWN_LINES:]
    what = f"died {deaths} times" if deaths >= DEATHS else f"did not answer {wanted['url']}"
    why = output.reason(log, 2) or "nothing was logged"
    lines = "\n".join(log)
    module.fail_json(
        msg=f"{wanted['name']} {what} within {waited:.0f} s: {why}\nThe last lines of its log:\n{lines}",
        seconds=round(waited, 2),
        log=log,
    )


if __name__ == "__main__":
    main()
