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
from .suggest import nearest

_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}

# The template of a process worker. Others come from the server: what it offers depends on its version and its network.
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


def default_template(kind: str, offered: Mapping[str, Mapping[str, Json]]) -> Json:
    """Return the template for a new pool of a type, from what the server offers by package and type."""
    if kind == "process":
        return copy.deepcopy(PROCESS)
    types: dict[str, Json] = {name: worker for workers in offered.values() for name, worker in workers.items()}
    if kind not in types:
        raise invalid(
            "type", f"no worker type '{kind}'; {nearest(kind, [*types, 'process'])}; for another give base_job_template"
        )
    return copy.deepcopy(types[kind]["default_base_job_configuration"])


def check_template(template: Mapping[str, Any]) -> list[Problem]:
    """Return what is missing from a template that was given."""
    return [
        Problem(f"base_job_template.{part}", "is missing; a template has job_configuration and variables")
        for part in ("job_configuration", "variables")
        if not isinstance(template.get(part), dict)
    ]


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
