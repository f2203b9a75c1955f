# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a Prefect server does."""

from __future__ import annotations

import time
from typing import Any

from .client import Client, encoded
from .difference import Json
from .errors import PrefectError, RefusedError, UnauthorizedError, UnreachableError, WrongAddressError

READY = "ready"


def run(options: Json, client: Client) -> Json:
    """Return the result of module C(server_info)."""
    info = wait_until_ready(client, options["wait"])
    if options["required"] and info["status"] != READY:
        raise PrefectError(f"{info['status']}: {info['message']}", **{**info, "changed": False})
    return {"changed": False, **info}


def examine(client: Client) -> Json:
    """Return everything there is to say; never fails because of the server."""
    info: Json = {
        "status": "unreachable",
        "message": "",
        "version": None,
        "api_version": None,
        "block_types": None,
        "work_pools": [],
    }
    try:
        info["status"], info["message"] = _status(client, info)
    except UnreachableError as error:
        info.update(status="unreachable", message=str(error))
    except UnauthorizedError as error:
        info.update(status="unauthorized", message=str(error))
    except WrongAddressError as error:
        info.update(status="wrong_address", message=str(error))
    except PrefectError as error:
        info.update(status="unhealthy", message=str(error))
    return info


def wait_until_ready(client: Client, seconds: float) -> Json:
    """Examine the server until it is ready or the time is over."""
    end = time.monotonic() + seconds
    while True:
        info = examine(client)
        if info["status"] in (READY, "unauthorized") or time.monotonic() >= end:
            return info
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))


def _status(client: Client, info: Json) -> Any:
    if client.status("/health") >= 500:
        return "unhealthy", "the server's own health check fails; see the server's log"
    # These need the credentials: a server that does not take them is not asked for more.
    info["api_version"] = client.get("/version")
    info["version"] = client.find("/admin/version")
    if client.status("/ready") == 503:
        return "database_down", "the server does not reach its database; see the server's log"
    try:
        info["block_types"] = len(list(client.filter("/block_types")))
        info["work_pools"] = _pools(client)
    except RefusedError as error:
        # It reaches the database, and still fails to read from it.
        if error.status >= 500 and client.status("/ready") == 200:
            return "no_tables", f"the server cannot read its tables; was the database migrated? ({error})"
        raise
    if not info["block_types"]:
        return "no_block_types", (
            "the server has no block types: its database lost its contents. "
            "Remove memo_store.toml from the server's PREFECT_HOME and restart it"
        )
    return READY, "the server is ready"


def _pools(client: Client) -> list[Json]:
    return [
        {
            "name": pool["name"],
            "type": pool["type"],
            "status": pool.get("status"),
            "is_paused": pool["is_paused"],
            "workers": workers(client, pool["name"]),
        }
        for pool in client.filter("/work_pools")
    ]


def workers(client: Client, pool: str) -> list[Json]:
    """Return the workers of a pool, also those that are gone."""
    path = encoded("work_pools", pool, "workers")
    return [
        {"name": worker["name"], "status": worker["status"], "last_heartbeat": worker["last_heartbeat_time"]}
        for worker in client.filter(path)
    ]
