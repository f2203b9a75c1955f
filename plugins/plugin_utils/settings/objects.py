# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects in Prefect: those of the document, and those that workers and overrides imply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...module_utils.bulk import KINDS
from ...module_utils.ownership import OPTIONS as OWNERSHIP
from .items import identity
from .merge import copied
from .problems import Path, Problems, found
from .qhub import Overrides
from .workers import Worker


def resolve_resources(
    section: Mapping[str, Any], workers: Sequence[Worker], overrides: Overrides, problems: Problems
) -> dict[str, Any]:
    """Return the objects to apply."""
    result: dict[str, Any] = {name: copied(section[name]) for name in (*KINDS, *OWNERSHIP) if name in section}
    _add_pools(result["work_pools"], workers, problems)
    _check_variables(result["work_pools"], problems)
    _add_queues(result["work_queues"], workers)
    _add_blocks(result["blocks"], overrides, problems)
    return result


def _path(kind: str, *parts: str | int) -> Path:
    return ("prefect", "resources", kind, *parts)


def _check_variables(pools: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Note variables that cannot be laid over those that workers mean."""
    for index, pool in enumerate(pools):
        given, at = pool.get("job_variables"), _path("work_pools", index, "job_variables")
        # A template of one's own may mean something else by these names.
        if not isinstance(given, Mapping) or pool.get("base_job_template"):
            continue
        env, listed = given.get("env"), given.get("secret_env")
        is_map = isinstance(env, Mapping) and all(isinstance(name, str) for name in env)
        if pool.get("type") in ("docker", "kubernetes") and env is not None and not is_map:
            problems.add((*at, "env"), f"expected a map whose keys are texts, found {found(env, secret=True)}")
        if pool.get("type") == "kubernetes" and listed is not None and not _is_named(listed):
            expected = "expected a list of maps with name and valueFrom"
            problems.add((*at, "secret_env"), f"{expected}, found {found(listed, secret=True)}")


def _is_named(items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in items
    )


def _add_pools(pools: list[dict[str, Any]], workers: Sequence[Worker], problems: Problems) -> None:
    for number, worker in enumerate(workers):
        pool, kind = worker["work_pool"], worker["type"]
        index = next((at for at, declared in enumerate(pools) if declared.get("name") == pool), None)
        if index is None:
            pools.append({"name": pool, "type": kind})
        elif pools[index].get("type") is None:
            pools[index]["type"] = kind
        elif pools[index]["type"] != kind and not problems.at_or_below(_path("work_pools", index, "type")):
            shown = found(pools[index]["type"])
            at_type = _path("work_pools", index, "type")
            problems.add(at_type, f"found {shown}, but prefect.workers[{number}] of this pool is of type {kind!r}")


def _add_queues(queues: list[dict[str, Any]], workers: Sequence[Worker]) -> None:
    known = {identity("work_queues", queue) for queue in queues}
    for worker in workers:
        for name in worker["work_queues"]:
            queue = {"name": name, "work_pool": worker["work_pool"]}
            # The default queue is made together with its pool.
            if name != "default" and identity("work_queues", queue) not in known:
                known.add(identity("work_queues", queue))
                queues.append(queue)


def _add_blocks(blocks: list[dict[str, Any]], overrides: Overrides, problems: Problems) -> None:
    declared = {identity("blocks", block) for block in blocks}
    implied: set[tuple[str, ...]] = set()
    for block in overrides.blocks:
        own = identity("blocks", block)
        if not block["name"] or own in implied:
            problems.add(
                ("prefect", "overrides", "secretEnvVars"),
                f"each context secret becomes a block, but {block['name']!r} is more than once or no name of a block",
            )
        elif own not in declared:
            blocks.append(copied(block))
        implied.add(own)
