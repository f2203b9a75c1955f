# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole document of objects, with the classes that the single modules use."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, NamedTuple

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .client import Client
from .difference import Json
from .errors import InvalidError, PrefectError, Problem, RefusedError
from .given import given
from .kinds.automation import Automation
from .kinds.block import Block
from .kinds.block_schema import BlockSchema
from .kinds.block_type import BlockType
from .kinds.concurrency_limit import ConcurrencyLimit
from .kinds.default_result_storage import DefaultResultStorage
from .kinds.deployment import Deployment
from .kinds.deployment_schedule import DeploymentSchedule
from .kinds.flow import Flow
from .kinds.global_concurrency_limit import GlobalConcurrencyLimit
from .kinds.variable import Variable
from .kinds.work_pool import WorkPool
from .kinds.work_queue import WorkQueue
from .option_keys import known_only, unknown_keys
from .resource import STATE, Resource, Session
from .secrets import hidden, secret_strings

# In the order to create them; to remove them it is reversed.
KINDS: dict[str, type[Resource]] = {
    "block_types": BlockType,
    "block_schemas": BlockSchema,
    "blocks": Block,
    "default_result_storage": DefaultResultStorage,
    "work_pools": WorkPool,
    "work_queues": WorkQueue,
    "variables": Variable,
    "global_concurrency_limits": GlobalConcurrencyLimit,
    "concurrency_limits": ConcurrencyLimit,
    "flows": Flow,
    "deployments": Deployment,
    "deployment_schedules": DeploymentSchedule,
    "automations": Automation,
}


class Item(NamedTuple):
    path: str
    section: str
    resource: Resource


def run(module: Any, client: Client) -> Json:
    """Return the result of module C(resources)."""
    bulk = Bulk(client, module.given["resources"])
    bulk.read()
    module.censor(bulk.secrets())
    bulk.plan()
    module.censor(bulk.secrets())
    bulk.apply()
    return {
        "changed": any(item.resource.changed for item in bulk.items),
        "results": bulk.results(),
        "diff": bulk.diff(),
    }


def invocation(options: Json) -> Json:
    """Return the options of the module without secrets."""
    document = options.get("resources")
    if not isinstance(document, dict):
        return hidden(options)  # type: ignore[no-any-return]
    return {
        **{name: hidden(value) for name, value in options.items()},
        "resources": {
            section: [KINDS[section].invocation(item) if isinstance(item, dict) else hidden(item) for item in items]
            if section in KINDS and isinstance(items, list)
            else hidden(items)
            for section, items in document.items()
        },
    }


class Bulk:
    """Plans everything before it writes anything."""

    def __init__(self, client: Client, document: Json) -> None:
        self.session = Session(client)
        self._document = document
        self._problems: list[Problem] = []
        self.items: list[Item] = []

    def read(self) -> None:
        """Turn the document into objects, in the order to write them."""
        for section, kind in KINDS.items():
            for at, options in enumerate(self._document.get(section) or []):
                self._read_item(f"resources.{section}[{at}]", section, kind, options)
        self._check_together()
        for item in self.items:
            known = self.session.removed if item.resource.absent else self.session.declared
            known.add((item.resource.kind, item.resource.name))
        self.items = [*self._ordered(absent=False), *reversed(self._ordered(absent=True))]

    def plan(self) -> None:
        """Compare everything with what there is, and tell all that is wrong at once."""
        for item in self.items:
            try:
                item.resource.plan()
            except InvalidError as error:
                self._add(item.path, error.problems)
            except RefusedError as error:
                self._problems.append(Problem(item.path, str(error)))
            except PrefectError:
                # No server, so nothing to compare with; what is wrong by itself counts more.
                if not self._problems:
                    raise
                break
        if self._problems:
            raise InvalidError(*self._problems)

    def apply(self) -> None:
        """Write what differs, in order."""
        for at, item in enumerate(self.items):
            try:
                if item.resource.deferred and not self.session.client.check_mode:
                    item.resource.plan()
                item.resource.apply()
            except PrefectError as error:
                done = self.results(at)
                raise PrefectError(
                    f"{item.path}: {error}", changed=any(row["changed"] for row in done), results=done
                ) from None

    def secrets(self) -> Iterator[str]:
        for item in self.items:
            yield from secret_strings(item.resource.given, item.resource.is_secret)
            yield from item.resource.secrets()

    def results(self, count: int | None = None) -> list[Json]:
        """Return what happened to each item."""
        return [
            {
                "item": item.path,
                "kind": item.resource.kind,
                "name": "/".join(item.resource.name),
                "id": item.resource.id,
                "action": item.resource.action,
                "changed": item.resource.changed,
            }
            for item in self.items[:count]
        ]

    def diff(self) -> Json:
        """Return all differences as one."""
        result: dict[str, dict[str, Json]] = {"before": {}, "after": {}}
        for item in self.items:
            if item.resource.changed:
                for side, content in item.resource.difference.shown().items():
                    if content:
                        result[side].setdefault(item.section, {})["/".join(item.resource.name)] = content
        return result

    def _read_item(self, path: str, section: str, kind: type[Resource], options: Any) -> None:
        spec = {**kind.options, **STATE}
        self._problems += unknown_keys(spec, options, path)
        options = known_only(spec, options)
        checked = ArgumentSpecValidator(spec).validate(options)
        if checked.error_messages:
            self._problems += [Problem(path, message) for message in checked.error_messages]
            return
        resource = kind(self.session, given(spec, options, checked.validated_parameters))
        problems = resource.check()
        self._add(path, problems)
        if not problems:
            self.items.append(Item(path, section, resource))

    def _check_together(self) -> None:
        seen: dict[tuple[str, tuple[str, ...]], str] = {}
        for item in self.items:
            first = seen.setdefault((item.section, item.resource.name), item.path)
            if first != item.path:
                self._problems.append(Problem(item.path, f"is the same object as {first}"))
        paths = {id(item.resource): item.path for item in self.items}
        for section, kind in KINDS.items():
            for resource, problem in kind.clashes([item.resource for item in self.items if item.section == section]):
                self._add(paths[id(resource)], [problem])

    def _ordered(self, absent: bool) -> list[Item]:
        result = []
        for section, kind in KINDS.items():
            chosen = {id(item.resource): item for item in self.items if item.section == section}
            resources = [item.resource for item in chosen.values() if item.resource.absent == absent]
            result += [chosen[id(resource)] for resource in kind.arrange(resources)]
        return result

    def _add(self, path: str, problems: Iterable[Problem]) -> None:
        self._problems += [Problem(f"{path}.{place}", message) for place, message in problems]
