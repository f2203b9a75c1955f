# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old spellings of a document become today's, each with a warning that names the new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .problems import Path, Problems, dotted
from .schema import Options
from .variables import AGENT_TOKEN, modern_name

# Old names of keys by the keys that lead to them.
_OLD_NAMES: dict[tuple[str, ...], dict[str, str]] = {
    (): {"agents": "workers", "orion": "server"},
    ("workers",): {"pool": "work_pool", "queues": "work_queues"},
    ("overrides", "prefect_agent", "job", "resources"): {"limit": "limits", "request": "requests"},
}
_ENVIRONMENTS = ("env", "secret_env", "envVars", "secretEnvVars")


class Translation:
    """One pass over one document or fragment."""

    def __init__(self, problems: Problems) -> None:
        """Start without warnings."""
        self.warnings: list[str] = []
        self._problems = problems

    def document(self, value: Any, options: Options, name: str) -> Any:
        """Return the document in today's spelling; `name` is the variable or file it came from."""
        translated = self._options(value, options, (name,))
        resources = translated.get("resources") if isinstance(translated, dict) else None
        if isinstance(resources, Mapping) and isinstance(resources.get("blocks"), list):
            blocks = self._blocks(resources["blocks"], (name, "resources", "blocks"))
            translated = translated | {"resources": {**resources, "blocks": blocks}}
        if isinstance(translated, dict) and isinstance(translated.get("overrides"), dict):
            return self._agent_token(translated, (name,))
        return translated

    def _warn(self, path: Path, new: str) -> None:
        self.warnings.append(f"{dotted(path)}: old spelling; write {new}")

    def _twice(self, path: Path, new: str) -> None:
        self._problems.add(("prefect", *path[1:]), f"is the old spelling of {new}, which is set too")

    def _options(self, value: Any, options: Options, path: Path) -> Any:
        if not isinstance(value, Mapping):
            return value
        old_names = _OLD_NAMES.get(tuple(part for part in path[1:] if isinstance(part, str)), {})
        result: dict[Any, Any] = {}
        for key, item in value.items():
            name = old_names.get(key, key) if isinstance(key, str) else key
            here = (*path, str(key))
            if name != key:
                if name in value:
                    self._twice(here, name)
                    continue
                self._warn(here, name)
            result[name] = self._item(item, name, options, (*path, str(name)))
        return result

    def _item(self, value: Any, name: Any, options: Options, path: Path) -> Any:
        if name in _ENVIRONMENTS and isinstance(value, Mapping):
            return self._environment(value, path)
        inner = options.get(name, {}).get("options") if isinstance(name, str) else None
        if inner is None:
            return value
        if isinstance(value, list):
            return [self._options(item, inner, (*path, index)) for index, item in enumerate(value)]
        return self._options(value, inner, path)

    def _environment(self, value: Mapping[Any, Any], path: Path) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, item in value.items():
            name = modern_name(key) if isinstance(key, str) else key
            if name != key:
                here = (*path, str(key))
                if name in value:
                    self._twice(here, str(name))
                    continue
                self._warn(here, str(name))
            result[name] = item
        return result

    def _blocks(self, blocks: list[Any], path: Path) -> list[Any]:
        """Take the storage of Prefect 2, a block s3, apart: bucket and credentials are two blocks today."""
        result: list[Any] = []
        for index, block in enumerate(blocks):
            if not isinstance(block, Mapping) or block.get("block_type_slug") != "s3":
                result.append(block)
                continue
            self._warn((*path, index, "block_type_slug"), "s3-bucket with aws-credentials, from package prefect-aws")
            rest = {key: value for key, value in block.items() if key not in ("block_type_slug", "data")}
            data = dict(block["data"]) if isinstance(block.get("data"), Mapping) else {}
            bucket, _slash, folder = str(data.pop("bucket_path", "")).removeprefix("s3://").partition("/")
            credentials = {"block_type_slug": "aws-credentials", "name": block.get("name")}
            inside = {"bucket_folder": folder} if folder else {}
            result.append({**rest, "block_type_slug": "aws-credentials", "data": data})
            result.append(
                {
                    **rest,
                    "block_type_slug": "s3-bucket",
                    "data": {"bucket_name": bucket, **inside, "credentials": {"$ref": credentials}},
                }
            )
        return result

    def _agent_token(self, document: dict[Any, Any], path: Path) -> dict[Any, Any]:
        """Take the agent's token out of the overrides: it is what prefect.token is today."""
        overrides = dict(document["overrides"])
        for name in ("envVars", "secretEnvVars"):
            variables = overrides.get(name)
            if not isinstance(variables, Mapping) or AGENT_TOKEN not in variables:
                continue
            here = (*path, "overrides", name, AGENT_TOKEN)
            if document.get("token") is not None:
                self._twice(here, "prefect.token")
            else:
                self._warn(here, "prefect.token")
                document = document | {"token": variables[AGENT_TOKEN]}
            overrides[name] = {key: value for key, value in variables.items() if key != AGENT_TOKEN}
        return document | {"overrides": overrides}
