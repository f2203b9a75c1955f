# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a Secret of somebody else holds in the place of the document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Reference = dict[str, str]


def reference(cluster: Mapping[str, Any], name: str) -> Reference | None:
    """Return the Secret and the key of one of prefect.kubernetes.existing_secrets."""
    found = (cluster.get("existing_secrets") or {}).get(name) or {}
    return {"name": found["name"], "key": found["key"]} if found.get("name") else None


def by_reference(spec: Mapping[str, Any], found: Reference | None, variables: Iterable[str]) -> dict[str, Any]:
    """Return a specification whose variables come from a Secret of somebody else, where there is one."""
    if found is None:
        return dict(spec)
    names = list(variables)
    return {
        **spec,
        "secret_env": {key: value for key, value in spec["secret_env"].items() if key not in names},
        "secret_refs": {**spec.get("secret_refs", {}), **{name: dict(found) for name in names}},
    }
