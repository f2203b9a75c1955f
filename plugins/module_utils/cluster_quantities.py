# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes' quantities, such as 10Gi and 500m, as numbers that can be compared."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?[0-9]*\.?[0-9]+)(m|[kKMGTPE]i?|[eE][+-]?[0-9]+)?")
_POWERS = "kMGTPE"


def quantity(text: object) -> Decimal | None:
    """Return the number that a quantity means, None where it is none."""
    found = _QUANTITY.fullmatch(str(text).strip())
    if not found:
        return None
    number, unit = Decimal(found[1]), found[2] or ""
    if unit == "m":
        return number / 1000
    if unit[:1] in ("e", "E") and len(unit) > 1 and unit != "Ei":
        return number * Decimal(10) ** int(unit[1:])
    if not unit:
        return number
    if unit == "K":
        return None
    power = _POWERS.index(unit[0].replace("K", "k")) + 1
    return number * (Decimal(1024) if unit.endswith("i") else Decimal(1000)) ** power
