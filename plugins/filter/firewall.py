# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall between hosts, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import firewall


class FilterModule:
    """Give role prefect_firewall its rules."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = ("firewall_openings", "firewall_problems", "firewall_stale", "firewall_table")
        return {name: getattr(firewall, name) for name in names}
