#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_health
short_description: Wait until a container is healthy
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Asks the engine until a container is healthy, or has run for two seconds where it has no health check.
  - Gives up early when the container ends, or is restarted a second time; fails with the last lines of its log then.
  - Changes nothing, and needs no library on the host.
options:
  name:
    description: Name of the container.
    type: str
    required: true
  socket:
    description: Socket of the engine, C(unix:///path) or a path.
    type: str
    default: unix:///var/run/docker.sock
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
  flowops.prefect.container_health:
    name: prefect-server
    timeout: 180
"""

RETURN = r"""
seconds:
  description: How long the container took to become healthy.
  returned: always
  type: float
log:
  description: Last lines of the container's output.
  returned: failure
  type: list
  elements: str
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import output
from ansible_collections.flowops.prefect.plugins.module_utils.engine import Engine, EngineError
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import censorable

LINES = 60
SHOWN_LINES = 15
RESTARTS = 2
POLL_SECONDS = 0.2
# A program that cannot start has ended by then.
STEADY_SECONDS = 2


def health(container: dict[str, Any]) -> str:
    """Return starting, healthy or unhealthy; running where there is no health check; ended."""
    state = container["State"]
    if state["Status"] in ("exited", "dead", "removing"):
        return "ended"
    if state["Status"] != "running":
        return "starting"
    status = str((state.get("Health") or {}).get("Status") or "none")
    return "running" if status in ("none", "") else status


def ending(container: dict[str, Any]) -> str:
    """Return how a container ended last."""
    state = container["State"]
    if state.get("OOMKilled"):
        return "used more memory than it may"
    return "ended with status {}".format(state.get("ExitCode"))


def own_check(container: dict[str, Any]) -> list[str]:
    """Return the command of the health check; nothing where there is none."""
    test = (container["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    if test[0] == "CMD":
        return list(test[1:])
    return ["/bin/sh", "-c", test[1]] if test[0] == "CMD-SHELL" else []


def is_well(engine: Engine, container: dict[str, Any]) -> bool:
    """Ask a container that has not been asked yet; the engine would take its time."""
    command = own_check(container)
    try:
        return bool(command) and engine.passes(container["Id"], command)
    except EngineError:
        # It ended meanwhile, or does not know the command.
        return False


def last_check(container: dict[str, Any]) -> list[str]:
    """Return what the last health check said."""
    state = container["State"]
    checks = (state.get("Health") or {}).get("Log") or [{}]
    return str(checks[-1].get("Output") or "").splitlines()


def main():
    # type: () -> None
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "socket": {"type": "str", "default": "unix:///var/run/docker.sock"},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "timeout": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    # Ansible would mask every single letter that is somebody's secret.
    module.no_log_values = set(censorable(module.params["secrets"]))
    try:
        wait(module, Engine(module.params["socket"]))
    except EngineError as error:
        module.fail_json(msg="{}: {}".format(module.params["name"], error))


def wait(module, engine):
    # type: (AnsibleModule, Engine) -> None
    name = module.params["name"]
    begin = time.monotonic()
    first = None
    started, since = None, begin
    while True:
        container = engine.container(name) or {}  # type: dict[str, Any]
        waited = time.monotonic() - begin
        if not container:
            module.fail_json(msg=f"there is no container {name}", seconds=round(waited, 2), log=[])
        status = health(container)
        if container["State"]["StartedAt"] != started:
            started, since = container["State"]["StartedAt"], time.monotonic()
        if status == "starting" and container["State"]["Status"] == "running" and is_well(engine, container):
            status = "healthy"
        if status == "healthy" or (status == "running" and time.monotonic() - since >= STEADY_SECONDS):
            module.exit_json(changed=False, seconds=round(waited, 2))
        first = container["RestartCount"] if first is None else first
        restarts = container["RestartCount"] - first
        if status == "ended" or restarts >= RESTARTS or waited >= module.params["timeout"]:
            break
        time.sleep(POLL_SECONDS)
    what = "is not healthy"
    if status == "ended":
        what = ending(container)
    elif restarts >= RESTARTS:
        what = f"{ending(container)} and was restarted {restarts} times"
    log = output.without_tracebacks(engine.log(name, LINES, bool(container["Config"].get("Tty"))))[-SHOWN_LINES:]
    why = output.reason(log or last_check(container), 2) or "nothing was logged"
    lines = "\n".join(log)
    module.fail_json(
        msg=f"{name} {what} after {waited:.0f} s: {why}\nThe last lines of its log:\n{lines}",
        seconds=round(waited, 2),
        log=log,
    )


if __name__ == "__main__":
    main()
