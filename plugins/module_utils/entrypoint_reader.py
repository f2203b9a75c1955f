# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads flows from their code. Its text runs in the Python that has Prefect: it imports nothing of this collection.

Argument: {folder, entrypoints, lenient} as JSON. The last line of its output is the answer,
one object for each entrypoint.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import sys
import traceback
from typing import Any, Iterable

MARK = "flowops-entrypoints:"


def read_all(folder: str, entrypoints: list[str], lenient: bool) -> list[dict[str, Any]]:
    os.chdir(folder)
    # Whoever reads leaves nothing behind.
    sys.dont_write_bytecode = True
    import prefect.flows  # type: ignore[import-not-found] # noqa: F401 # pylint: disable=unused-import

    return [_apart(entrypoint, lenient) for entrypoint in entrypoints]


def _apart(entrypoint: str, lenient: bool) -> dict[str, Any]:
    """Read one flow in a process of its own: modules of the same name, and an exit, concern no other."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        with os.fdopen(theirs, "w") as answer:
            json.dump(_read(entrypoint, lenient), answer)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    found: dict[str, Any] = json.loads(text) if text else {"error": "its code ended the process that imported it"}
    return found


def _read(entrypoint: str, lenient: bool) -> dict[str, Any]:
    from prefect.flows import load_flow_from_entrypoint  # pylint: disable=import-error

    missing = _missing(entrypoint)
    if missing:
        return {"error": missing}
    try:
        return _described(load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False))
    except (Exception, SystemExit) as error:  # pylint: disable=broad-exception-caught
        # Prefect wraps what the code raised.
        raised = getattr(error, "user_exc", error)
        why = _reason(raised, entrypoint)
        return _read_text(entrypoint, why) if lenient and isinstance(raised, ImportError) else {"error": why}


def _missing(entrypoint: str) -> str:
    """Return what is missing of an entrypoint in a file, as far as its text tells."""
    path, _colon, name = entrypoint.rpartition(":")
    if not path.endswith(".py"):
        return ""
    if not os.path.isfile(path):
        files = [os.path.relpath(os.path.join(top, file)) for top, _folders, names in os.walk(".") for file in names]
        return f"there is no file {path}{_meant(path, [file for file in files if file.endswith('.py')])}"
    try:
        with open(path, "rb") as file:
            nodes = ast.walk(ast.parse(file.read()))
    except (SyntaxError, ValueError):
        return ""
    names = [node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    # A flow need not be a function of the file itself.
    near = _meant(name, names)
    return f"{path} has no function {name}{near}" if near and name not in names else ""


def _meant(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _read_text(entrypoint: str, why: str) -> dict[str, Any]:
    """Read a flow as C(prefect deploy) does where a dependency is missing: without what needs it."""
    from prefect.flows import load_flow_from_entrypoint  # pylint: disable=import-error

    try:
        found = _described(load_flow_from_entrypoint(entrypoint))
    except (Exception, SystemExit):  # pylint: disable=broad-exception-caught
        return {"error": why}
    # A placeholder's file is Prefect's own.
    return {**found, "version": None, "warning": why}


def _described(flow: Any) -> dict[str, Any]:
    from prefect.utilities.callables import parameter_schema  # type: ignore[import-not-found] # pylint: disable=import-error

    schema = parameter_schema(flow).model_dump(mode="json", exclude_unset=True)
    return {
        "flow_name": flow.name,
        "description": flow.description,
        "version": flow.version,
        "parameter_openapi_schema": schema,
    }


def _reason(error: BaseException, entrypoint: str) -> str:
    """Return where in the folder an import failed, and what was raised."""
    if isinstance(error, SyntaxError):
        return f"{_inside(error.filename or entrypoint)}:{error.lineno}: {type(error).__name__}: {error.msg}"
    kind = type(error)
    if kind.__name__ == "MissingFlowError" and kind.__module__.startswith("prefect."):
        return str(error).strip()
    raised = " / ".join("".join(traceback.format_exception_only(kind, error)).split("\n")).strip(" /")
    if isinstance(error, SystemExit):
        raised = f"the code exits with status {error.code}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_inside(frame.filename)]
    return f"{_inside(frames[-1].filename)}:{frames[-1].lineno}: {raised}" if frames else raised


def _is_inside(path: str) -> bool:
    return os.path.isfile(path) and os.path.realpath(path).startswith(os.path.realpath(".") + os.sep)


def _inside(path: str) -> str:
    return os.path.relpath(os.path.realpath(path), os.path.realpath(".")) if _is_inside(path) else path


def main() -> None:
    # What the flows print while they are imported is no answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = read_all(**json.loads(sys.argv[1]))
    answer.write(f"{MARK}{json.dumps(found)}\n")
    answer.close()


if __name__ == "__main__":
    main()
