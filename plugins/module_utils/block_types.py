# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the types of blocks, and which blocks would be lost with a type or a schema."""

from __future__ import annotations

from typing import Iterable

from .client import Client, encoded
from .difference import Json
from .errors import invalid
from .resource import Session
from .suggest import nearest


def find_type(session: Session, slug: str) -> Json | None:
    """Return a block type; each is asked for once, one that is missing again."""
    cache = session.cache.setdefault("block_types", {})
    if cache.get(slug) is None:
        cache[slug] = session.client.find(encoded("block_types", "slug", slug))
    found: Json | None = cache[slug]
    return found


def required_type(session: Session, slug: str) -> Json | None:
    """Return a block type; None where this very run is to make it."""
    found = find_type(session, slug)
    if found is None and ("block_type", (slug,)) not in session.declared:
        known = [str(other["slug"]) for other in session.client.filter("/block_types")]
        hint = nearest(slug, known) if known else "the server has none at all: its database lost its contents"
        raise invalid("block_type_slug", f"no block type '{slug}'; {hint}")
    return found


def type_names(session: Session) -> dict[str, str]:
    """Return the slugs of all types by their names."""
    if "block_type_names" not in session.cache:
        types = session.client.filter("/block_types")
        session.cache["block_type_names"] = {str(row["name"]): str(row["slug"]) for row in types}
    names: dict[str, str] = session.cache["block_type_names"]
    return names


def documents_of(client: Client, slug: str) -> list[Json]:
    """Return the blocks of a type."""
    return list(client.filter("/block_documents", {"block_types": {"slug": {"any_": [slug]}}}))


def refuse_loss(session: Session, slug: str, documents: Iterable[Json], place: str, what: str) -> None:
    """Raise InvalidError if blocks would go that this run does not remove anyway."""
    names = sorted(str(document["name"]) for document in documents)
    left = [name for name in names if ("block", (slug, name)) not in session.removed]
    if left:
        raise invalid(place, f"blocks of this {what} would go with it: {', '.join(left)}; see option force")
