#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_changes
short_description: See what objects of a Kubernetes cluster differ from their manifests
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lets the API server apply each manifest in a dry run and compares what would become of it with what is there.
    Defaults, quantities and the fields of others are therefore no difference.
  - Fails with every reason at once when the cluster would refuse an object - rights, quotas, admission,
    immutable fields - before anything has changed.
  - Changes nothing. In check mode it says so for those who would, by C(changed) and the diff.
options:
  objects:
    description: Manifests of a service, in the order in which they are to be applied. Not those of Secrets.
    type: list
    elements: dict
    default: []
  secrets:
    description: Manifests of its Secrets, with C(data).
    type: list
    elements: dict
    default: []
  known:
    description: What the cluster holds of the service. What is no longer among the manifests is returned as RV(stale).
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: Version of the API.
        type: str
        required: true
      kind:
        description: Kind of the object.
        type: str
        required: true
      namespace:
        description: Namespace of the object.
        type: str
      name:
        description: Name of the object.
        type: str
        required: true
      service:
        description: The service that it belongs to.
        type: str
  absent_namespaces:
    description: Namespaces that are not there or on their way out. Everything in them is taken for new.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.cluster
attributes:
  check_mode:
    support: full
    details: Changes nothing in either mode. In check mode C(changed) says whether the manifests would.
  diff_mode:
    support: full
    details: Shows the objects that differ. Of Secrets it shows the keys, and which of them changed.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: See what is to be done
  flowops.prefect.cluster_changes:
    objects:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: prefect-example
          namespace: default
          labels:
            app.kubernetes.io/managed-by: flowops.prefect
        data:
          greeting: hello
  register: changes
"""

RETURN = r"""
objects:
  description: The manifests of those that differ, without Secrets.
  returned: success
  type: list
  elements: dict
secrets:
  description: Names of the Secrets that differ.
  returned: success
  type: list
  elements: str
stale:
  description: Objects that are there and no longer declared.
  returned: success
  type: list
  elements: dict
grow:
  description: Claims that are smaller than declared, each with C(name) and C(size).
  returned: success
  type: list
  elements: dict
anew:
  description: StatefulSets to be made anew, without their pods, because their volumes grow.
  returned: success
  type: list
  elements: str
asleep:
  description: Workloads without a pod whose number the cluster decides, each with C(kind) and C(name).
  returned: success
  type: list
  elements: dict
problems:
  description: What the cluster would refuse.
  returned: failure
  type: list
  elements: str
"""

from typing import Any, Mapping

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_module
from ansible_collections.flowops.prefect.plugins.module_utils.cluster import Cluster
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_objects import Changes

OBJECTS = {"type": "list", "elements": "dict", "default": []}
KNOWN = {
    "api_version": {"type": "str", "required": True},
    "kind": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "name": {"type": "str", "required": True},
    "service": {"type": "str"},
}


def values(options: Mapping[str, Any]) -> list[str]:
    return [value for item in options["secrets"] for value in (item.get("data") or {}).values()]


def manifest(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object of the cluster in the words of a manifest."""
    metadata = {"name": item["name"], **({"namespace": item["namespace"]} if item["namespace"] else {})}
    return {"apiVersion": item["api_version"], "kind": item["kind"], "metadata": metadata}


def compare(module: AnsibleModule, cluster: Cluster) -> dict[str, Any]:
    declared = module.params["secrets"] + module.params["objects"]
    changes = Changes(cluster, module.params["absent_namespaces"])
    for item in declared:
        changes.compare(item)
    stale = changes.drop([manifest(item) for item in module.params["known"]], declared)
    if changes.problems:
        cluster_module.fail(module, changes.problems)
    differs = bool(changes.objects or stale or changes.grow or changes.asleep)
    return {
        "changed": module.check_mode and differs,
        "objects": [item for item in changes.objects if item["kind"] != "Secret"],
        "secrets": [item["metadata"]["name"] for item in changes.objects if item["kind"] == "Secret"],
        "stale": stale,
        "grow": changes.grow,
        "anew": [item["metadata"]["name"] for item in changes.anew],
        "asleep": changes.asleep,
        "diff": {"before": changes.before, "after": changes.after},
    }


def main() -> None:
    cluster_module.run(
        {
            "objects": OBJECTS,
            "secrets": {**OBJECTS, "no_log": True},
            "known": {**OBJECTS, "options": KNOWN},
            "absent_namespaces": {"type": "list", "elements": "str", "default": []},
        },
        compare,
        values,
    )


if __name__ == "__main__":
    main()
