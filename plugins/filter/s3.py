# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets of S3 and their users, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import bucket_blocks, s3


class FilterModule:
    """Give role prefect_s3 what it is to provide."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = (
            "s3_buckets",
            "s3_expirations",
            "s3_policies",
            "s3_users",
            "s3_groups",
            "s3_keys",
            "s3_credentials",
            "s3_replaced",
            "s3_blocks",
            "s3_probes",
            "s3_failure",
        )
        return {**{name: getattr(s3, name) for name in names}, "default_results": bucket_blocks.default_results}
