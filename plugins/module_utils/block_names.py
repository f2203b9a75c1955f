# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks that other objects refer to: the API knows their ids, people their types and names."""

from __future__ import annotations

from .difference import Json
from .errors import invalid
from .kinds.block import Block
from .resource import Resource
from .session import Session


def block_name(session: Session, block: str) -> Json:
    """Return type and name of the block with an id; nothing of one that is gone."""
    slug, name = session.key_of(Block, block) or (None, None)
    return {"block_type_slug": slug, "name": name}


def block_id(resource: Resource, name: Json, place: str) -> tuple[str | None, bool]:
    """Return the id of a block by type and name, and whether this very run is to make it."""
    key = (str(name["block_type_slug"]), str(name["name"]))
    identity = resource.session.id_of(Block, key)
    if identity is None and (Block.kind, key) not in resource.session.declared:
        raise invalid(place, f"no block {'/'.join(key)}")
    return identity, identity is None
