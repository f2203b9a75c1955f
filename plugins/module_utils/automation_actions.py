# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an automation does, with names in the place of ids."""

from __future__ import annotations

import json
from typing import Any, Mapping, NamedTuple

from .automation_parts import (
    Rule,
    Rules,
    at_least,
    identity,
    mapping,
    normal,
    one_of,
    problems_of,
    switch,
    text,
    unknown_type,
    vetted,
)
from .difference import Json
from .errors import Problem
from .secrets import hidden


class Reference(NamedTuple):
    """An object that an action is about."""

    id: str
    form: str  # of its name
    inferable: bool = True


REFERENCES = {
    "deployment": Reference("deployment_id", "FLOW/DEPLOYMENT"),
    "work_pool": Reference("work_pool_id", "POOL"),
    "work_queue": Reference("work_queue_id", "POOL/QUEUE"),
    "automation": Reference("automation_id", "AUTOMATION"),
    "block": Reference("block_document_id", "TYPE/BLOCK", inferable=False),
}
_STATES = (
    "SCHEDULED",
    "PENDING",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "CRASHED",
    "PAUSED",
    "CANCELLING",
)


def _payload(value: Any) -> str:
    """Read a text, or data as the server writes it."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _name(form: str) -> Rule:
    """Return how a name of this form is read; that of an automation may hold anything."""

    def read(value: Any) -> str:
        name = str(value)
        if not isinstance(value, str) or not name:
            raise ValueError(form)
        if form != REFERENCES["automation"].form:
            parts = name.split("/")
            if len(parts) != len(form.split("/")) or not all(parts):
                raise ValueError(form)
        return name

    return Rule(read)


def _about(reference: str, **more: Rule) -> Rules:
    kept = REFERENCES[reference]
    source = {"source": Rule(one_of("selected", "inferred"), "selected")} if kept.inferable else {}
    return {reference: _name(kept.form), kept.id: Rule(identity), **source, **more}


_RUN = _about(
    "deployment",
    parameters=Rule(mapping, {}),
    job_variables=Rule(mapping, {}),
    schedule_after=Rule(at_least(0, " seconds"), 0),
)
_STATE: Rules = {
    "state": Rule(one_of(*_STATES), required=True),
    "name": Rule(text),
    "message": Rule(text),
    "force": Rule(switch, False),
}
_NOTIFICATION = _about("block", subject=Rule(text, "Prefect automated notification"), body=Rule(text, required=True))
_RULES: Mapping[str, Rules] = {
    "do-nothing": {},
    "run-deployment": _RUN,
    "pause-deployment": _about("deployment"),
    "resume-deployment": _about("deployment"),
    "cancel-flow-run": {},
    "delete-flow-run": {},
    "suspend-flow-run": {},
    "resume-flow-run": {},
    "change-flow-run-state": _STATE,
    "pause-work-pool": _about("work_pool"),
    "resume-work-pool": _about("work_pool"),
    "pause-work-queue": _about("work_queue"),
    "resume-work-queue": _about("work_queue"),
    "pause-automation": _about("automation"),
    "resume-automation": _about("automation"),
    "send-notification": _NOTIFICATION,
    "call-webhook": _about("block", payload=Rule(_payload, "")),
}
# What may hold the server's own templates.
TEMPLATES = ("subject", "body", "payload")


def reference_of(action: Json) -> str | None:
    """Return the kind of object that an action is about."""
    return next((name for name in REFERENCES if name in _RULES.get(str(action.get("type")), {})), None)


def check_action(action: Json, path: str) -> list[Problem]:
    """Return what is wrong with an action by itself."""
    kind = action.get("type")
    if not isinstance(kind, str) or kind not in _RULES:
        return [Problem(f"{path}.type", unknown_type(kind, _RULES, "action type"))]
    problems = problems_of(action, _RULES[kind], path, ("type",))
    name = reference_of(action)
    if name is None:
        return problems
    kept = REFERENCES[name]
    given = [key for key in (name, kept.id) if action.get(key) is not None]
    if len(given) > 1:
        problems.append(Problem(f"{path}.{kept.id}", f"is set, and so is {name}; one is enough"))
    elif given and action.get("source") == "inferred":
        problems.append(Problem(f"{path}.{given[0]}", "is set, but source is inferred: the trigger's event tells it"))
    elif not given and action.get("source") != "inferred":
        instead = ", or source: inferred to take it from the trigger's event" if kept.inferable else ""
        problems.append(Problem(f"{path}.{name}", f"is missing; name it as {kept.form}{instead}"))
    return problems


def vetted_action(action: Any) -> Any:
    """Return an action to show before it is checked."""
    kind = action.get("type") if isinstance(action, dict) else None
    if not isinstance(kind, str) or kind not in _RULES:
        return hidden(action)
    return vetted(action, _RULES[kind], ("type",))


def normal_action(action: Json) -> Json:
    """Return what an action says, without defaults."""
    kind = str(action.get("type"))
    # An unknown one is of a newer server: it can only be replaced.
    return {"type": kind, **normal(action, _RULES[kind])} if kind in _RULES else action
