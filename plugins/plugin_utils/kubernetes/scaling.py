# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many pods there are, and how many of them may be away at once."""

from __future__ import annotations

from typing import Any

from .part import Manifest, Part

DEFAULT_CPU = 80


def is_autoscaled(part: Part) -> bool:
    """Tell whether the cluster decides the number of pods; never where each has data of its own."""
    return bool((part.options.get("autoscaling") or {}).get("max_replicas")) and not part.has_volumes


def scaling(part: Part, kind: str) -> list[Manifest]:
    """Return the autoscaler and the disruption budget, where they are asked for."""
    objects = []
    budget: dict[str, Any] = part.options.get("disruption_budget") or {}
    allowed = {
        name: _count(budget[key])
        for key, name in (("min_available", "minAvailable"), ("max_unavailable", "maxUnavailable"))
        if budget.get(key) is not None
    }
    if allowed:
        spec = {**allowed, "selector": {"matchLabels": part.selector}}
        objects.append(part.manifest("PodDisruptionBudget", spec=spec))
    if is_autoscaled(part):
        objects.append(part.manifest("HorizontalPodAutoscaler", spec=_autoscaler(part, kind)))
    return objects


def _autoscaler(part: Part, kind: str) -> Manifest:
    wanted: dict[str, Any] = part.options["autoscaling"]
    targets = {name: wanted[name] for name in ("cpu", "memory") if wanted.get(name)} or {"cpu": DEFAULT_CPU}
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": part.name},
        "minReplicas": wanted.get("min_replicas") or min(part.replicas, wanted["max_replicas"]),
        "maxReplicas": wanted["max_replicas"],
        "metrics": [
            {"type": "Resource", "resource": {"name": name, "target": _utilization(target)}}
            for name, target in targets.items()
        ],
    }


def _count(value: int | str) -> int | str:
    """Return a number of pods, or a percentage."""
    return int(value) if str(value).isdecimal() else str(value)


def _utilization(percent: int) -> Manifest:
    return {"type": "Utilization", "averageUtilization": percent}
