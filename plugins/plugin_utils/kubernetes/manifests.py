# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service, a one-shot job and what stands below them, as lists of objects in the order in which they are applied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

from .access import access
from .configuration import configuration
from .merge import merged
from .mounts import claims
from .part import Manifest, Part
from .pods import pod_template
from .policies import default_policy, policies
from .ports import headless_name, services
from .scaling import is_autoscaled, scaling
from .ways_in import ways_in

Spec = Mapping[str, Any]
Host = Mapping[str, Any]
Settings = Mapping[str, Any]

# What a kind needs comes before it.
ORDER = (
    "Namespace", "NetworkPolicy", "ServiceAccount", "Role", "RoleBinding", "Secret", "ConfigMap", "Service",
    "PodDisruptionBudget", "StatefulSet", "Deployment", "Job", "HorizontalPodAutoscaler", "Gateway", "Ingress",
    "HTTPRoute",
)  # fmt: skip
TIMEOUT = 300
RETRIES = 2
SETTLED_SECONDS = 10


def service_manifests(spec: Spec, host: Host, settings: Settings) -> list[Manifest]:
    """Return the objects of a service that keeps running."""
    part = Part(spec, host, settings)
    kind = "StatefulSet" if part.has_volumes else "Deployment"
    objects = [
        *access(part),
        *policies(part),
        *configuration(part),
        *services(part),
        part.manifest(kind, spec=_stateful(part) if part.has_volumes else _deployment(part)),
        *scaling(part, kind),
        *ways_in(part),
    ]
    return _finished(part, objects)


def job_manifests(spec: Spec, host: Host, settings: Settings) -> list[Manifest]:
    """Return the objects of a job that runs once."""
    part = Part(spec, host, settings)
    job = {
        "backoffLimit": RETRIES,
        "activeDeadlineSeconds": settings.get("timeout") or TIMEOUT,
        "template": pod_template(part, restart="Never"),
    }
    return _finished(part, [*access(part), *policies(part), *configuration(part), part.manifest("Job", spec=job)])


def foundation_manifests(settings: Settings, host: Host) -> list[Manifest]:
    """Return the objects below all services."""
    part = Part({"name": marks.FOUNDATION}, host, settings)
    objects = []
    if settings.get("create_namespace", True):
        objects.append(part.manifest("Namespace", part.namespace))
    if settings.get("network_policies"):
        objects.append(default_policy(part))
    return _finished(part, objects)


def _deployment(part: Part) -> Manifest:
    return {
        **({} if is_autoscaled(part) else {"replicas": part.replicas}),
        "selector": {"matchLabels": part.selector},
        "strategy": {"type": "Recreate" if part.spec.get("update") == "recreate" else "RollingUpdate"},
        # A pod that answers nobody proves itself by staying.
        **({} if part.spec.get("health") else {"minReadySeconds": SETTLED_SECONDS}),
        "progressDeadlineSeconds": part.settings.get("timeout") or TIMEOUT,
        "template": pod_template(part),
    }


def _stateful(part: Part) -> Manifest:
    return {
        "replicas": part.replicas,
        "selector": {"matchLabels": part.selector},
        "serviceName": headless_name(part),
        # In order, a pod that never starts would keep its own mend from being rolled out.
        "podManagementPolicy": "Parallel",
        "updateStrategy": {"type": "RollingUpdate"},
        "template": pod_template(part),
        "volumeClaimTemplates": claims(part),
    }


def _finished(part: Part, objects: Iterable[Manifest]) -> list[Manifest]:
    """Return the objects with the user's words laid over them, as plain values in a stable order."""
    words = part.options.get("manifests") or {}
    kept = []
    for item in objects:
        kind = item["kind"]
        if kind not in words or item["metadata"]["name"] == headless_name(part):
            kept.append(item)
        elif words[kind] is not None:
            kept.append(merged(item, words[kind]))
    plain: list[Manifest] = json.loads(json.dumps(kept, sort_keys=True))
    return sorted(plain, key=_position)


def _position(item: Manifest) -> tuple[int, str, str]:
    metadata = item["metadata"]
    return ORDER.index(item["kind"]), metadata.get("namespace", ""), metadata["name"]
