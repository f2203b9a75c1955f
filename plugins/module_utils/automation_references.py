# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call the objects in actions, and the ids by which the server does."""

from __future__ import annotations

from .automation_actions import REFERENCES
from .difference import Json
from .errors import InvalidError, Problem, invalid
from .names import is_id
from .resource import Resource
from .session import Key, Session


def the_only(automation: Json | None, name: str, place: str) -> Json | None:
    """Return an automation; raise InvalidError where others are called the same."""
    ids = (automation or {}).get("ids", [])
    if len(ids) > 1:
        raise invalid(
            place, f"{len(ids)} automations are called '{name}': {', '.join(ids)}; remove all but one of them"
        )
    return automation


def reference_name(session: Session, kind: type[Resource], identity: str) -> str | None:
    """Return what people call an object; nothing of one that is gone."""
    key = session.key_of(kind, identity)
    return "/".join(key) if key else None


def reference_key(kind: str, name: str) -> Key:
    return (name,) if "/" not in REFERENCES[kind].form else tuple(name.split("/"))


def reference_id(
    resource: Resource, kind: type[Resource], name: str, place: str, later: bool = True
) -> tuple[str | None, bool]:
    """Return the id of an object by its name, and whether this very run is to make it before."""
    key = reference_key(kind.kind, name)
    session = resource.session
    if (kind.kind, key) in session.removed:
        raise invalid(place, f"{_called(kind)} {name} is removed by this run")
    identity = session.id_of(kind, key)
    if identity is None and not (later and _will_be(resource, kind.kind, key)):
        raise invalid(place, f"no {_called(kind)} {name}")
    the_only(session.fetch(kind, key), name, place)
    return identity, identity is None


def checked_name(session: Session, kind: type[Resource], identity: str, place: str) -> str:
    """Return the name of an object that was given by its id."""
    # The server would take any other text for a path that it does not know.
    name = reference_name(session, kind, identity) if is_id(str(identity)) else None
    if name is None:
        raise InvalidError(Problem(place, f"no {_called(kind)} has the id {identity}"))
    return name


def _will_be(resource: Resource, kind: str, key: Key) -> bool:
    declared = resource.session.declared
    # The default queue comes with its pool.
    return (kind, key) in declared or (
        kind == "work_queue" and key[1] == "default" and ("work_pool", key[:1]) in declared
    )


def _called(kind: type[Resource]) -> str:
    return kind.kind.replace("_", " ")
