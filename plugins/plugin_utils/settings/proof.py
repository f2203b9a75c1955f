# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the canary flow has to prove, and a fingerprint of everything that its result depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .api import Api
from .workers import Worker

_SECRET = ("secret_env",)
# Nothing that the canary flow would notice.
_ELSEWHERE = ("projects",)


def resolve_verify(
    section: Mapping[str, Any],
    workers: Sequence[Worker],
    worker_hosts: Sequence[str],
    runtime: Mapping[str, Any],
    api: Api,
    proxy: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the inputs of role prefect_verify."""
    shown = [
        {key: sorted(value) if key in _SECRET else value for key, value in worker.items() if key not in _ELSEWHERE}
        for worker in workers
    ]
    evidence = {
        "version": runtime["version"],
        "packages": runtime["packages"],
        "api": api.url,
        "workers": shown,
        "hosts": list(worker_hosts),
    }
    text = json.dumps(evidence, sort_keys=True)
    return {
        **section,
        "pools": _pools(workers) if worker_hosts else [],
        "public_url": _public_url(proxy),
        "has_own_authority": proxy["tls"]["mode"] == "internal",
        "fingerprint": hashlib.sha256(text.encode()).hexdigest(),
    }


def _public_url(proxy: Mapping[str, Any]) -> str | None:
    """Return the API behind the proxy of this host, where machines are let through."""
    for site in proxy["sites_all"] if proxy["install"] and proxy["snippet"] is None else ():
        if site["kind"] == "prefect" and (site["auth_header"] or not site["sso"]):
            return f"{site['url']}/api"
    return None


def _pools(workers: Sequence[Worker]) -> list[dict[str, Any]]:
    """Return each pool once, with a queue that is polled and the variables that all its workers hand on."""
    pools: dict[str, dict[str, Any]] = {}
    for worker in workers:
        queues = worker["work_queues"]
        queue = None if not queues or "default" in queues else queues[0]
        names = {*worker["env"], *worker["secret_env"]}
        pool = pools.setdefault(worker["work_pool"], {"work_queue": queue, "names": names})
        # A queue is served by the workers that poll it: any of them may get the run.
        pool["names"] = pool["names"] & names
        if queue is None:
            pool["work_queue"] = None
    return [
        {"name": name, "work_queue": pool["work_queue"], "environment": sorted(pool["names"])}
        for name, pool in pools.items()
    ]
