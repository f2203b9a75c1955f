# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The components in a cluster, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import (
    cluster_server,
    cluster_worker,
    postgres,
    redis,
)


class FilterModule:
    """Give the roles the specifications of what runs in a cluster."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "cluster_services": cluster_server.cluster_services,
            "cluster_migration": cluster_server.cluster_migration,
            "database_mark": cluster_server.database_mark,
            "cluster_workers": cluster_worker.cluster_workers,
            "cluster_postgres_service": postgres.cluster_postgres_service,
            "redis_service": redis.redis_service,
        }
