# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quantities as Kubernetes writes them: 4, "500m", "2Gi", "512M", "1e3"."""

from __future__ import annotations

import re
from decimal import Decimal

_FACTORS = {
    "": Decimal(1), "m": Decimal("0.001"),
    "k": Decimal(10) ** 3, "M": Decimal(10) ** 6, "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12, "P": Decimal(10) ** 15, "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10, "Mi": Decimal(2) ** 20, "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40, "Pi": Decimal(2) ** 50, "Ei": Decimal(2) ** 60,
}  # fmt: skip
_PATTERN = re.compile(
    r"([0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE]([+-]?[0-9]{1,2})|(Ki|Mi|Gi|Ti|Pi|Ei|[mkMGTPE]))?"
)


def quantity(value: object) -> Decimal | None:
    """Return what is meant, in cores or bytes; nothing when it is no quantity above zero."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    match = _PATTERN.fullmatch(str(value).strip())
    if match is None:
        return None
    number, exponent, suffix = match.groups()
    result = Decimal(number) * Decimal(10) ** int(exponent or 0) * _FACTORS[suffix or ""]
    return result if result > 0 else None
