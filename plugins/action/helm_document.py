# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the document of releases of Prefect's Helm charts; see the module of the same name for its documentation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.flowops.prefect.plugins.action.settings import supported_versions
from ansible_collections.flowops.prefect.plugins.plugin_utils.controller_files import WritesFiles
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.document import Adopted, adopt
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.page import file_text, secrets_text, told
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.releases import (
    HelmError,
    Release,
    newest,
    of_secret,
    of_text,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.steps import steps
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain


class ActionModule(WritesFiles):
    """Values, translation and files are all of the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS = frozenset({"values", "secrets", "namespace", "dest", "vault_dest", "force"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what is in the file, and what is not."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = plain(self._task.args)
        dest, vault_dest = self._path("dest"), self._path("vault_dest")
        if dest is None:
            raise AnsibleActionFail("dest: missing; expected a file for the document")
        if dest == vault_dest:
            raise AnsibleActionFail("vault_dest: expected another file than dest")
        known = self._known_secrets(vault_dest)
        try:
            releases = [*map(self._file, _listed(args, "values")), *map(of_secret, newest(_listed(args, "secrets")))]
            if not releases:
                raise HelmError("values, secrets: missing; expected values of a release, or Secrets of Helm")
            adopted = adopt(releases, supported_versions(), args.get("namespace") or None)
        except HelmError as error:
            raise AnsibleActionFail(str(error)) from None
        text, secrets = file_text(adopted), secrets_text(adopted)
        before = dest.read_text() if dest.exists() else ""
        if not args.get("force"):
            _refuse("dest", dest, before, text)
            if vault_dest is not None:
                _refuse("vault_dest", vault_dest, known, secrets)
        changed = self._write(dest, text, before)
        if vault_dest is not None:
            changed = self._write(vault_dest, secrets, known, secret=True) or changed
        for finding in adopted.findings:
            self._display.warning(str(finding))
        answer = _answer(adopted, str(dest), vault_dest is not None, before, text)
        return {**result, "changed": changed, "dest": str(dest), **answer}

    def _file(self, name: Any) -> Release:
        path = Path(self._loader.path_dwim(str(name)))
        if not path.is_file():
            raise HelmError(f"{name}: there is no such file on the controller")
        try:
            return of_text(str(self._loader.get_text_file_contents(str(path.resolve()))), path.name)
        except AnsibleError as error:
            raise HelmError(f"{name}: cannot be read ({type(error).__name__})") from None


def _listed(args: dict[str, Any], option: str) -> list[Any]:
    given = args.get(option) or []
    if not isinstance(given, list):
        raise HelmError(f"{option}: expected a list")
    return given


def _refuse(option: str, path: Path, before: str, text: str) -> None:
    if before and before != text:
        raise AnsibleActionFail(f"{option}: {path} exists and differs; move it away, or overwrite it with force: true")


def _answer(adopted: Adopted, dest: str, has_vault: bool, before: str, text: str) -> dict[str, Any]:
    diff = {"before_header": dest, "after_header": dest, "before": before, "after": text}
    return {
        "findings": [asdict(finding) for finding in adopted.findings],
        "variables": [told(variable) for variable in adopted.variables],
        "steps": steps(adopted, dest, has_vault=has_vault),
        "diff": [diff] if text != before else [],
    }
