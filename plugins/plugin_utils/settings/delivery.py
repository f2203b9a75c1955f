# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the code of a project gets to its flow runs, and what of its deployments follows from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .placeholders import outcomes, step_is_not_run
from .prefect_file import NAME, Deployment, PrefectFile
from .problems import Path, Problems, found, meant
from .workers import Worker

SET_FOLDER = "prefect.deployments.steps.set_working_directory"
WITH_BLOCK = "prefect.deployments.steps.pull_with_block"
IMAGE_FOLDER = "/opt/prefect"

# What the parts of a prefect.yaml that are not run have become.
_INSTEAD = {"docker_image": "image", "push_to_": "storage"}


def delivery_of(project: Mapping[str, Any], wanted: Sequence[Deployment]) -> str:
    if project["delivery"] != "auto":
        return str(project["delivery"])
    if project["bucket"] is not None:
        return "storage"
    steps = {str(name) for item in wanted for step in item.options.get("pull_steps") or () for name in step}
    return "pull" if steps - {SET_FOLDER} else "copy"


def not_run(file: PrefectFile, place: str, delivery: str) -> list[str]:
    """Return what deserves a warning: steps of prefect deploy that nothing takes the place of."""
    return [
        f"{place}: the step {step} of {NAME} is not run; "
        + next(
            (f"delivery: {instead} does what it is for" for sign, instead in _INSTEAD.items() if sign in step),
            "do it before you deploy",
        )
        for step in dict.fromkeys(file.steps)
        if not any(sign in step and instead == delivery for sign, instead in _INSTEAD.items())
    ]


def pull_steps_of(
    project: Mapping[str, Any], delivery: str, path: Path, document: Mapping[str, Any], problems: Problems
) -> list[dict[str, Any]] | None:
    """Return the steps that get the code; nothing where only the host or the deployment knows them."""
    if delivery != "storage":
        if project["bucket"] is not None:
            problems.add((*path, "bucket"), f"is for delivery: storage, found {delivery}")
        return [{SET_FOLDER: {"directory": f"{IMAGE_FOLDER}/{project['name']}"}}] if delivery == "image" else None
    bucket = _bucket(project, path, document, problems)
    block = {"block_type_slug": bucket["block_type"], "block_document_name": bucket["block"]} if bucket else {}
    return [{WITH_BLOCK: block}]


def _bucket(
    project: Mapping[str, Any], path: Path, document: Mapping[str, Any], problems: Problems
) -> Mapping[str, Any] | None:
    here = (*path, "bucket")
    sections = [section for section in document["storage"].values() if section["enabled"]]
    buckets = {bucket["name"]: bucket for section in sections for bucket in section["buckets"]}
    if project["bucket"] is None:
        problems.add(here, "missing; delivery: storage needs the name of a bucket of prefect.storage")
        return None
    bucket: Mapping[str, Any] | None = buckets.get(project["bucket"])
    if bucket is None:
        known = f"known: {', '.join(buckets)}" if buckets else "there is none"
        problems.add(
            here, f"no bucket {found(project['bucket'])} in prefect.storage; {known}{meant(project['bucket'], buckets)}"
        )
        return None
    if bucket["block"] is None:
        problems.add(here, "has no block by which flows find it; set block of this bucket")
    if bucket["source"] is not None:
        problems.add(here, "has files of its own; leave out source of this bucket, or take another one")
    users = [other["name"] for other in document["projects"] if other["bucket"] == project["bucket"]]
    if len(users) > 1:
        problems.add(here, f"is that of several projects ({', '.join(users)}); take a bucket for each")
    return bucket


def check_delivery(
    item: Deployment, delivery: str, workers: Sequence[Worker], is_own: bool, problems: Problems
) -> None:
    """Note what does not fit the delivery, and take out of a deployment what the delivery brings."""
    variables = item.options.get("job_variables") or {}
    if delivery == "image":
        variables.pop("image", None)
    if delivery == "pull":
        if not item.options.get("pull_steps") and not item.options.get("path"):
            problems.add((*item.path, "pull_steps"), "missing; with delivery: pull the deployment has to get the code")
    else:
        for key in ("pull_steps", "path"):
            if is_own and key in item.options:
                problems.add((*item.path, key), f"comes from delivery: {delivery}; leave it out, or set delivery: pull")
            item.options.pop(key, None)
    for at, name in () if is_own else outcomes(item.options, item.path):
        problems.add(at, step_is_not_run(name))
    pool = item.options.get("work_pool_name")
    serving = [worker for worker in workers if worker["work_pool"] == pool]
    if delivery == "image" and serving and serving[0]["type"] != "docker":
        message = f"delivery: image needs a work pool of type docker, found {serving[0]['type']}"
        problems.add((*item.path, "work_pool_name"), message)
    if delivery == "copy" and any(worker["docker"]["host"] for worker in serving):
        message = "delivery: copy does not reach the engine of docker.host; take storage or image"
        problems.add((*item.path, "work_pool_name"), message)
