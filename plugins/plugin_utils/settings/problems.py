# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a document: where, what was found, what is allowed, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Path = tuple[str | int, ...]

LONGEST_SHOWN = 60

# A password in an address, wherever somebody wrote one.
_CREDENTIALS = re.compile(r"[^/\s:]*:[^/\s@]+@")


class SettingsError(Exception):
    """A document that cannot be resolved, with all its problems; never holds a secret's value."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Take the problems as lines for people."""
        self.problems = list(problems)
        self.warnings: list[str] = []
        head = f"{len(problems)} problems in the settings:\n" if len(problems) > 1 else ""
        bullet = "- " if len(problems) > 1 else ""
        super().__init__(head + "\n".join(f"{bullet}{line}" for line in problems))


def dotted(path: Path) -> str:
    """Return a key path as people write it: prefect.workers[0].name."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


class Problems:
    """A collection of problems, told in the order of the document."""

    def __init__(self) -> None:
        """Start without any."""
        self._found: list[tuple[Path, str]] = []

    def add(self, path: Path, message: str) -> None:
        """Note one."""
        if (path, message) not in self._found:
            self._found.append((path, message))

    @property
    def messages(self) -> list[str]:
        """Return what was noted, without its places."""
        return [message for _path, message in self._found]

    def at_or_below(self, path: Path) -> bool:
        """Tell whether something is wrong there, so that what depends on it need not be looked at."""
        return any(found[: len(path)] == path for found, _message in self._found)

    def raise_if_any(self, document: Mapping[str, Any], root: str = "prefect") -> None:
        """Raise SettingsError with everything that was noted."""
        if not self._found:
            return
        positions = {path: number for number, path in enumerate(_walk(document, (root,)))}
        last = len(positions)

        def order(found: tuple[Path, str]) -> int:
            path = found[0]
            while path and path not in positions:
                path = path[:-1]
            return positions.get(path, last)

        lines = [f"{dotted(path)}: {message}" for path, message in sorted(self._found, key=order)]
        raise SettingsError(lines)


def _walk(value: Any, path: Path) -> Iterable[Path]:
    yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


def meant(word: object, candidates: Iterable[str]) -> str:
    """Return '; did you mean ...?' for the nearest candidate, or nothing when none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    near = difflib.get_close_matches(str(word).casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean '{by_folded[near[0]]}'?" if near else ""


def found(value: Any, secret: bool = False) -> str:
    """Describe a value: single ones as they are, of a secret or a collection only type and length."""
    kind = type(value).__name__
    if value is None:
        return "nothing"
    if isinstance(value, bool | int | float) and not secret:
        return f"{value!r} ({kind})"
    if isinstance(value, str) and not secret and not _CREDENTIALS.search(value):
        shown = value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "..."
        return f"{shown!r} ({kind})"
    size = f" of length {len(value)}" if isinstance(value, str | list | dict) else ""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}{size}"


def texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield each text below a value with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*path, index))
