# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pod answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.cluster_pods import is_ready


def ready_pod(pods: Iterable[Mapping[str, Any]]) -> str:
    """Return the name of the newest pod that is ready and not about to go; empty when there is none."""
    ready = [pod["metadata"] for pod in pods if is_ready(pod) and not pod["metadata"].get("deletionTimestamp")]
    return str(max(ready, key=lambda metadata: metadata["creationTimestamp"])["name"]) if ready else ""
