# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows as their code describes them, read by the Prefect that will run them."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from typing import Any

from . import entrypoint_reader, output
from .errors import InvalidError, PrefectError, Problem, invalid

# Within which the code is imported.
SECONDS = 300


def reader_arguments(folder: str, entrypoints: list[str], lenient: bool) -> list[str]:
    """Return what to hand to a Python that has Prefect."""
    wanted = {"folder": folder, "entrypoints": entrypoints, "lenient": lenient}
    return ["-c", inspect.getsource(entrypoint_reader), json.dumps(wanted)]


def answer_of(text: str) -> list[dict[str, Any]] | None:
    """Return what the reader found; nothing when it came to no end."""
    lines = [line for line in text.splitlines() if line.startswith(entrypoint_reader.MARK)]
    return json.loads(lines[-1][len(entrypoint_reader.MARK) :]) if lines else None


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Return the result of module C(entrypoint_info)."""
    if not os.path.isdir(options["folder"]):
        raise invalid("folder", f"there is no folder {options['folder']}")
    command = options["command"] or [sys.executable]
    arguments = reader_arguments(options["folder"], options["entrypoints"], options["lenient"])
    try:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except OSError as error:
        raise PrefectError(f"command: {command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise PrefectError(f"folder: the code was not imported within {SECONDS} s") from None
    found = answer_of(done.stdout)
    if found is None:
        raise PrefectError(f"command: {unread(done.stderr, done.returncode)}")
    rows = [{"entrypoint": name, **row} for name, row in zip(options["entrypoints"], found)]
    problems = [
        Problem(f"entrypoints[{at}]", f"{row['entrypoint']}: {row['error']}")
        for at, row in enumerate(rows)
        if "error" in row
    ]
    if problems and options["required"]:
        raise InvalidError(*problems)
    return {"changed": False, "flows": rows}


def unread(text: str, status: int) -> str:
    """Return why there is no answer."""
    if "No module named 'prefect'" in text:
        return "this Python has no Prefect; name the one that runs the flows"
    return output.reason(text.splitlines()) or f"it ended with status {status}"
