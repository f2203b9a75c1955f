# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that keeps an access key: whole or not there at all, and readable by its owner alone."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from typing import Any, Iterator

from ..difference import Json
from ..errors import PrefectError, invalid

_EMPTY: Json = {
    "user": None,
    "access_key_id": None,
    "secret_access_key": None,
    "created": None,
    "previous": None,
    "pending": None,
}


class KeyFile:
    """One file; in check mode it is only read."""

    def __init__(self, path: str, user: str, check_mode: bool) -> None:
        self.path = path
        self.user = user
        self.check_mode = check_mode
        self.there = False
        self.open_to_others = False
        self.age = 0.0
        self.content: Json = {**_EMPTY, "user": user}
        self._lock: int | None = None

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others who use files of the same folder waiting."""
        try:
            with said(self.path):
                if not self.check_mode and os.path.isdir(self._folder):
                    self._take()
                self._read()
            yield
        finally:
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def save(self, **changes: Any) -> None:
        """Change the content, and the file with it."""
        self.content.update(changes)
        self.there, self.open_to_others = True, False
        if self.check_mode:
            return
        with said(self.path):
            if self._lock is None:
                os.makedirs(self._folder, mode=0o700, exist_ok=True)
                self._take()
                if os.path.lexists(self.path):
                    raise PrefectError(f"path: {self.path} was written by somebody else meanwhile; run again")
            self._write(json.dumps(self.content, indent=2) + "\n")

    def remove(self) -> None:
        self.there = False
        if self.check_mode:
            return
        with said(self.path):
            for path in (self._unfinished, self.path):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
            self._sync_folder()

    @property
    def _folder(self) -> str:
        return os.path.dirname(self.path)

    @property
    def _unfinished(self) -> str:
        return self.path + ".new"

    def _take(self) -> None:
        self._lock = os.open(self._folder, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Half of what a killed run wrote.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._unfinished)

    def _read(self) -> None:
        try:
            with open(self.path, encoding="utf-8") as source:
                info = os.fstat(source.fileno())
                content = json.load(source)
        except FileNotFoundError:
            return
        except ValueError:
            content = None
        if not _is_whole(content):
            raise invalid("path", f"{self.path} is no file that keeps an access key; name another, or move it away")
        if content["user"] != self.user:
            text = (
                f"{self.path} keeps the key of user '{content['user']}', found '{self.user}'; each needs its own file"
            )
            raise invalid("path", text)
        self.there = True
        self.open_to_others = bool(stat.S_IMODE(info.st_mode) & 0o077)
        self.age = time.time() - info.st_mtime
        self.content = {**_EMPTY, **content}

    def _write(self, text: str) -> None:
        handle = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        os.replace(self._unfinished, self.path)
        self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _is_whole(content: Any) -> bool:
    if not isinstance(content, dict) or not set(content) <= set(_EMPTY) or not isinstance(content.get("user"), str):
        return False
    pair = [content.get(name) for name in ("access_key_id", "secret_access_key")]
    previous, pending = content.get("previous"), content.get("pending")
    return (
        (all(isinstance(part, str) and part for part in pair) or pair == [None, None])
        and (previous is None or (isinstance(previous, dict) and isinstance(previous.get("access_key_id"), str)))
        and (pending is None or (isinstance(pending, dict) and isinstance(pending.get("known"), list)))
    )


@contextlib.contextmanager
def said(path: str) -> Iterator[None]:
    """Turn what the system says of a file into a message."""
    try:
        yield
    except OSError as error:
        raise invalid("path", f"{error.filename or path}: {error.strerror}") from None
