# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that an action writes on the controller: variables, and secrets that only a vault holds."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.parsing.vault import AnsibleVaultError, is_encrypted, match_encrypt_secret
from ansible.plugins.action import ActionBase

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


class WritesFiles(ActionBase):
    """An action with files of variables as its options."""

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
