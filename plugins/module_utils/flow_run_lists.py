# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow runs that are looked for."""

from __future__ import annotations

import time
from itertools import islice
from typing import Any

from .client import PAGE, Client
from .difference import Json
from .errors import invalid
from .flow_runs import FINAL, described, is_id, split_name


def run(options: Json, client: Client) -> Json:
    """Return the result of module C(flow_run_info)."""
    found = newest(client, "/flow_runs", {"sort": "START_TIME_DESC", **_query(options)}, options["limit"])
    unfinished = {run["id"]: run["name"] for run in found if run["state_type"] not in FINAL}
    end = time.monotonic() + options["wait_timeout"]
    while unfinished and time.monotonic() < end:
        time.sleep(max(0.0, min(options["poll_interval"], end - time.monotonic())))
        query = {"flow_runs": {"id": {"any_": list(unfinished)}, "state": {"type": {"not_any_": list(FINAL)}}}}
        unfinished = {run["id"]: run["name"] for run in client.filter("/flow_runs", query)}
    return {
        "changed": False,
        "flow_runs": [described(row, {"id": row.get("deployment_id"), "flow_id": row.get("flow_id")}) for row in found],
        "unfinished": list(unfinished.values()),
    }


def newest(client: Client, path: str, query: Json, limit: int | None) -> list[Any]:
    """Return the first objects of a list, or all."""
    if limit is not None and limit < 1:
        raise invalid("limit", f"expected 1 or more, found {limit}")
    if limit is not None and limit <= PAGE:
        return list(client.first(path, query, limit))
    return list(islice(client.filter(path, query), limit))


def run_id(client: Client, name: str) -> str | None:
    """Return the id of the newest flow run of a name, or the id that was given."""
    if is_id(name):
        return name
    query = {"sort": "START_TIME_DESC", "flow_runs": {"name": {"any_": [name]}}}
    return next((str(found["id"]) for found in client.first("/flow_runs", query, 1)), None)


def _query(options: Json) -> Json:
    """Return the filters of the options that were given."""
    wanted: Json = {}
    if options["states"]:
        wanted["state"] = {"type": {"any_": options["states"]}}
    if options["name"] is not None:
        wanted["name"] = {"any_": options["name"]}
    if options["tags"]:
        wanted["tags"] = {"all_": options["tags"]}
    query: Json = {"flow_runs": wanted}
    flow, deployment = options["flow_name"], options["deployment"]
    if deployment is not None and is_id(deployment):
        query["deployments"] = {"id": {"any_": [deployment]}}
    elif deployment is not None:
        flow, name = split_name(deployment)
        query["deployments"] = {"name": {"any_": [name]}}
    if flow is not None:
        query["flows"] = {"name": {"any_": [flow]}}
    return query
