# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fragments over a document: maps are merged deeply, lists and single values are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(base: Any, over: Any) -> Any:
    """Return a new value of `base` with `over` laid over it; neither is changed. A null clears what was there."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        kept = {key: merged(value, over[key]) if key in over else copied(value) for key, value in base.items()}
        return kept | {key: copied(value) for key, value in over.items() if key not in base}
    return copied(over)


def copied(value: Any) -> Any:
    """Return a deep copy made of plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value
