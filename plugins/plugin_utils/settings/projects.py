# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Projects: folders with code of flows, their deployments, and how the code gets to where it runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from .context import WORKER_GROUP, Context
from .delivery import check_delivery, delivery_of, not_run, pull_steps_of
from .items import check_deployments
from .merge import copied
from .placeholders import Values
from .prefect_file import NAME, Deployment, PrefectFile, read_prefect_file
from .problems import Path, Problems, dotted, found
from .workers import Worker

REQUIREMENTS = "requirements.txt"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/:-]*")


def resolve_projects(
    document: Mapping[str, Any],
    workers: Sequence[Worker],
    environ: Mapping[str, str],
    context: Context,
    problems: Problems,
    warnings: list[str],
) -> list[dict[str, Any]]:
    """Return the inputs of role prefect_project."""
    projects: Sequence[Mapping[str, Any]] = document["projects"]
    if projects and not context.hosts(WORKER_GROUP):
        problems.add(("prefect", "projects"), f"the inventory has no host in group {WORKER_GROUP}, where the flows run")
    names = [project["name"] for project in projects]
    variables = {item.get("name"): item.get("value") for item in document["resources"]["variables"]}
    result = []
    for index, project in enumerate(projects):
        path: Path = ("prefect", "projects", index)
        if names.index(project["name"]) != index:
            problems.add((*path, "name"), f"{found(project['name'])} is another project's name too")
        if _is_right(project, path, context, problems):
            file = _file(project, path, Values(environ, variables), context, problems)
            warnings += file.warnings
            result.append(_resolved(project, file, path, document, workers, context, problems, warnings))
    return result


def with_sources(document: Mapping[str, Any], projects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the document with the folders of the projects in the buckets that deliver them."""
    folders = {project["bucket"]: project["source"] for project in projects if project["delivery"] == "storage"}
    storage = {
        kind: {
            **section,
            "buckets": [
                {**bucket, "source": folders[bucket["name"]]} if bucket["name"] in folders else bucket
                for bucket in section["buckets"]
            ],
        }
        for kind, section in document["storage"].items()
    }
    return {**document, "storage": storage}


def _is_right(project: Mapping[str, Any], path: Path, context: Context, problems: Problems) -> bool:
    if project["name"] is not None and not _NAME.fullmatch(project["name"]):
        expected = "expected letters, digits, _, . and - only"
        problems.add((*path, "name"), f"{expected}, found {found(project['name'])}")
    if project["image"] is not None and not _IMAGE.fullmatch(project["image"]):
        expected = "expected such as registry.example.org/flows, without a tag"
        problems.add((*path, "image"), f"{expected}; found {found(project['image'])}")
    if project["source"] is not None and not context.has_folder(project["source"]):
        problems.add((*path, "source"), f"there is no folder {project['source']} on the controller")
    return not problems.at_or_below(path)


def _file(project: Mapping[str, Any], path: Path, values: Values, context: Context, problems: Problems) -> PrefectFile:
    """Return what the project's prefect.yaml declares."""
    name = posixpath.join(project["source"], project["prefect_file"] or NAME)
    text = context.read_file(name)
    if text is None:
        if project["prefect_file"] is not None:
            problems.add((*path, "prefect_file"), f"there is no file {name} on the controller")
        return PrefectFile()
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problems.add((name,), f"is not valid YAML{where}")
        return PrefectFile()
    return read_prefect_file(content or {}, name, values, problems)


def _resolved(
    project: Mapping[str, Any],
    file: PrefectFile,
    path: Path,
    document: Mapping[str, Any],
    workers: Sequence[Worker],
    context: Context,
    problems: Problems,
    warnings: list[str],
) -> dict[str, Any]:
    own = [Deployment((*path, "deployments", at), copied(item)) for at, item in enumerate(project["deployments"])]
    wanted = [*file.deployments, *own]
    if not wanted and not problems.at_or_below(path):
        problems.add(path, f"has nothing to deploy; write deployments, or a {NAME} in its folder")
    delivery = delivery_of(project, wanted)
    warnings += not_run(file, dotted(path), delivery)
    _check_entrypoints(own, problems)
    check_deployments([(item.path, item.options) for item in wanted], problems)
    pull_steps = pull_steps_of(project, delivery, path, document, problems)
    for item in wanted:
        check_delivery(item, delivery, workers, item in own, problems)
    images = [(item.options.get("job_variables") or {}).get("image") for item in wanted]
    here, first = context.is_in(WORKER_GROUP), context.is_first_in(WORKER_GROUP)
    return {
        **project,
        "delivery": delivery,
        "image": project["image"] or f"prefect-project-{project['name'].lower()}",
        "has_requirements": context.read_file(posixpath.join(project["source"], REQUIREMENTS)) is not None,
        "pull_steps": pull_steps,
        "lenient": delivery != "image" and any(images),
        "reads": first,
        "builds": delivery == "image" and (first if project["push"] else here),
        "wanted": [
            {"at": dotted(item.path), "options": item.options, "automations": item.automations} for item in wanted
        ],
    }


def _check_entrypoints(own: Sequence[Deployment], problems: Problems) -> None:
    for item in own:
        if not item.options.get("entrypoint"):
            problems.add((*item.path, "entrypoint"), "missing; expected such as etl.py:main")
