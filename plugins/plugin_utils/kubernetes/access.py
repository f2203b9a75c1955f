# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a service is for the cluster, and what it may do there."""

from __future__ import annotations

from typing import Any

from .merge import merged
from .part import Manifest, Part


def account_name(part: Part) -> str:
    """Return the name of the ServiceAccount of the pods."""
    account: dict[str, Any] = part.options.get("service_account") or {}
    if account.get("create", True) is False:
        return str(account.get("name") or "default")
    return str(account.get("name") or part.name)


def access(part: Part) -> list[Manifest]:
    """Return the ServiceAccount, unless somebody else makes it, its rights in each namespace, and those of its pods."""
    account: dict[str, Any] = part.options.get("service_account") or {}
    objects = []
    if account.get("create", True) is not False:
        annotations = merged({}, account.get("annotations") or {})
        made = part.manifest("ServiceAccount", account_name(part), annotations=annotations)
        objects.append({**made, "automountServiceAccountToken": False})
    objects += [
        {**part.manifest("ServiceAccount", item["name"], item["namespace"]), "automountServiceAccountToken": False}
        for item in part.spec.get("accounts") or ()
    ]
    for item in part.spec.get("rules") or ():
        objects += _rights(part, item.get("namespace") or part.namespace, item["rules"])
    return objects


def _rights(part: Part, namespace: str, rules: list[Manifest]) -> list[Manifest]:
    # One namespace may hold the workers of several installations.
    name = part.name if namespace == part.namespace else f"{part.namespace}-{part.name}"
    return [
        part.manifest("Role", name, namespace, rules=rules),
        part.manifest(
            "RoleBinding",
            name,
            namespace,
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            subjects=[{"kind": "ServiceAccount", "name": account_name(part), "namespace": part.namespace}],
        ),
    ]
