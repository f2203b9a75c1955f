# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that Prefect allows."""

from __future__ import annotations

import re
import uuid
from typing import Any

from .errors import Problem

_BANNED = re.compile(r"[/%&><]")
# The server takes them, and then has no path to the object.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DASHED = re.compile(r"[a-z0-9-]+")
_DASHED_OR_UNDERSCORED = re.compile(r"[a-z0-9_-]+")


def check_name(path: str, name: Any) -> list[Problem]:
    """Names of pools, queues, flows and deployments."""
    if name is not None and _CONTROL.search(name):
        return [Problem(path, f"expected a name without line breaks and the like, found {name!r}")]
    if name is None or (name and not _BANNED.search(name)):
        return []
    return [Problem(path, f"expected a name without / % & > <, found '{name}'")]


def check_block_name(path: str, name: str) -> list[Problem]:
    if _DASHED.fullmatch(name):
        return []
    return [Problem(path, f"expected lower case letters, digits and dashes only, found '{name}'")]


def check_variable_name(path: str, name: str) -> list[Problem]:
    if _DASHED_OR_UNDERSCORED.fullmatch(name):
        return []
    return [Problem(path, f"expected lower case letters, digits, dashes and underscores only, found '{name}'")]


def is_id(text: str) -> bool:
    """Return whether the API would take a text for the id of an object."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
