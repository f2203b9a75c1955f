# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What QHub's configuration means here: the file's sections, and `overrides` for workers of Prefect 3."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.quantities import quantity

from .problems import Path, Problems, SettingsError, found, meant
from .variables import AGENT_LABELS, CONTEXT_SECRET, check_worker

OVERRIDES: Path = ("prefect", "overrides")
SECTION = "prefect"
# Sections of a qhub-config.yaml beside `prefect` that are looked at.
PROJECT_SECTIONS = ("project_name", "namespace", "domain")

_QUEUE = re.compile(r"[^/%&><]+")
_NOT_IN_BLOCK_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Overrides:
    """QHub's overrides in today's terms."""

    env: dict[str, str]
    secret_env: dict[str, str]
    labels: list[str]
    resources: dict[str, float | int | None]
    # What a job is given as a Kubernetes cluster writes it.
    job: dict[str, Any]
    blocks: list[dict[str, Any]]


def section_of(content: Any, name: str) -> Any:
    """Return the section `prefect` of a whole qhub-config.yaml."""
    if not isinstance(content, Mapping):
        raise SettingsError([f"{name}: expected a map of sections, found {found(content, secret=True)}"])
    if SECTION not in content:
        sections = [str(section) for section in content]
        near = meant(SECTION, sections)
        present = ", ".join(sections) if sections else "none"
        raise SettingsError([f"{name}: the section 'prefect' is missing; sections found: {present}{near}"])
    section = content[SECTION]
    if not isinstance(section, Mapping):
        raise SettingsError([f"{name}: prefect: expected dict, found {found(section, secret=True)}"])
    return section


def project_of(content: Mapping[str, Any], name: str) -> dict[str, str | None]:
    """Return what a qhub-config.yaml says of the project as a whole."""
    wrong = [
        f"{name}: {key}: expected str, found {found(content[key])}"
        for key in PROJECT_SECTIONS
        if not isinstance(content.get(key, ""), str)
    ]
    if wrong:
        raise SettingsError(wrong)
    return {key: content.get(key) for key in PROJECT_SECTIONS}


def without_blanks(document: Any) -> Any:
    """Return a document whose overrides of the agent hold no empty text: that is how QHub's chart says unset."""
    if not isinstance(document, Mapping) or not isinstance(document.get("overrides"), Mapping):
        return document
    overrides = {
        key: _blanks_to_null(value) if key in ("prefect_agent", "prefectLabels") else value
        for key, value in document["overrides"].items()
    }
    return {**document, "overrides": overrides}


def _blanks_to_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _blanks_to_null(item) for key, item in value.items()}
    return None if value == "" else value


def read_overrides(overrides: Mapping[str, Any], problems: Problems) -> Overrides:
    """Return the meaning of a checked `overrides`; note what has none."""
    agent = overrides["prefect_agent"]
    job = agent["job"]
    labels = _labels(overrides["prefectLabels"], (*OVERRIDES, "prefectLabels"), problems)
    labels += _labels(agent["prefectLabels"], (*OVERRIDES, "prefect_agent", "prefectLabels"), problems)
    labels = list(dict.fromkeys(labels))
    env = check_worker(overrides["envVars"] or {}, (*OVERRIDES, "envVars"), problems)
    secret_env = check_worker(overrides["secretEnvVars"] or {}, (*OVERRIDES, "secretEnvVars"), problems)
    for name in env.keys() & secret_env.keys():
        problems.add((*OVERRIDES, "envVars", name), "is in prefect.overrides.secretEnvVars too; keep one of them")
    return Overrides(
        env={**_agent_variables(job, labels, problems), **env},
        secret_env=secret_env,
        labels=labels,
        resources=_resources(job["resources"], problems),
        job=_job(job, problems),
        blocks=_secret_blocks(secret_env),
    )


def _agent_variables(job: Mapping[str, Any], labels: list[str], problems: Problems) -> dict[str, str]:
    """Return the variables that QHub documents, each with the value as it was given."""
    resources = job["resources"]
    variables = {
        "IMAGE_PULL_SECRETS": _pull_secrets(job["imagePullSecrets"], problems),
        AGENT_LABELS: json.dumps(labels) if labels else None,
        "JOB_MEM_REQUEST": resources["requests"]["memory"],
        "JOB_MEM_LIMIT": resources["limits"]["memory"],
        "JOB_CPU_REQUEST": resources["requests"]["cpu"],
        "JOB_CPU_LIMIT": resources["limits"]["cpu"],
        "IMAGE_PULL_POLICY": job["imagePullPolicy"],
    }
    return {name: str(value) for name, value in variables.items() if value is not None}


def _job(job: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    resources = {
        group: {kind: str(value) for kind, value in job["resources"][group].items() if value is not None}
        for group in ("requests", "limits")
    }
    names = _pull_secrets(job["imagePullSecrets"], problems)
    return {
        "image_pull_policy": job["imagePullPolicy"],
        "image_pull_secrets": [name.strip() for name in names.split(",")] if names else [],
        "resources": {group: amounts for group, amounts in resources.items() if amounts},
    }


def _pull_secrets(value: Any, problems: Problems) -> str | None:
    names = [value] if isinstance(value, str) else value
    if names is None or names == []:
        return None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return ",".join(names)
    path = (*OVERRIDES, "prefect_agent", "job", "imagePullSecrets")
    problems.add(path, f"expected the name of a pull secret or a list of names, found {found(value, secret=True)}")
    return None


def _labels(value: Any, path: Path, problems: Problems) -> list[str]:
    labels = _parsed_list(value) if isinstance(value, str) else value
    if labels is None and value is None:
        return []
    if not isinstance(labels, list):
        problems.add(path, f"expected a list of labels or its JSON text, found {found(value)}")
        return []
    for label in labels:
        if not isinstance(label, str) or not _QUEUE.fullmatch(label):
            expected = "text without the characters / % & > <, since it names a work queue"
            problems.add(path, f"expected {expected}, found {found(label)}")
            return []
    return [str(label) for label in labels]


def _parsed_list(text: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _resources(resources: Mapping[str, Any], problems: Problems) -> dict[str, float | int | None]:
    path = (*OVERRIDES, "prefect_agent", "job", "resources")
    result: dict[str, float | int | None] = {}
    for group in ("limits", "requests"):
        cpu = _amount(resources[group]["cpu"], "cores such as 4, 0.5 or '500m'", (*path, group, "cpu"), problems)
        memory = _amount(
            resources[group]["memory"], "bytes such as '512M' or '2Gi'", (*path, group, "memory"), problems
        )
        result[f"cpu_{group[:-1]}"] = None if cpu is None else float(cpu)
        result[f"memory_{group[:-1]}"] = None if memory is None else int(memory)
    for kind in ("cpu", "memory"):
        limit, request = result[f"{kind}_limit"], result[f"{kind}_request"]
        if limit is not None and request is not None and request > limit:
            problems.add((*path, "requests", kind), f"is more than the limit of {resources['limits'][kind]}")
    return result


def _amount(value: Any, expected: str, path: Path, problems: Problems) -> Any:
    if value is None:
        return None
    amount = quantity(value)
    if amount is None:
        problems.add(
            path, f"expected {expected}, found {found(value, secret=not isinstance(value, str | int | float))}"
        )
    return amount


def _secret_blocks(secret_env: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the Secret block of every context secret: Prefect 3 has blocks where Prefect 1 had these variables."""
    return [
        {
            "name": _NOT_IN_BLOCK_NAME.sub("-", name[len(CONTEXT_SECRET) :].lower()).strip("-"),
            "block_type_slug": "secret",
            "data": {"value": value},
        }
        for name, value in secret_env.items()
        if name.startswith(CONTEXT_SECRET)
    ]
