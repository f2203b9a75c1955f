# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO in a container, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import minio


class FilterModule:
    """Give role prefect_minio its specification and what is to be in the store."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = ("minio_service", "minio_policies", "minio_users", "minio_secret_keys", "minio_blocks", "minio_probes")
        return {name: getattr(minio, name) for name in names}
