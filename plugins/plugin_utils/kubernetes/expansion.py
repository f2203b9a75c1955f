# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that Kubernetes would read references to variables in."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str) -> str:
    """Return a text that is taken as it is: $(NAME) would be a reference, and $$ one dollar sign."""
    return text.replace("$", "$$") if "$(" in text or "$$" in text else text


def literals(words: Iterable[object]) -> list[str]:
    """Return the words of a command."""
    return [literal(str(word)) for word in words]
