# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The items of prefect.resources, checked with the options and the rules of the modules that will apply them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...module_utils.bulk import KINDS
from ...module_utils.errors import InvalidError, Problem
from ...module_utils.given import given
from ...module_utils.ownership import OPTIONS as OWNERSHIP
from ...module_utils.ownership import Ownership
from ...module_utils.resource import STATE, Resource
from ...module_utils.secrets import shown
from ...module_utils.session import Session
from .problems import Path, Problems
from .schema import Options, checked

# A place as a module tells it: schedules[0].cron
_PLACE = re.compile(r"(\w+)(?:\[([0-9]+)\])?(?:\.(.*))?", re.DOTALL)
# Checks without a server need no client.
_OFFLINE: Any = None


def check_items(section: Mapping[str, Any], problems: Problems) -> None:
    """Note everything about the items that needs no server to be known."""
    _check_ownership(section, problems)
    for name, kind in KINDS.items():
        path = ("prefect", "resources", name)
        right = dict(_right_items(kind, section[name], path, problems))
        _check_names(right, path, problems)
        paths = {id(resource): at for at, resource in right.items()}
        for resource, problem in kind.clashes(list(right.values())):
            _add((*path, paths[id(resource)]), problem, section[name][paths[id(resource)]], kind, problems)


def _check_ownership(section: Mapping[str, Any], problems: Problems) -> None:
    if any(problems.at_or_below(("prefect", "resources", name)) for name in OWNERSHIP):
        return
    try:
        Ownership.of(dict(section), list(KINDS))
    except InvalidError as error:
        for place, message in error.problems:
            problems.add(("prefect", "resources", *place.split(".", 1)), message)


def check_deployments(deployments: Sequence[tuple[Path, Mapping[str, Any]]], problems: Problems) -> None:
    """Note what is wrong with deployments whose flow is not known by name yet."""
    spec = {**KINDS["deployments"].options, "flow_name": {"type": "str", "default": "flow"}}
    for path, item in deployments:
        _right_item(KINDS["deployments"], spec, item, path, problems)


def identity(kind: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what tells an item from the others of its kind."""
    return tuple(str(item.get(_written(item, key, KINDS[kind].options[key]))) for key in KINDS[kind].key)


def _right_items(
    kind: type[Resource], items: list[dict[str, Any]], path: Path, problems: Problems
) -> Iterator[tuple[int, Resource]]:
    spec = {**kind.options, **STATE}
    for index, item in enumerate(items):
        resource = _right_item(kind, spec, item, (*path, index), problems)
        if resource is not None:
            yield index, resource


def _right_item(
    kind: type[Resource], spec: Options, item: Mapping[str, Any], here: Path, problems: Problems
) -> Resource | None:
    """Return an item as the object that it is, as far as it is right."""
    _check_names_once(item, spec, here, problems)
    if problems.at_or_below(here):
        return None
    # Under the names that the item uses, so that errors use them too.
    names = {_written(item, name, option): name for name, option in spec.items()}
    values = checked(item, {written: spec[name] for written, name in names.items()}, here, problems)
    _check_choices(item, spec, here, problems)
    if any(problems.at_or_below((*here, written)) for written, name in names.items() if spec[name].get("required")):
        return None
    # Of the rest a wrong value counts as not given, so that nothing else about the item stays untold.
    resource = kind(Session(_OFFLINE), given(spec, item, {names[key]: value for key, value in values.items()}))
    for problem in resource.check():
        _add(here, problem, item, kind, problems)
    return resource


def _written(item: Mapping[str, Any], name: str, option: Mapping[str, Any]) -> str:
    """Return the name under which an item has an option."""
    return next((str(key) for key in (name, *option.get("aliases", ())) if key in item), name)


def _check_names_once(item: Mapping[str, Any], spec: Options, path: Path, problems: Problems) -> None:
    for name, option in spec.items():
        for alias in option.get("aliases", ()):
            if alias in item and name in item:
                problems.add((*path, alias), f"is another name of {name}, which is set too")


def _check_choices(item: Mapping[str, Any], spec: Options, path: Path, problems: Problems) -> None:
    """Note choices in other letters: unlike the document, the modules take them as they are only."""
    for name, option in spec.items():
        choices, value = option.get("choices"), item.get(name)
        here = (*path, name)
        if choices and value is not None and value not in choices and not problems.at_or_below(here):
            problems.add(here, f"expected one of {', '.join(choices)}, found {value!r}; mind upper and lower case")


def _check_names(items: Mapping[int, Resource], path: Path, problems: Problems) -> None:
    """Note objects that are there twice."""
    first: dict[tuple[str, ...], int] = {}
    for index, resource in items.items():
        other = first.setdefault(resource.name, index)
        option = resource.key[-1] if resource.key else "name"
        if other != index and not problems.at_or_below((*path, index, option)):
            name = resource.given.get(option)
            problems.add((*path, index, option), f"{name!r} is in prefect.resources.{path[-1]}[{other}] too")


def _add(path: Path, problem: Problem, item: Mapping[str, Any], kind: type[Resource], problems: Problems) -> None:
    """Note a problem, unless it may only follow from another one."""
    match = _PLACE.fullmatch(problem.path)
    name, index, rest = match.groups() if match else (problem.path, None, None)
    written = _written(item, name, kind.options.get(name, {}))
    inside: Path = (*([int(index)] if index else ()), *([rest] if rest else ()))
    if not problems.at_or_below((*path, written, *inside)):
        problems.add((*path, written, *inside), str(shown(problem.message)))
