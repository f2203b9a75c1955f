# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of code on a host, changed as a whole: a new folder, and a link that is switched to it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
from typing import Any

from .errors import PrefectError, invalid

LINK = "current"
# Python writes it beside the code.
_NOT_OURS = "__pycache__"
_VERSION = re.compile(r"[0-9a-f]{12}")


def run(options: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return the result of module C(source_folder); without an archive it only compares."""
    path, wanted = options["path"], {name: str(value) for name, value in options["files"].items()}
    strange = [name for name in wanted if os.path.isabs(name) or ".." in name.split("/")]
    if strange:
        raise invalid("files", f"expected paths inside of the folder, found {', '.join(strange)}")
    version = hashlib.sha256("\n".join(f"{name} {wanted[name]}" for name in sorted(wanted)).encode()).hexdigest()[:12]
    folder, link = os.path.join(path, version), os.path.join(path, LINK)
    try:
        before = files_of(link)
        has_files = files_of(folder) == wanted
        is_current = has_files and os.path.islink(link) and os.readlink(link) == version
        if not has_files and options["archive"] and not check_mode:
            _unpack(path, version, options["archive"])
        # Without an archive there may be nothing to switch to yet.
        if options["switch"] and not is_current and not check_mode and (has_files or options["archive"]):
            _switch(path, version)
    except (OSError, tarfile.TarError) as error:
        raise PrefectError(f"{getattr(error, 'filename', None) or path}: {_said(error)}") from None
    names = [name for name in sorted({*before, *wanted}) if before.get(name) != wanted.get(name)]
    sides = {"before": before, "after": wanted}
    return {
        "changed": not (is_current if options["switch"] else has_files),
        "has_files": has_files,
        "path": link,
        "folder": folder,
        "version": version,
        "diff": {side: {name: files[name] for name in names if name in files} for side, files in sides.items()},
    }


def files_of(folder: str) -> dict[str, str]:
    """Return what tells the files of a folder from others, by their paths inside of it."""
    found = {}
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != _NOT_OURS]
        for name in names:
            file = os.path.join(top, name)
            with open(file, "rb") as content:
                digest = hashlib.sha256(content.read()).hexdigest()
            program = os.stat(file).st_mode & 0o100
            found[os.path.relpath(file, folder)] = f"{digest}x" if program else digest
    return found


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _unpack(path: str, version: str, archive: str) -> None:
    """Unpack beside, so that a version is there as a whole or not at all."""
    target, unfinished = os.path.join(path, version), os.path.join(path, ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _make_folder(unfinished)
    with tarfile.open(archive) as packed:
        for member in packed:
            _unpack_file(packed, member, os.path.join(unfinished, member.name))
    if os.path.isdir(target):
        shutil.rmtree(target)
    os.rename(unfinished, target)


def _switch(path: str, version: str) -> None:
    """Make a version the current one; flow runs that are under way keep the former, which they started with."""
    link, fresh = os.path.join(path, LINK), os.path.join(path, ".link")
    former = os.readlink(link) if os.path.islink(link) else ""
    if os.path.lexists(fresh):
        os.remove(fresh)
    os.symlink(version, fresh)
    os.replace(fresh, link)
    for name in os.listdir(path):
        if _VERSION.fullmatch(name) and name not in (version, former):
            shutil.rmtree(os.path.join(path, name))


def _unpack_file(packed: tarfile.TarFile, member: tarfile.TarInfo, target: str) -> None:
    source = packed.extractfile(member)
    if source is None:
        return
    _make_folder(os.path.dirname(target))
    with source, open(target, "wb") as file:
        shutil.copyfileobj(source, file)
    os.chmod(target, member.mode)


def _make_folder(path: str) -> None:
    """Make a folder that the services' user can read, whatever the umask is; those that are there stay as they are."""
    if not os.path.isdir(path):
        _make_folder(os.path.dirname(path))
        os.mkdir(path)
        os.chmod(path, 0o755)
