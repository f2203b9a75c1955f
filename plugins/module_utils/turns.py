# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the next of many writers may start: a server on SQLite lets one write at a time, and keeps no order."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Iterator

_PATIENCE = 2.0


class Turns:
    """Lets nobody start while somebody waits for longer than others take."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        # Since when each thread that writes does so.
        self._since: dict[int, float] = {}

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(self._nobody_waits)
            self._since[me] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._since[me]
                self._changed.notify_all()

    def _nobody_waits(self) -> bool:
        now = time.monotonic()
        return all(now - since <= self._patience for since in self._since.values())
