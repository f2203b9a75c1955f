# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pod answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def ready_pod(pods: Iterable[Mapping[str, Any]]) -> str:
    """Return the name of the newest pod that is ready and not about to go; empty when there is none."""
    ready = [pod["metadata"] for pod in pods if _is_ready(pod)]
    return str(max(ready, key=lambda metadata: metadata["creationTimestamp"])["name"]) if ready else ""


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    is_ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return is_ready and not pod["metadata"].get("deletionTimestamp")
