# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for a workload by watching it, and say early what keeps it from being there."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from . import output
from .cluster import Cluster, collection
from .cluster_errors import RefusedError, UnreachableError, one_line
from .cluster_kinds import MADE
from .cluster_pods import (
    Item,
    Trouble,
    claim_trouble,
    is_done,
    is_given_up,
    is_ready,
    not_ready,
    of_newest,
    pod_trouble,
    progress,
    time_of,
    workload_trouble,
)

# What may pass by itself has this long: an autoscaler of nodes takes a while to say that it adds one.
PATIENCE_SECONDS = 30
# An API server may be away this long once it has answered.
ABSENCE_SECONDS = 60
# Events are not watched.
LOOK_SECONDS = 2
LINES = 60
SHOWN_LINES = 15
SHOWN_EVENTS = 5
KINDS = ("Deployment", "Job", "StatefulSet")


class Outcome(NamedTuple):
    """How waiting ended."""

    done: bool
    message: str = ""
    log: list[str] = []  # noqa: RUF012
    status: int | None = None


class Rollout:
    """One workload on its way."""

    def __init__(self, cluster: Cluster, namespace: str, kind: str, name: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._name = name
        self._path = collection(MADE[kind][0], kind, namespace)
        self._kind = kind
        self._since: dict[str, float] = {}
        self._stirred = threading.Event()

    def wait(self, seconds: float) -> Outcome:
        """Return when the workload is there, when it will not be, or when the time is over."""
        begin = answered = time.monotonic()
        watching = False
        while True:
            self._stirred.clear()
            waited = time.monotonic() - begin
            try:
                workload = self._cluster.find(f"{self._path}/{self._name}")
            except UnreachableError:
                # An API server may be replaced meanwhile.
                if answered == begin or time.monotonic() - answered > ABSENCE_SECONDS:
                    raise
                time.sleep(1)
                continue
            answered = time.monotonic()
            if workload is None:
                return Outcome(False, f"there is no {self._kind} {self._name} in namespace {self._namespace}")
            workload["kind"] = self._kind
            if is_done(workload):
                return Outcome(True)
            late = waited >= seconds
            try:
                outcome = self._trouble(workload, waited, late)
            except UnreachableError:
                continue
            if outcome:
                return outcome
            if not watching:
                watching = True
                self._watch(workload, seconds)
                # What happened since the question above is not missed.
                continue
            self._stirred.wait(min(LOOK_SECONDS, max(0.1, seconds - waited)))

    def _watch(self, workload: Item, seconds: float) -> None:
        for path, query in (
            (self._path, {"fieldSelector": f"metadata.name={self._name}"}),
            (collection("v1", "Pod", self._namespace), {"labelSelector": selector(workload)}),
        ):
            threading.Thread(target=self._notice, args=(path, query, seconds), daemon=True).start()

    def _notice(self, path: str, query: dict[str, str], seconds: float) -> None:
        try:
            for _event in self._cluster.watch(path, seconds, **query):
                self._stirred.set()
        except (RefusedError, UnreachableError, ValueError):
            # Then it is looked at by the clock.
            return

    def _trouble(self, workload: Item, waited: float, late: bool) -> Outcome | None:
        pods = of_newest(workload, self._list("v1", "Pod", selector(workload)), self._replica_sets(workload))
        own = self._events(self._kind, self._name)
        found = workload_trouble(workload, own)
        if found and (late or self._lasts(self._kind, found)):
            failed = self._failed_pod(pods) if self._kind == "Job" else None
            return self._outcome(found, failed, own, waited)
        for pod in pods:
            events = self._events("Pod", pod["metadata"]["name"])
            found = pod_trouble(pod, events)
            if found and (late or self._lasts(pod["metadata"]["name"], found)):
                return self._outcome(found, pod, events, waited)
        if not (late or is_given_up(workload)):
            return None
        waiting = [pod for pod in pods if not is_ready(pod)]
        if not waiting:
            return self._outcome(Trouble("late", progress(workload)), None, own, waited)
        events = self._events("Pod", waiting[0]["metadata"]["name"])
        container = waiting[0]["spec"]["containers"][0]["name"]
        found = Trouble("late", not_ready(waiting[0], events), container=container)
        return self._outcome(found, waiting[0], events, waited)

    def _lasts(self, of: str, found: Trouble) -> bool:
        """Tell whether something will not pass by itself."""
        now = time.monotonic()
        return not found.may_pass or now - self._since.setdefault(f"{of} {found.code}", now) >= PATIENCE_SECONDS

    def _outcome(self, trouble: Trouble, pod: Item | None, events: list[Item], waited: float) -> Outcome:
        verb = "failed" if self._kind == "Job" else "is not there"
        lines = [f"{self._name} {verb} after {waited:.0f} s: "]
        lines[0] += f"pod {pod['metadata']['name']}: {trouble.text}" if pod else trouble.text
        if trouble.code == "Unschedulable" and pod:
            lines += self._volumes(pod)
        log: list[str] = []
        status: int | None = None
        if pod:
            container = trouble.container or pod["spec"]["containers"][0]["name"]
            log = self._log(pod, container, trouble.previous)
            status = exit_code(pod)
        warnings = [event for event in sorted(events, key=time_of) if event.get("type") == "Warning"]
        told = [f"  {event.get('reason')}: {one_line(str(event.get('message')))}" for event in warnings[-SHOWN_EVENTS:]]
        if told:
            lines += ["Its last events:", *dict.fromkeys(told)]
        shown = output.without_tracebacks(log)[-SHOWN_LINES:]
        if shown:
            lines += ["The last lines of its log:", *shown]
        return Outcome(False, "\n".join(lines), log, status)

    def _volumes(self, pod: Item) -> list[str]:
        told = []
        for volume in pod["spec"].get("volumes") or []:
            name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
            if not name:
                continue
            try:
                claim = self._cluster.find(f"{collection('v1', 'PersistentVolumeClaim', self._namespace)}/{name}")
            except RefusedError:
                continue
            if not claim:
                told.append(f"there is no volume {name}")
            elif claim["status"].get("phase") != "Bound":
                told.append(claim_trouble(claim, self._events("PersistentVolumeClaim", name)))
        return told

    def _log(self, pod: Item, container: str, previous: bool) -> list[str]:
        path = f"{collection('v1', 'Pod', self._namespace)}/{pod['metadata']['name']}/log"
        try:
            text = self._cluster.text(path, container=container, previous=str(previous).lower(), tailLines=LINES)
        except (RefusedError, UnreachableError):
            # It never ran, or nobody may read it.
            return []
        return text.splitlines()

    def _failed_pod(self, pods: list[Item]) -> Item | None:
        failed = [pod for pod in pods if (pod.get("status") or {}).get("phase") == "Failed"]
        return max(failed or pods, key=lambda pod: str(pod["metadata"]["creationTimestamp"]), default=None)

    def _replica_sets(self, workload: Item) -> list[Item]:
        if self._kind != "Deployment":
            return []
        found = self._list("apps/v1", "ReplicaSet", selector(workload))
        uid = workload["metadata"]["uid"]
        return [
            item
            for item in found
            if any(owner.get("uid") == uid for owner in item["metadata"].get("ownerReferences") or [])
        ]

    def _list(self, version: str, kind: str, labels: str) -> list[Item]:
        return self._cluster.list(collection(version, kind, self._namespace), labelSelector=labels)

    def _events(self, kind: str, name: str) -> list[Item]:
        fields = f"involvedObject.kind={kind},involvedObject.name={name}"
        try:
            return self._cluster.list(collection("v1", "Event", self._namespace), fieldSelector=fields)
        except RefusedError:
            return []


def selector(workload: Item) -> str:
    """Return by what the pods of a workload are found."""
    labels = (workload["spec"].get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


def exit_code(pod: Item) -> int | None:
    """Return the status that the first failed container of a pod ended with."""
    for container in (pod.get("status") or {}).get("containerStatuses") or []:
        for state in (container.get("state"), container.get("lastState")):
            code = ((state or {}).get("terminated") or {}).get("exitCode")
            if code:
                return int(code)
    return None
