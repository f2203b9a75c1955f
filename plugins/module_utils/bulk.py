# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole document of objects, with the classes that the single modules use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterable, Iterator

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .bulk_items import Item, result
from .bulk_writing import THREADS, Writer, message
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
from .kinds.webhook import Webhook
from .kinds.work_pool import WorkPool
from .kinds.work_queue import WorkQueue
from .option_keys import known_only, unknown_keys
from .ownership import Ownership
from .resource import STATE, Resource
from .secrets import hidden, secret_strings
from .session import Key, Session, told

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
    "webhooks": Webhook,
}


def run(module: Any, client: Client) -> Json:
    """Return the result of module C(resources)."""
    bulk = Bulk(client, module.given["resources"], Ownership.of(module.given, list(KINDS)))
    bulk.read()
    module.censor(bulk.secrets())
    bulk.plan()
    module.censor(bulk.secrets())
    bulk.apply()
    return {**result(bulk.items), **told(bulk.session)}


def invocation(options: Json) -> Json:
    """Return the options of the module without secrets."""
    document = options.get("resources")
    shown: Any = hidden(document)
    if isinstance(document, dict):
        shown = {
            section: [KINDS[section].invocation(item) if isinstance(item, dict) else hidden(item) for item in items]
            if section in KINDS and isinstance(items, list)
            else hidden(items)
            for section, items in document.items()
        }
    return {**options, "resources": shown}


class Bulk:
    """Plans everything before it writes anything."""

    def __init__(self, client: Client, document: Json, ownership: Ownership) -> None:
        self.session = Session(client)
        self.session.ownership_tag = ownership.tag
        self._ownership = ownership
        self._document = document
        self._problems: list[Problem] = []
        # In the order to write them; what is in one step may be written at once.
        self._steps: list[list[Item]] = []

    @property
    def items(self) -> list[Item]:
        return [item for step in self._steps for item in step]

    def read(self) -> None:
        """Turn the document into objects, in the order to write them."""
        items: list[Item] = []
        for section, kind in KINDS.items():
            for at, options in enumerate(self._document.get(section) or []):
                items += self._read_item(f"resources.{section}[{at}]", section, kind, options)
        self._check_together(items)
        self._arrange(items)

    def plan(self) -> None:
        """Compare everything with what there is, and tell all that is wrong at once."""
        try:
            self._preload()
            superfluous = self._superfluous()
            if superfluous:
                self._arrange([*self.items, *superfluous])
            for item in self.items:
                self._plan_item(item)
        except PrefectError:
            # No server, so nothing to compare with; what is wrong by itself counts more.
            if not self._problems:
                raise
        if self._problems:
            raise InvalidError(*self._problems)

    def apply(self) -> None:
        """Write what differs; raise PrefectError if that fails for some."""
        if self.session.client.check_mode or not any(item.resource.changed for item in self.items):
            return
        Writer().write(self._steps)
        failed = message(self.items)
        if failed:
            raise PrefectError(failed, **result(self.items))

    def secrets(self) -> Iterator[str]:
        for item in self.items:
            yield from secret_strings(item.resource.given, item.resource.is_secret)
            yield from item.resource.secrets()

    # What is declared

    def _read_item(self, path: str, section: str, kind: type[Resource], options: Any) -> list[Item]:
        spec = {**kind.options, **STATE}
        self._problems += unknown_keys(spec, options, path)
        options = known_only(spec, options)
        checked = ArgumentSpecValidator(spec).validate(options)
        if checked.error_messages:
            self._problems += [Problem(path, message) for message in checked.error_messages]
            return []
        resource = kind(self.session, given(spec, options, checked.validated_parameters))
        problems = resource.problems()
        self._add(path, problems)
        return [] if problems else [Item(path, section, resource)]

    def _check_together(self, items: list[Item]) -> None:
        seen: dict[tuple[str, Key], str] = {}
        for item in items:
            first = seen.setdefault((item.section, item.resource.name), item.path)
            if first != item.path:
                self._problems.append(
                    Problem(item.path, f"is the same object as {first}: {'/'.join(item.resource.name)}")
                )
        paths = {id(item.resource): item.path for item in items}
        for section, kind in KINDS.items():
            for resource, problem in kind.clashes([item.resource for item in items if item.section == section]):
                self._add(paths[id(resource)], [problem])

    def _arrange(self, items: list[Item]) -> None:
        for item in items:
            known = self.session.removed if item.resource.absent else self.session.declared
            known.add(item.called)
        present, absent = ([item for item in items if item.resource.absent is absent] for absent in (False, True))
        self._steps = [*_arranged(present), *reversed(_arranged(absent))]

    # What there is

    def _preload(self) -> None:
        """Read all that the document is about by list calls."""
        wanted: dict[str, set[Key]] = {kind.kind: set() for kind in KINDS.values()}
        for item in self.items:
            for kind, key in (item.called, *item.resource.needs()):
                wanted.setdefault(kind, set()).add(key)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda row: self._read_section(row[0], row[1], wanted[row[1].kind]), KINDS.items()))

    def _read_section(self, section: str, kind: type[Resource], keys: set[Key]) -> None:
        every = self._ownership.reaches(section, kind)
        if not keys and not every:
            return
        try:
            self.session.preload(kind, None if every else keys)
        except RefusedError as error:
            self._problems.append(Problem(f"resources.{section}", str(error)))

    def _superfluous(self) -> list[Item]:
        """Return what the document owns and no longer declares, as objects to remove."""
        result: list[Item] = []
        owned = 0
        settled = self.session.declared | self.session.removed
        covered = {whole for item in self.items if not item.resource.absent for whole in item.resource.covers()}
        for section, kind in KINDS.items():
            if not self._ownership.reaches(section, kind):
                continue
            for key, live in self.session.known(kind):
                if kind.is_builtin(live) or not self._ownership.owns(section, key, live):
                    continue
                owned += 1
                if (kind.kind, key) not in settled and not covered.intersection(_beginnings(kind, key)):
                    result.append(Item(f"{section}: {'/'.join(key)}", section, kind.to_remove(self.session, key)))
        self._problems += self._ownership.check([item.path for item in result], owned)
        return result

    def _plan_item(self, item: Item) -> None:
        told = len(self._problems)
        try:
            item.resource.plan()
        except InvalidError as error:
            self._add(item.path, error.problems)
        except RefusedError as error:
            self._problems.append(Problem(item.path, str(error)))
        if told == len(self._problems) and not item.resource.absent:
            self._problems += [
                Problem(item.path, f"needs {kind.replace('_', ' ')} '{'/'.join(key)}', which this run removes")
                for kind, key in item.resource.needs()
                if (kind, key) in self.session.removed
            ]

    def _add(self, path: str, problems: Iterable[Problem]) -> None:
        self._problems += [Problem(f"{path}.{place}", message) for place, message in problems]


def _beginnings(kind: type[Resource], key: Key) -> Iterator[tuple[str, Key]]:
    return ((kind.kind, key[:length]) for length in range(1, len(key)))


def _arranged(items: list[Item]) -> list[list[Item]]:
    """Return objects in the order to create them, kind by kind."""
    result: list[list[Item]] = []
    for section, kind in KINDS.items():
        chosen = {id(item.resource): item for item in items if item.section == section}
        steps = kind.arrange([item.resource for item in chosen.values()]) if chosen else []
        result += [[chosen[id(resource)] for resource in step] for step in steps]
    return result
