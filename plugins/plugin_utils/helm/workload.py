# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of what both charts say of a Deployment's pods: where they run, as whom, and with what beside them."""

from __future__ import annotations

from typing import Any

from .rows import Row, changed, config_maps, kept, key, none, secrets

POD_SECURITY: dict[str, Any] = {"runAsUser": 1001, "runAsNonRoot": True, "fsGroup": 1001}
SECCOMP: dict[str, Any] = {"seccompProfile": {"type": "RuntimeDefault"}}
CONTAINER_SECURITY: dict[str, Any] = {
    "runAsUser": 1001,
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {},
}
ARGUMENTS = (
    "the arguments are this collection's; write settings as environment, or all arguments as {to}.container.args"
)
TOKEN = "a pod has a token of its ServiceAccount only where it calls the cluster's API"


def placing(of: str, to: str, switch: str = "") -> list[Row]:
    """Return the rows on the nodes that take a pod."""
    return [
        key(f"{of}.affinity", {}, f"{to}.pod.affinity", switch=switch),
        key(f"{of}.nodeSelector", {}, f"{to}.pod.nodeSelector", switch=switch),
        key(f"{of}.tolerations", [], f"{to}.pod.tolerations", switch=switch),
    ]


def volumes(of: str, to: str, switch: str = "") -> list[Row]:
    """Return the rows on volumes."""
    return [
        key(f"{of}.extraVolumes", [], f"{to}.pod.volumes", switch=switch),
        key(f"{of}.extraVolumeMounts", [], f"{to}.container.volumeMounts", switch=switch),
    ]


def workload(of: str, to: str, resources: dict[str, Any], pod_security: dict[str, Any], switch: str = "") -> list[Row]:
    """Return the rows of a Deployment."""
    history, security = f"{to}.manifests.Deployment.spec.revisionHistoryLimit", f"{to}.container.securityContext"
    return [
        key(f"{of}.priorityClassName", "", f"{to}.pod.priorityClassName", switch=switch),
        key(f"{of}.args", [], f"{to}.container.args", switch=switch),
        key(f"{of}.command", [], f"{to}.container.command", switch=switch),
        key(f"{of}.revisionHistoryLimit", 10, history, switch=switch),
        kept(f"{of}.resources", resources, f"{to}.resources", switch=switch),
        key(f"{of}.podSecurityContext", pod_security, f"{to}.pod.securityContext", changed, switch=switch),
        key(f"{of}.containerSecurityContext", CONTAINER_SECURITY, security, changed, switch=switch),
        key(f"{of}.podLabels", {}, f"{to}.pod_labels", switch=switch),
        key(f"{of}.podAnnotations", {}, f"{to}.pod_annotations", switch=switch),
        *placing(of, to, switch),
        key(f"{of}.extraEnvVarsCM", "", f"{to}.container.envFrom", config_maps, switch=switch),
        key(f"{of}.extraEnvVarsSecret", "", f"{to}.container.envFrom", secrets, switch=switch),
        key(f"{of}.extraContainers", [], f"{to}.pod.containers", switch=switch),
        *volumes(of, to, switch),
    ]


def lifetime(of: str, to: str, switch: str = "") -> list[Row]:
    """Return the rows on the end of a pod, and on what runs before it."""
    grace = f"{to}.pod.terminationGracePeriodSeconds"
    return [
        key(f"{of}.terminationGracePeriodSeconds", None, grace, switch=switch),
        key(f"{of}.lifecycle", {}, f"{to}.container.lifecycle", switch=switch),
        key(f"{of}.extraInitContainers", [], f"{to}.pod.initContainers", switch=switch),
        none(f"{of}.automountServiceAccountToken", True, TOKEN, False, switch=switch),
    ]


def account(of: str, to: str, switch: str = "") -> list[Row]:
    """Return the rows of a ServiceAccount."""
    return [
        key(f"{of}.create", True, f"{to}.service_account.create", switch=switch),
        key(f"{of}.name", "", f"{to}.service_account.name", switch=switch),
        key(f"{of}.annotations", {}, f"{to}.service_account.annotations", switch=switch),
    ]


def probe(of: str, to: str, config: dict[str, int]) -> list[Row]:
    """Return the rows of a probe: taken away, or asked at other times."""
    return [
        key(f"{of}.enabled", True, to, lambda _value, _default: None, "null where it is off"),
        key(f"{of}.config", config, to, changed, switch=f"{of}.enabled"),
    ]


def times(initial: int, failures: int) -> dict[str, int]:
    """Return the default times of a probe."""
    return {
        "initialDelaySeconds": initial,
        "periodSeconds": 10,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
        "successThreshold": 1,
    }
