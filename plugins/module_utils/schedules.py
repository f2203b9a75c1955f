# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules of a deployment. Saved in place, never all anew: new ones would run their runs twice."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence

from .difference import Json, same
from .errors import InvalidError, Problem, invalid
from .rules import check_rule

OPTIONS: dict[str, dict[str, Any]] = {
    "slug": {"type": "str"},
    "cron": {"type": "str"},
    "interval": {"type": "float"},
    "rrule": {"type": "str"},
    "timezone": {"type": "str"},
    "day_or": {"type": "bool"},
    "anchor_date": {"type": "str"},
    "active": {"type": "bool"},
    "max_scheduled_runs": {"type": "int"},
    "parameters": {"type": "dict"},
}
_KINDS = ("cron", "interval", "rrule")
# Options of the rule itself, and the rules they belong to.
_DETAILS = {"timezone": _KINDS, "day_or": ("cron",), "anchor_date": ("interval",)}
_DEFAULTS: Json = {"active": True, "max_scheduled_runs": None, "parameters": {}, "slug": None}


class Steps(NamedTuple):
    """What has to be written; removals first, or a slug could be there twice."""

    removed: list[str]
    updated: list[tuple[str, Json]]
    added: list[Json]


def check(schedules: Sequence[Json]) -> list[Problem]:
    """Return what is wrong with schedules that were given."""
    problems = []
    slugs: list[str] = []
    for at, schedule in enumerate(schedules):
        path = f"schedules[{at}]"
        problems += [Problem(f"{path}.{place}" if place else path, text) for place, text in _problems(schedule)]
        if schedule.get("slug") in slugs:
            problems.append(Problem(f"{path}.slug", f"'{schedule['slug']}' is there twice"))
        slugs += [schedule["slug"]] if schedule.get("slug") else []
    return problems


def check_one(schedule: Json) -> list[Problem]:
    """Return what is wrong with the options of one schedule, which may leave its rule as it is."""
    return [Problem(place or "cron", text) for place, text in _problems(schedule, least=0)]


def rule_of(schedule: Json) -> str | None:
    """Return which kind of rule a schedule has."""
    return next((kind for kind in _KINDS if schedule.get(kind) is not None), None)


def _problems(schedule: Json, least: int = 1) -> list[Problem]:
    kinds = [kind for kind in _KINDS if schedule.get(kind) is not None]
    if not least <= len(kinds) <= 1:
        found = " and ".join(kinds) or "none"
        return [Problem("", f"expected exactly one of cron, interval and rrule, found {found}")]
    problems = [
        Problem(name, f"belongs to {' or '.join(allowed)}, not to {kinds[0]}")
        for name, allowed in _DETAILS.items()
        if kinds and schedule.get(name) is not None and kinds[0] not in allowed
    ]
    problems += check_rule(schedule)
    most = schedule.get("max_scheduled_runs")
    if most is not None and most < 1:
        problems.append(Problem("max_scheduled_runs", f"expected 1 or more, found {most}"))
    return problems


def managed(live: Sequence[Json]) -> list[Json]:
    """Return the schedules of the API as options, in an order that stays."""
    rows = [{**_plain(schedule), **schedule["schedule"]} for schedule in live]
    return sorted(rows, key=_order)


def wanted(given: Sequence[Json], before: Sequence[Json]) -> list[Json]:
    """Return the schedules as they are to be: what an item leaves out stays as it is."""
    left = list(before)
    # Items with a slug first: the others take what remains.
    ordered = sorted(given, key=lambda schedule: not schedule.get("slug"))
    matches: dict[int, Json] = {}
    # Of several with one rule an item means the one that is as it says.
    for fits in (_agrees, _belongs):
        for at, item in enumerate(ordered):
            match = next((row for row in left if fits(item, row)), None) if at not in matches else None
            if match is not None:
                left.remove(match)
                matches[at] = match
    result = []
    for at, item in enumerate(ordered):
        try:
            result.append(merged(item, matches.get(at)))
        except InvalidError as error:
            path = f"schedules[{next(number for number, other in enumerate(given) if other is item)}]"
            raise InvalidError(*(Problem(f"{path}.{place}", text) for place, text in error.problems)) from None
    return sorted(result, key=_order)


def merged(item: Json, match: Json | None) -> Json:
    """Return one schedule as it is to be."""
    kind = _kind(item)
    known: Json = match or {}
    row = {**_DEFAULTS, **{name: known[name] for name in ("id", *_DEFAULTS) if name in known}}
    if kind in known and known[kind] is not None:
        row.update({name: known[name] for name in (kind, *_DETAILS) if name in known})
    for name, value in item.items():
        if name in _DEFAULTS:
            row[name] = _DEFAULTS[name] if value is None else value
        elif name in _DETAILS:
            row[name] = value
    if not (match and _same_rule(item, match)):
        row[kind] = item[kind]
    if known.get("max_scheduled_runs") is not None and row["max_scheduled_runs"] is None:
        # The server takes null for nothing said.
        raise invalid(
            "max_scheduled_runs",
            f"is {known['max_scheduled_runs']}, and the server cannot take it away again; give a number, or remove the "
            "schedule first",
        )
    if "anchor_date" in item and match and _same_instant(item["anchor_date"], match.get("anchor_date")):
        row["anchor_date"] = match["anchor_date"]
    return row


def steps(before: Sequence[Json], after: Sequence[Json]) -> Steps:
    """Return how to get from one list to the other."""
    kept = {row["id"] for row in after if row.get("id")}
    old = {row["id"]: row for row in before}
    return Steps(
        [identity for identity in old if identity not in kept],
        [(row["id"], body(row)) for row in after if row.get("id") and not same(row, old[row["id"]])],
        [body(row) for row in after if not row.get("id")],
    )


def body(row: Json) -> Json:
    """Return a schedule as the API wants it."""
    rule = {name: row[name] for name in (*_KINDS, *_DETAILS) if row.get(name) is not None}
    return {**{name: row[name] for name in _DEFAULTS}, "schedule": rule}


def _plain(schedule: Json) -> Json:
    return {"id": str(schedule["id"]), **{name: schedule[name] for name in _DEFAULTS}}


def _kind(row: Json) -> str:
    return str(rule_of(row))


def _order(row: Json) -> tuple[str, ...]:
    return (row.get("slug") or "", _kind(row), str(row[_kind(row)]), str(row.get("id") or ""))


def _belongs(item: Json, row: Json) -> bool:
    """Return whether an item means this schedule: by its slug, or without one by its rule."""
    if item.get("slug") or row.get("slug"):
        return bool(item.get("slug") == row.get("slug"))
    return _same_rule(item, row)


def _agrees(item: Json, row: Json) -> bool:
    """Return whether an item means this schedule, and changes nothing of it."""
    said = {name: value for name, value in item.items() if name in (*_DEFAULTS, *_DETAILS)}
    return _belongs(item, row) and all(
        same(_DEFAULTS.get(name) if value is None else value, row.get(name)) for name, value in said.items()
    )


def _same_rule(item: Json, row: Json) -> bool:
    kind = _kind(item)
    return row.get(kind) is not None and _normal(kind, item[kind]) == _normal(kind, row[kind])


def _normal(kind: str, rule: Any) -> Any:
    """Return a rule without what the server adds."""
    if kind != "rrule":
        return rule
    lines = [line for line in str(rule).splitlines() if not line.startswith("DTSTART:20200101T000000")]
    return "\n".join(lines).replace("RRULE:", "")


def _same_instant(one: Any, other: Any) -> bool:
    def normal(text: Any) -> str:
        return str(text).replace("+00:00", "Z").replace(".000000", "").replace(" ", "T")

    return normal(one) == normal(other)
