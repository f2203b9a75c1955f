# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block documents."""

from __future__ import annotations

import copy
import json
from typing import Any, ClassVar, Iterator, Sequence

from ..block_schema import BlockSchema, newest
from ..block_types import documents_of, find_type, required_type
from ..client import encoded
from ..difference import Json, same
from ..errors import InvalidError, Problem, invalid
from ..names import check_block_name
from ..resource import Field, Key, Options, Resource
from ..secrets import Path, hidden, secret_name
from ..suggest import nearest

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

    def find(self) -> Json | None:
        slug, name = self.given["block_type_slug"], self.given["name"]
        block_type = find_type(self.session, slug) if self.absent else required_type(self.session, slug)
        self._schema = None
        if block_type is None and self.absent:
            return None
        self._type_id = str(block_type["id"]) if block_type else ""
        found: Json | None = None
        if block_type:
            found = self.client.find(
                encoded("block_types", "slug", slug, "block_documents", "name", name), include_secrets="true"
            )
        if not self.absent:
            self._schema = self._newest_schema(slug)
        elif found:
            self._schema = BlockSchema(slug, found["block_schema"])
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
        users = [
            (str(block["block_type"]["slug"]), str(block["name"]))
            for block in self.client.filter("/block_documents")
            for reference in block["block_document_references"].values()
            if reference["block_document"]["id"] == self.id
        ]
        left = sorted({"/".join(user) for user in users if (self.kind, user) not in self.session.removed})
        if left:
            raise invalid(
                "name", f"other blocks refer to this one and would lose it: {', '.join(left)}; see option force"
            )

    def managed(self, live: Json) -> Json:
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
        self.id = str(self.client.post("/block_documents/", body)["id"])

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
    def arrange(cls, resources: Sequence[Resource]) -> list[Resource]:
        """Put blocks behind those that they refer to."""
        waiting = {resource.name: resource for resource in resources}
        result: list[Resource] = []

        def place(resource: Resource) -> None:
            if waiting.pop(resource.name, None) is None:
                return
            for _field, reference in _references(resource.given.get("data") or {}):
                other = waiting.get((str(reference.get("block_type_slug")), str(reference.get("name"))))
                if other is not None:
                    place(other)
            result.append(resource)

        for resource in resources:
            place(resource)
        return result

    # Types, schemas and references

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
            found = newest([*planned, *(self.client.filter("/block_schemas", query) if self._type_id else ())])
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
            document: Any = None
            if reference.get("block_document_id"):
                document = self.client.find(encoded("block_documents", str(reference["block_document_id"])))
            elif reference.get("block_type_slug") and reference.get("name"):
                slug, name = str(reference["block_type_slug"]), str(reference["name"])
                document = self.client.find(encoded("block_types", "slug", slug, "block_documents", "name", name))
                if document is None and (self.kind, (slug, name)) in self.session.declared:
                    self.deferred = True
                    data[field] = {"$ref": {"block_type_slug": slug, "name": name, "block_document_id": None}}
                    continue
            else:
                raise invalid(place, "expected block_type_slug and name, or block_document_id")
            if document is None:
                raise invalid(place, self._missing(reference))
            if str(document["id"]) == self.id:
                raise invalid(place, "refers to the block itself")
            data[field] = _reference({"block_document": document})
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
