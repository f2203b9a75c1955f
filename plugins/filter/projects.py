# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of projects on a host, as filters for role prefect_project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import project


class FilterModule:
    """Give the role what plugin_utils/components/project.py offers."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = (
            "project_folder", "project_dockerfile", "project_image", "entrypoint_command", "entrypoint_job",
            "entrypoint_answer", "project_problems", "project_objects",
        )  # fmt: skip
        return {name: getattr(project, name) for name in names}
