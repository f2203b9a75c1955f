# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all objects of one service share: names, labels, the place and the versions of the APIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_kinds import MADE, offered

from .merge import merged
from .names import label_value, object_name
from .options import Options, workload_options

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One service on its way into a cluster."""

    spec: Mapping[str, Any]
    host: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the objects."""
        return object_name(self.spec["name"])

    @property
    def namespace(self) -> str:
        """Where the objects are."""
        return str(self.host.get("namespace") or self.settings.get("namespace") or "prefect")

    @property
    def options(self) -> Options:
        """The workload options."""
        return workload_options(self.settings, self.spec.get("workload"), self.spec.get("options"))

    @property
    def selector(self) -> dict[str, str]:
        """The labels by which pods are found, which can never change."""
        return selector(self.spec["name"])

    @property
    def lasting_labels(self) -> dict[str, str]:
        """The labels of what must stay as it is when Prefect's version changes."""
        return {**self.selector, marks.MANAGED_BY: marks.MANAGER, marks.SERVICE: self.spec["name"]}

    @property
    def has_volumes(self) -> bool:
        """Whether it keeps data of its own."""
        return bool(self.spec.get("volumes"))

    @property
    def replicas(self) -> int:
        """How many pods there are, unless the cluster decides."""
        replicas = self.spec.get("replicas")
        return 1 if replicas is None else int(replicas)

    def manifest(self, kind: str, name: str | None = None, namespace: str | None = None, **body: Any) -> Manifest:
        """Return an object with everything that all objects have."""
        version = label_value(str(self.settings.get("version") or ""))
        labels = {**merged({}, self.settings.get("labels") or {}), **self.lasting_labels}
        metadata: Manifest = {
            "name": name or self.name,
            "labels": {**labels, **({marks.VERSION: version} if version else {})},
        }
        if kind != "Namespace":
            metadata["namespace"] = namespace or self.namespace
            if metadata["namespace"] != self.namespace:
                metadata["labels"][marks.HOME] = self.namespace
        annotations = merged({}, {**(self.settings.get("annotations") or {}), **body.pop("annotations", {})})
        if annotations:
            metadata["annotations"] = annotations
        return {"apiVersion": api_version(kind, self.host), "kind": kind, "metadata": metadata, **body}


def selector(service: str) -> dict[str, str]:
    """Return the labels by which the pods of a service are found."""
    return {marks.NAME: service, marks.PART: marks.PART_OF}


def api_version(kind: str, host: Mapping[str, Any]) -> str:
    """Return the newest version of a kind that the cluster has."""
    known = MADE[kind]
    return offered(known, host.get("apis") or ()) or known[0]
