# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A prefect.yaml in the terms of the modules: what C(prefect deploy --all) would make of it, without asking anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from .merge import copied
from .placeholders import Values
from .problems import Path, Problems, found, meant

NAME = "prefect.yaml"

# Of the whole file. Other keys hold what anchors repeat.
_SECTIONS = ("name", "prefect-version", "description", "build", "push", "pull", "deployments", "definitions")
_PLAIN = ("name", "version", "description", "entrypoint", "parameters", "enforce_parameter_schema", "paused")
_KEYS = (
    *_PLAIN, "tags", "schedule", "schedules", "concurrency_limit", "work_pool", "triggers", "build", "push", "pull",
    "flow_name", "version_type", "sla",
)  # fmt: skip
_POOL = {"name": "work_pool_name", "work_queue_name": "work_queue_name", "job_variables": "job_variables"}
_SCHEDULE = (
    "cron", "interval", "rrule", "timezone", "anchor_date", "day_or", "active", "parameters", "slug",
    "max_scheduled_runs",
)  # fmt: skip
# Of a trigger: what the automation says by itself, and what the run of the deployment is given.
_AUTOMATION = ("name", "description", "enabled")
_RUN = ("parameters", "job_variables", "schedule_after")
_LIMIT = ("limit", "collision_strategy", "grace_period_seconds")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_CLOCK = re.compile(r"(?:(\d+) days?, ?)?(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?")
_SECONDS = (604800, 86400, 3600, 60, 1)


@dataclass(frozen=True)
class Deployment:
    """A deployment as the module takes it, but for the flow's name, which only the code tells."""

    path: Path
    options: dict[str, Any]
    automations: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class PrefectFile:
    """What a prefect.yaml declares."""

    deployments: list[Deployment] = field(default_factory=list)
    # Names of the build and push steps, which are not run.
    steps: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_prefect_file(content: Any, file: str, values: Values, problems: Problems) -> PrefectFile:
    """Return what a file's content declares; note what is wrong with it."""
    content = _of_json(content)
    if not isinstance(content, Mapping):
        problems.add((file,), f"expected a map, found {found(content, secret=True)}")
        return PrefectFile()
    _check_sections(content, file, problems)
    items = content.get("deployments") or []
    if not isinstance(items, list):
        problems.add((f"{file}: deployments",), f"expected list, found {found(items, secret=True)}")
        return PrefectFile()
    result = PrefectFile(steps=[*_steps(content, "build"), *_steps(content, "push")])
    for index, item in enumerate(items):
        path: Path = (f"{file}: deployments", index)
        if not isinstance(item, Mapping):
            problems.add(path, f"expected dict, found {found(item, secret=True)}")
        elif not item.get("name"):
            # What prefect init writes, and prefect deploy passes over.
            result.warnings.append(f"{file}: deployments[{index}]: has no name and is passed over")
        else:
            pull = item["pull"] if "pull" in item else content.get("pull")
            result.deployments.append(_deployment({**item, "pull": pull}, path, values, problems))
            result.steps.extend([*_steps(item, "build"), *_steps(item, "push")])
    return result


def _of_json(value: Any) -> Any:
    """Return what YAML holds as JSON can: without dates, which the API takes as texts."""
    if isinstance(value, Mapping):
        return {str(key): _of_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_of_json(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


def _check_sections(content: Mapping[str, Any], file: str, problems: Problems) -> None:
    for key in content:
        near = "" if key in _SECTIONS else meant(key, _SECTIONS)
        if near:
            problems.add((f"{file}: {key}",), f"unknown key{near}")


def _steps(holder: Mapping[str, Any], section: str) -> list[str]:
    """Return the names of steps; a single one need not be in a list."""
    steps = holder.get(section) or []
    return [str(name) for step in _listed(steps) if isinstance(step, Mapping) for name in step]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _deployment(item: Mapping[str, Any], path: Path, values: Values, problems: Problems) -> Deployment:
    for key in item:
        if key not in _KEYS:
            problems.add((*path, str(key)), f"unknown key; allowed: {', '.join(_KEYS)}{meant(key, _KEYS)}")
    if item.get("sla"):
        problems.add((*path, "sla"), "service level agreements are a feature of Prefect Cloud; leave them out")
    options = {key: values.filled(item[key], (*path, key), problems) for key in _PLAIN if item.get(key) is not None}
    options |= _tags(item, path, values, problems)
    options |= _pool(item, path, values, problems)
    options |= _schedules(item, path, values, problems)
    options |= _concurrency(item, path, values, problems)
    if item.get("pull") is not None:
        options["pull_steps"] = values.filled_where_known(copied(_listed(item["pull"])), (*path, "pull"))
    if not options.get("entrypoint"):
        problems.add((*path, "entrypoint"), "missing; expected such as etl.py:main")
    return Deployment(path, options, _automations(item, str(options["name"]), path, values, problems))


def _tags(item: Mapping[str, Any], path: Path, values: Values, problems: Problems) -> dict[str, Any]:
    tags = values.filled(item.get("tags"), (*path, "tags"), problems)
    return {} if tags is None else {"tags": _listed(tags)}


def _pool(item: Mapping[str, Any], path: Path, values: Values, problems: Problems) -> dict[str, Any]:
    here = (*path, "work_pool")
    pool = _map(item.get("work_pool"), here, _POOL, problems)
    options = {}
    for key, option in _POOL.items():
        if pool.get(key):
            fill = values.filled_where_known if key == "job_variables" else None
            at = (*here, key)
            options[option] = fill(copied(pool[key]), at) if fill else values.filled(pool[key], at, problems)
    if not options.get("work_pool_name"):
        problems.add((*here, "name"), "missing; expected the name of a work pool")
    return options


def _map(value: Any, path: Path, known: Any, problems: Problems) -> Mapping[str, Any]:
    """Return a map with known keys only; note what is wrong with it."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add(path, f"expected dict, found {found(value, secret=True)}")
        return {}
    for key in value:
        if key not in known:
            problems.add((*path, str(key)), f"unknown key; allowed: {', '.join(known)}{meant(key, known)}")
    return {key: value[key] for key in value if key in known}


def _schedules(item: Mapping[str, Any], path: Path, values: Values, problems: Problems) -> dict[str, Any]:
    given = item.get("schedules")
    if item.get("schedule"):
        if given is not None:
            problems.add((*path, "schedule"), "is the old name of schedules, which is set too")
        given = [item["schedule"]]
    if given is None:
        return {}
    if not isinstance(given, list):
        problems.add((*path, "schedules"), f"expected list, found {found(given, secret=True)}")
        return {}
    filled = values.filled(copied(given), (*path, "schedules"), problems)
    # An empty one is what prefect init writes for none.
    rows = [_schedule(row, (*path, "schedules", at), problems) for at, row in enumerate(filled) if row]
    return {"schedules": rows}


def _schedule(row: Any, path: Path, problems: Problems) -> dict[str, Any]:
    if isinstance(row, Mapping) and isinstance(row.get("schedule"), Mapping):
        # As the API writes it.
        row = {**{key: value for key, value in row.items() if key != "schedule"}, **row["schedule"]}
    if isinstance(row, Mapping) and row.get("replaces"):
        problems.add((*path, "replaces"), "is not needed: a schedule is known by its slug, or else by its rule")
        row = {key: value for key, value in row.items() if key != "replaces"}
    known = {key: value for key, value in _map(row, path, _SCHEDULE, problems).items() if value is not None}
    if isinstance(known.get("rrule"), str) and known["rrule"].lstrip().startswith("{"):
        known |= _rule_of_json(known["rrule"])
    if isinstance(known.get("interval"), str):
        known["interval"] = _seconds(known["interval"], (*path, "interval"), problems)
    return known


def _rule_of_json(text: str) -> dict[str, Any]:
    try:
        rule = json.loads(text)
    except ValueError:
        return {}
    return {key: rule[key] for key in ("rrule", "timezone") if rule.get(key)}


def _seconds(text: str, path: Path, problems: Problems) -> Any:
    """Return the seconds of a duration such as 3600, PT1H or 01:00:00."""
    try:
        return float(text)
    except ValueError:
        pass
    match = _DURATION.fullmatch(text)
    if match and any(match.groups()):
        return sum(float(part or 0) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True))
    match = _CLOCK.fullmatch(text)
    if match:
        return sum(float(part or 0) * unit for part, unit in zip(match.groups(), _SECONDS[1:], strict=True))
    problems.add(path, f"expected seconds or a duration such as PT1H or 01:00:00, found {found(text)}")
    return None


def _concurrency(item: Mapping[str, Any], path: Path, values: Values, problems: Problems) -> dict[str, Any]:
    here = (*path, "concurrency_limit")
    limit = values.filled(copied(item.get("concurrency_limit")), here, problems)
    if not isinstance(limit, Mapping):
        return {} if limit is None else {"concurrency_limit": limit}
    known = _map(limit, here, _LIMIT, problems)
    options = {key: known[key] for key in _LIMIT[1:] if known.get(key) is not None}
    return {"concurrency_limit": known.get("limit"), **({"concurrency_options": options} if options else {})}


def _automations(
    item: Mapping[str, Any], name: str, path: Path, values: Values, problems: Problems
) -> list[dict[str, Any]]:
    triggers = item.get("triggers")
    if triggers is None:
        return []
    if not isinstance(triggers, list):
        problems.add((*path, "triggers"), f"expected list, found {found(triggers, secret=True)}")
        return []
    result = []
    for at, trigger in enumerate(triggers):
        here = (*path, "triggers", at)
        if isinstance(trigger, Mapping):
            result.append(_automation(trigger, f"{name}__automation_{at + 1}", here, values))
        else:
            problems.add(here, f"expected dict, found {found(trigger, secret=True)}")
    return result


def _automation(trigger: Mapping[str, Any], name: str, path: Path, values: Values) -> dict[str, Any]:
    """Return the automation that a trigger stands for; what is left in it is a template of the server."""
    filled = values.filled_where_known(copied(dict(trigger)), path)
    own = {key: filled[key] for key in _AUTOMATION if filled.get(key) is not None}
    run = {key: filled[key] for key in _RUN if filled.get(key) is not None}
    rest = {key: value for key, value in filled.items() if key not in (*_AUTOMATION, *_RUN)}
    return {"name": name, **own, "trigger": rest, "actions": [{"type": "run-deployment", **run}]}
