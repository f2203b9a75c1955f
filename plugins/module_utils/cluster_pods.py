# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a workload is there as declared, and what keeps its pods from it."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple

from .cluster_errors import one_line

Item = Dict[str, Any]
Events = List[Item]

# A pod that was started this often will not do better.
RESTARTS = 2
_BROKEN_IMAGE = (
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
)
_BROKEN_CONTAINER = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError")
_SCALING_UP = ("TriggeredScaleUp", "Nominated", "NominatedPod")


class Trouble(NamedTuple):
    """What is wrong with a pod or a workload."""

    code: str
    text: str
    # Whether it may still pass by itself.
    may_pass: bool = False
    # The container whose log tells more, and whether that of its former run.
    container: str = ""
    previous: bool = False


def is_done(workload: Mapping[str, Any]) -> bool:
    """Tell whether every pod of a workload is there, new and ready; whether a Job ended well."""
    status, spec = workload.get("status") or {}, workload["spec"]
    if workload["kind"] == "Job":
        return _condition(workload, "Complete") is not None
    wanted = spec.get("replicas", 1)
    if not _is_observed(workload):
        return False
    counts = [status.get(name, 0) for name in ("updatedReplicas", "readyReplicas", "replicas")]
    if workload["kind"] == "Deployment":
        counts.append(status.get("availableReplicas", 0))
    elif status.get("updateRevision") == status.get("currentRevision"):
        # It counts those of an update only as long as there is one.
        counts[0] = status.get("replicas", 0)
    return all(count == wanted for count in counts)


def progress(workload: Mapping[str, Any]) -> str:
    """Return how far a workload is."""
    status = workload.get("status") or {}
    if workload["kind"] == "Job":
        return "it has not ended"
    wanted = workload["spec"].get("replicas", 1)
    return f"{status.get('readyReplicas', 0)} of {wanted} pods are ready, {status.get('updatedReplicas', 0)} are new"


def workload_trouble(workload: Mapping[str, Any], events: Events) -> Trouble | None:
    """Return what the cluster says of a workload itself."""
    failed = _condition(workload, "Failed") if workload["kind"] == "Job" else None
    if failed:
        return Trouble("Failed", one_line(str(failed.get("message") or failed.get("reason"))))
    replicas = _condition(workload, "ReplicaFailure")
    if replicas:
        return Trouble("FailedCreate", f"no pod can be made: {replicas.get('message')}", may_pass=True)
    last = _last(events, "FailedCreate")
    if last and workload["kind"] != "Deployment":
        return Trouble("FailedCreate", f"no pod can be made: {last.get('message')}", may_pass=True)
    return None


def is_given_up(workload: Mapping[str, Any]) -> bool:
    """Tell whether the cluster itself no longer waits for a workload as it is now."""
    if not _is_observed(workload):
        return False
    late = _condition(workload, "Progressing", "False")
    return late is not None and late.get("reason") == "ProgressDeadlineExceeded"


def _is_observed(workload: Mapping[str, Any]) -> bool:
    """Tell whether what a cluster says of a workload is about the workload as it is now."""
    if workload["kind"] == "Job":
        # A Job is not changed, and old clusters count nothing here.
        return True
    seen = (workload.get("status") or {}).get("observedGeneration", 0)
    return bool(seen >= workload["metadata"].get("generation", 0))


def of_newest(workload: Mapping[str, Any], pods: Iterable[Item], replica_sets: Iterable[Item]) -> list[Item]:
    """Return the pods that were made from the workload as it is now."""
    if not _is_observed(workload):
        # What its status and annotations name are the pods of its former self.
        return []
    alive = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    if workload["kind"] == "StatefulSet":
        revision = (workload.get("status") or {}).get("updateRevision")
        return [pod for pod in alive if _labels(pod).get("controller-revision-hash") == revision]
    if workload["kind"] == "Deployment":
        mark = "deployment.kubernetes.io/revision"
        wanted = (workload["metadata"].get("annotations") or {}).get(mark)
        hashes = {
            _labels(item).get("pod-template-hash")
            for item in replica_sets
            if (item["metadata"].get("annotations") or {}).get(mark) == wanted
        }
        return [pod for pod in alive if _labels(pod).get("pod-template-hash") in hashes]
    return alive


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Tell whether a pod answers."""
    return _condition(pod, "Ready") is not None


def pod_trouble(pod: Item, events: Events) -> Trouble | None:
    """Return what keeps a pod from being ready."""
    status = pod.get("status") or {}
    if status.get("phase") == "Failed" and status.get("reason"):
        return Trouble(str(status["reason"]), one_line(f"{status['reason']}: {status.get('message') or ''}"), True)
    place = _condition(pod, "PodScheduled", "False")
    if place:
        if any(event.get("reason") in _SCALING_UP for event in events):
            return None
        return Trouble("Unschedulable", f"no node takes it: {one_line(str(place.get('message')))}", may_pass=True)
    for container in _statuses(pod):
        trouble = _container_trouble(container, events)
        if trouble:
            return trouble
    mount = _last(events, "FailedMount") or _last(events, "FailedAttachVolume")
    if mount and not any((container.get("state") or {}).get("running") for container in _statuses(pod)):
        return Trouble("FailedMount", one_line(str(mount.get("message"))), may_pass=True)
    return None


def _statuses(pod: Item) -> list[Item]:
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def _container_trouble(container: Item, events: Events) -> Trouble | None:
    name, state = str(container["name"]), container.get("state") or {}
    waiting = state.get("waiting") or {}
    reason, message = str(waiting.get("reason") or ""), one_line(str(waiting.get("message") or ""))
    if reason in _BROKEN_IMAGE:
        pulled = _last(events, "Failed", "image") or _last(events, "ErrImageNeverPull")
        why = one_line(str(pulled.get("message"))) if pulled else message
        return Trouble(reason, f"the image {container.get('image')} cannot be had ({reason}): {why}")
    if reason in _BROKEN_CONTAINER:
        return Trouble(reason, f"container {name} cannot be started ({reason}): {message}")
    ended = (container.get("lastState") or {}).get("terminated") or {}
    if ended and not container.get("ready") and container.get("restartCount", 0) >= RESTARTS:
        times = container["restartCount"]
        return Trouble(
            "CrashLoopBackOff",
            f"container {name} {ending(ended, events)} and was started {times + 1} times",
            container=name,
            previous=not state.get("terminated"),
        )
    return None


def ending(terminated: Mapping[str, Any], events: Events) -> str:
    """Return how a container ended."""
    if terminated.get("reason") == "OOMKilled":
        return "used more memory than it may"
    if terminated.get("reason") in ("ContainerCannotRun", "StartError"):
        return f"could not be started: {one_line(str(terminated.get('message')))}"
    probe = _last(events, "Unhealthy")
    if probe and _last(events, "Killing", "probe"):
        return f"was killed: {one_line(str(probe.get('message')))}"
    return f"ended with status {terminated.get('exitCode')}"


def not_ready(pod: Item, events: Events) -> str:
    """Return what is known of a pod that is merely not ready yet."""
    probe = _last(events, "Unhealthy")
    if probe:
        return one_line(str(probe.get("message")))
    for container in _statuses(pod):
        waiting = (container.get("state") or {}).get("waiting")
        if waiting:
            return one_line(f"{waiting.get('reason')} {waiting.get('message') or ''}")
    return f"it is {(pod.get('status') or {}).get('phase')}"


def claim_trouble(claim: Item, events: Events) -> str:
    """Return why a volume is not there."""
    said = _last(events, "ProvisioningFailed") or _last(events, "FailedBinding")
    storage_class = claim["spec"].get("storageClassName")
    of = f"of storage class {storage_class}" if storage_class else "without a storage class"
    why = one_line(str(said.get("message"))) if said else "nothing has provided it"
    return f"volume {claim['metadata']['name']} {of} is {claim['status'].get('phase')}: {why}"


def _condition(item: Mapping[str, Any], kind: str, status: str = "True") -> Item | None:
    for condition in (item.get("status") or {}).get("conditions") or []:
        if condition.get("type") == kind and condition.get("status") == status:
            return dict(condition)
    return None


def _labels(item: Item) -> Mapping[str, str]:
    labels: Mapping[str, str] | None = item["metadata"].get("labels")
    return labels or {}


def _last(events: Events, reason: str, word: str = "") -> Item | None:
    """Return the latest event of a kind whose message holds a word."""
    found = [event for event in events if event.get("reason") == reason and word in str(event.get("message"))]
    return max(found, key=time_of) if found else None


def time_of(event: Item) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")
