# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write many objects at once, as far as none needs another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Sequence

from .bulk_items import Item
from .errors import PrefectError, RefusedError, UnauthorizedError, UnreachableError, WrongAddressError
from .session import Key
from .turns import Turns

# More do not make Prefect's server faster: it is one process.
THREADS = 8
_SHOWN = 20
_BUSY = 503
_LOST = "not tried, for the server was lost"
# What fails for one object fails for all.
_FATAL = (UnauthorizedError, UnreachableError, WrongAddressError)


class Writer:
    """Goes on behind a failure with all that does not need what failed."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, Key], Item] = {}
        # Objects that have to go before those that they need.
        self._kept: dict[tuple[str, Key], Item] = {}
        self._fatal = ""
        self._turns = Turns()
        # What the server was too busy for, whatever the patience of the client.
        self._refused: list[Item] = []

    def write(self, steps: Sequence[Sequence[Item]]) -> None:
        """Write what differs, one step after the other."""
        with ThreadPoolExecutor(THREADS) as pool:
            for step in steps:
                list(pool.map(self._write, [item for item in step if self._may_be_written(item)]))
                self._write_again()
                for item in step:
                    if item.error:
                        self._keep_in_mind(item)

    def _may_be_written(self, item: Item) -> bool:
        blocking = self._blocking(item)
        if blocking is not None:
            item.fail(f"not tried, for {blocking.path} failed", tried=False)
        return blocking is None and item.has_to_be_written

    def _blocking(self, item: Item) -> Item | None:
        if item.resource.absent:
            return self._kept.get(item.called)
        return next((self._failed[need] for need in item.resource.needs() if need in self._failed), None)

    def _keep_in_mind(self, item: Item) -> None:
        if not item.resource.absent:
            self._failed[item.called] = item
            return
        for need in item.resource.needs():
            self._kept[need] = item

    def _write_again(self) -> None:
        """Write one by one what was too much at once; if that is not the reason, leave it at that."""
        refused, self._refused = self._refused, []
        for item in refused:
            item.fail("")
            # Some of it may be done.
            item.resource.session.forget(*item.called)
            self._write_now(item, again=True)
            if item.error:
                break
        self._refused.clear()

    def _write(self, item: Item) -> None:
        with self._turns.turn():
            self._write_now(item)

    def _write_now(self, item: Item, again: bool = False) -> None:
        if self._fatal:
            item.fail(self._fatal, tried=False)
            return
        try:
            if again or item.resource.is_stale():
                item.resource.replan()
            item.resource.apply()
        except _FATAL as error:
            self._fatal = _LOST
            item.fail(str(error))
        except PrefectError as error:
            item.fail(str(error))
            if isinstance(error, RefusedError) and error.status == _BUSY:
                self._refused.append(item)


def message(items: Sequence[Item]) -> str:
    """Return what failed, empty if nothing has."""
    failed = [f"{item.path}: {item.error}" for item in items if item.error and item.tried]
    if not failed:
        return ""
    untried = [item.path for item in items if item.error and not item.tried]
    lines = failed[:_SHOWN]
    if failed[_SHOWN:]:
        lines.append(f"{len(failed) - _SHOWN} more objects failed; see results")
    if untried:
        more = f" and {len(untried) - _SHOWN} more" if untried[_SHOWN:] else ""
        lost = any(item.error == _LOST for item in items)
        why = "since the server was lost" if lost else "since they need what failed"
        lines.append(f"not tried, {why}: {', '.join(untried[:_SHOWN])}{more}")
    return "\n".join(lines)
