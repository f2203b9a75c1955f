# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call the objects in actions, and the ids by which the server does."""

from __future__ import annotations

from .automation_actions import REFERENCES
from .client import Client, encoded
from .difference import Json
from .errors import InvalidError, Problem, invalid
from .resource import Key, Resource


def automations_named(client: Client, name: str) -> list[Json]:
    """Return all automations of a name: the server allows many."""
    return list(client.filter("/automations", {"automations": {"name": {"any_": [name]}}}))


def the_automation(client: Client, name: str, place: str) -> Json | None:
    """Return the automation of a name."""
    found = automations_named(client, name)
    if len(found) > 1:
        ids = ", ".join(sorted(str(automation["id"]) for automation in found))
        raise invalid(place, f"{len(found)} automations are called '{name}': {ids}; remove all but one of them")
    return found[0] if found else None


def reference_name(client: Client, kind: str, identity: str) -> str | None:
    """Return what people call an object; nothing of one that is gone."""
    if kind == "work_pool":
        pools = list(client.filter("/work_pools", {"work_pools": {"id": {"any_": [identity]}}}))
        return str(pools[0]["name"]) if pools else None
    path = {"block": "block_documents"}.get(kind, f"{kind}s")
    found: Json | None = client.find(encoded(path, identity))
    if found is None:
        return None
    if kind == "deployment":
        return f"{client.get(encoded('flows', found['flow_id']))['name']}/{found['name']}"
    if kind == "work_queue":
        return f"{found['work_pool_name']}/{found['name']}" if found["work_pool_name"] else None
    return f"{found['block_type']['slug']}/{found['name']}" if kind == "block" else str(found["name"])


def reference_id(resource: Resource, kind: str, name: str, place: str, later: bool = True) -> tuple[str | None, bool]:
    """Return the id of an object by its name, and whether this very run is to make it before."""
    key = _key(kind, name)
    if (kind, key) in resource.session.removed:
        raise invalid(place, f"{_called(kind)} {name} is removed by this run")
    found = _found(resource.client, kind, key, place)
    if found is not None:
        return str(found["id"]), False
    if later and _will_be(resource, kind, key):
        return None, True
    raise invalid(place, f"no {_called(kind)} {name}")


def checked_name(client: Client, kind: str, identity: str, place: str) -> str:
    """Return the name of an object that was given by its id."""
    name = reference_name(client, kind, identity)
    if name is None:
        raise InvalidError(Problem(place, f"no {_called(kind)} has the id {identity}"))
    return name


def _key(kind: str, name: str) -> Key:
    return (name,) if "/" not in REFERENCES[kind].form else tuple(name.split("/"))


def _found(client: Client, kind: str, key: Key, place: str) -> Json | None:
    if kind == "automation":
        return the_automation(client, key[0], place)
    paths = {
        "deployment": ("deployments", "name", *key),
        "work_pool": ("work_pools", *key),
        "work_queue": ("work_pools", key[0], "queues", key[-1]),
        "block": ("block_types", "slug", key[0], "block_documents", "name", key[-1]),
    }
    found: Json | None = client.find(encoded(*paths[kind]))
    return found


def _will_be(resource: Resource, kind: str, key: Key) -> bool:
    declared = resource.session.declared
    # The default queue comes with its pool.
    return (kind, key) in declared or (
        kind == "work_queue" and key[1] == "default" and ("work_pool", key[:1]) in declared
    )


def _called(kind: str) -> str:
    return kind.replace("_", " ")
