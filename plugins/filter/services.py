# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugin_utils computes for the roles, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils import landscape, services


class FilterModule:
    """Give the roles what plugin_utils/services.py offers."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = (
            "environment_name", "server_service", "migration_job", "settings_job", "worker_services",
            "outdated_services", "service_digest", "secret_file", "unit_environment", "unit_command",
            "one_shot_command", "program_command", "failure_reason", "with_password",
        )  # fmt: skip
        filters = {name: getattr(services, name) for name in names}
        of_landscape = ("canary_deployments", "complete_pools", "declared_objects", "summary")
        return {**filters, **{name: getattr(landscape, name) for name in of_landscape}}
