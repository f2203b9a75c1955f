#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: See whether Prefect can run in a Kubernetes cluster, and what of it is there
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Reads what the Kubernetes platform needs to know of a cluster in one call.
  - Changes nothing.
  - Fails with every reason at once when Prefect cannot run there - no answer, no credentials, missing rights,
    a namespace on its way out, classes and Secrets that are not there, a volume that would have to shrink.
  - The generated secrets are returned, so a task that uses this module needs C(no_log=true).
options:
  namespace:
    description: Namespace of the installation.
    type: str
    required: true
  create_namespace:
    description: Whether the namespace will be made where it is missing, so that it is no problem.
    type: bool
    default: true
  image:
    description: Image of Prefect that the services of this installation run from.
    type: str
  cluster_uid:
    description: What workers tell this cluster by. Default is the uid of the namespace C(kube-system).
    type: str
  kinds:
    description: Kinds of the objects that will be made in the namespace. The rights for them are checked.
    type: list
    elements: str
    default: []
  job_namespaces:
    description: Where workers make a Job of each flow run.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Name of the namespace.
        type: str
        required: true
  claims:
    description: Volumes that services need.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the settings of its storage.
        type: str
        required: true
      service:
        description: Name of the service.
        type: str
        required: true
      size:
        description: Its size. Default is whatever it has.
        type: str
      storage_class:
        description: Its storage class. Default is the cluster's own default.
        type: str
      access_modes:
        description: Its access modes. Default is whatever it has.
        type: list
        elements: str
  secrets:
    description: Secrets that have to be there.
    type: list
    elements: dict
    default: []
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Name of the Secret.
        type: str
        required: true
      key:
        description: Key that it has to have.
        type: str
      namespace:
        description: The one of O(job_namespaces) in which flow runs read it. Default is O(namespace).
        type: str
  ingress:
    description: The Ingress that will be made.
    type: dict
    suboptions:
      setting:
        description: Key path of the setting.
        type: str
        required: true
      name:
        description: Its class. Default is the cluster's own default.
        type: str
  gateway:
    description: The HTTPRoute that will be made.
    type: dict
    suboptions:
      setting:
        description: Key path of the settings.
        type: str
        required: true
      class_name:
        description: Class of the Gateway that is made for it.
        type: str
      parents:
        description: Gateways that have to be there.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the Gateway.
            type: str
            required: true
          namespace:
            description: Its namespace. Default is O(namespace).
            type: str
  cloudnative_pg:
    description: Name of the CloudNativePG cluster that has to be there.
    type: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
  - flowops.prefect.cluster
"""

EXAMPLES = r"""
- name: See what the cluster offers
  flowops.prefect.cluster_info:
    namespace: prefect
    kinds: [Deployment, Secret, Service]
  register: cluster
  no_log: true
"""

RETURN = r"""
host:
  description: What was found.
  returned: success
  type: dict
  contains:
    platform:
      description: V(kubernetes).
      type: str
    root:
      description: The folder that the services have their data below, inside of their containers.
      type: str
    kubeconfig:
      description: The kubeconfig that was used, V(null) inside of a pod without one.
      type: str
    context:
      description: The context that was used, V(null) inside of a pod.
      type: str
    namespace:
      description: The namespace.
      type: str
    namespace_state:
      description: V(missing), V(active) or V(terminating).
      type: str
    namespace_is_ours:
      description: Whether this collection made the namespace.
      type: bool
    version:
      description: Major and minor version of the cluster.
      type: list
      elements: int
    apis:
      description: Versions of the APIs that the cluster has.
      type: list
      elements: str
    cluster_uid:
      description: What workers tell this cluster by.
      type: str
    storage_classes:
      description: Names of the storage classes.
      type: list
      elements: str
    ingress_classes:
      description: Names of the ingress classes.
      type: list
      elements: str
    image:
      description: Image that the services of this installation run from.
      type: str
    environment:
      description: Empty.
      type: str
    user:
      description: Name of the user that the services run as.
      type: str
    installed:
      description: Names of the services that are there.
      type: list
      elements: str
    running:
      description: Those that have pods, each with C(healthy) and C(image).
      type: dict
    objects:
      description: Objects of this installation, with C(api_version), C(kind), C(namespace), C(name) and C(service).
      type: list
      elements: dict
    secret_salts:
      description: By the name of each Secret what its digest is made with.
      type: dict
    values_of_others:
      description: By NAME/KEY of each value in a Secret of somebody else what changes with it, and does not tell it.
      type: dict
    secrets:
      description: The generated secrets by their names, below the name of the Secret that keeps them.
      type: dict
problems:
  description: What keeps Prefect from running there.
  returned: failure
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_landscape as landscape
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_module, cluster_problems, cluster_rights
from ansible_collections.flowops.prefect.plugins.module_utils.cluster import VERSION, Cluster, plural, readable
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_errors import RefusedError
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_kinds import MADE, group_of_kind, offered
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_rights import Right

REQUIRED = {"type": "str", "required": True}
NAMED = {"setting": REQUIRED, "name": REQUIRED}
TEXT: dict[str, Any] = {"type": "str"}


def listed(options: dict[str, Any]) -> dict[str, Any]:
    return {"type": "list", "elements": "dict", "default": [], "options": options}


def namespace_of(cluster: Cluster, name: str) -> tuple[str, dict[str, Any]]:
    """Return the state of the namespace, and the namespace."""
    try:
        found = cluster.find(f"/api/v1/namespaces/{name}")
    except RefusedError:
        # Who may work in a namespace need not be allowed to look at it.
        return "active", {"metadata": {}}
    if found is None:
        return "missing", {"metadata": {}}
    return ("terminating" if found["metadata"].get("deletionTimestamp") else "active"), found


def uid_of(cluster: Cluster, given: str | None) -> str:
    if given:
        return given
    try:
        return str((cluster.find("/api/v1/namespaces/kube-system") or {"metadata": {}})["metadata"].get("uid") or "")
    except RefusedError:
        return ""


def wanted_rights(wanted: dict[str, Any], state: str) -> list[Right]:
    own = wanted["namespace"]
    rights = cluster_rights.needed(wanted["kinds"], own) if wanted["kinds"] else []
    for item in wanted["job_namespaces"]:
        for kind in landscape.ELSEWHERE:
            resource, group = plural(kind), group_of_kind(kind)
            rights += [Right(verb, resource, group, item["name"]) for verb in cluster_rights.KEEP]
    if state == "missing" and wanted["create_namespace"] and wanted["kinds"]:
        rights += [Right(verb, "namespaces") for verb in ("create", "patch")]
    if any(item["size"] for item in wanted["claims"]):
        rights += [Right(verb, "persistentvolumeclaims", "", own) for verb in ("get", "list", "patch")]
    return rights


def inspect(module: AnsibleModule, cluster: Cluster) -> dict[str, Any]:
    wanted, name = module.params, module.params["namespace"]
    version = landscape.version_of(cluster.get(VERSION))
    old = cluster_problems.age_problems(version, cluster.address)
    if old:
        cluster_module.fail(module, old)
    apis = landscape.apis_of(cluster.get("/apis"))
    state, namespace = namespace_of(cluster, name)
    uid = uid_of(cluster, wanted["cluster_uid"])
    others = [item["name"] for item in wanted["job_namespaces"] if item["name"] != name]
    items, unseen = landscape.found_in(cluster, apis, name, others)
    if unseen:
        may_not = "; ".join(cluster_rights.in_words(unseen))
        module.warn(f"prefect.kubernetes.kubeconfig: {cluster.access.source} may not {may_not}; what is there stays")
    storage = readable(cluster, "storage.k8s.io/v1", "StorageClass")
    ingress = readable(cluster, "networking.k8s.io/v1", "IngressClass")

    problems = []
    if state == "terminating" and module.check_mode:
        module.warn(cluster_problems.terminating(name, namespace))
    elif state == "terminating" and wanted["kinds"]:
        problems.append(cluster_problems.terminating(name, namespace))
    if state == "missing" and not wanted["create_namespace"]:
        problems.append(
            f"{cluster_problems.NAMESPACE}: there is no namespace {name}; make it, "
            "or set prefect.kubernetes.create_namespace: true"
        )
    lacking = cluster_rights.in_words(cluster_rights.missing(cluster, wanted_rights(wanted, state)))
    if lacking:
        problems.append(
            f"prefect.kubernetes.kubeconfig: {cluster.access.source} may not {'; '.join(lacking)}; "
            "let an administrator grant it, or choose another context"
        )
    if wanted["job_namespaces"] and not uid:
        problems.append(
            "prefect.kubernetes.cluster_uid: the namespace kube-system may not be read; set it to what tells this "
            "cluster from others"
        )
    problems += cluster_problems.job_namespace_problems(cluster, wanted["job_namespaces"], name)
    problems += cluster_problems.storage_problems(wanted["claims"], items, storage)
    problems += cluster_problems.ingress_problems(wanted["ingress"], ingress)
    problems += cluster_problems.gateway_problems(cluster, wanted["gateway"], offered(MADE["HTTPRoute"], apis), name)
    problems += cluster_problems.database_problems(
        cluster, "prefect.postgres.cloudnative_pg", wanted["cloudnative_pg"], apis, name
    )
    is_there, secrets = state != "missing", [item for item in wanted["secrets"] if not item["namespace"]]
    theirs = landscape.secrets_of_others(cluster, secrets if is_there else (), name)
    problems += cluster_problems.secret_problems(cluster, theirs, secrets, name, is_there)
    for other in others:
        of_jobs = [item for item in wanted["secrets"] if item["namespace"] == other]
        found = landscape.secrets_of_others(cluster, of_jobs, other)
        problems += cluster_problems.secret_problems(cluster, found, of_jobs, other, True)
    if problems:
        cluster_module.fail(module, problems)
    labels = namespace["metadata"].get("labels") or {}
    host = {
        "platform": "kubernetes",
        "root": "/opt/prefect",
        "kubeconfig": cluster.access.kubeconfig,
        "context": cluster.access.context,
        "namespace": name,
        "namespace_state": state,
        "namespace_is_ours": labels.get(marks.MANAGED_BY) == marks.MANAGER,
        "version": list(version),
        "apis": apis,
        "cluster_uid": uid,
        "storage_classes": sorted(storage or {}),
        "ingress_classes": sorted(ingress or {}),
        "image": wanted["image"] or "",
        "environment": "",
        "user": "prefect",
        "values_of_others": landscape.values_of_others(theirs, secrets),
        **landscape.holdings(items, name),
    }
    return {"changed": False, "host": host}


def main() -> None:
    cluster_module.run(
        {
            "namespace": REQUIRED,
            "create_namespace": {"type": "bool", "default": True},
            "image": TEXT,
            "cluster_uid": TEXT,
            "kinds": {"type": "list", "elements": "str", "default": []},
            "job_namespaces": listed(NAMED),
            "claims": listed(
                {
                    "setting": REQUIRED,
                    "service": REQUIRED,
                    "size": TEXT,
                    "storage_class": TEXT,
                    "access_modes": {"type": "list", "elements": "str"},
                }
            ),
            "secrets": {
                **listed({**NAMED, "key": {"type": "str", "no_log": False}, "namespace": TEXT}),
                "no_log": False,
            },
            "ingress": {"type": "dict", "options": {"setting": REQUIRED, "name": TEXT}},
            "gateway": {
                "type": "dict",
                "options": {
                    "setting": REQUIRED,
                    "class_name": TEXT,
                    "parents": listed({"name": REQUIRED, "namespace": TEXT}),
                },
            },
            "cloudnative_pg": TEXT,
        },
        inspect,
    )


if __name__ == "__main__":
    main()
