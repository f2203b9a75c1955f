# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables of a chart's containers, sorted into what may be seen, what may not, and what refers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.secrets import secret_name

from ..settings.problems import Path, Problems
from .draft import TEMPLATE, Draft, has_template

Check = Callable[[Mapping[Any, Any], Path, Problems], dict[str, str]]


@dataclass(frozen=True)
class Places:
    """Where variables go: by their kind, and those that are options here."""

    check: Check
    plain: str
    secret: str
    container: str
    # Name of a variable, and the option with what makes its value.
    options: Mapping[str, tuple[str, Callable[[str], Any]]]
    # Name of a variable, and where the reference to a Secret with it goes.
    references: Mapping[str, str]


def is_true(text: str) -> bool:
    """Return what Prefect takes for yes."""
    return text.strip().lower() in ("true", "yes", "on", "y", "t", "1")


def put_environment(entries: list[Any], path: str, places: Places, draft: Draft) -> None:
    """Write a list of variables as a Deployment has them."""
    for entry in entries:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
            draft.none(path, "expected items with a name and a value", entry)
        else:
            _put(dict(entry), f"{path}[{entry['name']}]", places, draft)


def _put(entry: dict[str, Any], path: str, places: Places, draft: Draft) -> None:
    name, value, source = entry["name"], entry.get("value"), entry.get("valueFrom")
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    reference = source.get("secretKeyRef") if isinstance(source, Mapping) else None
    if has_template(entry):
        draft.none(path, f"{TEMPLATE} to {places.plain}")
    elif name in places.references and isinstance(reference, Mapping):
        draft.put(places.references[name], {part: reference.get(part) for part in ("name", "key")}, path)
    elif name in places.options and source is None:
        option, make = places.options[name]
        draft.put(option, make(text), path)
    elif reason := _refused(name, places):
        draft.none(path, reason, None if secret_name(name) else value)
    elif source is not None or "$(" in text:
        draft.put(places.container, [entry], path)
    elif text and (secret_name(name) or ("://" in text and "@" in text)):
        owner = f"{draft.worker['name']} " if places.secret.startswith("workers[]") else ""
        draft.put(places.secret, {name: draft.secret(owner + name, path, text)}, path)
    elif places.plain == places.container:
        draft.put(places.plain, [{"name": name, "value": text}], path)
    else:
        draft.put(places.plain, {name: text}, path)


def _refused(name: str, places: Places) -> str:
    problems = Problems()
    places.check({name: "x"}, ("",), problems)
    return "; ".join(problems.messages)
