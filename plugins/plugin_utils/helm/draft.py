# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document as it is being written: keys, references in the places of secrets, and what has no counterpart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.secrets import SECRET, secret_name
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import shown as without_secrets

from ..export_file import Reference
from ..settings.merge import copied

PREFIX = "vault_prefect_"
TEMPLATE = "is a template of Helm; write what it gives"

_LONGEST = 120
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_URL_PASSWORD = re.compile(r"://[^\s/:@]*:[^\s/@]+@")
# Maps whose keys are names of others, and say nothing of what is secret.
_NAMES_OF_OTHERS = ("annotations", "labels", "pod_annotations", "pod_labels", "nodeSelector", "matchLabels")


@dataclass(frozen=True)
class Finding:
    """A value that is not, or not exactly, in the document."""

    path: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        """Return the line that people read."""
        return f"{self.path}{f' = {self.value}' if self.value else ''}: {self.reason}"


@dataclass(frozen=True)
class Variable:
    """A variable that the document refers to; without a value it has to be found out."""

    name: str
    source: str
    value: str | None = field(default=None, repr=False)


@dataclass
class Draft:
    """What has been written so far."""

    document: dict[str, Any] = field(default_factory=dict)
    worker: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    # What comes before the paths of the release that is being read, where there are several.
    source: str = ""
    # Kind of the object that runs the server.
    server_kind: str = "Deployment"

    def put(self, key: str, value: Any, path: str) -> None:
        """Write a value, a map over what is there, a list behind it; secrets in it become references."""
        if has_template(value):
            self.none(path, f"{TEMPLATE} to {key}", value)
        else:
            self.put_as_is(key, value, path)

    def put_as_is(self, key: str, value: Any, path: str) -> None:
        """Write a value that may look like a template and is none of Helm's."""
        holder, parts = self._holder(key)
        value = self._hidden(value, key, path)
        for part in parts[:-1]:
            if not isinstance(holder.get(part), dict):
                holder[part] = {}
            holder = holder[part]
        holder[parts[-1]] = _over(holder.get(parts[-1]), value)

    def _holder(self, key: str) -> tuple[dict[str, Any], list[str]]:
        if key.startswith("kubernetes.server."):
            key = key.replace(".manifests.Deployment.", f".manifests.{self.server_kind}.")
        if key.startswith("workers[]."):
            return self.worker, key.removeprefix("workers[].").split(".")
        return self.document, key.split(".")

    def none(self, path: str, reason: str, value: Any = None) -> None:
        """Note a value without a counterpart."""
        self.note(path, reason, "" if value is None else self.shown(path, value))

    def note(self, path: str, reason: str, text: str) -> None:
        """Note what is no secret whatever it is called, such as the key of one."""
        self.findings.append(Finding(self.source + path, reason, text))

    def shown(self, path: str, value: Any) -> str:
        """Return a value for people, without the secrets in it."""
        if secret_name(path.rpartition(".")[2]) and not isinstance(value, bool | Mapping | list):
            return SECRET
        text = json.dumps(_masked(without_secrets(value)), ensure_ascii=False)
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."

    def secret(self, name: str, path: str, value: str | None = None) -> Reference:
        """Return the reference to a variable with a secret, or with what nobody here can read."""
        wanted = PREFIX + _NOT_IN_NAME.sub("_", name.lower()).strip("_")
        source = self.source + path
        known = {variable.name: variable for variable in self.variables}
        number, free = 1, wanted
        while free in known:
            if (known[free].source, known[free].value) == (source, value):
                return Reference(free)
            number += 1
            free = f"{wanted}_{number}"
        self.variables.append(Variable(free, source, value))
        return Reference(free)

    def _hidden(self, value: Any, key: str, path: str) -> Any:
        """Return a copy with references in the places of secrets."""
        last = key.rpartition(".")[2]
        if isinstance(value, Reference):
            return value
        if isinstance(value, Mapping):
            return self._hidden_map(value, key, last, path)
        if isinstance(value, list):
            return [self._hidden(item, f"{key}[]", path) for item in value]
        if isinstance(value, str) and secret_name(last) and not last.endswith(("Ref", "[]")):
            return self._taken(value, key, path)
        return self._hidden_url(value, key, path)

    def _hidden_map(self, value: Mapping[str, Any], key: str, last: str, path: str) -> dict[str, Any]:
        if last in _NAMES_OF_OTHERS:
            return {name: self._hidden_url(item, f"{key} {name}", path) for name, item in value.items()}
        named, text = value.get("name"), value.get("value")
        if isinstance(named, str) and isinstance(text, str) and secret_name(named):
            return {**copied(value), "value": self._taken(text, f"{key} {named}", path)}
        return {name: self._hidden(item, f"{key}.{name}", path) for name, item in value.items()}

    def _hidden_url(self, value: Any, key: str, path: str) -> Any:
        return self._taken(value, key, path) if isinstance(value, str) and _URL_PASSWORD.search(value) else value

    def _taken(self, value: str, key: str, path: str) -> Any:
        if not value or value.startswith("$(") or "{{" in value:
            return value
        name = key.replace("kubernetes.", "").replace(".container.env[]", "").replace("[]", "")
        worker = f"{self.worker['name']} " if name.startswith("workers.") and "name" in self.worker else ""
        return self.secret(worker + name.removeprefix("workers."), path, value)


def has_template(value: Any) -> bool:
    """Tell whether Helm would fill something in."""
    if isinstance(value, Mapping):
        return any(has_template(item) for item in value.values())
    if isinstance(value, list):
        return any(has_template(item) for item in value)
    return isinstance(value, str) and not isinstance(value, Reference) and "{{" in value


def _over(below: Any, value: Any) -> Any:
    if isinstance(below, dict) and isinstance(value, dict):
        return {**below, **{name: _over(below.get(name), item) for name, item in value.items()}}
    if isinstance(below, list) and isinstance(value, list):
        return _longer(below, value)
    return value


def _longer(below: list[Any], value: list[Any]) -> list[Any]:
    """Return a list with more items; those of one name are one."""
    result = list(below)
    for item in value:
        name = item.get("name") if isinstance(item, Mapping) and "mountPath" not in item else None
        same = [
            at for at, other in enumerate(result) if name and isinstance(other, Mapping) and other.get("name") == name
        ]
        if same:
            result[same[0]] = _over(result[same[0]], item)
        elif item not in result:
            result.append(item)
    return result


def _masked(value: Any) -> Any:
    """Return a copy in which variables with the name of a secret show no value."""
    if isinstance(value, Mapping):
        hides = isinstance(value.get("name"), str) and secret_name(value["name"])
        return {name: SECRET if hides and name == "value" else _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value
