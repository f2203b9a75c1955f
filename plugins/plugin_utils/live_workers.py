# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers and their pools, as inventory C(workers) shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.client import Client
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError, Problem
from ansible_collections.flowops.prefect.plugins.module_utils.server import workers
from ansible_collections.flowops.prefect.plugins.module_utils.suggest import nearest

ONLINE = "ONLINE"
Pools = list[dict[str, Any]]


def pools_with_workers(client: Client) -> Pools:
    """Return all pools, in a shape that a cache can keep."""
    return [
        {"name": pool["name"], "type": pool["type"], "workers": workers(client, pool["name"])}
        for pool in client.filter("/work_pools")
    ]


def hosts_of(pools: Pools, wanted: Sequence[str] | None, offline: bool) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Return the groups, and the variables of each host with the groups that it is in."""
    known = {pool["name"]: pool for pool in pools}
    names = sorted(known) if wanted is None else wanted
    unknown = [
        Problem(f"pools[{at}]", f"no work pool '{name}'; {nearest(name, known)}")
        for at, name in enumerate(names)
        if name not in known
    ]
    if unknown:
        raise InvalidError(*unknown)
    hosts: dict[str, dict[str, Any]] = {}
    for pool in (known[name] for name in names):
        for worker in pool["workers"]:
            if offline or worker["status"] == ONLINE:
                _join(hosts.setdefault(worker["name"], _nobody(worker["name"])), pool, worker)
    return [group_of(name) for name in names], hosts


def group_of(pool: str) -> str:
    """Return the name of a pool's group, of characters that Ansible takes."""
    return "prefect_pool_" + re.sub(r"\W", "_", pool, flags=re.ASCII)


def _nobody(name: str) -> dict[str, Any]:
    return {
        "groups": [],
        "worker_name": name,
        "worker_status": "OFFLINE",
        "worker_last_heartbeat": None,
        "worker_pools": [],
        "worker_types": [],
    }


def _join(host: dict[str, Any], pool: dict[str, Any], worker: dict[str, Any]) -> None:
    """Add a worker to what is known of its host."""
    host["groups"].append(group_of(pool["name"]))
    host["worker_pools"].append(pool["name"])
    if pool["type"] not in host["worker_types"]:
        host["worker_types"].append(pool["type"])
    if worker["status"] == ONLINE:
        host["worker_status"] = ONLINE
    # Times of one form in UTC: the later one is the greater text.
    host["worker_last_heartbeat"] = max(host["worker_last_heartbeat"] or "", worker["last_heartbeat"] or "") or None
