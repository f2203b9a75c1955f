# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base job templates of work pools.

A pool without a template takes over whatever the first worker brings, so a new pool always gets a complete one.
"""

from __future__ import annotations

import copy
from typing import Any, Iterable, Mapping

from .difference import Json
from .errors import Problem, invalid
from .kubernetes_template import KUBERNETES
from .suggest import nearest

_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}

# Templates of the workers that this collection runs. Others come from the server: what it offers depends on its
# version and its network.
PROCESS: Json = {
    "job_configuration": {
        "command": "{{ command }}",
        "env": "{{ env }}",
        "labels": "{{ labels }}",
        "name": "{{ name }}",
        "stream_output": "{{ stream_output }}",
        "working_dir": "{{ working_dir }}",
    },
    "variables": {
        "type": "object",
        "properties": {
            "name": {
                "title": "Name",
                "description": "Name of the process of a flow run.",
                "type": "string",
            },
            "env": {
                "title": "Environment Variables",
                "description": "Environment variables to set for a flow run.",
                **_STRINGS,
            },
            "labels": {
                "title": "Labels",
                "description": "Labels to put on what the worker starts.",
                **_STRINGS,
            },
            "command": {
                "title": "Command",
                "description": "Command that runs a flow. Leave it empty to let the worker choose.",
                "type": "string",
            },
            "stream_output": {
                "title": "Stream Output",
                "description": "Whether the worker copies the output of flow runs to its own.",
                "default": True,
                "type": "boolean",
            },
            "working_dir": {
                "title": "Working Directory",
                "description": "Folder to run flows in. By default each run gets a temporary one.",
                "type": "string",
                "format": "path",
            },
        },
    },
}

DOCKER: Json = {
    "job_configuration": {
        "auto_remove": "{{ auto_remove }}",
        "command": "{{ command }}",
        "container_create_kwargs": "{{ container_create_kwargs }}",
        "env": "{{ env }}",
        "image": "{{ image }}",
        "image_pull_policy": "{{ image_pull_policy }}",
        "labels": "{{ labels }}",
        "mem_limit": "{{ mem_limit }}",
        "memswap_limit": "{{ memswap_limit }}",
        "name": "{{ name }}",
        "network_mode": "{{ network_mode }}",
        "networks": "{{ networks }}",
        "privileged": "{{ privileged }}",
        "registry_credentials": "{{ registry_credentials }}",
        "stream_output": "{{ stream_output }}",
        "volumes": "{{ volumes }}",
    },
    "variables": {
        "type": "object",
        "properties": {
            "name": {
                "title": "Name",
                "description": "Name of the container of a flow run.",
                "type": "string",
            },
            "env": {
                "title": "Environment Variables",
                "description": "Environment variables to set for a flow run. Null takes one away.",
                "type": "object",
                "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "labels": {
                "title": "Labels",
                "description": "Labels to put on the container.",
                **_STRINGS,
            },
            "command": {
                "title": "Command",
                "description": "Command that runs a flow. Leave it empty to let the worker choose.",
                "type": "string",
            },
            "image": {
                "title": "Image",
                "description": "Image of the container. By default Prefect's own of the worker's version.",
                "type": "string",
            },
            "image_pull_policy": {
                "title": "Image Pull Policy",
                "description": "When the image is pulled. By default a tag other than latest only if it is not there.",
                "type": "string",
                "enum": ["IfNotPresent", "Always", "IfPossible", "Never"],
            },
            "registry_credentials": {
                "title": "Registry Credentials",
                "description": "Block with the login of the image's registry, "
                "such as {{ prefect.blocks.docker-registry-credentials.NAME }}.",
                "anyOf": [{"type": "string"}, {"type": "object"}],
            },
            "networks": {
                "title": "Networks",
                "description": "Networks that the container joins.",
                "type": "array",
                "items": {"type": "string"},
            },
            "network_mode": {
                "title": "Network Mode",
                "description": "Network mode such as host, where no networks are given.",
                "type": "string",
            },
            "auto_remove": {
                "title": "Auto Remove",
                "description": "Whether the container is removed when the flow run has ended.",
                "default": False,
                "type": "boolean",
            },
            "volumes": {
                "title": "Volumes",
                "description": "Volumes and folders to mount, each source:path or source:path:ro.",
                "type": "array",
                "items": {"type": "string"},
            },
            "stream_output": {
                "title": "Stream Output",
                "description": "Whether the worker copies the output of flow runs to its own.",
                "default": True,
                "type": "boolean",
            },
            "mem_limit": {
                "title": "Memory Limit",
                "description": "Most memory of the container, in bytes or with a unit such as 512m or 2g.",
                "type": "string",
            },
            "memswap_limit": {
                "title": "Memory Swap Limit",
                "description": "Most memory and swap together, -1 for any. Needs a memory limit.",
                "type": "string",
            },
            "privileged": {
                "title": "Privileged",
                "description": "Whether the container gets all rights on its host.",
                "default": False,
                "type": "boolean",
            },
            "container_create_kwargs": {
                "title": "Container Configuration",
                "description": "Further arguments with which docker-py creates the container.",
                "type": "object",
                "additionalProperties": True,
            },
        },
    },
}

OWN: Mapping[str, Json] = {"process": PROCESS, "docker": DOCKER, "kubernetes": KUBERNETES}


def default_template(kind: str, offered: Mapping[str, Mapping[str, Json]]) -> Json:
    """Return the template for a new pool of a type, from what the server offers by package and type."""
    if kind in OWN:
        return copy.deepcopy(OWN[kind])
    types: dict[str, Json] = {name: worker for workers in offered.values() for name, worker in workers.items()}
    if kind not in types:
        raise invalid(
            "type", f"no worker type '{kind}'; {nearest(kind, [*{**types, **OWN}])}; for another give base_job_template"
        )
    return copy.deepcopy(types[kind]["default_base_job_configuration"])


def check_template(template: Mapping[str, Any]) -> list[Problem]:
    """Return what is missing from a template that was given."""
    return [
        Problem(f"base_job_template.{part}", "is missing; a template has job_configuration and variables")
        for part in ("job_configuration", "variables")
        if not isinstance(template.get(part), dict)
    ] or _wrong_properties(template["variables"].get("properties", {}))


def _wrong_properties(properties: Any) -> list[Problem]:
    if isinstance(properties, dict) and all(isinstance(rules, dict) for rules in properties.values()):
        return []
    return [Problem("base_job_template.variables.properties", "expected a JSON schema for each variable, by its name")]


def with_defaults(template: Json, defaults: Mapping[str, Any]) -> Json:
    """Return the template with other defaults of its variables; null takes a default away."""
    result = copy.deepcopy(template)
    properties: Json = result.get("variables", {}).get("properties", {})
    _check_variables(defaults, properties)
    for name, value in defaults.items():
        if value is None:
            properties[name].pop("default", None)
        else:
            properties[name]["default"] = value
    return result


def _check_variables(names: Iterable[str], properties: Mapping[str, Any]) -> None:
    for name in names:
        if name not in properties:
            raise invalid(
                f"job_variables.{name}", f"the pool's template has no such variable; {nearest(name, properties)}"
            )
