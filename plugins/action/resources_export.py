# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the objects of a server into files on the controller; see the module of the same name for its documentation."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import AnsibleVaultError, is_encrypted, match_encrypt_secret
from ansible.plugins.action import ActionBase
from ansible_collections.flowops.prefect.plugins.plugin_utils.export_file import document_text, vault_text
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain

_OWNER_ONLY = 0o600


def _hidden(folder: Path) -> list[Path]:
    """Return the file of variables that a folder of the same name takes the place of."""
    if folder.parent.name not in ("group_vars", "host_vars"):
        return []
    return [
        beside
        for ending in constants.YAML_FILENAME_EXTENSIONS
        if (beside := folder.with_name(f"{folder.name}{ending}")).is_file()
    ]


class ActionModule(ActionBase):
    """The module reads where the API is, the files are of the controller."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what is in the files."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        dest, vault_dest = self._path("dest"), self._path("vault_dest")
        if dest is not None and dest == vault_dest:
            raise AnsibleActionFail("vault_dest: expected another file than dest")
        known = self._known_secrets(vault_dest)
        with self._nothing_shown():
            found = self._execute_module(task_vars=task_vars)
        if found.get("failed") or dest is None:
            # Without dest the module itself says what is wrong.
            return {**result, **found}
        content = plain(found)
        resources, secrets = content["resources"], content["secrets"]
        text = document_text(resources, secrets)
        before = dest.read_text() if dest.exists() else ""
        changed = self._write(dest, text, before)
        if vault_dest is not None:
            changed = self._write(vault_dest, vault_text(secrets), known, secret=True) or changed
        self._warn(content["left_out"], content["notes"])
        told = ("variable", "kind", "name", "option")
        diff = {"before_header": str(dest), "after_header": str(dest), "before": before, "after": text}
        return {
            **result,
            "changed": changed,
            "dest": str(dest),
            "counts": {section: len(items) for section, items in resources.items()},
            "variables": [{name: secret[name] for name in told} for secret in secrets],
            "left_out": content["left_out"],
            "notes": content["notes"],
            "diff": [diff] if text != before else [],
        }

    def _path(self, option: str) -> Path | None:
        given = self._task.args.get(option)
        if not given:
            return None
        path = Path(self._loader.path_dwim(str(given)))
        if not path.parent.is_dir():
            raise AnsibleActionFail(f"{option}: there is no folder {path.parent} on the controller")
        if path.is_dir():
            raise AnsibleActionFail(f"{option}: expected a file, found the folder {path}")
        for hidden in _hidden(path.parent):
            message = f"beside the folder {path.parent} Ansible does not read {hidden}; move that into the folder"
            raise AnsibleActionFail(f"{option}: {message}")
        return path

    def _known_secrets(self, path: Path | None) -> str:
        """Return what is in the file of the secrets; fail unless it can be read and written again."""
        if path is None:
            return ""
        if not self._loader._vault.secrets:
            raise AnsibleActionFail("vault_dest: needs a vault password; give the run one by --vault-password-file")
        content = path.read_bytes() if path.exists() else b""
        if not content:
            return ""
        if not is_encrypted(content):
            raise AnsibleActionFail(f"vault_dest: {path} is not encrypted; move it away, or name another file")
        try:
            return bytes(self._loader._vault.decrypt(content)).decode()
        except AnsibleVaultError:
            message = f"vault_dest: {path} was encrypted with another password; move it away, or name another file"
            raise AnsibleActionFail(message) from None

    @contextlib.contextmanager
    def _nothing_shown(self) -> Iterator[None]:
        """Keep what the module answers out of the output of any verbosity: the secrets may be in it."""
        contexts = [self._play_context, self._connection._play_context]
        before = [context.no_log for context in contexts]
        for context in contexts:
            context.no_log = True
        try:
            yield
        finally:
            for context, value in zip(contexts, before, strict=True):
                context.no_log = value

    def _write(self, path: Path, text: str, before: str, secret: bool = False) -> bool:
        """Write a file that only its owner may read; return whether it differs."""
        if path.exists() and text == before and path.stat().st_mode & 0o777 == _OWNER_ONLY:
            return False
        if not self._task.check_mode:
            content = self._encrypted(text) if secret else text.encode()
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(path)
        return True

    def _encrypted(self, text: str) -> bytes:
        vault = self._loader._vault
        try:
            identity, secret = match_encrypt_secret(vault.secrets, constants.DEFAULT_VAULT_ENCRYPT_IDENTITY)
            return bytes(vault.encrypt(text, secret, None if identity == "default" else identity))
        except AnsibleVaultError as error:
            raise AnsibleActionFail(f"vault_dest: {error}") from None

    def _warn(self, left_out: list[dict[str, Any]], notes: list[str]) -> None:
        for row in left_out:
            ids = ", ".join(row["ids"])
            self._display.warning(f"{row['kind']} {row['name']} ({ids}) is left out: {row['reason']}")
        for note in notes:
            self._display.warning(note)
