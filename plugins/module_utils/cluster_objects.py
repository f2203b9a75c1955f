# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifests of a service would change in a cluster: the API server itself is asked, by a dry run."""

from __future__ import annotations

import copy
from typing import Any, Dict, Iterable, Mapping

from . import cluster_marks as marks
from .cluster import APPLY, Cluster, collection, path_of, readable
from .cluster_claims import claim_problems, claims_of, size_of, to_grow
from .cluster_errors import RefusedError, explained, is_immutable, title
from .cluster_kinds import group_of
from .secrets import CHANGED, SECRET

Item = Dict[str, Any]

# What the API server says of an object and nobody declares.
_SERVER_SAYS = (
    "creationTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "resourceVersion", "selfLink",
    "uid",
)  # fmt: skip
# A controller may write at the same moment.
_LOOKS = 3


class Changes:
    """What has to be done to bring the objects of one service into the declared state, and what keeps one from it."""

    def __init__(self, cluster: Cluster, absent_namespaces: Iterable[str] = ()) -> None:
        self._cluster = cluster
        self._absent = set(absent_namespaces)
        self.objects: list[Item] = []
        self.grow: list[Item] = []
        self.anew: list[Item] = []
        self.asleep: list[Item] = []
        self.problems: list[str] = []
        self.before: dict[str, Item] = {}
        self.after: dict[str, Item] = {}

    def compare(self, manifest: Item) -> None:
        """Note what would become of one object."""
        if manifest["metadata"].get("namespace") in self._absent:
            self._differs(manifest, {}, manifest)
            return
        try:
            for _look in range(_LOOKS):
                live = self._cluster.find(path_of(manifest))
                if live and self._is_foreign(manifest, live):
                    return
                would_be = self._dry_run(manifest, live)
                if would_be is None or not live or comparable(live) == comparable(would_be):
                    break
                # Otherwise it changed between both questions.
                if self._cluster.get(path_of(manifest))["metadata"]["resourceVersion"] == version(live):
                    break
        except RefusedError as error:
            self.problems.append(explained(error, manifest))
            return
        if would_be is not None and (not live or comparable(live) != comparable(would_be)):
            self._differs(manifest, comparable(live) if live else {}, comparable(would_be))
        if live and "replicas" in live.get("spec", {}) and not live["spec"]["replicas"]:
            self._wake(manifest)

    def drop(self, known: Iterable[Item], manifests: Iterable[Item]) -> list[Item]:
        """Return the objects that are there and no longer declared; volumes stay."""
        declared = {key(item) for item in manifests}
        stale = [item for item in known if item["kind"] != "PersistentVolumeClaim" and key(item) not in declared]
        for item in stale:
            self.before[title(item)] = {"state": "present"}
            self.after[title(item)] = {"state": "absent"}
        return stale

    def _is_foreign(self, manifest: Item, live: Item) -> bool:
        if (live["metadata"].get("labels") or {}).get(marks.MANAGED_BY) == marks.MANAGER:
            return False
        if manifest["kind"] != "Namespace":
            metadata = manifest["metadata"]
            self.problems.append(
                f"{title(manifest)}: namespace {metadata.get('namespace')} has one that was not made by this "
                "collection; remove it, or choose another namespace"
            )
        # A namespace that somebody else made stays theirs.
        return True

    def _dry_run(self, manifest: Item, live: Item | None) -> Item | None:
        """Return what an object would become; None where it has to be made anew."""
        query = {"dryRun": "All", "fieldManager": marks.MANAGER, "force": "true"}
        try:
            return self._cluster.patch(path_of(manifest), manifest, APPLY, **query)
        except RefusedError as error:
            if not (live and manifest["kind"] == "StatefulSet" and is_immutable(error)):
                raise
            templates = live["spec"].get("volumeClaimTemplates") or []
            rest = copy.deepcopy(manifest)
            # Whether it is the volumes alone.
            rest["spec"]["volumeClaimTemplates"] = templates
            try:
                self._cluster.patch(path_of(manifest), rest, APPLY, **query)
            except RefusedError:
                raise error from None
            if not self._grows(manifest, templates):
                raise
            self.anew.append(manifest)
            self._differs(manifest, comparable(live), manifest)
            return None

    def _grows(self, manifest: Item, templates: list[Item]) -> bool:
        """Note which volumes of a StatefulSet grow, and return whether that is all that changed about them."""
        wanted = manifest["spec"].get("volumeClaimTemplates") or []
        if [item["metadata"]["name"] for item in wanted] != [item["metadata"]["name"] for item in templates]:
            return False
        metadata = manifest["metadata"]
        found = self._cluster.list(collection("v1", "PersistentVolumeClaim", metadata["namespace"]))
        classes = readable(self._cluster, "storage.k8s.io/v1", "StorageClass")
        for template in wanted:
            spec = template["spec"]
            declared = {
                "size": size_of(template),
                "storage_class": spec.get("storageClassName"),
                "access_modes": spec.get("accessModes"),
            }
            claims = claims_of(metadata["name"], template["metadata"]["name"], found)
            for claim in claims:
                self.problems += claim_problems(f"{title(manifest)}: storage", declared, claim, classes)
            for claim in to_grow(size_of(template), claims):
                self.grow.append({"name": claim["metadata"]["name"], "size": size_of(template)})
        return True

    def _wake(self, manifest: Item) -> None:
        """Note a workload that was scaled to nothing and whose number of pods the cluster decides."""
        if "replicas" not in manifest.get("spec", {}):
            self.asleep.append({"kind": manifest["kind"], "name": manifest["metadata"]["name"]})

    def _differs(self, manifest: Item, before: Item, after: Item) -> None:
        self.objects.append(manifest)
        self.before[title(manifest)], self.after[title(manifest)] = shown(before, after)


def comparable(item: Mapping[str, Any]) -> Item:
    """Return what of an object somebody decided."""
    kept = {name: value for name, value in item.items() if name != "status"}
    kept["metadata"] = {name: value for name, value in item["metadata"].items() if name not in _SERVER_SAYS}
    return kept


def version(item: Mapping[str, Any]) -> str:
    return str(item["metadata"].get("resourceVersion"))


def key(item: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return what an object is known by, whatever the version of its API."""
    metadata = item["metadata"]
    return group_of(item["apiVersion"]), item["kind"], str(metadata.get("namespace") or ""), metadata["name"]


def shown(before: Item, after: Item) -> tuple[Item, Item]:
    """Return both states of an object as they may be seen: a Secret without its values."""
    if (before or after).get("kind") != "Secret":
        return before, after
    old, new = before.get("data") or {}, after.get("data") or {}
    masked = {name: CHANGED if name in old and old[name] != new[name] else SECRET for name in new}
    return (
        {**before, "data": dict.fromkeys(old, SECRET)} if before else {},
        {**after, "data": masked} if after else {},
    )
