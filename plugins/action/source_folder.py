# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a folder of the controller to a host; see the module of the same name for its documentation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.flowops.prefect.plugins.plugin_utils.source_folder import archive, files_of, fingerprint

MODULE = "flowops.prefect.source_folder"


class ActionModule(ActionBase):
    """Ask the module whether anything differs, and send the files only then."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _VALID_ARGS = frozenset({"src", "path", "switch"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module says."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = {name: self._task.args.get(name) for name in ("src", "path")}
        for name, value in given.items():
            if not value:
                raise AnsibleActionFail(f"{name}: missing")
        folder = Path(self._loader.path_dwim(str(given["src"])))
        if not folder.is_dir():
            raise AnsibleActionFail(f"src: there is no folder {folder} on the controller")
        files = files_of(folder)
        wanted = {
            "path": given["path"],
            "switch": self._task.args.get("switch", True),
            "files": {path: fingerprint(file) for path, file in files.items()},
        }
        found = self._execute_module(MODULE, module_args=wanted, task_vars=task_vars)
        if not found.get("failed") and not found["has_files"] and not self._task.check_mode:
            found = self._send(files, wanted, task_vars)
        result |= found
        return result

    def _send(self, files: dict[str, Path], wanted: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        try:
            with tempfile.NamedTemporaryFile(prefix="flowops-prefect-") as packed:
                packed.write(archive(files))
                packed.flush()
                sent = self._transfer_file(packed.name, shell.join_path(shell.tmpdir, "source.tar.gz"))
                self._fixup_perms2((shell.tmpdir, sent))
            done: dict[str, Any] = self._execute_module(
                MODULE, module_args={**wanted, "archive": sent}, task_vars=task_vars
            )
            return done
        finally:
            self._remove_tmp_path(shell.tmpdir)
