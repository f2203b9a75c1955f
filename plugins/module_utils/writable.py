# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that Prefect's database cannot keep; with some of them the server cannot read its own lists any more."""

from __future__ import annotations

import math
import re
from typing import Any, Iterator

from .errors import Problem

LARGEST = 2**31 - 1  # of a column for whole numbers

# The character NUL, and halves of characters.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def unwritable(value: Any, path: str = "") -> Iterator[Problem]:
    """Yield the places of texts and numbers that cannot be kept; never the text."""
    if isinstance(value, str):
        if _NO_TEXT.search(value):
            yield Problem(path, "holds a character that no text may have: NUL, or half of a surrogate pair")
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield Problem(path, f"expected a number, found {value}")
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(key, str) and _NO_TEXT.search(key):
                yield Problem(path, "has a key with a character that no text may have")
            else:
                yield from unwritable(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from unwritable(part, f"{path}[{at}]")


def too_large(path: str, value: float | None) -> list[Problem]:
    """Return that a number has no place in its column."""
    return [Problem(path, f"expected at most {LARGEST}, found {value}")] if (value or 0) > LARGEST else []
