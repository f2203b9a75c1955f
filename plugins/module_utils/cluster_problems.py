# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps an installation from being made in a cluster, in sentences that say what to do."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping

from .cluster import Cluster
from .cluster_claims import claim_problems
from .cluster_errors import RefusedError, one_line
from .cluster_landscape import is_default, of_kind, service_of
from .suggest import nearest

Item = Dict[str, Any]
Wanted = Mapping[str, Any]

NAMESPACE = "prefect.kubernetes.namespace"
# Ingress of networking.k8s.io/v1, the seccomp profile of a pod, startup probes.
OLDEST = (1, 19)
CNPG = "postgresql.cnpg.io/v1"
GATEWAY = "gateway.networking.k8s.io"


def age_problems(version: tuple[int, int], address: str) -> list[str]:
    if version >= OLDEST:
        return []
    return [
        "prefect.kubernetes.context: the cluster at {} is Kubernetes {}.{}; {}.{} or newer is needed".format(
            address, *version, *OLDEST
        )
    ]


def terminating(name: str, namespace: Item) -> str:
    """Return since when a namespace is on its way out, and what holds it."""
    metadata, status = namespace["metadata"], namespace.get("status") or {}
    finalizers = [*(metadata.get("finalizers") or []), *((namespace.get("spec") or {}).get("finalizers") or [])]
    remains = [
        one_line(str(condition.get("message")))
        for condition in status.get("conditions") or []
        if condition.get("status") == "True"
    ]
    return (
        f"{NAMESPACE}: {name} is being removed since {metadata.get('deletionTimestamp')}, held by the finalizers "
        f"{', '.join(finalizers) or 'of what is in it'}{': ' if remains else ''}{'; '.join(remains)}; "
        f"wait until it is gone (kubectl wait --for=delete namespace/{name}), or choose another namespace"
    )


def storage_problems(claims: Iterable[Wanted], items: list[Item], classes: dict[str, Item] | None) -> list[str]:
    """Return what is wrong with the volumes that are declared."""
    problems = []
    live = of_kind(items, "PersistentVolumeClaim")
    for wanted in claims:
        there = [claim for claim in live if service_of(claim) == wanted["service"]]
        for claim in there:
            problems += claim_problems(wanted["setting"], wanted, claim, classes)
        if there or classes is None:
            continue
        name = wanted.get("storage_class")
        if name and name not in classes:
            problems.append(
                f"{wanted['setting']}.storage_class: the cluster has no storage class {name}; {nearest(name, classes)}"
            )
        if not name and not any(is_default(item, "StorageClass") for item in classes.values()):
            problems.append(
                f"{wanted['setting']}.storage_class: the cluster has no default storage class; "
                f"name one in prefect.kubernetes.storage_class; {nearest('', classes)}"
            )
    return problems


def ingress_problems(wanted: Wanted | None, classes: dict[str, Item] | None) -> list[str]:
    if wanted is None or classes is None:
        return []
    name, setting = wanted.get("name"), wanted["setting"]
    if not classes:
        asked = f"ingress class {name}, nor any other" if name else "ingress class"
        return [f"{setting}: the cluster has no {asked}; install an Ingress controller, which brings one"]
    if name and name not in classes:
        return [f"{setting}: the cluster has no ingress class {name}; {nearest(name, classes)}"]
    if not name and not any(is_default(item, "IngressClass") for item in classes.values()):
        return [f"{setting}: the cluster has no default ingress class; name one; {nearest('', classes)}"]
    return []


def gateway_problems(cluster: Cluster, wanted: Wanted | None, version: str | None, namespace: str) -> list[str]:
    """Return what is wrong with the gateways that are named."""
    if wanted is None:
        return []
    setting = wanted["setting"]
    if version is None:
        return [
            f"{setting}: the cluster has no HTTPRoute ({GATEWAY}); install the Gateway API, "
            "or use prefect.kubernetes.ingress"
        ]
    problems = []
    questions = [("GatewayClass", f"/apis/{version}/gatewayclasses", wanted.get("class_name"), f"{setting}.class_name")]
    for index, parent in enumerate(wanted.get("parents") or []):
        path = f"/apis/{version}/namespaces/{parent.get('namespace') or namespace}/gateways"
        questions.append(("Gateway", path, parent["name"], f"{setting}.parents[{index}]"))
    for kind, path, name, of in questions:
        known = _names(cluster, path) if name else None
        if known is not None and name not in known:
            problems.append(f"{of}: the cluster has no {kind} {name}; {nearest(str(name), known)}")
    return problems


def database_problems(cluster: Cluster, setting: str, name: str | None, apis: list[str], namespace: str) -> list[str]:
    """Return what is wrong with the CloudNativePG cluster that is named."""
    if not name:
        return []
    if CNPG not in apis:
        return [
            f"{setting}: the cluster has no CloudNativePG (Cluster of {CNPG}); install its operator, or name a "
            "database in prefect.postgres.host"
        ]
    path = f"/apis/{CNPG}/namespaces/{namespace}/clusters"
    try:
        found = cluster.find(f"{path}/{name}")
    except RefusedError:
        return []
    if found is None:
        known = _names(cluster, path) or []
        return [f"{setting}: there is no Cluster {name} in namespace {namespace}; {nearest(name, known)}"]
    status = found.get("status") or {}
    if not status.get("readyInstances"):
        return [f"{setting}: the Cluster {name} is not ready: {status.get('phase') or 'its operator has not seen it'}"]
    return []


def secret_problems(
    cluster: Cluster, theirs: Mapping[str, Item | None], secrets: Iterable[Wanted], namespace: str, is_there: bool
) -> list[str]:
    """Return which Secrets are missing that somebody else has to make."""
    problems = []
    for wanted in secrets:
        name, key, setting = wanted["name"], wanted.get("key"), wanted["setting"]
        if not is_there:
            problems.append(f"{setting}: there is no namespace {namespace} yet; make it, and the Secret {name} in it")
            continue
        if name not in theirs:
            # Said as a missing right.
            continue
        found = theirs[name]
        if found is None:
            known = _names(cluster, f"/api/v1/namespaces/{namespace}/secrets") or []
            needed = ", where flow runs read it" if wanted.get("namespace") else ""
            problems.append(
                f"{setting}: there is no Secret {name} in namespace {namespace}{needed}; {nearest(name, known)}"
            )
        elif key and key not in (found.get("data") or {}):
            known = list(found.get("data") or {})
            there = f" in namespace {namespace}" if wanted.get("namespace") else ""
            problems.append(f"{setting}.key: the Secret {name}{there} has no key {key}; {nearest(key, known)}")
    return problems


def job_namespace_problems(cluster: Cluster, namespaces: Iterable[Wanted], own: str) -> list[str]:
    problems = []
    for wanted in namespaces:
        if wanted["name"] == own:
            continue
        try:
            found = cluster.find(f"/api/v1/namespaces/{wanted['name']}")
        except RefusedError:
            continue
        if found is None:
            name = wanted["name"]
            problems.append(f"{wanted['setting']}: there is no namespace {name}; make it, or name another")
        elif found["metadata"].get("deletionTimestamp"):
            problems.append(f"{wanted['setting']}: the namespace {wanted['name']} is being removed; choose another one")
    return problems


def _names(cluster: Cluster, path: str) -> list[str] | None:
    """Return the names of the objects at a path, None where they may not be read."""
    try:
        return [item["metadata"]["name"] for item in cluster.list(path)]
    except RefusedError:
        return None
