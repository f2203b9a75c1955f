# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes an automation act."""

from __future__ import annotations

from typing import Any

from .automation_parts import (
    Rule,
    Rules,
    at_least,
    labels,
    labels_of_each,
    mapping,
    normal,
    number,
    one_of,
    ordered,
    problems_of,
    texts,
    unknown_type,
    vetted,
    whole,
)
from .difference import Json
from .errors import Problem
from .secrets import hidden

_SECONDS = " seconds"
_RESOURCES: Rules = {"match": Rule(labels, {}), "match_related": Rule(labels_of_each, {})}
_EVENT: Rules = {
    **_RESOURCES,
    "after": Rule(texts, []),
    "expect": Rule(texts, []),
    "for_each": Rule(texts, []),
    "posture": Rule(one_of("Reactive", "Proactive")),
    "threshold": Rule(whole(0), 1),
    "within": Rule(at_least(0, _SECONDS), 0),
}
_METRIC: Rules = {
    **_RESOURCES,
    "posture": Rule(one_of("Metric"), "Metric"),
    "metric": Rule(mapping, required=True),
}
_QUERY: Rules = {
    "name": Rule(one_of("lateness", "duration", "successes"), required=True),
    "threshold": Rule(number, required=True),
    "operator": Rule(one_of("<", "<=", ">", ">="), required=True),
    "range": Rule(at_least(300, _SECONDS), 300),
    "firing_for": Rule(at_least(300, _SECONDS), 300),
}
_SEQUENCE: Rules = {"within": Rule(at_least(0, _SECONDS))}


def _require(value: Any) -> str | int:
    if value in ("any", "all"):
        return str(value)
    try:
        return whole(1)(value)
    except ValueError:
        raise ValueError("any, all or a whole number of 1 or more") from None


_COMPOUND: Rules = {**_SEQUENCE, "require": Rule(_require, required=True)}
_RULES = {"event": _EVENT, "metric": _METRIC, "compound": _COMPOUND, "sequence": _SEQUENCE}
_COMPOSITE = ("compound", "sequence")
# Of a trigger that waits for what does not happen.
_SHORTEST_WAIT = 10


def kind_of(trigger: Json) -> Any:
    """Return the type as it is given, or as the keys tell."""
    if trigger.get("type") is not None:
        return trigger["type"]
    if "triggers" in trigger:
        return "compound" if "require" in trigger else "sequence"
    return "metric" if "metric" in trigger else "event"


def check_trigger(trigger: Json, path: str = "trigger") -> list[Problem]:
    """Return what is wrong with a trigger, at any depth."""
    kind = kind_of(trigger)
    if not isinstance(kind, str) or kind not in _RULES:
        return [Problem(f"{path}.type", unknown_type(kind, _RULES, "trigger type"))]
    also = ("type", "id", *(("triggers",) if kind in _COMPOSITE else ()))
    problems = problems_of(trigger, _RULES[kind], path, also)
    if kind == "metric" and isinstance(trigger.get("metric"), dict):
        problems += problems_of(trigger["metric"], _QUERY, f"{path}.metric")
    if kind in _COMPOSITE:
        problems += _check_inner(trigger, path)
    if kind == "event" and not problems and trigger.get("posture") == "Proactive":
        within = normal(trigger, _EVENT).get("within", _SHORTEST_WAIT)
        if within < _SHORTEST_WAIT:
            message = f"expected {_SHORTEST_WAIT} or more seconds of a Proactive trigger, found {within}"
            problems.append(Problem(f"{path}.within", message))
    return problems


def vetted_trigger(trigger: Any) -> Any:
    """Return a trigger to show before it is checked."""
    kind = kind_of(trigger) if isinstance(trigger, dict) else None
    if not isinstance(kind, str) or kind not in _RULES:
        return hidden(trigger)
    result = vetted(trigger, _RULES[kind], ("type", "id"))
    if kind == "metric" and isinstance(trigger.get("metric"), dict):
        result["metric"] = vetted(trigger["metric"], _QUERY)
    if kind in _COMPOSITE and isinstance(trigger.get("triggers"), list):
        result["triggers"] = [vetted_trigger(row) for row in trigger["triggers"]]
    return result


def _check_inner(trigger: Json, path: str) -> list[Problem]:
    inner = trigger.get("triggers")
    if not isinstance(inner, list) or not inner:
        return [Problem(f"{path}.triggers", "expected a list of triggers")]
    problems = []
    for at, row in enumerate(inner):
        here = f"{path}.triggers[{at}]"
        problems += check_trigger(row, here) if isinstance(row, dict) else [Problem(here, "expected a trigger")]
    require = trigger.get("require")
    if str(require).isdigit() and int(str(require)) > len(inner):
        problems.append(Problem(f"{path}.require", f"expected {len(inner)} or less, as there are triggers"))
    return problems


def normal_trigger(trigger: Json) -> Json:
    """Return what a trigger says, without ids and defaults."""
    kind = kind_of(trigger)
    if kind not in _RULES:
        # Of a newer server: it can only be replaced.
        return {name: value for name, value in trigger.items() if name != "id"}
    result: Json = {"type": kind, **normal(trigger, _RULES[kind])}
    if kind == "metric":
        result["metric"] = normal(trigger["metric"], _QUERY)
    elif kind == "event":
        result.setdefault("posture", "Reactive")
        if result["posture"] == "Proactive":
            result.setdefault("within", _SHORTEST_WAIT)
    else:
        inner = [normal_trigger(row) for row in trigger["triggers"]]
        result["triggers"] = ordered(inner) if kind == "compound" else inner
    return result


def trigger_body(trigger: Json) -> Json:
    """Return a trigger in its normal form as the API wants it."""
    if trigger["type"] not in _COMPOSITE:
        return trigger
    # Alone among the defaults it has to be sent.
    return {"within": None, **trigger, "triggers": [trigger_body(row) for row in trigger["triggers"]]}


def has_metric(trigger: Json) -> bool:
    return trigger["type"] == "metric" or any(has_metric(row) for row in trigger.get("triggers", ()))


def every_run_fires(trigger: Json) -> bool:
    """Return whether each flow run makes the trigger fire by what every run goes through."""
    states = {f"prefect.flow-run.{state}" for state in ("Scheduled", "Pending", "Running", "*")}
    return bool(
        trigger["type"] == "event"
        and trigger["posture"] == "Reactive"
        and not states.isdisjoint(trigger.get("expect", ()))
    )


def matches_every_run(trigger: Json) -> bool:
    """Return whether neither labels keep any flow run out."""
    related = trigger.get("match_related", {})
    rows = related if isinstance(related, list) else [related]
    return _every_run(trigger.get("match", {})) and any(_every_run(row) for row in rows)


def _every_run(wanted: Json) -> bool:
    if not wanted:
        return True
    ids = wanted.get("prefect.resource.id")
    return len(wanted) == 1 and "prefect.flow-run.*" in (ids if isinstance(ids, list) else [ids])
