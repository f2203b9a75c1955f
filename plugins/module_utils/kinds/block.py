# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block documents."""

from __future__ import annotations

import copy
import json
from typing import Any, ClassVar, Collection, Iterable, Iterator, Sequence

from ..automation_users import automations_of
from ..block_schema import BlockSchema, newest
from ..client import encoded
from ..difference import Json, same
from ..errors import InvalidError, Problem, invalid
from ..keys import any_of
from ..names import check_block_name, is_id
from ..resource import Field, Options, Resource
from ..secrets import Path, hidden, secret_name
from ..session import Key, Session
from ..suggest import nearest
from .block_type import BlockType, documents_of, required_type_id, type_id

_USERS = "users_of_blocks"
_ANOTHER = "remove the block with state absent first, or take another name"


class Block(Resource):
    kind = "block"
    plural = "block_documents"
    key = ("block_type_slug", "name")
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "block_type_slug": {"type": "str", "required": True},
        "data": {"type": "dict", "no_log": True},
        "update_secrets": {"type": "str", "choices": ["always", "on_create"], "default": "always", "no_log": False},
        "force": {"type": "bool", "default": False},
    }
    fields = (Field("name"), Field("block_type_slug", create_only=_ANOTHER), Field("data", {}))

    _type_id = ""
    _schema: BlockSchema | None = None
    # Data as it is sent: what equals a default is left out of comparisons only.
    _complete: Json | None = None

    @classmethod
    def location(cls, key: Key) -> str:
        return encoded("block_types", "slug", key[0], "block_documents", "name", key[1])

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        found: Json | None = session.client.find(cls.location(key), include_secrets="true")
        return found

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        shared = session.cache.setdefault("block_parts", {})
        for live in super().listed(session, keys):
            # Each comes with its type and schema anew.
            parts = {name: shared.setdefault(live[name]["id"], live[name]) for name in ("block_type", "block_schema")}
            yield {**live, **parts}

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        chosen: Json = {}
        if keys is not None:
            chosen = {"block_types": {"slug": any_of(keys, 0)}, "block_documents": {"name": any_of(keys, 1)}}
        return {**chosen, "include_secrets": True, "sort": "BLOCK_TYPE_AND_NAME_ASC"}

    @classmethod
    def key_of(cls, live: Json) -> Key:
        return str(live["block_type"]["slug"]), str(live["name"])

    def needs(self) -> Iterable[tuple[str, Key]]:
        slug = self.given["block_type_slug"]
        yield BlockType.kind, (slug,)
        if not self.absent:
            # A schema that this run is to make is the newest.
            planned = self.session.cache.get("planned_schemas", {})
            yield from (("block_schema", key) for key in planned if key[0] == slug)
        for _field, reference in _references(self.given.get("data") or {}):
            if reference.get("block_type_slug") and reference.get("name"):
                yield self.kind, (str(reference["block_type_slug"]), str(reference["name"]))

    def find(self) -> Json | None:
        slug = self.given["block_type_slug"]
        self._type_id = (type_id if self.absent else required_type_id)(self.session, slug) or ""
        self._schema = None
        if not self._type_id and self.absent:
            return None
        found = super().find() if self._type_id else None
        if not self.absent:
            self._schema = self._newest_schema(slug)
        return found

    def check(self) -> list[Problem]:
        problems = check_block_name("name", self.given["name"])
        for path in _deep_references(self.given.get("data") or {}):
            problems.append(
                Problem(".".join(("data", *path)), "a $ref is possible in the fields of data only, not below them")
            )
        for field, reference in _references(self.given.get("data") or {}):
            if _named(reference) == self.name:
                problems.append(Problem(f"data.{field}.$ref", "refers to the block itself"))
        return problems

    def check_removal(self) -> None:
        if self.given["force"]:
            return
        left = sorted("/".join(user) for user in self._users() if (self.kind, user) not in self.session.removed)
        if left:
            raise invalid(
                "name", f"other blocks refer to this one and would lose it: {', '.join(left)}; see option force"
            )
        names = automations_of(self)
        if names:
            raise invalid("name", f"automations use this block and would fail: {', '.join(names)}; see option force")

    def managed(self, live: Json) -> Json:
        if self._schema is None:
            # The one that it was saved with.
            self._schema = BlockSchema(self.given["block_type_slug"], live["block_schema"])
        data = {**live["data"], **{name: _reference(used) for name, used in live["block_document_references"].items()}}
        return {"name": live["name"], "block_type_slug": self.given["block_type_slug"], "data": self._telling(data)}

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        # What the user says nothing about is neither checked nor sent.
        if before is not None and "data" not in self.given:
            return after
        data = self._resolved(copy.deepcopy(after["data"]))
        old = before["data"] if before else {}
        if self.given["update_secrets"] == "on_create" and before is not None:
            data = self._with_old_secrets(data, old)
        data = self._as_text(data, old)
        problems = self.schema.problems(data)
        if problems:
            raise InvalidError(*problems)
        self._complete = data
        return {**after, "data": self._telling(data)}

    def create(self, after: Json) -> None:
        body = {"name": after["name"], "block_type_id": self._type_id, **self._body()}
        self.id = str(self.client.create("/block_documents/", body)["id"])

    def update(self, _changes: Json) -> None:
        # The server drops references from data that it is to merge.
        self.client.patch(self.address(), {**self._body(), "merge_existing_data": False})

    def is_secret(self, path: Path) -> bool:
        if path[:1] != ("data",) or len(path) < 2:
            return False
        if "$ref" in path or _is_reference((self.given.get("data") or {}).get(path[1])):
            return False
        # References of the live block have no place of their own in the options.
        if self.live and path[1] in self.live.get("block_document_references", {}):
            return False
        return self._schema.is_secret(path[1:]) if self._schema else path[1] == "value" or secret_name(path[-1])

    @classmethod
    def invocation(cls, options: Json) -> Json:
        shown = super().invocation({name: value for name, value in options.items() if name != "data"})
        return {**shown, "data": hidden(options["data"])} if "data" in options else shown

    @classmethod
    def clashes(cls, resources: Sequence[Resource]) -> list[tuple[Resource, Problem]]:
        """Find blocks that refer to each other in a circle: the server could not read them any more."""
        left = [resource for resource in resources if not resource.absent]
        while left:
            waiting = {(cls.kind, resource.name) for resource in left}
            still = [resource for resource in left if waiting.intersection(resource.needs())]
            if len(still) == len(left):
                break
            left = still
        # What only refers to a circle is not part of it.
        while True:
            needed = {key for resource in left for key in resource.needs()}
            part = [resource for resource in left if (cls.kind, resource.name) in needed]
            if len(part) == len(left):
                break
            left = part
        circle = ", ".join(sorted("/".join(resource.name) for resource in left))
        return [(resource, Problem("data", f"refers in a circle to itself; in it are {circle}")) for resource in left]

    # Types, schemas and references

    def _users(self) -> set[Key]:
        """Return the blocks that refer to this one."""
        if _USERS not in self.session.cache:
            users: dict[str, set[Key]] = {}
            for block in self.client.filter("/block_documents"):
                for reference in block["block_document_references"].values():
                    users.setdefault(str(reference["block_document"]["id"]), set()).add(Block.key_of(block))
            self.session.cache[_USERS] = users
        found: set[Key] = self.session.cache[_USERS].get(self.id, set())
        return found

    @property
    def schema(self) -> BlockSchema:
        if self._schema is None:
            raise AssertionError("the schema is known once the block was looked for")
        return self._schema

    def _newest_schema(self, slug: str) -> BlockSchema:
        cache = self.session.cache.setdefault("block_schemas", {})
        planned = [row for key, row in self.session.cache.get("planned_schemas", {}).items() if key[0] == slug]
        if slug not in cache or planned:
            query = {"block_schemas": {"block_type_id": {"any_": [self._type_id]}}}
            there = self.client.filter("/block_schemas", query) if self._type_id else ()
            removed = self.session.removed
            left = (row for row in there if ("block_schema", (slug, str(row["version"]))) not in removed)
            found = newest([*planned, *left])
            if found is None:
                raise invalid("block_type_slug", f"block type '{slug}' has no schema; register it again")
            cache[slug] = BlockSchema(slug, found)
        schema: BlockSchema = cache[slug]
        return schema

    def _resolved(self, data: Json) -> Json:
        """Return the data with the full name and the id of every block that it refers to."""
        self.deferred = self.schema.id is None
        for field, reference in _references(data):
            place = f"data.{field}.$ref"
            identity: str | None = None
            key: Key | None = None
            if reference.get("block_document_id"):
                identity = str(reference["block_document_id"])
                key = self.session.key_of(Block, identity) if is_id(identity) else None
            elif reference.get("block_type_slug") and reference.get("name"):
                key = (str(reference["block_type_slug"]), str(reference["name"]))
                identity = self.session.id_of(Block, key)
            else:
                raise invalid(place, "expected block_type_slug and name, or block_document_id")
            if identity is None and key and (self.kind, key) in self.session.declared:
                self.deferred = True
            elif identity is None or key is None:
                raise invalid(place, self._missing(reference))
            elif key == self.name:
                raise invalid(place, "refers to the block itself")
            data[field] = {"$ref": {"block_type_slug": key[0], "name": key[1], "block_document_id": identity}}
        return data

    def _missing(self, reference: Json) -> str:
        if reference.get("block_document_id"):
            return f"no block has the id {reference['block_document_id']}"
        slug, name = _named(reference)
        known = [f"{slug}/{document['name']}" for document in documents_of(self.client, slug)]
        return f"no block {slug}/{name}; {nearest(f'{slug}/{name}', known)}"

    def _body(self) -> Json:
        data = {
            name: {"$ref": {"block_document_id": value["$ref"]["block_document_id"]}} if _is_reference(value) else value
            for name, value in (self._complete or {}).items()
        }
        return {"block_schema_id": self.schema.id, "data": data}

    # Data

    def _telling(self, data: Json) -> Json:
        """Return the data without what equals leaving it out."""
        if self._schema is None:
            return data
        return {name: value for name, value in data.items() if not self._schema.is_default(name, value)}

    def _as_text(self, data: Json, old: Json) -> Json:
        """Return the data with secret objects as JSON: the server would show an object to everybody."""
        for name, value in data.items():
            if isinstance(value, dict) and not _is_reference(value) and self.schema.is_text((name,)):
                data[name] = old[name] if _holds(old.get(name), value) else json.dumps(value, sort_keys=True)
        return data

    def _with_old_secrets(self, data: Any, old: Any, path: Path = ()) -> Any:
        """Return the data with the secrets that the block has already."""
        if not isinstance(data, dict) or not isinstance(old, dict) or _is_reference(data):
            return data
        result = {}
        for name in {**data, **old}:
            place = (*path, name)
            if name in old and not _is_reference(old[name]) and self.is_secret(("data", *place)):
                result[name] = old[name]
            elif name in data:
                result[name] = self._with_old_secrets(data[name], old.get(name), place)
        return result


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("$ref"), dict)


def _references(data: Json) -> list[tuple[str, Json]]:
    return [(name, value["$ref"]) for name, value in data.items() if _is_reference(value)]


def _named(reference: Json) -> Key:
    return str(reference.get("block_type_slug")), str(reference.get("name"))


def _reference(used: Json) -> Json:
    document = used["block_document"]
    slug = document["block_type"]["slug"]
    return {"$ref": {"block_type_slug": slug, "name": document["name"], "block_document_id": str(document["id"])}}


def _deep_references(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if _is_reference(part) and path:
            yield (*path, str(key))
        elif not _is_reference(part):
            yield from _deep_references(part, (*path, str(key)))


def _holds(text: Any, value: Json) -> bool:
    """Return whether a text is the JSON of the value."""
    try:
        return isinstance(text, str) and same(json.loads(text), value)
    except ValueError:
        return False
