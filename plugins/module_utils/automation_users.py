# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which automations act on an object: the server removes it all the same, and their actions fail from then on."""

from __future__ import annotations

from .automation_actions import REFERENCES, reference_of
from .errors import RefusedError
from .resource import Resource
from .session import Session

_CACHE = "automations_by_object"
_ACTIONS = ("actions", "actions_on_trigger", "actions_on_resolve")


def automations_of(resource: Resource) -> list[str]:
    """Return the names of the automations that act on an object, but for those that this run removes or writes."""
    session = resource.session
    if _CACHE not in session.cache:
        session.cache[_CACHE] = _by_object(session)
    names: set[str] = session.cache[_CACHE].get((resource.kind, resource.id), set())
    # What this run writes is checked by itself.
    settled = session.removed | session.declared
    return sorted(name for name in names if ("automation", (name,)) not in settled)


def warn_of_automations(resource: Resource) -> None:
    names = automations_of(resource)
    if names:
        what = f"{resource.kind.replace('_', ' ')} {'/'.join(resource.name)}"
        resource.session.warnings.append(
            f"{what} is removed, and these automations act on it and will fail: {', '.join(names)}"
        )


def _by_object(session: Session) -> dict[tuple[str, str], set[str]]:
    result: dict[tuple[str, str], set[str]] = {}
    try:
        automations = list(session.client.filter("/automations"))
    except RefusedError:
        # Whoever may remove the object need not be allowed to read automations.
        return result
    for automation in automations:
        for action in (action for name in _ACTIONS for action in automation.get(name) or []):
            kind = reference_of(action)
            identity = action.get(REFERENCES[kind].id) if kind else None
            if kind and identity:
                result.setdefault((kind, str(identity)), set()).add(str(automation["name"]))
    return result
