# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugin_utils computes for the roles that run services in a cluster, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes import (
    manifests,
    outcomes,
    pods_ready,
    questions,
    render,
)


class FilterModule:
    """Give the roles what plugin_utils/kubernetes offers."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        of_manifests = ("service_manifests", "job_manifests", "foundation_manifests")
        of_outcomes = ("object_references", "cluster_job_failure", "cluster_refusal")
        of_render = ("rendered_host", "service_files", "foundation_files", "stale_files", "secrets_file")
        return {
            **{name: getattr(manifests, name) for name in of_manifests},
            **{name: getattr(outcomes, name) for name in of_outcomes},
            **{name: getattr(render, name) for name in of_render},
            "cluster_questions": questions.cluster_questions,
            "ready_pod": pods_ready.ready_pod,
        }
