# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys with open parts: an empty one stands for any name."""

from __future__ import annotations

from typing import Collection

from .difference import Json
from .session import Key


def any_of(keys: Collection[Key], at: int) -> Json:
    """Return the filter for one part of keys."""
    names = sorted({key[at] for key in keys})
    return {} if "" in names else {"any_": names}


def beginnings(keys: Collection[Key] | None, length: int) -> set[Key] | None:
    """Return the first parts of keys; None, which stands for all, if one of them is open."""
    if keys is None:
        return None
    found = {key[:length] for key in keys}
    return None if any("" in parts for parts in found) else found
