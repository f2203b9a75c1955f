# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prefect's command line: a script that runs it where the services run, with their packages and their API."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from ..services import is_docker, job_command, program

Spec = dict[str, Any]

NAME = "prefect-cli"
SECRETS = "/run/secrets/environment"
READ_SECRETS = 'set -a; . "$0"; set +a; exec "$@"'

HEAD = """\
#!/bin/sh
# Written by flowops.prefect: changes made here are lost.
# With arguments it is the command prefect, without it is a shell.
set -eu
"""
AS_ROOT = """\
if {lacks_rights}; then
    exec sudo -- "$0" "$@"
fi
"""
COMMAND = """\
if [ $# -eq 0 ]; then
    set -- {shell}
else
    set -- {prefect} "$@"
fi
"""
TERMINAL = """\
terminal=
if [ -t 0 ] && [ -t 1 ]; then
    terminal=--tty
fi
"""


def cli_flows(cli: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the folder of the flows, where commands start."""
    return str(cli["flows"] or f"{host['root']}/flows")


def cli_path(host: Mapping[str, Any]) -> str:
    """Return where the script is: in everybody's path where root installed it."""
    return f"/usr/local/bin/{NAME}" if host["is_root"] else f"{host['root']}/bin/{NAME}"


def cli_service(cli: Mapping[str, Any], api: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    """Return what a command runs with, as a specification without a command."""
    home = f"{host['root']}/data/{NAME}"
    secrets = {"PREFECT_API_AUTH_STRING": api["auth_string"], "PREFECT_API_KEY": api["api_key"]}
    return {
        "name": NAME,
        "command": [],
        "env": {
            "HOME": home,
            "LANG": "C.UTF-8",
            "PREFECT_HOME": home,
            # Inside of a container the user's number has no name.
            "USER": host["user"],
            "PREFECT_API_URL": (is_docker(host) and api.get("service_url")) or api["url"],
            **{key: str(value) for key, value in cli["env"].items()},
        },
        "secret_env": {key: value for key, value in secrets.items() if value is not None},
        "networks": [*cli["zones"], *cli["networks"]],
        "directories": [home],
        "files": [],
    }


def cli_script(cli: Mapping[str, Any], api: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the script. It holds no secret: it names the file that does."""
    spec = cli_service(cli, api, host)
    parts = _container(cli, spec, host) if is_docker(host) else _process(cli, spec, host)
    return HEAD + "".join(parts)


def _process(cli: Mapping[str, Any], spec: Spec, host: Mapping[str, Any]) -> list[str]:
    environment = {**spec["env"], "PATH": f"{host['root']}/current/bin:/usr/local/bin:/usr/bin:/bin"}
    command = [
        "/usr/bin/env", "-i", f"--chdir={cli_flows(cli, host)}",
        *(f"{key}={value}" for key, value in sorted(environment.items())),
    ]  # fmt: skip
    run = job_command({**spec, "command": []}, host, f"{host['root']}/etc/{NAME}.secret.env")
    lacks_rights = '[ "$(id -u)" -ne 0 ]'
    return [
        AS_ROOT.format(lacks_rights=lacks_rights) if host["is_root"] else "",
        COMMAND.format(shell="/bin/bash", prefect=shlex.quote(program(host, "prefect"))),
        f'exec {shlex.join(command)} TERM="${{TERM:-dumb}}" {shlex.join(run)} "$@"\n',
    ]


def _user(host: Mapping[str, Any]) -> str:
    # The user of a rootless engine is root inside of its containers.
    return "0:0" if host["engine"].get("rootless") else f"{host['uid']}:{host['gid']}"


def _container(cli: Mapping[str, Any], spec: Spec, host: Mapping[str, Any]) -> list[str]:
    socket = host["socket"]
    engine = ["podman", "--remote", "--url", socket]
    if host["engine"]["name"] != "podman":
        engine = ["docker", "--host", socket]
    flows = cli_flows(cli, host)
    first, *others = spec["networks"] or ["bridge"]
    folders = [*spec["directories"], flows]
    options = [
        "--rm", "--init", "--interactive", "--pull", "never", "--hostname", NAME, "--network", first,
        "--user", _user(host), "--read-only", "--tmpfs", "/tmp",
        "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--workdir", flows,
        *(word for folder in folders for word in ("--mount", f"type=bind,source={folder},target={folder}")),
        *(word for key, value in sorted(spec["env"].items()) for word in ("--env", f"{key}={value}")),
    ]  # fmt: skip
    entry = ["--entrypoint", "/usr/bin/env", host["image"]]
    if spec["secret_env"]:
        source = f"{host['root']}/etc/{NAME}.secret.env"
        options += ["--mount", f"type=bind,source={source},target={SECRETS},readonly"]
        entry = ["--entrypoint", "/bin/sh", host["image"], "-c", READ_SECRETS, SECRETS]
    create = (
        f'{shlex.join([*engine, "create", *options])} --env "TERM=${{TERM:-dumb}}" $terminal {shlex.join(entry)} "$@"'
    )
    run = create.replace(" create ", " run ", 1)
    connect = "".join(f'{shlex.join([*engine, "network", "connect", name])} "$container"\n' for name in others)
    attach = shlex.join([*engine, "start", "--attach", "--interactive"])
    start = f'container=$({create})\n{connect}exec {attach} "$container"\n'
    lacks_rights = f"[ ! -w {shlex.quote(socket.removeprefix('unix://'))} ]"
    return [
        AS_ROOT.format(lacks_rights=lacks_rights) if socket.startswith("unix://") else "",
        COMMAND.format(shell="bash", prefect="prefect"),
        TERMINAL,
        # An older engine takes one network when a container is created.
        start if others else f"exec {run}\n",
    ]
