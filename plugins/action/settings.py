# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolve the document `prefect` on the controller; see the module of the same name for its documentation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import (
    AnsibleActionFail,
    AnsibleError,
    AnsibleTemplateSyntaxError,
    AnsibleUndefinedVariable,
)
from ansible.parsing.vault import AnsibleVaultError
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import (
    GROUPS,
    Context,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.merge import merged
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import SettingsError, dotted
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.qhub import project_of, section_of
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import resolve
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.schema import (
    RUNTIME_KEYS,
    SECTIONS,
    document_of,
    document_options,
)

COLLECTION = Path(__file__).resolve().parent.parent.parent
FRAGMENT = "prefect__"
RESOLUTION = "__prefect_settings"
INTERPRETER = "ansible_python_interpreter"

_TELLING = (AnsibleTemplateSyntaxError, AnsibleUndefinedVariable, AnsibleVaultError)
_AS_FRAGMENT = (
    "given with -e it would hide the resolved settings from the roles; "
    """write it as a fragment of the document: -e '{"prefect__x": {"server": {"port": 4201}}}'"""
)
_IN_THE_POD = (
    f"{INTERPRETER}: set for a play or with -e it counts for the tasks in the server's pod, too; "
    "set it for the host, in the inventory"
)

_cache: dict[str, Any] = {}


def role_specs() -> dict[str, Any]:
    """Return the options of all roles of the collection by the name of their variable."""
    if "specs" not in _cache:
        specs: dict[str, Any] = {}
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for file in sorted(COLLECTION.glob("roles/*/meta/argument_specs.yml")):
            content = yaml.load(file.read_bytes(), Loader=loader)
            for entry_point in content["argument_specs"].values():
                specs.update(entry_point.get("options", {}))
        _cache["specs"] = specs
    specs = _cache["specs"]
    return dict(specs)


def supported_versions() -> list[str]:
    """Return the versions of Prefect that have a constraints file."""
    folder = COLLECTION / "roles" / "prefect_runtime" / "files" / "constraints"
    return sorted(file.stem for file in folder.glob("*.txt"))


class ActionModule(ActionBase):
    """Hand the variables, the inventory and the environment to the resolver, and its answer to Ansible."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS = frozenset({"file"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the inputs of the roles."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        self._unreadable: list[str] = []
        try:
            file = self._task.args.get("file") or self._plain(variables.get("prefect_file"), "prefect_file")
            sections = self._sections(variables)
            content, section = self._file(str(file)) if file else ({}, None)
            document, fragments = self._document(variables, sections), self._fragments(variables)
            project = project_of(content, str(file))
            render_dir = self._plain(variables.get("prefect_render_dir"), "prefect_render_dir")
            context = self._context(
                variables, project, str(Path(render_dir).expanduser().absolute()) if render_dir else None
            )
            if self._unreadable:
                raise SettingsError(self._unreadable)
            resolved = resolve(
                document,
                fragments=fragments,
                specs=role_specs(),
                environ=dict(os.environ),
                context=context,
                file=(str(file), section) if section is not None else None,
            )
        except SettingsError as error:
            self._warn(error.warnings)
            raise AnsibleActionFail(str(error)) from None
        in_pod = resolved.roles["prefect_kubernetes"]["enabled"] and resolved.roles["prefect_server"]["enabled"]
        if in_pod and not render_dir and self._is_everywhere(INTERPRETER, variables):
            raise AnsibleActionFail(_IN_THE_POD)
        self._warn([*resolved.warnings, *_looks_like_fragments(variables)])
        own = {"enabled": resolved.enabled, "project": project, "sections": sections}
        # The facts hold secrets: registered they stay usable, shown they are not.
        return result | {"changed": False, "facts": {**resolved.roles, RESOLUTION: own}, "_ansible_no_log": True}

    def _warn(self, warnings: list[str]) -> None:
        for warning in warnings:
            self._display.warning(warning)

    def _plain(self, value: Any, *path: str | int) -> Any:
        """Return a variable's value templated, decrypted and without Ansible's own types; note what is not readable."""
        try:
            if isinstance(value, Mapping):
                return {plain(key): self._plain(item, *path, plain(key)) for key, item in value.items()}
            if isinstance(value, list | tuple):
                return [self._plain(item, *path, index) for index, item in enumerate(value)]
            templated = self._templar.template(value)
            if isinstance(templated, Mapping | list | tuple):
                return self._plain(templated, *path)
            return plain(templated)
        except AnsibleError as error:
            self._unreadable.append(f"{dotted(path)}: {_reason(error)}")
            return None

    def _is_everywhere(self, name: str, variables: Mapping[str, Any]) -> bool:
        """Tell whether a variable has a value that hosts added later do not override."""
        if name not in variables or name in load_extra_vars(self._loader):
            return name in variables
        of_host = variables["hostvars"][variables["inventory_hostname"]].get(name)
        return bool(self._plain(variables[name], name) != self._plain(of_host, name))

    def _sections(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the component roles' variables that the user set, where a role is used alone."""
        if RESOLUTION in variables:
            # By now these variables are the facts of an earlier resolution.
            return dict(self._plain(variables[RESOLUTION], RESOLUTION)["sections"])
        names = (*SECTIONS.values(), "prefect_runtime")
        shadowing = [name for name in (*names, "prefect_api") if name in load_extra_vars(self._loader)]
        if shadowing:
            raise SettingsError([f"{name}: {_AS_FRAGMENT}" for name in shadowing])
        return {name: self._plain(variables[name], name) for name in names if name in variables}

    def _document(self, variables: Mapping[str, Any], sections: Mapping[str, Any]) -> Any:
        if "prefect" not in variables:
            return _document_of(sections)
        if sections:
            by_variable = {variable: f"prefect.{section}" for section, variable in SECTIONS.items()}
            raise SettingsError(
                [
                    f"{name}: set together with prefect; write it as {by_variable.get(name, 'keys of prefect')}"
                    for name in sections
                ]
            )
        return self._plain(variables["prefect"], "prefect")

    def _fragments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        names = sorted(name for name in variables if name.startswith(FRAGMENT))
        return {name: self._plain(variables[name], name) for name in names}

    def _file(self, name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the content of a qhub-config.yaml, which may be encrypted as a whole, and its section."""
        path = Path(name).expanduser()
        if not path.is_absolute() and not path.exists():
            path = Path(self._loader.path_dwim(str(path)))
        if not path.is_file():
            raise SettingsError([f"{name}: there is no such file on the controller"])
        try:
            content = self._plain_file(path)
        except AnsibleError as error:
            raise SettingsError([f"{name}: {_reason(error)}"]) from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise SettingsError([f"{name}: is not valid YAML{where}"]) from None
        return content, section_of(content, name)

    def _plain_file(self, path: Path) -> Any:
        text = str(self._loader.get_text_file_contents(str(path.resolve())))
        return plain(yaml.safe_load(text))

    def _context(
        self, variables: Mapping[str, Any], project: Mapping[str, str | None], render_dir: str | None
    ) -> Context:
        groups = {name: [str(host) for host in variables["groups"].get(name, ())] for name in GROUPS}
        host = str(variables["inventory_hostname"])
        if not any(groups.values()):
            # A role used alone: its host plays every part.
            groups = {name: [host] for name in GROUPS}
        called = dict.fromkeys(name for hosts in groups.values() for name in hosts)
        return Context(
            inventory_hostname=host,
            groups=groups,
            addresses={name: self._address(name, variables) for name in called},
            supported_versions=supported_versions(),
            has_folder=lambda path: Path(path).expanduser().is_dir(),
            read_file=self._controller_text,
            project=project,
            render_dir=render_dir,
        )

    def _controller_text(self, name: str) -> str | None:
        """Return what is in a file of the controller, which may be encrypted as a whole."""
        path = Path(name).expanduser()
        return str(self._loader.get_text_file_contents(str(path.resolve()))) if path.is_file() else None

    def _address(self, host: str, variables: Mapping[str, Any]) -> str:
        """Return where other hosts reach a host."""
        of_host = variables["hostvars"][host]
        for name in ("prefect_settings_address", "ansible_host"):
            address = self._plain(of_host.get(name), f"{name} of {host}")
            if address:
                return str(address)
        return host


def _looks_like_fragments(variables: Mapping[str, Any]) -> list[str]:
    """Return a warning for each variable that holds a piece of the document under a name that nobody reads."""
    keys, known = set(document_options(role_specs())), {*role_specs(), "prefect_api"}
    return [
        f"{name}: is not read; the name of a fragment has two underscores: prefect__{name.removeprefix('prefect_')}"
        for name, value in variables.items()
        if name.startswith("prefect_") and not name.startswith(FRAGMENT) and name not in known
        if isinstance(value, Mapping) and value and set(value) <= keys
    ]


def _document_of(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that the variables of component roles make up."""
    document = document_of({section: sections[name] for section, name in SECTIONS.items() if name in sections})
    runtime = sections.get("prefect_runtime")
    if runtime is None:
        return document
    unknown = [key for key in runtime if key not in RUNTIME_KEYS] if isinstance(runtime, Mapping) else ["value"]
    if unknown:
        wrong = [f"prefect_runtime.{key}: unknown key; allowed: {', '.join(RUNTIME_KEYS)}" for key in unknown]
        raise SettingsError(wrong)
    return dict(merged(document, runtime))


def _reason(error: AnsibleError) -> str:
    """Return why a value or file cannot be read; only of errors whose message cannot hold the value itself."""
    cause: BaseException | None = error
    last: BaseException = error
    while cause is not None:
        if isinstance(cause, _TELLING):
            return str(getattr(cause, "message", cause)).strip().splitlines()[0]
        last, cause = cause, cause.__cause__
    return f"cannot be read ({type(last).__name__})"
