# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single sign-on, as filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.components import authelia


class FilterModule:
    """Give role prefect_authelia its specification and the names of its secrets."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        names = ("authelia_service", "authelia_secrets")
        return {name: getattr(authelia, name) for name in names}
