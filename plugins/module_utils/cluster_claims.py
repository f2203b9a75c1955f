# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may become of the volumes that are there: they grow where their class allows it, and change in no other way."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping

from .quantities import quantity

Item = Dict[str, Any]


def size_of(claim: Mapping[str, Any]) -> str:
    """Return the size that a claim asks for."""
    requests = (claim.get("spec", {}).get("resources") or {}).get("requests") or {}
    return str(requests.get("storage") or "")


def claims_of(stateful_set: str, template: str, claims: Iterable[Item]) -> list[Item]:
    """Return the claims that a StatefulSet made from one of its templates."""
    start = f"{template}-{stateful_set}-"
    return [
        claim
        for claim in claims
        if claim["metadata"]["name"].startswith(start) and claim["metadata"]["name"][len(start) :].isdigit()
    ]


def claim_problems(
    setting: str, wanted: Mapping[str, Any], claim: Item, classes: Mapping[str, Item] | None
) -> list[str]:
    """Return what of the declaration {size, storage_class, access_modes} a claim cannot become.

    `classes` are None where nobody may read them.
    """
    name, spec = claim["metadata"]["name"], claim["spec"]
    problems = []
    live = size_of(claim)
    before, after = quantity(live), quantity(wanted.get("size") or live)
    actual = spec.get("storageClassName")
    if before is not None and after is not None and after < before:
        problems.append(
            f"{setting}.size: the volume {name} has {live} and cannot shrink to {wanted['size']}; "
            f"set {live}, or remove the installation with its data and restore a backup"
        )
    if before is not None and after is not None and after > before and classes is not None:
        found = classes.get(str(actual)) or {}
        if not found.get("allowVolumeExpansion"):
            problems.append(
                f"{setting}.size: the volume {name} has {live} and cannot grow to {wanted['size']}: its storage class "
                f"{actual} does not allow it; set {live}, or allow it (allowVolumeExpansion: true)"
            )
    if wanted.get("storage_class") and actual != wanted["storage_class"]:
        problems.append(
            f"{setting}.storage_class: the volume {name} is of class {actual} and cannot become one of "
            f"{wanted['storage_class']}; set {actual}, or remove the installation with its data and restore a backup"
        )
    modes = wanted.get("access_modes")
    if modes and sorted(modes) != sorted(spec.get("accessModes") or []):
        had = ", ".join(spec.get("accessModes") or [])
        problems.append(f"{setting}.access_modes: the volume {name} has {had} and cannot change; set that")
    return problems


def to_grow(size: str, claims: Iterable[Item]) -> list[Item]:
    """Return the claims that are smaller than declared."""
    wanted = quantity(size)
    return [claim for claim in claims if wanted is not None and (quantity(size_of(claim)) or wanted) < wanted]
