# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call a block, and the id by which the server does."""

from __future__ import annotations

from .client import Client, encoded
from .difference import Json
from .errors import invalid
from .resource import Resource


def block_name(client: Client, block: str) -> Json:
    """Return type and name of the block with an id; nothing of one that is gone."""
    document: Json | None = client.find(encoded("block_documents", block))
    if document is None:
        return {"block_type_slug": None, "name": None}
    return {"block_type_slug": str(document["block_type"]["slug"]), "name": document["name"]}


def block_id(resource: Resource, name: Json, place: str) -> tuple[str | None, bool]:
    """Return the id of a block by type and name, and whether this very run is to make it."""
    slug, own = str(name["block_type_slug"]), str(name["name"])
    document: Json | None = resource.client.find(encoded("block_types", "slug", slug, "block_documents", "name", own))
    if document is not None:
        return str(document["id"]), False
    if ("block", (slug, own)) in resource.session.declared:
        return None, True
    raise invalid(place, f"no block {slug}/{own}")
