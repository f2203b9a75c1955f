# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications of the roles as a schema: check a value against it and fill in the defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .merge import copied
from .problems import Path, Problems, found, meant

Option = Mapping[str, Any]
Options = Mapping[str, Option]

DERIVED = "Derived by prefect_settings"

# Sections of the document and the variables of the component roles that hold their schema; a dot leads one level down.
SECTIONS = {
    "docker": "prefect_docker",
    "kubernetes": "prefect_kubernetes",
    "server": "prefect_server",
    "postgres": "prefect_postgres",
    "redis": "prefect_redis",
    "storage.minio": "prefect_minio",
    "storage.s3": "prefect_s3",
    "workers": "prefect_workers",
    "projects": "prefect_projects",
    "dask": "prefect_dask",
    "cli": "prefect_cli",
    "proxy": "prefect_proxy",
    "authelia": "prefect_authelia",
    "firewall": "prefect_firewall",
    "resources": "prefect_resources",
    "verify": "prefect_verify",
}
# Those that are lists.
LISTS = ("workers", "projects")
# Top-level keys that a user of role prefect_runtime alone writes into its variable.
RUNTIME_KEYS = ("platform", "version", "extra_packages", "root")

_TRUE = {"true", "yes", "on", "y", "t", "1"}
_FALSE = {"false", "no", "off", "n", "f", "0"}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


class NotOfTypeError(ValueError):
    """A value is not what its option takes."""


def document_options(specs: Options) -> Options:
    """Return the options of the document: its own, each section with the options of its role."""
    options: dict[str, Any] = copied(dict(specs["prefect"]["options"]))
    for section, variable in SECTIONS.items():
        *above, name = section.split(".")
        holder = options
        for key in above:
            holder = holder[key]["options"]
        holder[name]["options"] = specs[variable]["options"]
    return options


def section_of(document: Mapping[str, Any], section: str) -> Any:
    """Return a section of a document; nothing when it is not there."""
    value: Any = document
    for key in section.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def document_of(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that these sections make up."""
    document: dict[str, Any] = {}
    for section, value in sections.items():
        *above, name = section.split(".")
        holder = document
        for key in above:
            holder = holder.setdefault(key, {})
        holder[name] = value
    return document


def is_derived(option: Option) -> bool:
    """Tell whether an option is an output of the resolver and not the user's to set."""
    description = option.get("description", "")
    first = description[0] if isinstance(description, list) and description else description
    return str(first).startswith(DERIVED)


def settable(options: Options) -> dict[str, Option]:
    """Return the options that are the user's to set."""
    return {name: option for name, option in options.items() if not is_derived(option)}


def blank(options: Options) -> dict[str, Any]:
    """Return a dict with every option, none of which asks for anything."""
    return {name: _blank(option) for name, option in options.items()}


def _blank(option: Option) -> Any:
    if option["type"] == "dict" and "options" in option:
        return blank(option["options"])
    # Ansible's validator takes no null where there are choices.
    return {"bool": False, "list": []}.get(option["type"], option.get("choices", [None])[0])


def checked(value: Any, options: Options, path: Path, problems: Problems) -> dict[str, Any]:
    """Return a complete dict with every option that is the user's to set; note what is wrong with the value."""
    given = _mapping(value, path, problems)
    if given is not value:
        # One problem is enough: what is missing inside is no news.
        problems = Problems()
    known = settable(options)
    for key in given:
        if key not in known:
            problems.add((*path, str(key)), _unknown(key, options, known))
    return {name: _checked_option(given.get(name), option, (*path, name), problems) for name, option in known.items()}


def _mapping(value: Any, path: Path, problems: Problems) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    if value is not None:
        problems.add(path, f"expected dict, found {found(value, secret=True)}")
    return {}


def _unknown(key: object, options: Options, known: Options) -> str:
    if key in options:
        return "is derived from the other settings and cannot be set"
    return f"unknown key; allowed: {', '.join(known)}{meant(key, known)}"


def _checked_option(value: Any, option: Option, path: Path, problems: Problems) -> Any:
    kind = option.get("type", "str")
    if value is None:
        if option.get("required"):
            problems.add(path, f"missing; expected {kind}")
            problems = Problems()
        if kind == "dict" and "options" in option and (option.get("required") or not _needs_an_answer(option)):
            return checked({}, option["options"], path, problems)
        value = copied(option.get("default", {} if option.get("required") and kind == "dict" else None))
        if kind != "list" or value is None:
            return value
    if kind == "dict":
        return _checked_dict(value, option, path, problems)
    if kind == "list":
        return _checked_list(value, option, path, problems)
    return _checked_single(value, option, path, problems)


def _needs_an_answer(option: Option) -> bool:
    """Tell whether a dict has a part that is required as soon as the dict is there at all."""
    return any(part.get("required") for part in option["options"].values())


def _checked_dict(value: Any, option: Option, path: Path, problems: Problems) -> dict[Any, Any]:
    if "options" in option:
        return checked(value, option["options"], path, problems)
    return dict(copied(_mapping(value, path, problems)))


def _checked_list(value: Any, option: Option, path: Path, problems: Problems) -> list[Any]:
    if not isinstance(value, list):
        problems.add(path, f"expected list, found {found(value, secret=True)}")
        value = copied(option.get("default")) or []
    item = {
        "type": option.get("elements", "raw"),
        "no_log": option.get("no_log", False),
        "required": True,
        **{key: option[key] for key in ("options", "choices") if key in option},
    }
    return [_checked_option(entry, item, (*path, index), problems) for index, entry in enumerate(value)]


def _checked_single(value: Any, option: Option, path: Path, problems: Problems) -> Any:
    kind = option.get("type", "str")
    secret = bool(option.get("no_log"))
    if secret and value == "":
        problems.add(path, "secret is empty; give it a value or leave the key out")
        return option.get("default")
    try:
        convert = _secret_text if secret and kind == "str" else _CONVERSIONS[kind]
        converted = convert(value)
    except NotOfTypeError as error:
        hint = f"; {error}" if str(error) else ""
        problems.add(path, f"expected {kind}, found {found(value, secret)}{hint}")
        return option.get("default")
    return _chosen(converted, option, path, problems)


def _chosen(value: Any, option: Option, path: Path, problems: Problems) -> Any:
    choices = option.get("choices")
    if not choices:
        return value
    for choice in choices:
        if str(choice).casefold() == str(value).casefold():
            return choice
    allowed = ", ".join(str(choice) for choice in choices)
    near = meant(value, [str(choice) for choice in choices])
    problems.add(path, f"expected one of {allowed}, found {found(value)}{near}")
    return option.get("default")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise NotOfTypeError


def _path(value: Any) -> str:
    if isinstance(value, str) and value.startswith(("/", "~")):
        return value
    raise NotOfTypeError("make it absolute")


def _secret_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise NotOfTypeError("quote it" if isinstance(value, int | float) else "")


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise NotOfTypeError


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    raise NotOfTypeError


def _number(value: Any) -> float:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            raise NotOfTypeError from None
    raise NotOfTypeError


def _raw(value: Any) -> Any:
    return copied(value)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "path": _path,
    "bool": _flag,
    "int": _integer,
    "float": _number,
    "raw": _raw,
}
