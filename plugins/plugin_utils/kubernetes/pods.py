# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pod of a service, confined as far as Kubernetes can."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

from .access import account_name
from .configuration import configuration_mark
from .expansion import literal, literals
from .merge import merged
from .mounts import mounts
from .part import Manifest, Part
from .ports import container_ports
from .probes import probes

# The services' user, and the one of the databases' official images.
SERVICE_USER = 1001
IMAGE_USER = 999
STOP_SECONDS = 30
# Only root has a use for the others, and nobody is root here.
CAPABILITIES = ("NET_BIND_SERVICE",)
# What a container shares with those that do something else before it.
SHARED = (
    "env", "envFrom", "image", "imagePullPolicy", "resources", "securityContext", "volumeMounts", "workingDir",
)  # fmt: skip


def pod_template(part: Part, restart: str | None = None) -> Manifest:
    """Return the template of the pods; `restart` is what a one-shot job says of failed containers."""
    options = part.options
    labels = {**(part.settings.get("labels") or {}), **(options.get("pod_labels") or {}), **part.lasting_labels}
    mark = configuration_mark(part)
    annotations = {
        **(part.settings.get("annotations") or {}),
        **(options.get("pod_annotations") or {}),
        **({marks.CONFIGURATION: mark} if mark else {}),
    }
    metadata = merged({}, {"labels": labels, "annotations": annotations})
    metadata = {key: value for key, value in metadata.items() if value}
    return {"metadata": metadata, "spec": merged(_pod(part, restart), options.get("pod") or {})}


def _pod(part: Part, restart: str | None) -> Manifest:
    user, group = _user(part)
    volumes, mounted = mounts(part)
    pull = part.settings.get("image_pull_secrets") or ()
    container = merged(_container(part, mounted, is_job=restart is not None), part.options.get("container") or {})
    first = [_first(container, item) for item in part.spec.get("before") or ()]
    return {
        "serviceAccountName": account_name(part),
        "automountServiceAccountToken": bool(part.spec.get("rules")),
        # They would be read as Prefect's settings: the Service prefect-server makes PREFECT_SERVER_PORT.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": group,
            "fsGroup": group,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
            **_groups(part),
        },
        "terminationGracePeriodSeconds": part.spec.get("stop_timeout") or STOP_SECONDS,
        **({"initContainers": first} if first else {}),
        "containers": [container],
        **({"volumes": volumes} if volumes else {}),
        **({"imagePullSecrets": [{"name": name} for name in pull]} if pull else {}),
        **({"restartPolicy": restart} if restart else {}),
    }


def _container(part: Part, mounted: list[Manifest], is_job: bool) -> Manifest:
    spec = part.spec
    command, arguments = literals(spec.get("entrypoint") or ()), literals(spec.get("command") or ())
    ports, resources = container_ports(part), _resources(part)
    capabilities = [name for name in sorted(spec.get("capabilities") or ()) if name in CAPABILITIES]
    return {
        "name": part.name,
        "image": str(spec.get("image") or part.settings.get("image") or part.host.get("image")),
        "imagePullPolicy": part.settings.get("image_pull_policy") or "IfNotPresent",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": spec.get("read_only", True) is not False,
            "capabilities": {"drop": ["ALL"], **({"add": capabilities} if capabilities else {})},
        },
        **({"command": command} if command else {}),
        **({"args": arguments} if arguments else {}),
        "env": _environment(part),
        **({"ports": ports} if ports else {}),
        **({"resources": resources} if resources else {}),
        **({"workingDir": _home(spec)} if _is_service_user(spec) and spec.get("directories") else {}),
        "volumeMounts": mounted,
        **({} if is_job else probes(spec.get("health"))),
    }


def _first(container: Manifest, item: Mapping[str, Any]) -> Manifest:
    """Return a container with the place and the rights of the service that does something else before it."""
    words = {"command": literals(item.get("entrypoint") or ()), "args": literals(item.get("command") or ())}
    same = {key: container[key] for key in SHARED if key in container}
    return {**same, "name": item["name"], **{key: value for key, value in words.items() if value}}


def _is_service_user(spec: Mapping[str, Any]) -> bool:
    return (spec.get("run_as") or "service") == "service"


def _user(part: Part) -> tuple[int, int]:
    run_as = part.spec.get("run_as") or "service"
    if run_as == "service":
        return SERVICE_USER, SERVICE_USER
    if run_as == "image":
        return IMAGE_USER, IMAGE_USER
    user, _colon, group = str(run_as).partition(":")
    return int(user), int(group or user)


def _groups(part: Part) -> dict[str, list[int]]:
    groups = [int(group) for group in part.spec.get("groups") or ()]
    return {"supplementalGroups": groups} if groups else {}


def _home(spec: Mapping[str, Any]) -> str:
    return str((spec.get("directories") or ["/tmp"])[0])


def _environment(part: Part) -> list[Manifest]:
    """Return the environment, each secret bound to its own name; a user without a name has no home otherwise."""
    spec = part.spec
    base = {"HOME": _home(spec), "LANG": "C.UTF-8", "USER": "prefect"} if _is_service_user(spec) else {}
    plain = {**base, **(spec.get("env") or {})}
    values: dict[str, Manifest] = {key: {"value": literal(str(value))} for key, value in plain.items()}
    for key in spec.get("secret_env") or ():
        values[key] = _reference(part.name, key)
    for key, secret in (spec.get("secret_refs") or {}).items():
        values[key] = _reference(secret["name"], secret["key"])
    return [{"name": key, **value} for key, value in sorted(values.items())]


def _reference(secret: str, key: str) -> Manifest:
    return {"valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def _resources(part: Part) -> Manifest:
    """Return what the container asks for and may use; the user's words over those of the service."""
    own = part.spec.get("resources") or {}
    limits = {"cpu": own.get("cpu_limit"), "memory": own.get("memory_limit")}
    words = {"limits": {key: _quantity(value) for key, value in limits.items() if value}}
    said = merged(words, part.options.get("resources") or {})
    return {
        kind: {key: _quantity(value) for key, value in values.items()}
        for kind, values in said.items()
        if isinstance(values, Mapping) and values
    }


def _quantity(value: Any) -> str:
    """Return a quantity as the cluster keeps it, so that it is the same when it is read again."""
    return f"{Decimal(str(value)).normalize():f}" if isinstance(value, float) else str(value)
