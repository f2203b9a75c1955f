# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks of Prefect Cloud."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Collection, Iterator

from ..difference import Json
from ..errors import Problem, invalid
from ..names import check_name
from ..resource import Field, Options, Resource
from ..session import Key, Session

_ENDPOINTS = "https://api.prefect.cloud/hooks/"
_KEPT = "service_account_id"


class Webhook(Resource):
    kind = "webhook"
    plural = "webhooks"
    options: ClassVar[Options] = {
        "name": {"type": "str", "required": True},
        "template": {"type": "raw"},
        "description": {"type": "str"},
        "enabled": {"type": "bool"},
    }
    fields = (Field("name"), Field("template"), Field("description", ""), Field("enabled", True))

    _slug: str | None = None

    @classmethod
    def fetch(cls, session: Session, key: Key) -> Json | None:
        return next((live for live in cls.listed(session, [key]) if cls.key_of(live) == key), None)

    @classmethod
    def every(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        """Yield each webhook, also those of one name."""
        # A server of one's own knows no such path, and Prefect Cloud no filter of names.
        yield from session.client.filter("/webhooks") if session.client.is_cloud else ()

    @classmethod
    def listed(cls, session: Session, _keys: Collection[Key] | None = None) -> Iterator[Json]:
        same_name: dict[Key, list[Json]] = {}
        for live in cls.every(session):
            same_name.setdefault(cls.key_of(live), []).append(live)
        for found in same_name.values():
            yield {**found[0], "ids": sorted(str(live["id"]) for live in found)}

    def find(self) -> Json | None:
        if not self.client.is_cloud:
            raise invalid("name", "only Prefect Cloud has webhooks, and api_url is a server of one's own")
        found = super().find()
        if found and len(found["ids"]) > 1:
            raise invalid("name", f"several webhooks have it: {', '.join(found['ids'])}; remove all but one of them")
        self._slug = found["slug"] if found else None
        return found

    def check(self) -> list[Problem]:
        problems = check_name("name", self.given["name"])
        template = self.given.get("template")
        if template is not None and not (isinstance(template, (str, dict)) and template):
            problems.append(Problem("template", "expected a text, or an object with event and resource"))
        return problems

    def managed(self, live: Json) -> Json:
        template = _normal(live["template"])
        return {**super().managed(live), "template": template, "description": live.get("description") or ""}

    def wanted(self, before: Json | None) -> Json:
        after = super().wanted(before)
        if after["template"] is None:
            raise invalid("template", "is missing; a webhook needs one")
        return {**after, "template": _normal(after["template"])}

    def body(self, after: Json) -> Json:
        template = after["template"]
        kept = {_KEPT: self.live[_KEPT]} if self.live and self.live.get(_KEPT) else {}
        return {**after, **kept, "template": template if isinstance(template, str) else json.dumps(template)}

    def create(self, after: Json) -> None:
        made = self.client.create(self.collection(), self.body(after))
        self.id, self._slug = str(made["id"]), made["slug"]

    def update(self, _changes: Json) -> None:
        self.client.put(self.address(), self.body(self.difference.after or {}))

    def object(self) -> Json | None:
        shown = super().object()
        # The rest of the address is the same for all of Prefect Cloud.
        return shown and {**shown, "endpoint": f"{_ENDPOINTS}{self._slug}" if self._slug else None}


def _normal(template: Any) -> Any:
    """Return a template as the object that it is the text of, if it is one."""
    try:
        parsed = json.loads(template) if isinstance(template, str) else template
    except ValueError:
        return template
    return parsed if isinstance(parsed, dict) else template
