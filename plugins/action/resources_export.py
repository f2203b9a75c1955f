# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the objects of a server into files on the controller; see the module of the same name for its documentation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.flowops.prefect.plugins.plugin_utils.controller_files import WritesFiles
from ansible_collections.flowops.prefect.plugins.plugin_utils.export_file import document_text, vault_text
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain


class ActionModule(WritesFiles):
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

    def _warn(self, left_out: list[dict[str, Any]], notes: list[str]) -> None:
        for row in left_out:
            ids = ", ".join(row["ids"])
            self._display.warning(f"{row['kind']} {row['name']} ({ids}) is left out: {row['reason']}")
        for note in notes:
            self._display.warning(note)
