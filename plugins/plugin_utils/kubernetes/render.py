# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests as files for those who apply them by other means: sorted, stable, and without a secret in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_kinds import MADE

from .fields import WORKLOADS
from .manifests import foundation_manifests, job_manifests, service_manifests
from .names import LONGEST_OF_PODS_WITH_A_NAME, object_name
from .part import Manifest
from .references import COPIES, copies_note, secrets_page

Files = dict[str, str]

# What is applied earlier has the smaller number.
NUMBERS = {
    None: 70, "postgres": 10, "redis": 20, "migration": 30, "server": 40, "background_services": 50, "workers": 60,
}  # fmt: skip
DIGEST = 8
# Texts that kubectl reads as numbers or truth values, among others, where they have no quotes.
_QUOTED = re.compile(r"[-+._]*[0-9].*|[yYnN]", re.DOTALL)
# Ends of a line for some readers of YAML only.
_ESCAPED = re.compile(r"[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    """Writes texts so that every reader of YAML takes them for texts."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _QUOTED.fullmatch(text) else None
    if _ESCAPED.search(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def rendered_host(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cluster that nobody asked: it is empty and has the newest APIs."""
    return {
        "platform": "kubernetes",
        "root": "/opt/prefect",
        "namespace": settings.get("namespace") or "prefect",
        "namespace_state": "missing",
        "version": [],
        "apis": sorted({versions[0] for versions in MADE.values()}),
        "installed": [],
        "running": {},
        "objects": [],
        "cluster_uid": settings.get("cluster_uid") or "",
        "storage_classes": [],
        "ingress_classes": [],
        "image": settings.get("image"),
        "environment": "",
        "secret_salts": {},
        "values_of_others": {},
        "secrets": {},
        "user": "prefect",
    }


def service_files(spec: Mapping[str, Any], settings: Mapping[str, Any], state: str = "started") -> Files:
    """Return the file of a service, or of a one-shot job."""
    number = NUMBERS.get(spec.get("workload"), NUMBERS[None])
    host, as_files = rendered_host(settings), {**settings, "render_dir": settings.get("render_dir") or "."}
    if state == "completed":
        manifests = [_versioned(item) for item in job_manifests(spec, host, as_files)]
    else:
        manifests = service_manifests(spec, host, as_files)
    return {f"{number}-{object_name(spec['name'])}.yaml": _text(manifests, spec.get("secrets_elsewhere") or ())}


def foundation_files(settings: Mapping[str, Any]) -> Files:
    """Return the file of what stands below all services."""
    return {f"00-{marks.FOUNDATION}.yaml": _text(foundation_manifests(settings, rendered_host(settings)))}


def stale_files(files: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return which files, by their texts, an earlier run wrote for what is declared no longer."""
    # A file with anything of somebody else in it is theirs.
    kept = {None, *map(object_name, (marks.FOUNDATION, *names))}
    services = {file: {_service(item) for item in _documents(text)} for file, text in files.items()}
    return sorted(file for file, found in services.items() if found and not found & kept)


def secrets_file(texts: Iterable[str]) -> str:
    """Return the page about all Secrets that the manifests of ours in these texts refer to."""
    return secrets_page(item for text in texts for item in _documents(text) if _service(item))


def _documents(text: str) -> list[Any]:
    """Return what is in a file; one of somebody else need not even be YAML."""
    try:
        return [item for item in yaml.safe_load_all(text) if item]
    except (yaml.YAMLError, ValueError):
        return []


def _service(item: Any) -> str | None:
    """Return the name of the service that an object of ours belongs to."""
    metadata = item.get("metadata") if isinstance(item, Mapping) else None
    labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
    if not isinstance(labels, Mapping) or labels.get(marks.MANAGED_BY) != marks.MANAGER:
        return None
    return object_name(str(labels.get(marks.SERVICE)))


def _versioned(item: Manifest) -> Manifest:
    """Return a Job under a name that changes with it: nobody can change a Job that ran."""
    if item["kind"] != "Job":
        return item
    digest = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:DIGEST]
    name = item["metadata"]["name"][: LONGEST_OF_PODS_WITH_A_NAME - DIGEST - 1]
    return {**item, "metadata": {**item["metadata"], "name": f"{name}-{digest}"}}


def _text(manifests: Iterable[Manifest], elsewhere: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return the objects as YAML, one document each; whoever applies them brings the Secrets."""
    listed = list(manifests)
    secrets = [item for item in listed if item["kind"] == "Secret"]
    kept = [
        _noted(item, secrets, elsewhere) if item["kind"] in WORKLOADS else item
        for item in listed
        if item not in secrets
    ]
    return yaml.dump_all(kept, Dumper=_Dumper, explicit_start=True, sort_keys=True, allow_unicode=True, width=120)


def _noted(item: Manifest, secrets: Iterable[Manifest], elsewhere: Iterable[Mapping[str, Any]]) -> Manifest:
    metadata = item["metadata"]
    note = copies_note(secrets, metadata["namespace"], elsewhere)
    annotations = {**metadata.get("annotations", {}), COPIES: note}
    return {**item, "metadata": {**metadata, "annotations": annotations}} if note else item
