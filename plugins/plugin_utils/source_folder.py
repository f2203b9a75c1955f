# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of code on the controller: which files belong to it, and all of them as one archive."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

IGNORE_FILE = ".prefectignore"
# What no flow needs, and what differs from machine to machine.
ALWAYS = (".git/", ".hg/", "__pycache__/", "*.pyc", ".venv/", IGNORE_FILE)
_PIECES = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|\[[^]]+\]")
_MEANING = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Ignored:
    """Rules as git writes them; the last one that fits decides."""

    def __init__(self, lines: list[str]) -> None:
        """Read the lines of a file such as .prefectignore."""
        stripped = [line.strip() for line in (*ALWAYS, *lines)]
        self._rules = [_rule(line) for line in stripped if line and not line.startswith("#")]

    def __contains__(self, path: str) -> bool:
        """Tell whether a path is left out; that of a folder ends with a slash."""
        fitting = [ignored for ignored, pattern in self._rules if pattern.fullmatch(path)]
        return bool(fitting and fitting[-1])


def _rule(line: str) -> tuple[bool, re.Pattern[str]]:
    ignored = not line.startswith("!")
    line = line.removeprefix("!")
    folders_only, line = line.endswith("/"), line.rstrip("/")
    anywhere = "/" not in line
    line = line.lstrip("/")
    text, at = "", 0
    for match in _PIECES.finditer(line):
        piece = match[0]
        text += re.escape(line[at : match.start()]) + _MEANING.get(piece, piece.replace("[!", "[^"))
        at = match.end()
    text += re.escape(line[at:])
    return ignored, re.compile(f"{'(?:.*/)?' if anywhere else ''}{text}{'/' if folders_only else '/?'}")


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their paths inside of it."""
    rules = folder / IGNORE_FILE
    lines = rules.read_text(encoding="utf-8").splitlines() if rules.is_file() else []
    return dict(sorted(_walk(folder, Ignored(lines))))


def _walk(folder: Path, ignored: Ignored) -> Iterator[tuple[str, Path]]:
    for top, folders, names in os.walk(folder):
        inside = Path(top).relative_to(folder)
        folders[:] = sorted(name for name in folders if f"{(inside / name).as_posix()}/" not in ignored)
        for name in names:
            path = (inside / name).as_posix()
            file = Path(top) / name
            if path not in ignored and file.is_file():
                yield path, file


def fingerprint(file: Path) -> str:
    """Return what tells a file from another: its content, and whether it is a program."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{digest}x" if os.access(file, os.X_OK) else digest


def archive(files: dict[str, Path]) -> bytes:
    """Return the files as a compressed archive, without owners and times."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=6) as target:
        for path, file in files.items():
            content = file.read_bytes()
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mode = 0o755 if os.access(file, os.X_OK) else 0o644
            target.addfile(member, io.BytesIO(content))
    return packed.getvalue()
