# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as Kubernetes takes them, and those that it would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 63
# A StatefulSet and a Job put a hash of their own behind the name, in a label of their pods.
LONGEST_OF_PODS_WITH_A_NAME = 52

_OTHER = re.compile(r"[^a-z0-9]+")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")


def object_name(name: str) -> str:
    """Return the name of the object for a name of ours, which may hold capitals, dots and underscores."""
    return _OTHER.sub("-", name.lower()).strip("-")


def label_value(text: str) -> str:
    """Return a text as the value of a label."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)[:LONGEST].strip("_.-")


def is_label_value(text: str) -> bool:
    """Tell whether a label may hold a text."""
    return not text or (len(text) <= LONGEST and _LABEL.fullmatch(text) is not None)


def name_problems(names: Iterable[str], short: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return the names of services that cannot be those of objects, each with what is wrong about it.

    `short` are the names of those that become a StatefulSet or a Job.
    """
    problems = []
    shorter = set(short)
    taken: dict[str, str] = {}
    for name in dict.fromkeys([*names, *shorter]):
        limit = LONGEST_OF_PODS_WITH_A_NAME if name in shorter else LONGEST
        made = object_name(name)
        other = taken.setdefault(made, name)
        if len(name) > limit:
            problems.append((name, f"has {len(name)} characters; Kubernetes allows {limit} here"))
        elif not made or not made[0].isalpha() or not is_label_value(name):
            problems.append((name, "may hold only letters, digits, '-', '_' and '.'; a letter first, no sign last"))
        elif other != name:
            problems.append((name, f"would be the object {made!r} in Kubernetes, as {other!r} is; rename one of them"))
    return problems
