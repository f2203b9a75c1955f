# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of object has in common: find it, compare it, create, update or delete it."""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Iterator, NamedTuple, Sequence, Tuple

from .client import Client
from .difference import Difference, Json, same
from .errors import InvalidError, Problem, RefusedError
from .secrets import Path, by_name, hidden, secret_strings, shown

Key = Tuple[str, ...]
Options = Dict[str, Dict[str, Any]]

STATE: Options = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}


class Field(NamedTuple):
    """A field that the module manages; option and API use the same name."""

    name: str
    default: Any = None  # of a new object, and what null resets the field to
    unordered: bool = False
    # Why the field cannot change, and how to proceed.
    create_only: str = ""


class Session:
    """What the objects of one run share."""

    def __init__(self, client: Client) -> None:
        self.client = client
        # Objects that this run is to create or remove, by kind.
        self.declared: set[tuple[str, Key]] = set()
        self.removed: set[tuple[str, Key]] = set()
        self.cache: dict[Any, Any] = {}


class Resource:
    """One object. A kind is a subclass: mostly declarations."""

    kind = ""
    plural = ""
    key: tuple[str, ...] = ("name",)
    options: ClassVar[Options] = {}
    fields: tuple[Field, ...] = ()

    def __init__(self, session: Session, given: Json) -> None:
        self.session = session
        self.client = session.client
        self.given = given
        self.absent = given.get("state") == "absent"
        self.live: Json | None = None
        self.id: str | None = None
        self.action = "unchanged"
        self.difference = Difference(None, None)
        # Whether the plan rests on objects that do not exist yet.
        self.deferred = False

    # What a kind declares

    def find(self) -> Json | None:
        """Return the object as the API has it."""
        raise NotImplementedError

    def collection(self) -> str:
        """Return the path to create an object at."""
        return f"/{self.plural}/"

    def address(self) -> str:
        """Return the path of the object."""
        return f"/{self.plural}/{self.id}"

    def check(self) -> list[Problem]:
        """Return what is wrong with the options by themselves."""
        return []

    def check_removal(self) -> None:
        """Raise InvalidError if the object may not be removed."""

    def managed(self, live: Json) -> Json:
        """Return the managed fields of the object as options."""
        return {field.name: live.get(field.name) for field in self.fields}

    def wanted(self, before: Json | None) -> Json:
        """Return the managed fields as they are to be."""
        base = {field.name: field.default for field in self.fields} if before is None else dict(before)
        for field in self.fields:
            if field.name in self.given:
                value = self.given[field.name]
                base[field.name] = field.default if value is None else value
        return base

    def body(self, after: Json) -> Json:
        """Return managed fields as the API wants them."""
        return after

    def is_secret(self, path: Path) -> bool:
        return by_name(path)

    @classmethod
    def invocation(cls, options: Json) -> Json:
        """Return the options to show, before anything is known of the API."""
        spec = {**cls.options, **STATE}
        known = {name for option, rules in spec.items() for name in (option, *rules.get("aliases", ()))}
        return {name: shown(value) if name in known else hidden(value) for name, value in options.items()}

    @classmethod
    def arrange(cls, resources: Sequence[Resource]) -> list[Resource]:
        """Return the objects in the order to create them."""
        return list(resources)

    @classmethod
    def clashes(cls, _resources: Sequence[Resource]) -> list[tuple[Resource, Problem]]:
        """Return which objects cannot be applied together, and why."""
        return []

    # What happens to every kind

    @property
    def name(self) -> Key:
        return tuple(str(self.given.get(part)) for part in self.key)

    def plan(self) -> None:
        """Compare, and write nothing."""
        self.live = self.find()
        self.id = str(self.live["id"]) if self.live and self.live["id"] else None
        before = self.managed(self.live) if self.live else None
        after: Json | None = None
        if not self.absent:
            after = self.wanted(before)
            self._check_create_only(before, after)
        elif self.live:
            self.check_removal()
        unordered: frozenset[str] = frozenset(field.name for field in self.fields if field.unordered)
        self.difference = Difference(before, after, self.is_secret, unordered)
        if self.difference.changed:
            self.action = "created" if before is None else "deleted" if after is None else "updated"
        else:
            self.action = "unchanged"

    def apply(self) -> None:
        """Write what differs; in check mode nothing."""
        if not self.difference.changed or self.client.check_mode:
            return
        after = self.difference.after
        if after is None:
            self.delete()
        elif self.difference.before is None:
            self.create(after)
        else:
            self.update({name: after[name] for name in self.difference.fields if name in after})

    def create(self, after: Json) -> None:
        self.id = str(self.client.post(self.collection(), self.body(after))["id"])

    def update(self, changes: Json) -> None:
        self.client.patch(self.address(), self.body(changes))

    def delete(self) -> None:
        try:
            self.client.delete(self.address())
        except RefusedError as error:
            # Somebody else was faster.
            if error.status != 404:
                raise

    @property
    def changed(self) -> bool:
        return self.difference.changed

    def object(self) -> Json | None:
        """Return the object as it is now, or would be, without secrets."""
        after = self.difference.after
        return None if after is None else {"id": self.id, **shown(after, self.is_secret)}

    def secrets(self) -> Iterator[str]:
        """Yield the secrets that the plan knows of."""
        for side in (self.difference.before, self.difference.after):
            yield from secret_strings(side or {}, self.is_secret)

    def _check_create_only(self, before: Json | None, after: Json) -> None:
        if before is None:
            return
        problems = [
            Problem(
                field.name, f"is '{before[field.name]}' and cannot become '{after[field.name]}': {field.create_only}"
            )
            for field in self.fields
            if field.create_only and not same(before[field.name], after[field.name])
        ]
        if problems:
            raise InvalidError(*problems)
