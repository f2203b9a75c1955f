# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers: every one of the document becomes processes on each worker host."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .context import SERVER_GROUP, WORKER_GROUP, Context
from .problems import Path, Problems, dotted, found
from .qhub import Overrides
from .stack import Stack
from .variables import check_worker

FIRST_HEALTH_PORT = 8080
HIGHEST_PORT = 65535
SERVICE = "prefect-worker-"

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_POOL = re.compile(r"[^/%&><]+")

Worker = dict[str, Any]


def complete_workers(
    document: Mapping[str, Any], asked_for: bool, overrides: Overrides, context: Context, problems: Problems
) -> list[Worker]:
    """Return the workers of the document with what the overrides say of them; note what is wrong with them."""
    if document["workers"] and not context.hosts(WORKER_GROUP):
        if asked_for:
            problems.add(("prefect", "workers"), f"the inventory has no host in group {WORKER_GROUP}; add one")
        return []
    return [
        _complete(worker, index, document["platform"], overrides, problems)
        for index, worker in enumerate(document["workers"])
    ]


def _complete(worker: Mapping[str, Any], index: int, platform: str, overrides: Overrides, problems: Problems) -> Worker:
    path: Path = ("prefect", "workers", index)
    _check_names(worker, path, problems)
    env = check_worker(worker["env"], (*path, "env"), problems)
    secret_env = check_worker(worker["secret_env"], (*path, "secret_env"), problems)
    for name in env.keys() & secret_env.keys():
        problems.add((*path, "env", name), f"is in {dotted((*path, 'secret_env'))} too; keep one of them")
    queues = worker["work_queues"]
    return {
        **worker,
        "type": worker["type"] or ("kubernetes" if platform == "kubernetes" else "process"),
        "work_queues": list(overrides.labels) if queues is None else queues,
        # A worker's own variable counts, whichever of the two it is written in.
        "env": {key: value for key, value in overrides.env.items() if key not in secret_env} | env,
        "secret_env": {key: value for key, value in overrides.secret_env.items() if key not in env} | secret_env,
        "resources": dict(overrides.resources),
        "job": overrides.job,
    }


def _check_names(worker: Mapping[str, Any], path: Path, problems: Problems) -> None:
    name, pool = worker["name"], worker["work_pool"]
    if name is not None and not _NAME.fullmatch(name):
        problems.add((*path, "name"), f"expected letters, digits, _, . and - only, found {found(name)}")
    if pool is not None and (not _POOL.fullmatch(pool) or pool.casefold().startswith("prefect")):
        expected = "expected no / % & > < and no 'prefect' at its start"
        problems.add((*path, "work_pool"), f"{expected}, found {found(pool)}")
    for number, queue in enumerate(worker["work_queues"] or ()):
        if queue is not None and not _POOL.fullmatch(queue):
            problems.add((*path, "work_queues", number), f"expected no / % & > <, found {found(queue)}")


def check_unique_names(workers: Sequence[Worker], problems: Problems) -> None:
    """Note workers that would run under one name."""
    first: dict[str, int] = {}
    for index, worker in enumerate(workers):
        if worker["name"] is None:
            continue
        for label in _labels(worker):
            other = first.setdefault(label, index)
            if other != index:
                problems.add(
                    ("prefect", "workers", index, "name"),
                    f"{label!r} is the name of prefect.workers[{other}] too; each worker needs its own",
                )
                break


def _labels(worker: Worker) -> list[str]:
    name, replicas = worker["name"], worker["replicas"]
    return [name] if replicas in (None, 1) else [f"{name}-{number}" for number in range(1, replicas + 1)]


def instances(workers: Sequence[Worker], context: Context, is_kubernetes: bool = False) -> list[Worker]:
    """Return the processes on this host, each with its own name, service and port; a cluster replicates by itself."""
    if not context.is_in(WORKER_GROUP):
        return []
    if is_kubernetes:
        return [{**worker, "service": f"{SERVICE}{worker['name']}"} for worker in workers]
    host = context.inventory_hostname
    several = len(context.hosts(WORKER_GROUP)) > 1
    result: list[Worker] = []
    for worker in workers:
        for number, label in enumerate(_labels(worker)):
            port = worker["health_port"]
            name = label if not several else f"{worker['name']}-{host}" + label[len(worker["name"]) :]
            result.append(
                {
                    **worker,
                    "name": name,
                    "service": SERVICE + label,
                    "replicas": 1,
                    "health_port": FIRST_HEALTH_PORT + len(result) if port is None else port + number,
                }
            )
    return result


def check_ports(
    server: Mapping[str, Any], workers: Sequence[Worker], stack: Stack, problems: Problems
) -> list[dict[str, Any]]:
    """Return the ports that this host's services listen on; note two services on one port.

    A worker in a container has its port to itself.
    """
    context = stack.context
    ports: dict[int, dict[str, Any]] = {}
    if stack.deployed and context.is_in(SERVER_GROUP) and not stack.is_kubernetes:
        port = server["port"]
        ports[port] = {"setting": "prefect.server.port", "host": server["host"], "port": port}
    position = 0
    listens = context.is_in(WORKER_GROUP) and stack.is_native
    for index, worker in enumerate(workers if listens else ()):
        path: Path = ("prefect", "workers", index, "health_port")
        given = worker["health_port"]
        for number in range(worker["replicas"]):
            port = FIRST_HEALTH_PORT + position if given is None else given + number
            position += 1
            default = " (the default, 8080 plus the position)" if given is None else ""
            if port in ports:
                problems.add(path, f"{port}{default} is the port of {ports[port]['setting']} too; set another one")
            elif port > HIGHEST_PORT:
                problems.add(path, f"{port} of replica {number + 1} is above {HIGHEST_PORT}; set a lower one")
            else:
                ports[port] = {"setting": dotted(path), "host": "127.0.0.1", "port": port}
    return list(ports.values())
