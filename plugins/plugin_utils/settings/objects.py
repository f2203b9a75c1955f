# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects in Prefect: those of the document, and those that workers and overrides imply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .merge import copied
from .problems import Path, Problems, found
from .qhub import Overrides
from .workers import Worker

_KEYS: dict[str, tuple[str, ...]] = {
    "work_pools": ("name",),
    "work_queues": ("work_pool", "name"),
    "variables": ("name",),
    "blocks": ("block_type_slug", "name"),
    "deployments": ("flow_name", "name"),
}


def resolve_resources(
    section: Mapping[str, Any], workers: Sequence[Worker], overrides: Overrides, problems: Problems
) -> dict[str, Any]:
    """Return the objects to apply."""
    result: dict[str, Any] = {kind: copied(section[kind]) for kind in _KEYS}
    for kind, items in result.items():
        _check_items(kind, items, problems)
    _add_pools(result["work_pools"], workers, problems)
    _add_queues(result["work_queues"], workers)
    _add_blocks(result["blocks"], overrides, problems)
    return result


def _path(kind: str, *parts: str | int) -> Path:
    return ("prefect", "resources", kind, *parts)


def _identity(item: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(str(item.get(key)) for key in _KEYS[kind])


def _check_items(kind: str, items: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Note items without a name, and items that are there twice."""
    first: dict[tuple[str, ...], int] = {}
    for index, item in enumerate(items):
        if problems.at_or_below(_path(kind, index)):
            continue
        name = item.get("name")
        if not isinstance(name, str) or not name:
            problems.add(_path(kind, index, "name"), f"missing; expected str, found {found(name, secret=True)}")
            continue
        other = first.setdefault(_identity(item, kind), index)
        if other != index:
            problems.add(_path(kind, index, "name"), f"{name!r} is in prefect.resources.{kind}[{other}] too")


def _add_pools(pools: list[dict[str, Any]], workers: Sequence[Worker], problems: Problems) -> None:
    for number, worker in enumerate(workers):
        pool, kind = worker["work_pool"], worker["type"]
        index = next((at for at, declared in enumerate(pools) if declared.get("name") == pool), None)
        if index is None:
            pools.append({"name": pool, "type": kind})
        elif pools[index].get("type") is None:
            pools[index]["type"] = kind
        elif pools[index]["type"] != kind:
            declared = pools[index]["type"]
            at_type = _path("work_pools", index, "type")
            shown = found(declared, secret=not isinstance(declared, str))
            problems.add(at_type, f"found {shown}, but prefect.workers[{number}] of this pool is of type {kind!r}")


def _add_queues(queues: list[dict[str, Any]], workers: Sequence[Worker]) -> None:
    known = {_identity(queue, "work_queues") for queue in queues}
    for worker in workers:
        for name in worker["work_queues"]:
            queue = {"name": name, "work_pool": worker["work_pool"]}
            # The default queue is made together with its pool.
            if name != "default" and _identity(queue, "work_queues") not in known:
                known.add(_identity(queue, "work_queues"))
                queues.append(queue)


def _add_blocks(blocks: list[dict[str, Any]], overrides: Overrides, problems: Problems) -> None:
    declared = {_identity(block, "blocks") for block in blocks}
    implied: set[tuple[str, ...]] = set()
    for block in overrides.blocks:
        identity = _identity(block, "blocks")
        if not block["name"] or identity in implied:
            problems.add(
                ("prefect", "overrides", "secretEnvVars"),
                f"each context secret becomes a block, but {block['name']!r} is more than once or no name of a block",
            )
        elif identity not in declared:
            blocks.append(copied(block))
        implied.add(identity)
