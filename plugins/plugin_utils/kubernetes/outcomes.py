# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks make of objects and of answers of a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.cluster import plural
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_errors import RefusedError, explained, one_line

from ..services import failure_reason
from .part import Manifest


def object_references(objects: Iterable[Mapping[str, Any]]) -> list[Manifest]:
    """Return the names of objects as a cluster takes them, the last one first: what needs another goes before it."""
    made = []
    for item in objects:
        metadata = item.get("metadata") or item
        place = {"namespace": metadata["namespace"]} if metadata.get("namespace") else {}
        made.append(
            {
                "apiVersion": item.get("apiVersion") or item["api_version"],
                "kind": item["kind"],
                "metadata": {"name": metadata["name"], **place},
            }
        )
    return made[::-1]


def cluster_job_failure(result: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """Return why a one-shot job failed, from the result of module rollout."""
    if not result.get("log"):
        return f"{spec['failure']}: {result['msg']}"
    return failure_reason({"rc": result.get("status"), "stdout": "\n".join(result["log"])}, spec)


def cluster_refusal(result: Mapping[str, Any], manifests: Iterable[Mapping[str, Any]]) -> str:
    """Return why a cluster refused one of some objects, from the result of kubernetes.core.k8s."""
    message = str(result.get("msg") or "")
    try:
        start = message.index("{")
        body, _end = json.JSONDecoder().raw_decode(message[start:].replace("\\'", "'"))
        details = body.get("details") or {}
        kind, name = details.get("kind") or "object", details.get("name")
        # The answer says kind or resource, and never the namespace.
        found = (item for item in manifests if kind in (item["kind"], plural(item["kind"])))
        unknown = {"kind": kind, "metadata": {"name": name}}
        item = next((item for item in found if item["metadata"]["name"] == name), unknown)
        return explained(RefusedError(int(body.get("code") or 0), body), item)
    except (ValueError, AttributeError, TypeError):
        return one_line(message)
