# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster holds of an installation, and what it offers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, Iterator, Mapping

from . import cluster_marks as marks
from .cluster import Cluster, collection, plural
from .cluster_errors import RefusedError
from .cluster_kinds import MADE, group_of_kind, offered
from .cluster_pods import is_done
from .cluster_rights import THREADS, Right

Item = Dict[str, Any]

# Every kind that a service may be made of, and what becomes of it; an old autoscaler is found, too.
KINDS = {
    **{kind: versions for kind, versions in MADE.items() if kind != "Namespace"},
    "HorizontalPodAutoscaler": (*MADE["HorizontalPodAutoscaler"], "autoscaling/v1"),
    "PersistentVolumeClaim": ("v1",),
}
ELSEWHERE = ("Role", "RoleBinding", "Secret", "ServiceAccount")
OURS = f"{marks.MANAGED_BY}={marks.MANAGER}"
GENERATED = "prefect-generated"
_NUMBER = re.compile(r"\d+")


def version_of(answer: Item) -> tuple[int, int]:
    """Return the version of the API; clouds write things like 27+."""
    numbers = [_NUMBER.search(str(answer.get(name) or "0")) for name in ("major", "minor")]
    major, minor = (int(number[0]) if number else 0 for number in numbers)
    return major, minor


def apis_of(groups: Item) -> list[str]:
    """Return all versions of all APIs."""
    listed = [version["groupVersion"] for group in groups.get("groups") or [] for version in group["versions"]]
    return sorted(["v1", *listed])


def found_in(cluster: Cluster, apis: list[str], own: str, declared: list[str]) -> tuple[list[Item], list[Right]]:
    """Return every object of ours, with its kind, and which rights it takes to see the rest."""

    def listed(kind: str, namespace: str | None, selector: str) -> list[Item] | None:
        version = str(offered(KINDS[kind], apis))
        try:
            items = cluster.list(collection(version, kind, namespace), labelSelector=f"{OURS},{selector}")
        except RefusedError as error:
            if error.status == 403:
                return None
            raise
        return [{**item, "apiVersion": version, "kind": kind} for item in items]

    known = sorted(kind for kind in KINDS if offered(KINDS[kind], apis))
    mine = f"{marks.HOME}={own}"
    with ThreadPoolExecutor(THREADS) as threads:
        # What other installations have here is theirs.
        here = [threads.submit(listed, kind, own, f"!{marks.HOME}") for kind in known]
        # There only what flow runs and the rights of their workers need is made.
        everywhere = {kind: threads.submit(listed, kind, None, mine) for kind in known if kind in ELSEWHERE}
        found = [item for items in here for item in items.result() or []]
    unseen = []
    namespaces = sorted({*declared, *_job_namespaces(found)} - {own})
    for kind, items in everywhere.items():
        all_of_kind = items.result()
        if all_of_kind is not None:
            found += all_of_kind
            continue
        for namespace in namespaces:
            there = listed(kind, namespace, mine)
            if there is None:
                unseen.append(Right("list", plural(kind), group_of_kind(kind), namespace))
            found += there or []
    return found, unseen


def _job_namespaces(items: list[Item]) -> Iterator[str]:
    """Yield where the workers that are there make their Jobs, whatever is declared by now."""
    for item in of_kind(items, "Deployment"):
        for entry in item["spec"]["template"]["spec"]["containers"][0].get("env") or []:
            if entry["name"] == marks.OBSERVED:
                yield from filter(None, entry.get("value", "").split(","))


def service_of(item: Item) -> str:
    return str((item["metadata"].get("labels") or {}).get(marks.SERVICE) or "")


def of_kind(items: list[Item], *kinds: str) -> list[Item]:
    return [item for item in items if item["kind"] in kinds]


def holdings(items: list[Item], namespace: str) -> Item:
    """Return what the roles need to know of the objects that are there."""
    workloads = of_kind(items, "Deployment", "StatefulSet")
    secrets = {item["metadata"]["name"]: _decoded(item) for item in of_kind(items, "Secret")}
    return {
        "installed": sorted({service_of(item) for item in workloads}),
        "running": {
            service_of(item): {
                "healthy": is_done(item),
                "image": item["spec"]["template"]["spec"]["containers"][0].get("image", ""),
            }
            for item in workloads
            if (item.get("status") or {}).get("replicas")
        },
        "objects": [
            {
                "api_version": item["apiVersion"],
                "kind": item["kind"],
                "namespace": item["metadata"].get("namespace", namespace),
                "name": item["metadata"]["name"],
                "service": service_of(item),
            }
            for item in items
            # Somebody else makes them of what is declared.
            if not item["metadata"].get("ownerReferences")
        ],
        "secret_salts": {name: data[marks.SALT] for name, data in secrets.items() if marks.SALT in data},
        "secrets": {name: data for name, data in secrets.items() if name == GENERATED},
    }


def secrets_of_others(cluster: Cluster, wanted: Iterable[Mapping[str, Any]], namespace: str) -> dict[str, Item | None]:
    """Return Secrets that somebody else makes, None for one that is missing; what nobody may read is left out."""
    found = {}
    for name in sorted({item["name"] for item in wanted}):
        try:
            found[name] = cluster.find(f"{collection('v1', 'Secret', namespace)}/{name}")
        except RefusedError:
            continue
    return found


def values_of_others(theirs: Mapping[str, Item | None], wanted: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return by NAME/KEY what changes with a value in a Secret of somebody else.

    The random uid of the Secret, which only those know who may read it, keeps a weak password from being guessed.
    """
    found: dict[str, str] = {}
    for name, key in ((item["name"], item.get("key")) for item in wanted):
        secret = theirs.get(name)
        if secret is not None and key:
            value = str((secret.get("data") or {}).get(key)).encode()
            digest = hmac.new(str(secret["metadata"].get("uid")).encode(), value, hashlib.sha256).hexdigest()
            found[f"{name}/{key}"] = digest[:16]
    return found


def _decoded(secret: Item) -> dict[str, str]:
    data = secret.get("data") or {}
    return {key: base64.b64decode(value).decode("utf-8", "replace") for key, value in data.items()}


def is_default(item: Item, kind: str) -> bool:
    """Tell whether a class is the cluster's default."""
    annotations = item["metadata"].get("annotations") or {}
    marked = {
        "StorageClass": (
            "storageclass.kubernetes.io/is-default-class",
            "storageclass.beta.kubernetes.io/is-default-class",
        ),
        "IngressClass": ("ingressclass.kubernetes.io/is-default-class",),
    }[kind]
    return any(annotations.get(name) == "true" for name in marked)
