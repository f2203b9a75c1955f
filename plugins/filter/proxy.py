# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reverse proxy, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import proxy


class FilterModule:
    """Give role prefect_proxy its specifications and its snippet."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = ("proxy_service", "proxy_check_job", "caddy_snippet")
        return {name: getattr(proxy, name) for name in names}
