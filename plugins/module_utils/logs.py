# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs of flow runs."""

from __future__ import annotations

from datetime import datetime, timezone

from .client import Client
from .difference import Json
from .errors import invalid
from .flow_run_lists import newest, run_id
from .flow_runs import LEVELS
from .secrets import shown

_NUMBERS = {name: number for number, name in LEVELS.items()}
_KEPT = ("timestamp", "message", "flow_run_id", "task_run_id")


def run(options: Json, client: Client) -> Json:
    """Return the result of module C(log_info)."""
    wanted: Json = {"level": {"ge_": _NUMBERS[options["level"]]}}
    times = {end: _time(option, options[option]) for option, end in (("since", "after_"), ("before", "before_"))}
    wanted["timestamp"] = {end: time for end, time in times.items() if time}
    identity = run_id(client, options["flow_run"])
    rows: list[Json] = []
    if identity is not None:
        query = {"sort": "TIMESTAMP_DESC", "logs": {**wanted, "flow_run_id": {"any_": [identity]}}}
        rows = newest(client, "/logs", query, options["limit"])
    if options["order"] == "oldest_first":
        rows.reverse()
    return {"changed": False, "logs": [_described(row) for row in rows]}


def _described(row: Json) -> Json:
    kept = {name: row.get(name) for name in _KEPT}
    level = LEVELS.get(row["level"], str(row["level"]))
    result: Json = shown({**kept, "level": level, "logger": row.get("name")})
    return result


def _time(option: str, text: str | None) -> str | None:
    """Return a time as the server takes it; without a zone it is UTC."""
    if text is None:
        return None
    try:
        # Python before 3.11 knows no Z.
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    except ValueError:
        raise invalid(option, f"expected a time such as 2026-01-31T06:00:00Z, found '{text}'") from None
    return (time if time.tzinfo else time.replace(tzinfo=timezone.utc)).isoformat()
