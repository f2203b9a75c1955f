# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugin_utils computes for the roles that run containers, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils import containers, images


class FilterModule:
    """Give the roles what plugin_utils/containers.py and images.py offer."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        of_containers = (
            "container_arguments", "job_arguments", "job_outcome", "container_is_current", "container_files",
            "container_folders", "container_can_run", "file_owner",
        )  # fmt: skip
        of_images = (
            "derived_image", "build_context", "images_to_pull", "has_to_build", "missing_networks", "is_stale",
            "pull_failures", "build_reason", "registry_reason",
        )  # fmt: skip
        return {
            **{name: getattr(containers, name) for name in of_containers},
            **{name: getattr(images, name) for name in of_images},
        }
