# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects that installations are made of, and the versions of their APIs."""

from __future__ import annotations

from typing import Collection, Iterable

# The newest version first, which is also meant where no cluster was asked.
MADE = {
    "ConfigMap": ("v1",),
    "Deployment": ("apps/v1",),
    "Gateway": ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    "HTTPRoute": ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "autoscaling/v2beta2"),
    "Ingress": ("networking.k8s.io/v1",),
    "Job": ("batch/v1",),
    "Namespace": ("v1",),
    "NetworkPolicy": ("networking.k8s.io/v1",),
    "PodDisruptionBudget": ("policy/v1", "policy/v1beta1"),
    "Role": ("rbac.authorization.k8s.io/v1",),
    "RoleBinding": ("rbac.authorization.k8s.io/v1",),
    "Secret": ("v1",),
    "Service": ("v1",),
    "ServiceAccount": ("v1",),
    "StatefulSet": ("apps/v1",),
}


def offered(versions: Iterable[str], apis: Collection[str]) -> str | None:
    """Return the first of some versions that a cluster has."""
    return next((version for version in versions if version in apis), None)


def group_of(api_version: str) -> str:
    """Return the API group of a version, empty for the core."""
    group, slash, _version = api_version.partition("/")
    return group if slash else ""


def group_of_kind(kind: str) -> str:
    """Return the API group of a kind, empty for the core and for kinds that are not made."""
    return group_of(MADE[kind][0]) if kind in MADE else ""
