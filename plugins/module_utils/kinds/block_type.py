# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Types of blocks."""

from __future__ import annotations

from typing import Any, ClassVar, Collection, Iterable, Iterator, Sequence

from ..bundled_blocks import is_bundled_type
from ..client import Client, encoded
from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_block_name, check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session
from ..suggest import nearest

_RENAMED = "a type keeps its name; remove the type with state absent first, or take another slug"


class BlockType(Resource):
    kind = "block_type"
    plural = "block_types"
    key = ("slug",)
    options: ClassVar[Options] = {
        "slug": {"type": "str", "required": True},
        "name": {"type": "str"},
        "logo_url": {"type": "str"},
        "documentation_url": {"type": "str"},
        "description": {"type": "str"},
        "code_example": {"type": "str"},
        "force": {"type": "bool", "default": False},
    }
    fields = (
        Field("slug"),
        Field("name", create_only=_RENAMED),
        Field("logo_url"),
        Field("documentation_url"),
        Field("description", ""),
        Field("code_example"),
    )

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("block_types", "slug", *key)

    @classmethod
    def listed(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        # There is no filter of slugs.
        yield from session.client.filter("/block_types")

    @classmethod
    def is_builtin(cls, live: Json) -> bool:
        # Of those of its collections the server does not say that they are its own.
        return bool(live["is_protected"]) or is_bundled_type(str(live["slug"]))

    def check(self) -> list[Problem]:
        problems = check_block_name("slug", self.given["slug"])
        name = self.given.get("name")
        if self.absent or name is None:
            return problems
        problems += check_name("name", name)
        if name.lower().startswith("prefect"):
            problems.append(Problem("name", f"'{name}' begins with 'Prefect', which Prefect keeps for itself"))
        return problems

    @classmethod
    def clashes(cls, resources: Sequence[Resource]) -> list[tuple[Resource, Problem]]:
        taken: dict[str, str] = {}
        result: list[tuple[Resource, Problem]] = []
        for resource in resources:
            slug = resource.name[0]
            name = str(resource.given.get("name") or slug)
            other = slug if resource.absent else taken.setdefault(name, slug)
            if other != slug:
                result.append((resource, Problem("name", f"block type '{other}' is called '{name}' too")))
        return result

    def check_removal(self) -> None:
        self._refuse_protected("removed")
        slug = self.given["slug"]
        if not self.given["force"]:
            # A block that this run declares says itself that it needs the type.
            declared = {key[1] for kind, key in self.session.declared if kind == "block" and key[0] == slug}
            left = [document for document in documents_of(self.client, slug) if document["name"] not in declared]
            refuse_loss(self.session, slug, left, "slug", "type")

    def managed(self, live: Json) -> Json:
        return {**super().managed(live), "description": live["description"] or ""}

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if self.given.get("name") is None:
            after["name"] = before["name"] if before else self.given["slug"]
        if before is None:
            # The server would answer with the other type as if it had made this one.
            other = type_names(self.session).get(after["name"])
            if other is not None:
                raise invalid("name", f"block type '{other}' is called '{after['name']}' already")
        elif after != before:
            self._refuse_protected("changed")
        return after

    def update(self, changes: Json) -> None:
        self.client.patch(self.address(), changes)

    def _refuse_protected(self, done: str) -> None:
        live: Any = self.live or {}
        if live.get("is_protected"):
            raise invalid(
                "slug",
                f"'{live['slug']}' comes with Prefect, which protects it: it cannot be {done}; take another slug",
            )


def type_id(session: Session, slug: str) -> str | None:
    """Return the id of a block type."""
    return session.id_of(BlockType, (slug,))


def required_type_id(session: Session, slug: str) -> str | None:
    """Return the id of a block type; None where this very run is to make it."""
    found = type_id(session, slug)
    if found is None and (BlockType.kind, (slug,)) not in session.declared:
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
