# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses in values, which may be anything."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split(text: str) -> SplitResult:
    """Return the parts of an address; those of none where it is none."""
    try:
        url = urlsplit(text)
        return url if url.port is None or url.port else urlsplit("")
    except ValueError:
        return urlsplit("")
