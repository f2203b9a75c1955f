# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base job template of work pools of type kubernetes.

It has all variables of Prefect's own, and more for what that leaves to a manifest: secrets, pull secrets, security.
"""

from __future__ import annotations

from typing import Any

from .difference import Json

_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_OBJECTS = {"type": "array", "items": {"type": "object"}}


def _text(title: str, description: str, **more: Any) -> Json:
    return {"title": title, "description": description, "type": "string", **more}


# Without a value the key of a lone variable goes with it.
_MANIFEST: Json = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
        "annotations": "{{ annotations }}",
        "generateName": "{{ name }}-",
        "labels": "{{ labels }}",
        "namespace": "{{ namespace }}",
    },
    "spec": {
        "backoffLimit": "{{ backoff_limit }}",
        "ttlSecondsAfterFinished": "{{ finished_job_ttl }}",
        "template": {
            "spec": {
                # The worker wants these two here, although they are a Job's.
                "completions": 1,
                "parallelism": 1,
                "restartPolicy": "Never",
                "imagePullSecrets": "{{ image_pull_secrets }}",
                "securityContext": "{{ pod_security_context }}",
                "serviceAccountName": "{{ service_account_name }}",
                "containers": [
                    {
                        "name": "prefect-job",
                        "args": "{{ command }}",
                        # The worker adds the variables of env to this list.
                        "env": "{{ secret_env }}",
                        "envFrom": "{{ env_from }}",
                        "image": "{{ image }}",
                        "imagePullPolicy": "{{ image_pull_policy }}",
                        "resources": {
                            "limits": {"cpu": "{{ cpu_limit }}", "memory": "{{ memory_limit }}"},
                            "requests": {"cpu": "{{ cpu_request }}", "memory": "{{ memory_request }}"},
                        },
                        "securityContext": "{{ security_context }}",
                    }
                ],
            }
        },
    },
}

_PROPERTIES: Json = {
    "name": _text("Name", "Name of the Job of a flow run."),
    "env": {
        "title": "Environment Variables",
        "description": "Environment variables to set for a flow run. Null takes one away.",
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "secret_env": {
        "title": "Secret Environment Variables",
        "description": "Environment variables from Secrets, as a container's env has them: name and valueFrom.",
        **_OBJECTS,
    },
    "env_from": {
        "title": "Environment From",
        "description": "Secrets and ConfigMaps with environment variables, as a container's envFrom has them.",
        **_OBJECTS,
    },
    "labels": {"title": "Labels", "description": "Labels to put on the Job and its pod.", **_STRINGS},
    "annotations": {"title": "Annotations", "description": "Annotations to put on the Job and its pod.", **_STRINGS},
    "command": _text("Command", "Command that runs a flow. Leave it empty to let the worker choose."),
    "namespace": _text("Namespace", "Namespace of the Job.", default="default"),
    "image": _text("Image", "Image of the container. By default Prefect's own of the worker's version."),
    "image_pull_policy": _text(
        "Image Pull Policy",
        "When the image is pulled.",
        enum=["IfNotPresent", "Always", "Never"],
        default="IfNotPresent",
    ),
    "image_pull_secrets": {
        "title": "Image Pull Secrets",
        "description": "Secrets with the logins of registries, each with its name.",
        **_OBJECTS,
    },
    "service_account_name": _text("Service Account Name", "Service account of the pod."),
    "backoff_limit": {
        "title": "Backoff Limit",
        "description": "How often Kubernetes starts a pod again. With 0 Prefect itself repeats an evicted run.",
        "type": "integer",
        "minimum": 0,
        "default": 0,
    },
    "finished_job_ttl": {
        "title": "Finished Job TTL",
        "description": "Seconds after which a finished Job is removed. By default it is kept.",
        "type": "integer",
    },
    "job_watch_timeout_seconds": {
        "title": "Job Watch Timeout Seconds",
        "description": "Seconds to wait for each event of a Job. By default any time.",
        "type": "integer",
    },
    "pod_watch_timeout_seconds": {
        "title": "Pod Watch Timeout Seconds",
        "description": "Seconds to wait for the pod to be made.",
        "type": "integer",
        "default": 60,
    },
    "stream_output": {
        "title": "Stream Output",
        "description": "Whether the worker copies the output of flow runs to its own.",
        "type": "boolean",
        "default": True,
    },
    "cluster_config": {
        "title": "Cluster Config",
        "description": "Block of type kubernetes-cluster-config. By default the worker's own cluster.",
        "anyOf": [{"$ref": "#/definitions/KubernetesClusterConfig"}, {"type": "null"}],
    },
    "cpu_request": _text("CPU Request", "Cores that are kept for the container, such as 500m or 2."),
    "cpu_limit": _text("CPU Limit", "Most cores of the container, such as 500m or 2."),
    "memory_request": _text("Memory Request", "Memory that is kept for the container, such as 512Mi or 2Gi."),
    "memory_limit": _text("Memory Limit", "Most memory of the container, such as 512Mi or 2Gi."),
    "pod_security_context": {
        "title": "Pod Security Context",
        "description": "Security context of the pod.",
        "type": "object",
    },
    "security_context": {
        "title": "Security Context",
        "description": "Security context of the container.",
        "type": "object",
    },
}

_CLUSTER_CONFIG: Json = {
    "title": "KubernetesClusterConfig",
    "type": "object",
    "required": ["config", "context_name"],
    "properties": {
        "config": {"title": "Config", "type": "object", "additionalProperties": True},
        "context_name": {"title": "Context Name", "type": "string"},
    },
    "secret_fields": [],
    "block_type_slug": "kubernetes-cluster-config",
    "block_schema_references": {},
}

KUBERNETES: Json = {
    "job_configuration": {
        "annotations": "{{ annotations }}",
        "cluster_config": "{{ cluster_config }}",
        "command": "{{ command }}",
        "env": "{{ env }}",
        "job_manifest": _MANIFEST,
        "job_watch_timeout_seconds": "{{ job_watch_timeout_seconds }}",
        "labels": "{{ labels }}",
        "name": "{{ name }}",
        "namespace": "{{ namespace }}",
        "pod_watch_timeout_seconds": "{{ pod_watch_timeout_seconds }}",
        "stream_output": "{{ stream_output }}",
    },
    "variables": {
        "type": "object",
        "properties": _PROPERTIES,
        "definitions": {"KubernetesClusterConfig": _CLUSTER_CONFIG},
    },
}
