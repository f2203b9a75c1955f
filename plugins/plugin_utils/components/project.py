# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects on a host: where their code lies, how flows are read from it, and the objects that come of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from ...module_utils.entrypoints import answer_of, reader_arguments, unread
from ..services import one_shot_command, program, projects_folder
from ..settings.delivery import IMAGE_FOLDER, SET_FOLDER
from .docker_worker import Spec

CURRENT = "current"
JOB = "prefect-entrypoints"

# The base image may run as any user.
_DOCKERFILE = """\
FROM {base}
USER root
COPY . {folder}
{packages}WORKDIR {folder}
"""
# Nothing that a project needs may bring another Prefect.
_PACKAGES = """\
RUN python -c 'import prefect; print("prefect==" + prefect.__version__)' > /tmp/prefect.txt \\
 && python -m pip install --no-cache-dir --constraint /tmp/prefect.txt --requirement {folder}/requirements.txt \\
 && rm /tmp/prefect.txt
"""


def project_folder(project: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the folder on a host that holds the versions of a project's code."""
    return f"{projects_folder(host)}/{project['name']}"


def project_dockerfile(project: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    folder = f"{IMAGE_FOLDER}/{project['name']}"
    packages = _PACKAGES.format(folder=folder) if project["has_requirements"] else ""
    return _DOCKERFILE.format(base=host["image"], folder=folder, packages=packages)


def project_image(project: Mapping[str, Any], version: str, host: Mapping[str, Any]) -> str:
    """Return the image of a project, with a tag that says all it is made of."""
    made_of = f"{version}\n{project_dockerfile(project, host)}"
    return f"{project['image']}:{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"


def entrypoints(project: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(str(item["options"]["entrypoint"]) for item in project["wanted"]))


def entrypoint_command(api: Mapping[str, Any], host: Mapping[str, Any]) -> list[str]:
    """Return what starts the installation's Python as the services' user, for module entrypoint_info."""
    env = {"PREFECT_HOME": f"{host['root']}/data/{JOB}", "PREFECT_API_URL": api["service_url"]}
    return one_shot_command({"command": [program(host, "python")], "env": env, "secret_env": {}}, host, "")


def entrypoint_job(
    project: Mapping[str, Any], version: str, api: Mapping[str, Any], docker: Mapping[str, Any], host: Mapping[str, Any]
) -> Spec:
    """Return the specification of the one-shot container that reads the flows: in the image that will run them."""
    built = project["delivery"] == "image"
    folder = project_folder(project, host)
    code = f"{IMAGE_FOLDER}/{project['name']}" if built else f"{folder}/{version}"
    return {
        "name": JOB,
        "command": ["python", *reader_arguments(code, entrypoints(project), project["lenient"])],
        "image": project_image(project, version, host) if built else host["image"],
        "env": {"PREFECT_HOME": "/tmp/prefect", "PREFECT_API_URL": api["service_url"]},
        "mounts": [] if built else [{"source": folder, "target": folder, "read_only": True}],
        "networks": [zone["name"] for zone in docker["zones"] if zone["name"] == docker["networks"]["app"]["name"]],
    }


def entrypoint_answer(outcome: Mapping[str, Any], project: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the flows that such a container found."""
    found = answer_of(str(outcome.get("stdout")))
    names = entrypoints(project)
    if found is None:
        why = unread(str(outcome.get("stdout")), outcome["rc"])
        return [{"entrypoint": name, "error": why} for name in names]
    return [{"entrypoint": name, **row} for name, row in zip(names, found, strict=True)]


def project_problems(projects: Iterable[Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return why flows cannot be deployed as they were read, each with the place that asks for it."""
    problems = []
    first: dict[tuple[str, str], str] = {}
    for project in projects:
        flows = {flow["entrypoint"]: flow for flow in found.get(project["name"], {}).get("flows", ())}
        for item in project["wanted"] if flows else ():
            at, flow = item["at"], flows[item["options"]["entrypoint"]]
            if "error" in flow:
                problems.append(f"{at}.entrypoint: {flow['entrypoint']}: {flow['error']}")
                continue
            key = (flow["flow_name"], item["options"]["name"])
            if first.setdefault(key, at) != at:
                problems.append(f"{at}: is the deployment {'/'.join(key)}, and so is {first[key]}")
    return problems


def project_objects(
    projects: Iterable[Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]], host: Mapping[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    """Return the deployments and automations of the projects whose flows were read."""
    result: dict[str, list[dict[str, Any]]] = {"deployments": [], "automations": []}
    for project in projects:
        code = found.get(project["name"])
        flows = {flow["entrypoint"]: flow for flow in code["flows"]} if code else {}
        for item in project["wanted"] if code else ():
            deployment = _deployment(item["options"], flows[item["options"]["entrypoint"]], project, code or {}, host)
            result["deployments"].append(deployment)
            result["automations"] += [_automation(one, deployment) for one in item["automations"]]
    return result


def _deployment(
    options: Mapping[str, Any],
    flow: Mapping[str, Any],
    project: Mapping[str, Any],
    code: Mapping[str, Any],
    host: Mapping[str, Any],
) -> dict[str, Any]:
    version = options.get("version") or (code["version"] if project["version"] == "folder" else flow["version"])
    result = {
        "flow_name": flow["flow_name"],
        "parameter_openapi_schema": flow["parameter_openapi_schema"],
        **options,
        "description": options.get("description") or flow["description"],
        **({"version": version} if version else {}),
    }
    if project["delivery"] == "copy":
        folder = f"{project_folder(project, host)}/{CURRENT}"
        result["pull_steps"] = [{SET_FOLDER: {"directory": folder}}]
    elif project["pull_steps"]:
        result["pull_steps"] = list(project["pull_steps"])
    if project["delivery"] == "image":
        policy = {} if project["push"] else {"image_pull_policy": "Never"}
        image = project_image(project, code["version"], host)
        result["job_variables"] = {**policy, **(options.get("job_variables") or {}), "image": image}
    return result


def _automation(automation: Mapping[str, Any], deployment: Mapping[str, Any]) -> dict[str, Any]:
    name = f"{deployment['flow_name']}/{deployment['name']}"
    return {**automation, "actions": [{**action, "deployment": name} for action in automation["actions"]]}
