# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a server as a document that makes them again."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Mapping, Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .block_schema import BlockSchema, newest
from .bulk import KINDS
from .bundled_blocks import is_bundled_schema
from .client import Client
from .difference import Json
from .errors import InvalidError, Problem, invalid
from .export_names import Names, Secret
from .export_options import options_of, says_nothing
from .given import given
from .kinds.automation import Automation
from .kinds.deployment import Deployment
from .kinds.flow import Flow
from .kinds.work_pool import WorkPool
from .kinds.work_queue import DEFAULT, WorkQueue
from .ownership import PROOF_TAG, check_patterns, matches
from .resource import STATE, Resource
from .secrets import shown
from .session import Key, Session

# The deployments tell of their schedules.
SECTIONS = tuple(section for section in KINDS if section != "deployment_schedules")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEGACY = {
    "storage_document_id": "its code is in a storage block of Prefect 2",
    "infrastructure_document_id": "it runs by an infrastructure block of Prefect 2",
}


def run(module: Any, client: Client) -> Json:
    """Return the result of module C(resources_export), for the controller to write."""
    include: Json = module.params["include"] or {}
    problems = check_patterns("include", include, SECTIONS)
    if problems:
        raise InvalidError(*problems)
    export = Export(client, include)
    export.read()
    values = bool(module.params["vault_dest"])
    return {
        "resources": {section: [options for options, _resource in items] for section, items in export.sections.items()},
        "secrets": [_told(place, secret, values) for place, secret in export.secrets],
        "left_out": export.left_out,
        "notes": export.notes,
    }


def _told(place: Sequence[Any], secret: Secret, value: bool) -> Json:
    told = {"kind": secret.kind, "name": secret.name, "option": secret.option, "variable": secret.variable}
    return {**told, "place": [*place, *secret.path], **({"value": secret.value} if value else {})}


class Export:
    """Reads lists only, and proves of each object that declaring it changes nothing."""

    def __init__(self, client: Client, include: Mapping[str, Sequence[str]]) -> None:
        self.session = Session(client)
        self._include = include
        self.sections: dict[str, list[tuple[Json, Resource]]] = {}
        self.secrets: list[tuple[tuple[str, int], Secret]] = []
        self.left_out: list[Json] = []
        self.notes: list[str] = []
        # Flows that a deployment makes with it.
        self._deployed: set[str] = set()

    def read(self) -> None:
        for section in SECTIONS:
            # All of them: objects refer to each other by ids.
            self.session.preload(KINDS[section])
        self._read_schemas()
        self._deployed = {key[0] for key, _live in self.session.known(Deployment)}
        for section in SECTIONS:
            self.sections[section] = list(self._items(section, KINDS[section]))
        self._leave_out_what_needs_them()
        self._note_surroundings()
        self.sections = {section: items for section, items in self.sections.items() if items}
        names = Names()
        for section, items in self.sections.items():
            for at, (options, resource) in enumerate(items):
                self.secrets += [((section, at), secret) for secret in names.taken_out(resource, options)]

    def _read_schemas(self) -> None:
        """Tell the blocks of the newest schemas by one list."""
        schemas: dict[str, list[Json]] = {}
        seen: set[Key] = set()
        for schema in self.session.client.filter("/block_schemas"):
            slug, version = key = (str(schema["block_type"]["slug"]), str(schema["version"]))
            schemas.setdefault(slug, []).append(schema)
            # The newest comes first.
            if key in seen and self._is_meant("block_schemas", key) and not is_bundled_schema(*key):
                older = f"an older one of this version ({schema['id']}) is left out"
                self.notes.append(f"block_schema {slug}/{version}: {older}")
            seen.add(key)
        for slug, rows in schemas.items():
            latest = newest(rows)
            if latest is not None:
                self.session.cache.setdefault("block_schemas", {})[slug] = BlockSchema(slug, latest)

    def _items(self, section: str, kind: type[Resource]) -> Iterator[tuple[Json, Resource]]:
        for key, live in self.session.known(kind):
            if not self._is_meant(section, key) or self._comes_by_itself(kind, key, live):
                continue
            try:
                options, resource = self._declared(kind, key)
                if not says_nothing(resource, options):
                    yield options, resource
            except InvalidError as error:
                self._leave_out(kind, "/".join(key), live, shown("; ".join(map(": ".join, error.problems))))

    def _is_meant(self, section: str, key: Key) -> bool:
        return not self._include or matches(self._include.get(section, ()), key)

    def _comes_by_itself(self, kind: type[Resource], key: Key, live: Json) -> bool:
        """Return whether Prefect, a deployment, or the proof of the installation makes the object."""
        if kind is Deployment and PROOF_TAG in live["tags"]:
            return True
        if kind is Flow:
            return not live["tags"] and key[0] in self._deployed
        # A pool's own queue may have been changed.
        is_own_queue = kind is WorkQueue and key[1] == DEFAULT["name"] and not WorkPool.is_builtin({"name": key[0]})
        return not live["id"] or (kind.is_builtin(live) and not is_own_queue)

    def _declared(self, kind: type[Resource], key: Key) -> tuple[Json, Resource]:
        """Return an object as it is declared, and the plan to apply that here."""
        named = self._resource(kind, dict(zip(kind.key, key)))
        live = named.find()
        if live is None:
            raise invalid("name", "is gone meanwhile")
        for name, reason in _LEGACY.items():
            if live.get(name):
                raise invalid(name, f"{reason} ({live[name]}), which nothing runs any more")
        options = options_of(named, live)
        resource = self._resource(kind, options)
        problems = resource.check()
        if problems:
            raise InvalidError(*problems)
        resource.plan()
        if isinstance(resource, Automation) and resource.check_anew():
            raise InvalidError(*resource.check_anew())
        if resource.changed:
            fields = ", ".join(resource.difference.fields)
            self._note(resource, f"applying it here would change {fields}: what the server has cannot be declared")
        return options, resource

    def _resource(self, kind: type[Resource], options: Json) -> Resource:
        spec = {**kind.options, **STATE}
        checked = ArgumentSpecValidator(spec).validate(options)
        if checked.error_messages:
            raise InvalidError(*(Problem("options", message) for message in checked.error_messages))
        return kind(self.session, given(spec, options, checked.validated_parameters))

    # What the document does not tell

    def _leave_out(self, kind: type[Resource], name: str, live: Json, reason: str) -> None:
        ids = live.get("ids") or [live["id"]]
        self.left_out.append({"kind": kind.kind, "name": name, "ids": ids, "reason": reason})

    def _leave_out_what_needs_them(self) -> None:
        """Leave out what an empty server would refuse, for it lacks what is left out."""
        gone = {(row["kind"], row["name"]) for row in self.left_out}
        while True:
            rows = [
                (items, item, need)
                for items in self.sections.values()
                for item in items
                for need in _first(item[1], gone)
            ]
            if not rows:
                return
            for items, item, (kind, name) in rows:
                items.remove(item)
                resource = item[1]
                called = "/".join(resource.name)
                self._leave_out(type(resource), called, resource.live or {}, f"needs {kind} {name}, which is left out")
                gone.add((resource.kind, called))

    def _note(self, resource: Resource, text: str) -> None:
        self.notes.append(f"{resource.kind} {'/'.join(resource.name)}: {text}")

    def _note_surroundings(self) -> None:
        """Tell what would not be the same on another server."""
        known = {(kind.kind, key): live for kind in KINDS.values() for key, live in self.session.known(kind)}
        called = {str(live["id"]): f"{kind} {'/'.join(key)}" for (kind, key), live in known.items()}
        for options, resource in (item for items in self.sections.values() for item in items):
            for identity in sorted(called.keys() & set(_ID.findall(json.dumps(options)))):
                self._note(resource, f"holds the id of {called[identity]}, which another server does not know")
            if isinstance(resource, WorkPool) and (WorkQueue.kind, (*resource.name, DEFAULT["name"])) not in known:
                self._note(resource, f"its queue {DEFAULT['name']} was renamed; a new pool gets another one")


def _first(resource: Resource, gone: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the first object that another one needs, of those that are gone."""
    return [need for need in ((kind, "/".join(key)) for kind, key in resource.needs()) if need in gone][:1]
