# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name what is there, and what was probably meant."""

from __future__ import annotations

import difflib
from typing import Iterable

_SHOWN = 60


def closest(name: str, known: Iterable[str]) -> str:
    """Return '; did you mean ...?' for the nearest name, or nothing when none is near."""
    folded = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""


def unknown_key(name: str, allowed: Iterable[str]) -> str:
    """Return the message about a key that is none, in the form of the errors of the whole document."""
    names = list(allowed)
    return f"unknown key; allowed: {', '.join(names)}{closest(name, names)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the sentence parts to put behind an error about an unknown name."""
    names = sorted(set(known))
    if not names:
        return "there is none"
    listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    folded = {other.casefold(): other for other in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    meant = f"did you mean '{folded[close[0]]}'? " if close else ""
    return f"{meant}known: {listed}"
