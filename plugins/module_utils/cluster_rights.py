# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rights are missing: asked of the API server at once, before anything is done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, NamedTuple

from .cluster import Cluster, plural
from .cluster_errors import right
from .cluster_kinds import group_of_kind

RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
THREADS = 8

KEEP = ("get", "list", "create", "patch", "delete")
WATCHED = ("Deployment", "StatefulSet", "Job")

Rule = Dict[str, Any]


class Right(NamedTuple):
    """One thing that somebody may do."""

    verb: str
    resource: str
    group: str = ""
    namespace: str | None = None


def needed(kinds: Iterable[str], namespace: str) -> list[Right]:
    """Return the rights that it takes to keep objects of these kinds, to follow their pods and to ask the server."""
    rights = []
    for kind in kinds:
        verbs = (*KEEP, "watch") if kind in WATCHED else KEEP
        rights += [Right(verb, plural(kind), group_of_kind(kind), namespace) for verb in verbs]
    rights += [Right(verb, "pods", "", namespace) for verb in ("get", "list", "watch")]
    rights += [Right("get", "pods/log", "", namespace), Right("create", "pods/exec", "", namespace)]
    return [*rights, Right("list", "events", "", namespace), Right("list", "replicasets", "apps", namespace)]


def missing(cluster: Cluster, rights: Iterable[Right]) -> list[Right]:
    """Return the rights that whoever asks does not have."""
    wanted = list(dict.fromkeys(rights))
    rules: dict[str, list[Rule]] = {}
    for namespace in {item.namespace for item in wanted if item.namespace}:
        answer = cluster.post(RULES, _review("SelfSubjectRulesReview", {"namespace": namespace}))
        rules[namespace] = (answer.get("status") or {}).get("resourceRules") or []
    # The list of rules may be incomplete, and names of objects are not looked at: what it does not hold is asked for.
    unsure = [item for item in wanted if not any(_grants(rule, item) for rule in rules.get(str(item.namespace), []))]
    with ThreadPoolExecutor(THREADS) as threads:
        allowed = list(threads.map(lambda item: _is_allowed(cluster, item), unsure))
    return [item for item, may in zip(unsure, allowed) if not may]


def in_words(rights: Iterable[Right]) -> list[str]:
    """Return rights in words, one line for each resource."""
    verbs: dict[Right, list[str]] = {}
    for item in rights:
        verbs.setdefault(item._replace(verb=""), []).append(item.verb)
    return [right(", ".join(listed), item.resource, item.group, item.namespace) for item, listed in verbs.items()]


def _review(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}


def _grants(rule: Rule, item: Right) -> bool:
    if rule.get("resourceNames"):
        return False
    return all(
        "*" in (rule.get(field) or []) or value in (rule.get(field) or [])
        for field, value in (("verbs", item.verb), ("apiGroups", item.group), ("resources", item.resource))
    )


def _is_allowed(cluster: Cluster, item: Right) -> bool:
    resource, _slash, subresource = item.resource.partition("/")
    attributes = {"verb": item.verb, "group": item.group, "resource": resource}
    if subresource:
        attributes["subresource"] = subresource
    if item.namespace:
        attributes["namespace"] = item.namespace
    answer = cluster.post(ACCESS, _review("SelfSubjectAccessReview", {"resourceAttributes": attributes}))
    return bool((answer.get("status") or {}).get("allowed"))
