# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas of block types: each version says what fields a block has, and stays as it is."""

from __future__ import annotations

from typing import Any, ClassVar, Collection, Iterator, Mapping

from ..bundled_blocks import is_bundled_schema
from ..difference import Json, same
from ..errors import Problem, invalid
from ..keys import beginnings
from ..names import check_block_name
from ..resource import Field, Options, Resource
from ..secrets import Path, by_name, in_schema
from ..session import Key, Session
from ..suggest import nearest
from .block_type import BlockType, documents_of, refuse_loss, required_type_id, type_id

# What the server keeps of a schema besides what was written.
_ADDED: Json = {"block_schema_references": {}, "secret_fields": [], "capabilities": []}


class BlockSchema(Resource):
    kind = "block_schema"
    plural = "block_schemas"
    key = ("block_type_slug", "version")
    options: ClassVar[Options] = {
        "block_type_slug": {"type": "str", "required": True},
        "version": {"type": "str", "required": True},
        "fields": {"type": "dict"},
        "capabilities": {"type": "list", "elements": "str"},
        "force": {"type": "bool", "default": False},
    }
    fields = (
        Field("block_type_slug"),
        Field("version"),
        Field("fields"),
        Field("capabilities", [], unordered=True),
    )

    _type_id: str | None = None

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        # There is no filter of slugs.
        wanted = beginnings(keys, 1)
        for schema in session.client.filter("/block_schemas"):
            if wanted is None or (schema["block_type"]["slug"],) in wanted:
                yield schema

    @classmethod
    def key_of(cls, live: Json) -> Key:
        return str(live["block_type"]["slug"]), str(live["version"])

    @classmethod
    def is_builtin(cls, live: Json) -> bool:
        return bool(live["block_type"]["is_protected"]) or is_bundled_schema(*cls.key_of(live))

    def needs(self) -> Iterator[tuple[str, Key]]:
        yield BlockType.kind, (self.given["block_type_slug"],)

    def find(self) -> Json | None:
        slug = self.given["block_type_slug"]
        self._type_id = (type_id if self.absent else required_type_id)(self.session, slug)
        self.deferred = self._type_id is None and not self.absent
        if self._type_id is None:
            return None
        query = {"block_schemas": {"block_type_id": {"any_": [self._type_id]}}}
        versions = [
            row for row in self.client.filter("/block_schemas", query) if row["version"] == self.given["version"]
        ]
        # Others may have made several of one version, the newest comes first.
        equal = [row for row in versions if same(_plain(row["fields"], slug), self._given_fields())]
        return next(iter(equal or versions), None)

    def check(self) -> list[Problem]:
        problems = check_block_name("block_type_slug", self.given["block_type_slug"])
        if not self.given["version"]:
            problems.append(Problem("version", "expected a version, found ''"))
        return problems + _problems(self.given.get("fields") or {}, self.given["block_type_slug"])

    def check_removal(self) -> None:
        slug = self.given["block_type_slug"]
        if (self.session.fetch(BlockType, (slug,)) or {}).get("is_protected"):
            raise invalid("block_type_slug", f"'{slug}' comes with Prefect, which protects its schemas")
        if not self.given["force"]:
            lost = [document for document in documents_of(self.client, slug) if document["block_schema_id"] == self.id]
            refuse_loss(self.session, slug, lost, "version", "schema")

    def managed(self, live: Json) -> Json:
        slug = self.given["block_type_slug"]
        return {
            "block_type_slug": slug,
            "version": live["version"],
            "fields": _plain(live["fields"], slug),
            "capabilities": live["capabilities"] or [],
        }

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if self.given.get("fields") is None:
            if before is None:
                raise invalid("fields", "is missing; a new schema needs them")
            after["fields"] = before["fields"]
        after["fields"] = _plain(after["fields"], self.given["block_type_slug"])
        if before is None:
            self._announce(after)
        else:
            self._refuse_change(before, after)
        return after

    def create(self, after: Json) -> None:
        # The server tells schemas apart by their contents: without the slug another type's could be taken for this.
        fields = {**_ADDED, **after["fields"], "block_type_slug": self.given["block_type_slug"]}
        fields.pop("capabilities")
        body = {"block_type_id": self._type_id, "fields": fields}
        rest = {name: after[name] for name in ("version", "capabilities")}
        self.id = str(self.client.create("/block_schemas/", {**body, **rest})["id"])
        self.session.cache["planned_schemas"].pop(self.name, None)
        self.session.cache.get("block_schemas", {}).pop(self.given["block_type_slug"], None)

    def is_secret(self, path: Path) -> bool:
        return in_schema(path) if path[:1] == ("fields",) else by_name(path)

    def _given_fields(self) -> Json:
        return _plain(self.given.get("fields") or {}, self.given["block_type_slug"])

    def _announce(self, after: Json) -> None:
        """Tell the blocks of this run of a schema that they may use."""
        planned = self.session.cache.setdefault("planned_schemas", {})
        planned[self.name] = {"id": None, "version": after["version"], "fields": after["fields"]}

    def _refuse_change(self, before: Json, after: Json) -> None:
        changed = [name for name in ("fields", "capabilities") if not _equal(before[name], after[name])]
        if not changed:
            return
        where = _differing(before["fields"], after["fields"]) if "fields" in changed else ["capabilities"]
        raise invalid(
            changed[0],
            f"version '{self.given['version']}' is there with other content ({', '.join(where)}), and a schema cannot "
            "change: blocks rest on it. Give what is new a version of its own",
        )


def _plain(fields: Json, slug: str) -> Json:
    """Return fields without what the server adds and what says nothing."""
    added = {**_ADDED, "block_type_slug": slug}
    return {name: value for name, value in fields.items() if name not in added or not same(value, added[name])}


def _equal(one: Any, other: Any) -> bool:
    return same(sorted(one), sorted(other)) if isinstance(one, list) else same(one, other)


def _differing(before: Json, after: Json) -> list[str]:
    """Return where two schemas differ."""
    result = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if name == "properties" and isinstance(one, dict) and isinstance(other, dict):
            result += [f"properties.{part}" for part in _differing(one, other)]
        elif not same(one, other):
            result.append(name)
    return result


def _problems(fields: Mapping[str, Any], slug: str) -> list[Problem]:
    """Return what makes no schema, or one that would show secrets; the server takes anything."""
    if not fields:
        return []
    if fields.get("block_type_slug", slug) != slug:
        return [Problem("fields.block_type_slug", f"expected '{slug}', found '{fields['block_type_slug']}'")]
    properties = fields.get("properties", {})
    if fields.get("type", "object") != "object" or not isinstance(properties, Mapping):
        return [Problem("fields", "expected a JSON schema of type object, with properties by name")]
    for option in ("required", "secret_fields"):
        if not isinstance(fields.get(option) or [], list):
            return [Problem(f"fields.{option}", "expected a list of names")]
    secret = [str(path) for path in fields.get("secret_fields") or []]
    problems = [
        Problem(f"fields.{option}", f"no such property '{name}'; {nearest(name, properties)}")
        for option, names in (("required", fields.get("required") or []), ("secret_fields", secret))
        for name in (str(part).partition(".")[0] for part in names)
        if name not in properties
    ]
    for name, rules in properties.items():
        if isinstance(rules, Mapping) and rules.get("format") == "password" and name not in secret:
            message = "is a password that secret_fields does not name, so the server would show it to everybody"
            problems.append(Problem(f"fields.properties.{name}", message))
    return problems
