# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data of blocks, as lookup C(block) returns it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils.block_schema import BlockSchema
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client, encoded
from ansible_collections.flowops.prefect.plugins.module_utils.errors import PrefectError
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import Path
from ansible_collections.flowops.prefect.plugins.module_utils.suggest import nearest

_ERROR: Any = object()


def read_block(client: Client, term: str, field: str | None, secrets: bool, default: Any = _ERROR) -> Any:
    """Return the data of a block or one field, without secrets unless they are asked for."""
    slug, slash, name = term.partition("/")
    if not (slug and slash and name):
        raise PrefectError(f"'{term}': expected TYPE-SLUG/NAME of a block, such as secret/mine")
    query = {"include_secrets": "true"} if secrets else {}
    block = client.find(encoded("block_types", "slug", slug, "block_documents", "name", name), **query)
    if block is None:
        if default is not _ERROR:
            return default
        raise PrefectError(_no_block(client, slug, name))
    references = {key: _reference(used) for key, used in block["block_document_references"].items()}
    data = {**block["data"], **references}
    schema = BlockSchema(slug, block["block_schema"])

    def is_secret(path: Path) -> bool:
        # The server hides only what its schemas mark, and of that only texts. A reference tells a name only.
        return path[0] not in references and schema.is_secret(path)

    if field is None:
        return data if secrets else _without(data, is_secret)
    if field not in data:
        if default is not _ERROR:
            return default
        raise PrefectError(f"block {term} has no field '{field}'; {nearest(field, data)}")
    if secrets:
        return data[field]
    if is_secret((field,)):
        raise PrefectError(f"field '{field}' of block {term} is secret; it is read with secrets=true only")
    return _without({field: data[field]}, is_secret)[field]


def _without(value: Any, is_secret: Callable[[Path], bool], path: Path = ()) -> Any:
    if isinstance(value, dict) and "$ref" not in value:
        return {
            key: _without(part, is_secret, (*path, key)) for key, part in value.items() if not is_secret((*path, key))
        }
    if isinstance(value, list):
        return [_without(part, is_secret, (*path, at)) for at, part in enumerate(value)]
    return value


def _reference(used: dict[str, Any]) -> dict[str, Any]:
    document = used["block_document"]
    slug = document["block_type"]["slug"]
    return {"$ref": {"block_type_slug": slug, "name": document["name"], "block_document_id": str(document["id"])}}


def _no_block(client: Client, slug: str, name: str) -> str:
    if client.find(encoded("block_types", "slug", slug)) is None:
        return f"no block type '{slug}'; {nearest(slug, [other['slug'] for other in client.filter('/block_types')])}"
    others = client.get(encoded("block_types", "slug", slug, "block_documents"))
    return f"no block '{slug}/{name}'; {nearest(name, [other['name'] for other in others if other['name']])}"
