# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object of the API as the options that make it again on an empty server."""

from __future__ import annotations

import copy
import json
from typing import Any, Callable, Mapping

from . import schedules
from .automation_parts import number
from .difference import Json, same
from .kinds.work_queue import DEFAULT
from .resource import Resource
from .templates import OWN, with_defaults

# A new object needs them, whatever they are.
_NEEDED = {"variable": ("value",), "work_queue": ("priority",)}
# What the server puts before a rule without a start.
_ADDED_START = "DTSTART:20200101T000000"


def options_of(resource: Resource, live: Json) -> Json:
    """Return the options in the order of the module, without those that need not be said."""
    told = resource.managed(live)
    usual = {field.name: field.default for field in resource.fields}
    if _is_default_queue(resource, told):
        usual.update(DEFAULT)
    needed = (*resource.key, *_NEEDED.get(resource.kind, ()))
    for field in resource.fields:
        if field.unordered:
            told[field.name] = sorted(told[field.name])
    told = {name: value for name, value in told.items() if name in needed or not same(value, usual[name])}
    if resource.kind in _SPECIAL:
        told = _SPECIAL[resource.kind](told)
    return {
        name: told[name] if name == "schedules" else _arranged(told[name]) for name in resource.options if name in told
    }


def says_nothing(resource: Resource, options: Json) -> bool:
    """Return whether the object is there without being declared: the queue that comes with its pool."""
    return _is_default_queue(resource, options) and same(
        options, {**dict(zip(resource.key, resource.name)), "priority": DEFAULT["priority"]}
    )


def _is_default_queue(resource: Resource, options: Json) -> bool:
    return resource.kind == "work_queue" and options["name"] == DEFAULT["name"]


def _arranged(value: Any) -> Any:
    """Return a value in an order that does not depend on the server's database."""
    if isinstance(value, dict):
        return {name: _arranged(value[name]) for name in sorted(value, key=lambda name: (name != "type", name))}
    return [_arranged(part) for part in value] if isinstance(value, list) else value


def _pool(told: Json) -> Json:
    """Return a pool with no more of its template than differs from that of a new pool."""
    template = told.pop("base_job_template", None)
    own = OWN.get(told.get("type", "process"))
    if not template:
        return told
    variables = _other_defaults(own, template) if own else {}
    if own is None or not same(with_defaults(own, variables), template):
        return {**told, "base_job_template": template}
    return {**told, "job_variables": variables} if variables else told


def _other_defaults(own: Json, template: Json) -> Json:
    """Return the defaults that differ from those of another template; null is for none."""
    found = (template.get("variables") or {}).get("properties") or {}
    result = {}
    for name, rules in own["variables"]["properties"].items():
        default = (found.get(name) or {}).get("default")
        if not same(default, rules.get("default")):
            result[name] = copy.deepcopy(default)
    return result


def _block(told: Json) -> Json:
    """Return a block that refers to others by their names."""
    data = {name: _by_name(value) for name, value in told.get("data", {}).items()}
    return {**told, "data": data} if data else told


def _by_name(value: Any) -> Any:
    reference = value.get("$ref") if isinstance(value, dict) else None
    if not isinstance(reference, dict):
        return value
    return {"$ref": {name: part for name, part in reference.items() if name != "block_document_id"}}


def _deployment(told: Json) -> Json:
    if told.get("work_queue_name") == DEFAULT["name"]:
        del told["work_queue_name"]
    if "schedules" in told:
        rows = told["schedules"]
        rules = [_rule(row) for row in rows]
        rows = [_schedule(row, alone=bool(row.get("slug")) or rules.count(_rule(row)) == 1) for row in rows]
        told["schedules"] = sorted(rows, key=lambda row: (row.get("slug") or "", json.dumps(row)))
    return told


def _rule(row: Json) -> Json:
    """Return what tells a schedule without a slug from others."""
    return {name: row.get(name) for name in ("slug", "cron", "interval", "rrule")}


def _schedule(row: Json, alone: bool) -> Json:
    """Return a schedule without what the server adds; of several with one rule each needs all that it is."""
    added: Json = {"active": True, "parameters": {}, "timezone": None if row.get("cron") else "UTC"}
    if row.get("cron"):
        added["day_or"] = True
    told = {name: _arranged(row.get(name)) for name in schedules.OPTIONS}
    if told["interval"]:
        told["interval"] = number(told["interval"])
    if told["rrule"]:
        told["rrule"] = "\n".join(line for line in told["rrule"].splitlines() if line != _ADDED_START)
    return {
        name: value
        for name, value in told.items()
        if (not same(value, added[name]) or not alone if name in added else value is not None)
    }


_SPECIAL: Mapping[str, Callable[[Json], Json]] = {"work_pool": _pool, "block": _block, "deployment": _deployment}
