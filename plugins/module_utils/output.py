# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program's output says to a person."""

from __future__ import annotations

import re
from typing import Iterable

EXCEPTION = re.compile(r"([a-z_0-9]+\.)*_?[A-Z]\w*(Error|Exception|Exit|Timeout|Refused)\w*(:|$)")


def without_tracebacks(lines: Iterable[str]) -> list[str]:
    """Return the lines without the frames of Python's tracebacks; what was raised stays."""
    kept: list[str] = []
    inside = False
    for line in lines:
        frame = line.startswith((" ", "\t"))
        inside = line.lstrip(" |+").startswith("Traceback (most recent call last)") or (inside and frame)
        if not inside and line.strip():
            kept.append(line.rstrip())
    return kept


def reason(lines: Iterable[str], count: int = 4) -> str:
    """Return why a program failed: what it raised last, with the lines that follow, or else its last lines."""
    kept = without_tracebacks(lines)
    raised = [index for index, line in enumerate(kept) if EXCEPTION.match(line)]
    return " / ".join(line.strip() for line in (kept[raised[-1] :][:count] if raised else kept[-count:]))
