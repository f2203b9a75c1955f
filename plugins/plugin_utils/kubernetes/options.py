# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workload options of one service: the defaults, what its component says, what it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .merge import merged

Options = dict[str, Any]

# Of its options one excludes the other.
BUDGET = "disruption_budget"
# Kubernetes' own words, in which null removes. Elsewhere it says nothing.
FREE = ("pod", "container", "manifests", "pod_labels", "pod_annotations")


def workload_options(
    settings: Mapping[str, Any], workload: str | None, own: Mapping[str, Any] | None = None
) -> Options:
    """Return the options of a workload, each level over the one before."""
    result: Options = {}
    for level in (settings.get("defaults"), settings.get(workload) if workload else None, own):
        said = _said(level or {})
        result = merged(result, said, keep_null=True) | ({BUDGET: said[BUDGET]} if said.get(BUDGET) else {})
    return result


def _said(level: Mapping[str, Any]) -> Options:
    """Return the level without the options that are not set."""
    return {
        key: {name: item for name, item in value.items() if item is not None}
        if isinstance(value, Mapping) and key not in FREE
        else value
        for key, value in level.items()
        if value is not None
    }
