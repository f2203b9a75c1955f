# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dask: one scheduler, and workers with the same packages as Prefect.

Whoever reaches a port of Dask runs code in it: every process is given its address, the HTTP server too, which
otherwise listens everywhere, dashboard or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.quantities import quantity

from ..services import is_docker, program

Spec = dict[str, Any]

SCHEDULER = "prefect-dask-scheduler"
WORKER = "prefect-dask-worker-"
# Each process has its port and, right above it, that of its HTTP server.
PORTS_EACH = 2

# Arguments: the scheduler's identity, the worker to be there (empty for any).
CHECK = """\
import http.client, json, sys, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.netloc, timeout=5)
connection.request("GET", url.path)
names = [str(worker["name"]) for worker in json.load(connection.getresponse())["workers"].values()]
sys.exit(sys.argv[2] not in ("", *names))
"""


def dask_services(dask: Mapping[str, Any], host: Mapping[str, Any]) -> list[Spec]:
    """Return the specifications of what runs on a host: the scheduler on one of them, and this host's workers."""
    if not dask["install"]:
        return []
    scheduler = [_scheduler(dask, host)] if dask["is_scheduler"] else []
    return [*scheduler, *(_worker(dask, host, number) for number in range(1, dask["workers"] + 1))]


def _scheduler(dask: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    listen, port = dask["listen"], dask["port"]
    return {
        **_service(dask, host, SCHEDULER),
        "description": "Dask scheduler",
        "command": [
            program(host, "dask"), "scheduler",
            "--host", listen, "--port", str(port),
            "--no-dashboard", "--dashboard-address", f"{listen}:{port + 1}",
        ],
        "ports": _ports(dask, host, port),
        "health": _health(dask, port, f"http://127.0.0.1:{port + 1}/json/identity.json", ""),
        "resources": {"cpu_limit": None, "memory_limit": None},
    }  # fmt: skip


def _worker(dask: Mapping[str, Any], host: Mapping[str, Any], number: int) -> Spec:
    service = f"{WORKER}{number}"
    listen, port = dask["listen"], dask["worker_port"] + (number - 1) * PORTS_EACH
    contact = dask["contact"] or (service if is_docker(host) else listen)
    # The scheduler takes a name only once, and every host has its first worker.
    name = f"{contact}-{number}" if dask["contact"] else service
    scheduler, _colon, scheduler_port = dask["scheduler_address"].removeprefix("tcp://").rpartition(":")
    home = f"{host['root']}/data/{service}"
    memory = quantity(dask["memory_limit"])
    limit = [] if memory is None else ["--memory-limit", str(int(memory))]
    threads = [] if dask["threads"] is None else ["--nthreads", str(dask["threads"])]
    return {
        **_service(dask, host, service),
        "description": f"Dask worker {number}",
        "command": [
            program(host, "dask"), "worker", dask["scheduler_address"], "--name", name,
            "--listen-address", f"tcp://{listen}:{port}", "--contact-address", f"tcp://{contact}:{port}",
            # It ends when it loses the scheduler or its memory, and is started again by what runs it.
            "--no-nanny",
            "--no-dashboard", "--dashboard-address", f"{listen}:{port + 1}",
            "--local-directory", f"{home}/scratch", *threads, *limit,
        ],
        "ports": _ports(dask, host, port),
        "health": _health(dask, port, f"http://{scheduler}:{int(scheduler_port) + 1}/json/identity.json", name),
        "resources": {"cpu_limit": None, "memory_limit": None if memory is None else int(memory)},
    }  # fmt: skip


def _service(dask: Mapping[str, Any], host: Mapping[str, Any], name: str) -> Spec:
    home = f"{host['root']}/data/{name}"
    return {
        "name": name,
        "image": dask["image"],
        # The settings of the flow that submits a task travel with it, its secrets too: none are needed here.
        "env": {"PREFECT_HOME": home},
        "secret_env": {},
        "networks": [*dask["zones"], *dask["networks"]],
        "directories": [home],
        "files": [],
        "stop_timeout": 30,
    }


def _ports(dask: Mapping[str, Any], host: Mapping[str, Any], port: int) -> list[dict[str, Any]]:
    """Return what the process listens on, in a container what other hosts need of it."""
    if not is_docker(host):
        return [{"host": dask["listen"], "port": port + offset} for offset in range(PORTS_EACH)]
    wanted = range(port, port + PORTS_EACH)
    return [{**item, "container_port": item["port"]} for item in dask["published"] if item["port"] in wanted]


def _health(dask: Mapping[str, Any], port: int, identity: str, name: str) -> dict[str, Any]:
    listen = "127.0.0.1" if dask["listen"] == "0.0.0.0" else dask["listen"]
    return {
        "url": f"http://{listen}:{port + 1}/health",
        "command": ["python", "-c", CHECK, identity, name],
        "timeout": 60,
    }
