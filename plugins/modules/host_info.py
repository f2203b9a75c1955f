#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: See whether a host can run Prefect natively, and what of it is there
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Reads what the native platform needs to know of a Linux host in one call, and changes nothing.
  - Fails with every reason at once when Prefect cannot be installed or started there - no Python that fits,
    no space, a port that somebody else holds.
options:
  root:
    description:
      - Absolute path of the folder that holds all of the installation.
      - Default is C(/opt/prefect) for root, for others C(prefect) below E(XDG_DATA_HOME) or C(~/.local/share).
    type: path
  environment_name:
    description: Name of the virtual environment that is needed, a folder below C(venvs) of the root.
    type: str
  uv:
    description: Path of a C(uv) to use before any other, if it is there.
    type: path
  user:
    description: Name of the user that runs the services when root installs them.
    type: str
    default: prefect
  free_megabytes:
    description: Space in MiB that has to be free below the root when the environment is not there yet.
    type: int
    default: 700
  ports:
    description: Ports that the services of this host are to listen on.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting, named when the port is taken.
        type: str
        required: true
      host:
        description: Address to listen on.
        type: str
        required: true
      port:
        description: TCP port.
        type: int
        required: true
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
"""

EXAMPLES = r"""
- name: See what this host offers
  flowops.prefect.host_info:
    ports:
      - setting: prefect.server.port
        host: 127.0.0.1
        port: 4200
  register: host
"""

RETURN = r"""
host:
  description: What was found.
  returned: success
  type: dict
  contains:
    platform:
      description: V(native).
      type: str
    root:
      description: The folder that holds all of the installation.
      type: str
      sample: /opt/prefect
    is_root:
      description: Whether the tasks run as root.
      type: bool
    user:
      description: Name of the user that the services run as.
      type: str
    home:
      description: Home of that user.
      type: str
    manager:
      description: C(systemd) where it is PID 1 and the tasks run as root, C(supervisor) elsewhere.
      type: str
    python:
      description: Interpreter for the virtual environment, 3.10 or newer. Not looked for when the environment is ready.
      type: str
    has_ensurepip:
      description: Whether that interpreter can make a virtual environment by itself.
      type: bool
    uv:
      description: Path of uv, or where it has to be installed.
      type: str
    uv_ready:
      description: Whether uv is there.
      type: bool
    environment:
      description: Path of the virtual environment that is needed, or else of the one in use.
      type: str
    current:
      description: Path of the virtual environment in use, V(null) when there is none.
      type: str
    user_exists:
      description: Whether that user exists.
      type: bool
    user_is_ours:
      description: Whether that user was made for this installation, which its home below the root tells.
      type: bool
    has_firewall:
      description: Whether a former deployment closed ports on this host.
      type: bool
    has_cli:
      description: Whether this installation has a command line here.
      type: bool
    projects:
      description: Names of the projects whose code is here.
      type: list
      elements: str
    environment_ready:
      description: Whether that environment was installed to its end.
      type: bool
    installed:
      description: Names of the services that were set up.
      type: list
      elements: str
    with_secrets:
      description: Names of the services that have a file of secrets.
      type: list
      elements: str
    supervised:
      description: Whether the installation's own supervisor runs.
      type: bool
    running:
      description: Running services by name, each with C(pid), C(ports) and the C(digest) of what it was started from.
      type: dict
"""

import os
import pwd
import subprocess

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import host

OLDEST_PYTHON = (3, 10)
READY_MARK = ".ready"
# sockaddr_un of unix(7) holds 108 bytes; supervisor adds the number of its process while it binds.
LONGEST_SOCKET_PATH = 95


def has_ensurepip(python):
    # type: (str) -> bool
    # Debian splits ensurepip from the interpreter, and venv exists without being of use.
    return subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0


def main():
    # type: () -> None
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path"},
            "environment_name": {"type": "str"},
            "uv": {"type": "path"},
            "user": {"type": "str", "default": "prefect"},
            "free_megabytes": {"type": "int", "default": 700},
            "ports": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "setting": {"type": "str", "required": True},
                    "host": {"type": "str", "required": True},
                    "port": {"type": "int", "required": True},
                },
            },
        },
        supports_check_mode=True,
    )
    wanted = module.params
    is_root = os.geteuid() == 0
    root = wanted["root"] or host.default_root(is_root)
    current = host.link_target(os.path.join(root, "current"))
    environment = current or ""
    if wanted["environment_name"]:
        environment = os.path.join(root, "venvs", wanted["environment_name"])
    ready = host.is_open_file(os.path.join(environment, READY_MARK), everybody=is_root)
    ready = ready and host.is_open_file(os.path.join(environment, "bin", "prefect"), everybody=is_root)
    # Looking for an interpreter takes longer than all the rest.
    python = None if ready else host.find_python(OLDEST_PYTHON, shared=is_root)
    uv = host.find_uv(wanted["uv"], root)
    running = host.running_services(root)
    found = {
        "platform": "native",
        "root": root,
        "is_root": is_root,
        "user": wanted["user"] if is_root else pwd.getpwuid(os.geteuid()).pw_name,
        "user_exists": not is_root or host.user_home(wanted["user"]) is not None,
        "has_firewall": os.path.exists(host.FIREWALL_TABLE),
        "has_cli": host.has_command_line(root, is_root),
        "projects": host.projects(root),
        "user_is_ours": is_root and host.user_home(wanted["user"]) == os.path.join(root, "data"),
        "home": os.path.join(root, "data") if is_root else host.home(),
        "manager": host.service_manager(is_root),
        "python": python,
        "has_ensurepip": bool(python) and has_ensurepip(str(python)),
        "uv": uv,
        "uv_ready": os.access(uv, os.X_OK),
        "environment": environment,
        "environment_ready": ready,
        "current": current,
        "installed": host.installed_services(root),
        "with_secrets": host.services_with_secrets(root),
        "running": running,
        "supervised": host.supervisor_answers(root),
    }
    problems = host.port_problems(wanted["ports"], running)
    problems += host.root_problems(root)
    if wanted["environment_name"] and not ready:
        problems += install_problems(found, wanted["free_megabytes"])
    if found["manager"] == "supervisor" and len(host.supervisor_socket(root)) > LONGEST_SOCKET_PATH:
        problems.append(f"prefect.root: {root} is too long for a socket below it; choose a shorter path")
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    module.exit_json(changed=False, host=found)


def install_problems(found, free_megabytes):
    # type: (dict[str, object], int) -> list[str]
    """Return what keeps Prefect from being installed."""
    problems = []
    root = str(found["root"])
    parent = host.existing_parent(root)
    free = host.free_megabytes(root)
    if free < free_megabytes:
        problems.append(f"no space: {free} MiB are free for {root}, Prefect needs {free_megabytes} MiB")
    if not os.access(parent, os.W_OK):
        problems.append(
            "prefect.root: {} may not write to {}; choose another root or use become".format(found["user"], parent)
        )
    if not found["python"]:
        reach = " that other users may run" if found["is_root"] else ""
        problems.append(f"no Python of 3.10 or newer{reach} was found; install the distribution's python3")
    elif not (found["uv_ready"] or found["has_ensurepip"] or found["is_root"]):
        problems.append("{} cannot make a virtual environment; install python3-venv, or uv".format(found["python"]))
    return problems


if __name__ == "__main__":
    main()
