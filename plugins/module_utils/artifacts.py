# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Artifacts of flow runs."""

from __future__ import annotations

import json
from typing import Any

from .client import Client
from .difference import Json
from .flow_run_lists import newest, run_id
from .secrets import shown

_KEPT = ("key", "type", "description", "flow_run_id", "task_run_id", "created", "updated")


def run(options: Json, client: Client) -> Json:
    """Return the result of module C(artifact_info)."""
    wanted = {option: {"any_": options[option]} for option in ("key", "type") if options[option] is not None}
    every = options["history"]
    if options["flow_run"] is not None:
        identity = run_id(client, options["flow_run"])
        if identity is None:
            return {"changed": False, "artifacts": []}
        wanted["flow_run_id"] = {"any_": [identity]}
        every = True
    path, sort = ("/artifacts", "CREATED_DESC") if every else ("/artifacts/latest", "KEY_ASC")
    rows = newest(client, path, {"sort": sort, "artifacts": wanted}, options["limit"])
    return {"changed": False, "artifacts": [_described(row) for row in rows]}


def _described(row: Json) -> Json:
    kept = {name: row.get(name) for name in _KEPT}
    # Where the latest of a key is told, the id is one of the key.
    identity = row.get("latest_id") or row["id"]
    result: Json = shown({"id": identity, **kept, "data": _data(row), "metadata": row.get("metadata_") or {}})
    return result


def _data(row: Json) -> Any:
    """Return the data; those of a table are the text of it."""
    data = row.get("data")
    if row.get("type") != "table" or not isinstance(data, str):
        return data
    try:
        return json.loads(data)
    except ValueError:
        return data
