# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prefect's command line, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import cli


class FilterModule:
    """Give role prefect_cli its script."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {name: getattr(cli, name) for name in ("cli_flows", "cli_path", "cli_script", "cli_service")}
