# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of object has in common: find it, compare it, create, update or delete it."""

from __future__ import annotations

from typing import Any, ClassVar, Collection, Dict, Iterable, Iterator, NamedTuple, Sequence

from .client import PAGE
from .difference import Difference, Json, same
from .errors import InvalidError, Problem, RefusedError
from .option_keys import without_texts
from .secrets import Path, by_name, hidden, secret_strings, shown
from .session import Key, Session
from .writable import unwritable

Options = Dict[str, Dict[str, Any]]

STATE: Options = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}


class Field(NamedTuple):
    """A field that the module manages; option and API use the same name."""

    name: str
    default: Any = None  # of a new object, and what null resets the field to
    unordered: bool = False
    # Why the field cannot change, and how to proceed.
    create_only: str = ""


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
        # Whether the plan rests on what this very run is to write.
        self.deferred = False

    # What a kind declares

    @classmethod
    def location(cls, key: Key) -> str:
        """Return the path at which the API has the object of a key."""
        raise NotImplementedError

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        """Ask for one object."""
        found: Json | None = session.client.find(cls.location(key))
        return found

    @classmethod
    def fetch_by_id(cls, session: Session, identity: str) -> Json | None:
        """Ask for one object by its id."""
        found: Json | None = session.client.find(f"/{cls.plural}/{identity}")
        return found

    @classmethod
    def listed(cls, session: Session, keys: Collection[Key] | None = None) -> Iterator[Json]:
        """Yield objects as fetch() returns them, by list calls: those of the keys among others, or all."""
        for some in chunks(keys):
            yield from session.client.filter(f"/{cls.plural}", cls.query(some))

    @classmethod
    def query(cls, keys: Sequence[Key] | None) -> Json:
        """Return the body of a list call for the objects of some keys, or for all."""
        return {} if keys is None else {cls.plural: {"name": {"any_": sorted({key[-1] for key in keys})}}}

    @classmethod
    def key_of(cls, live: Json) -> Key:
        """Return the key of an object of the API."""
        return tuple(str(live[part]) for part in cls.key)

    @classmethod
    def is_builtin(cls, _live: Json) -> bool:
        """Return whether Prefect made the object for itself."""
        return False

    @classmethod
    def has_tags(cls) -> bool:
        return any(field.name == "tags" for field in cls.fields)

    @classmethod
    def to_remove(cls, session: Session, key: Key) -> Resource:
        """Return the object of a key as one to remove."""
        return cls.bare(session, key)

    @classmethod
    def bare(cls, session: Session, key: Key) -> Resource:
        """Return the object of a key, of which nothing is declared."""
        defaults = {name: rules["default"] for name, rules in cls.options.items() if "default" in rules}
        return cls(session, {**defaults, **dict(zip(cls.key, key)), "state": "absent"})

    def needs(self) -> Iterable[tuple[str, Key]]:
        """Yield the objects that this one refers to, by kind and key."""
        return ()

    def covers(self) -> Iterable[tuple[str, Key]]:
        """Yield the beginnings of the keys of objects that are a part of this one, by kind."""
        return ()

    def find(self) -> Json | None:
        """Return the object as the API has it."""
        return self.session.fetch(type(self), self.name)

    def collection(self) -> str:
        """Return the path to create an object at."""
        return f"/{self.plural}/"

    def address(self) -> str:
        """Return the path of the object."""
        return f"/{self.plural}/{self.id}"

    def check(self) -> list[Problem]:
        """Return what is wrong with the options by themselves."""
        return []

    def problems(self) -> list[Problem]:
        """Return what is wrong with the options by themselves, whatever the kind."""
        return [*unwritable(self.given)] or self.check()

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
        safe = without_texts(spec, options)
        return {name: shown(value) if name in known else hidden(value) for name, value in safe.items()}

    @classmethod
    def arrange(cls, resources: Sequence[Resource]) -> list[list[Resource]]:
        """Return the objects in steps; each needs only objects of the steps before it."""
        waiting = {resource.name: resource for resource in resources}
        result: list[list[Resource]] = []
        while waiting:
            # What goes in a circle has no order.
            step = [resource for resource in waiting.values() if not _waits(resource, waiting)] or [*waiting.values()]
            for resource in step:
                del waiting[resource.name]
            result.append(step)
        return result

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
            after = self._owned(self.wanted(before))
            self._check_create_only(before, after)
        elif self.live:
            self.check_removal()
        unordered: frozenset[str] = frozenset(field.name for field in self.fields if field.unordered)
        self.difference = Difference(before, after, self.is_secret, unordered)
        if self.difference.changed:
            self.action = "created" if before is None else "deleted" if after is None else "updated"
        else:
            self.action = "unchanged"

    def is_stale(self) -> bool:
        """Return whether the plan has to be made again right before it is applied."""
        return self.deferred

    def replan(self) -> None:
        """Compare again, now that what this object needs is there."""
        self.plan()

    def apply(self) -> None:
        """Write what differs; in check mode nothing."""
        if not self.difference.changed or self.client.check_mode:
            return
        after = self.difference.after
        if after is None:
            self.delete()
            self.session.forget(self.kind, self.name)
        elif self.difference.before is None:
            self._create(after)
        else:
            self.update({name: after[name] for name in self.difference.fields if name in after})
        if self.id and not self.absent:
            self.session.made(type(self), self.name, self.id)

    def create(self, after: Json) -> None:
        self.id = str(self.client.create(self.collection(), self.body(after))["id"])

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

    def _create(self, after: Json, tries: int = 2) -> None:
        try:
            self.create(after)
        except RefusedError as error:
            if error.status != 409:
                raise
            self.session.forget(self.kind, self.name)
            self.plan()
            if self.live is not None:
                # Somebody else was faster.
                self.apply()
            elif tries > 1:
                # A server that stores its first blocks at once makes its key for all of them at once.
                self._create(after, tries - 1)
            else:
                raise

    def _owned(self, after: Json) -> Json:
        """Return the fields with the tag of those that the run owns."""
        tag = self.session.ownership_tag
        if tag is None or "tags" not in after or tag in after["tags"]:
            return after
        return {**after, "tags": [*after["tags"], tag]}

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


def chunks(keys: Collection[Key] | None) -> Iterator[Sequence[Key] | None]:
    """Yield as many keys as one list call is to ask for; None stands for all objects."""
    if keys is None:
        yield None
        return
    ordered = sorted(keys)
    # One less than a page: a page that is not full is the last.
    for start in range(0, len(ordered), PAGE - 1):
        yield ordered[start : start + PAGE - 1]


def _waits(resource: Resource, waiting: dict[Key, Resource]) -> bool:
    return any(kind == resource.kind and key in waiting and key != resource.name for kind, key in resource.needs())
