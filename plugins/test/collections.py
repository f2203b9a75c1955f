# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what the controller has, as tests for the roles."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec


def installed_collection(name: str) -> bool:
    """Return whether Ansible finds a collection on the controller."""
    try:
        return find_spec(f"ansible_collections.{name}") is not None
    except ModuleNotFoundError:
        return False


class TestModule:
    """Give the roles this test."""

    def tests(self) -> dict[str, Callable[[str], bool]]:
        return {"installed_collection": installed_collection}
