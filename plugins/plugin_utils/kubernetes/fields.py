# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fields of a pod and of a container, and what of our objects nobody may change."""

from __future__ import annotations

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

POD = (
    "activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy",
    "enableServiceLinks", "evictionResponders", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostUsers",
    "hostname", "hostnameOverride", "imagePullSecrets", "initContainers", "nodeName", "nodeSelector", "os", "overhead",
    "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "resourceClaims", "resources",
    "restartPolicy", "runtimeClassName", "schedulerName", "schedulingGates", "schedulingGroup", "securityContext",
    "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds",
    "tolerations", "topologySpreadConstraints", "volumes",
)  # fmt: skip
CONTAINER = (
    "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "name", "ports",
    "readinessProbe", "resizePolicy", "resources", "restartPolicy", "restartPolicyRules", "securityContext",
    "startupProbe", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty", "volumeDevices",
    "volumeMounts", "workingDir",
)  # fmt: skip
# The lists whose items are told apart by their names.
NAMED = ("containers", "env", "imagePullSecrets", "initContainers", "ports", "volumes")
# The lists of texts.
WORDS = ("args", "command")

OUR_LABELS = (marks.NAME, marks.PART, marks.MANAGED_BY, marks.VERSION, marks.SERVICE, marks.HOME)
WORKLOADS = ("Deployment", "Job", "StatefulSet")
_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
# What others find the objects by, or what the collection keeps for itself.
_PROTECTED = {
    "Deployment": (("spec", "selector"),),
    "HorizontalPodAutoscaler": (("spec", "scaleTargetRef"),),
    "NetworkPolicy": (("spec", "podSelector"),),
    "PodDisruptionBudget": (("spec", "selector"),),
    "RoleBinding": (("roleRef",), ("subjects",)),
    # A document says its secrets where they are hidden.
    "Secret": (("data",), ("stringData",)),
    "Service": (("spec", "selector"),),
    "StatefulSet": (("spec", "selector"), ("spec", "serviceName")),
}
_POD_OPTIONS = "the options pod, container, pod_labels and pod_annotations"
# The options that say the same, at one place.
_ELSEWHERE: dict[tuple[str, ...], str] = {
    ("spec", "template", "metadata"): _POD_OPTIONS,
    ("spec", "template", "spec"): _POD_OPTIONS,
    # What several need, such as Redis, is looked at there.
    ("spec", "replicas"): "replicas of prefect.server, prefect.server.background_services and prefect.workers[]",
}


def protected(kind: str) -> list[tuple[str, ...]]:
    """Return what nobody may change of an object, as paths in it."""
    labels = [("metadata", "labels", label) for label in OUR_LABELS]
    return [*_IDENTITY, *labels, *_PROTECTED.get(kind, ())]


def elsewhere(kind: str) -> dict[tuple[str, ...], str]:
    """Return what options of their own are for, with their names."""
    if kind == "HorizontalPodAutoscaler":
        return {("spec", "minReplicas"): "the option autoscaling", ("spec", "maxReplicas"): "the option autoscaling"}
    return _ELSEWHERE if kind in WORKLOADS else {}
