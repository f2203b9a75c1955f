# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of a deployment: start one, wait for its end, say why it failed."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from .client import Client, encoded
from .difference import Json, same
from .errors import InvalidError, PrefectError, RefusedError, invalid
from .json_values import check_parameters
from .secrets import secret_strings, shown
from .server import workers
from .suggest import nearest

FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
STATES = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING", *FINAL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DESCRIBED = (
    *("id", "name", "deployment_id", "flow_id", "state_type", "state_name", "parameters", "tags"),
    *("work_pool_name", "work_queue_name", "start_time", "end_time", "total_run_time"),
)
_LOG_LINES = 20
# Logs arrive later than the state.
_LOG_SECONDS = 4.0
LEVELS = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


def run(module: Any, client: Client) -> Json:
    """Return the result of module C(flow_run)."""
    options = module.params
    module.censor(secret_strings({name: options[name] for name in ("parameters", "job_variables")}))
    deployment = find_deployment(client, options["deployment"])
    module.censor(secret_strings(deployment["parameters"]))
    if deployment.get("enforce_parameter_schema"):
        problems = check_parameters(
            options["parameters"], deployment.get("parameter_openapi_schema") or {}, "parameters"
        )
        if problems:
            raise InvalidError(*problems)
    found = completed_run(client, deployment, options["parameters"]) if options["once"] else None
    if found or client.check_mode:
        return {"changed": found is None, "flow_run": described(found, deployment)}
    started = start(client, deployment, options)
    if options["wait"]:
        started = wait(client, deployment, started, options["wait_timeout"], options["poll_interval"])
    return {"changed": True, "flow_run": described(started, deployment)}


def is_id(name: str) -> bool:
    return _UUID.fullmatch(name) is not None


def split_name(name: str) -> tuple[str, str]:
    """Return the flow's and the deployment's own name."""
    flow, slash, deployment = name.partition("/")
    if not slash or not flow or not deployment or "/" in deployment:
        raise invalid("deployment", f"expected FLOW/DEPLOYMENT or an id, found '{name}'")
    return flow, deployment


def find_deployment(client: Client, name: str) -> Json:
    """Return the deployment by C(flow/deployment) or id."""
    if is_id(name):
        found: Json | None = client.find(encoded("deployments", name))
        if found is None:
            raise invalid("deployment", f"no deployment of id '{name}'")
        return found
    flow, deployment = split_name(name)
    found = client.find(encoded("deployments", "name", flow, deployment))
    if found is None:
        flows = {row["id"]: row["name"] for row in client.filter("/flows")}
        known = [f"{flows.get(row['flow_id'])}/{row['name']}" for row in client.filter("/deployments")]
        raise invalid("deployment", f"no deployment '{name}'; {nearest(name, known)}")
    return found


def completed_run(client: Client, deployment: Json, parameters: Json) -> Json | None:
    """Return the newest run of these very parameters that has completed."""
    wanted = {**deployment["parameters"], **parameters}
    query = {
        "sort": "END_TIME_DESC",
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    return next((run for run in client.filter("/flow_runs", query) if same(run["parameters"], wanted)), None)


def start(client: Client, deployment: Json, options: Json) -> Json:
    """Create a run. A key makes sure that a request that is sent again makes no second one."""
    body = {
        name: options[name] for name in ("name", "parameters", "tags", "job_variables") if options.get(name) is not None
    }
    body["idempotency_key"] = options.get("idempotency_key") or str(uuid.uuid4())
    run: Json = client.create(encoded("deployments", deployment["id"], "create_flow_run"), body)
    return run


def wait(client: Client, deployment: Json, run: Json, timeout: float, interval: float) -> Json:
    """Return the run at its end; any other end than COMPLETED is an error."""
    end = time.monotonic() + timeout
    path = encoded("flow_runs", run["id"])
    while run["state_type"] not in FINAL:
        if time.monotonic() >= end:
            message = f"did not end within {timeout:g} seconds: {_why_waiting(client, run)}"
            raise _failure(deployment, run, message, _logs(client, run, 0))
        time.sleep(max(0.0, min(interval, end - time.monotonic())))
        run = client.get(path)
    if run["state_type"] != "COMPLETED":
        said = (run.get("state") or {}).get("message") or "no message"
        logs = _logs(client, run, _LOG_SECONDS)
        hint = "" if logs else "\nNo log lines arrived; see the log of the worker."
        raise _failure(deployment, run, f"ended in state {run['state_name']}: {said}{hint}", logs)
    return run


def _failure(deployment: Json, run: Json, message: str, logs: list[str]) -> PrefectError:
    text = f"flow run '{run['name']}' ({run['id']}) {message}"
    if logs:
        text = "\n".join([text, "Last log lines:", *logs])
    return PrefectError(text, changed=True, flow_run=described(run, deployment), logs=logs)


def described(run: Json | None, deployment: Json) -> Json:
    """Return what is worth knowing of a run, without secrets."""
    row: dict[str, Any] = {name: (run or {}).get(name) for name in _DESCRIBED}
    row["deployment_id"] = deployment["id"]
    row["flow_id"] = deployment["flow_id"]
    row["state_message"] = ((run or {}).get("state") or {}).get("message")
    result: Json = shown(row)
    return result


def _logs(client: Client, run: Json, seconds: float) -> list[str]:
    """Return the last lines, once some have arrived and no more do."""
    query = {"sort": "TIMESTAMP_DESC", "logs": {"flow_run_id": {"any_": [run["id"]]}}}
    end = time.monotonic() + seconds
    before: list[Json] = []
    while True:
        rows: list[Json] = client.first("/logs", query, _LOG_LINES)
        if (rows and len(rows) == len(before)) or time.monotonic() >= end:
            return [f"{LEVELS.get(row['level'], row['level'])} {row['message']}" for row in reversed(rows)]
        before = rows
        time.sleep(min(1.0, seconds))


def _why_waiting(client: Client, run: Json) -> str:
    """Return the state of the run and what keeps it from going on."""
    state = run["state_name"]
    if run["state_type"] not in ("SCHEDULED", "PENDING"):
        return f"it is in state {state}"
    pool, queue = run.get("work_pool_name"), run.get("work_queue_name")
    if not pool:
        return f"it is in state {state}, and its deployment has no work pool, so nobody starts it"
    found = client.find(encoded("work_pools", pool))
    if found is None:
        return f"it is in state {state}, and its work pool '{pool}' is gone"
    reasons = [f"it is in state {state}"]
    reasons += _obstacles(found, f"work pool '{pool}'")
    try:
        reasons += _obstacles(
            client.find(encoded("work_pools", pool, "queues", queue or "default")), f"work queue '{queue}'"
        )
        there = workers(client, pool)
    except RefusedError as error:
        return f"{reasons[0]} ({error})"
    online = [worker["name"] for worker in there if worker["status"] == "ONLINE"]
    if online:
        names = ", ".join(online)
        reasons.append(f"pool '{pool}' has workers online ({names}): do they poll queue '{queue}', is a slot free?")
    elif there:
        listed = ", ".join(f"{worker['name']} (last seen {worker['last_heartbeat']})" for worker in there)
        reasons.append(f"no worker of pool '{pool}' is online: {listed}")
    else:
        reasons.append(f"pool '{pool}' has never had a worker; queue '{queue}'")
    return "; ".join(reasons)


def _obstacles(holder: Json | None, name: str) -> list[str]:
    if holder is None:
        return [f"{name} is gone"]
    if holder["is_paused"]:
        return [f"{name} is paused"]
    limit = holder.get("concurrency_limit")
    return [] if limit is None else [f"{name} runs {limit} at a time"]
