# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smallest and largest numbers that make sense."""

from __future__ import annotations

from typing import Any

from .problems import Path, Problems

PORT = (1, 65535)
COUNT = (1, 1_000_000)
SECONDS = (1, 86_400)
DAYS = (1, 36_500)

_SINGLE = {
    ("server", "port"): PORT,
    ("server", "start_timeout"): SECONDS,
    ("server", "stop_timeout"): SECONDS,
    ("server", "retention", "flow_runs_days"): DAYS,
    ("server", "retention", "events_days"): DAYS,
    ("postgres", "port"): PORT,
    ("redis", "port"): PORT,
    ("redis", "db"): (0, 1_000_000),
    ("redis", "docket_db"): (0, 1_000_000),
    ("verify", "timeout"): SECONDS,
    # A rollout has to be given more than the seconds that its pods prove themselves in.
    ("kubernetes", "timeout"): (30, 86_400),
    ("storage", "minio", "port"): PORT,
    ("storage", "minio", "console_port"): PORT,
    ("storage", "s3", "grace"): (0, 31_536_000),
    ("storage", "s3", "drain_timeout"): (0, 86_400),
    ("proxy", "http_port"): PORT,
    ("proxy", "https_port"): PORT,
    ("dask", "port"): PORT,
    ("dask", "worker_port"): PORT,
    ("dask", "workers"): (1, 1000),
}
_OF_WORKERS = {
    "limit": COUNT,
    "replicas": (1, 1000),
    "query_seconds": SECONDS,
    "health_port": PORT,
}


def check_ranges(document: dict[str, Any], problems: Problems) -> None:
    """Note every number out of its range, and put the nearest one in its place so that checking can go on."""
    for keys, bounds in _SINGLE.items():
        holder: Any = document
        for key in keys[:-1]:
            holder = holder[key]
        _check(holder, keys[-1], bounds, ("prefect", *keys), problems)
    for index, worker in enumerate(document["workers"]):
        for key, bounds in _OF_WORKERS.items():
            _check(worker, key, bounds, ("prefect", "workers", index, key), problems)


def _check(holder: dict[str, Any], key: str, bounds: tuple[int, int], path: Path, problems: Problems) -> None:
    low, high = bounds
    value = holder[key]
    if value is not None and not low <= value <= high:
        problems.add(path, f"expected a number from {low} to {high}, found {value}")
        holder[key] = min(max(value, low), high)
