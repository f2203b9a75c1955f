#!/usr/bin/env python3
"""Make and prove the constraints file of one Prefect version.

Usage: make_constraints.py VERSION [BOUND ...]

The newest release of every dependency is resolved for all supported Pythons, installed into a scratch environment and
proved there: the database migrates, the server becomes ready, a process worker comes ONLINE, the scheduler schedules
runs of a deployment, and nothing leaves a traceback in a log. Only then is
roles/prefect_runtime/files/constraints/VERSION.txt written. A BOUND (such as "fastapi<0.151") is added to the
resolution and named in the file's first lines, so that no bound ships unnoticed.

Exit codes: 0 written, 1 the version does not resolve or does not work (the reason is printed), 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "roles" / "prefect_runtime" / "files" / "constraints"
OLDEST_PYTHON = "3.10"
READY_SECONDS = 150


class UnusableError(Exception):
    """The version cannot be supported; the message says why."""


def run(*command: str | Path, env: dict[str, str] | None = None, text: str | None = None) -> str:
    """Run a command to its end and return its output; a failure is UnusableError with the last lines."""
    done = subprocess.run([str(c) for c in command], env=env, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnusableError("\n".join((done.stdout + done.stderr).strip().splitlines()[-15:]))
    return done.stdout


def resolve(version: str, bounds: list[str], folder: Path) -> str:
    """Return the pinned requirement lines, for every Python from the oldest supported one on."""
    (folder / "bounds.txt").write_text("\n".join(bounds) + "\n")
    return run(
        "uv", "pip", "compile", "--quiet", "--universal", "--python-version", OLDEST_PYTHON, "--no-annotate",
        "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--constraints", folder / "bounds.txt", "-",
        text=f"prefect=={version}\n",
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, body: Mapping[str, object] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


def wait(what: str, process: subprocess.Popen[bytes], log: Path, test: str, body: Mapping[str, object] | None) -> None:
    """Poll until the URL answers with something true; a dead process or a time-out is UnusableError with its log."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answer(test, body):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.3)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise UnusableError(f"{what} did not come up within {READY_SECONDS} s; its last lines:\n{tail}")


def prove(pins: str, folder: Path) -> None:
    """Install the pins and see a server and a worker work."""
    (folder / "pins.txt").write_text(pins)
    run("uv", "venv", "--quiet", folder / "venv")
    run("uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", folder / "venv", "-r", folder / "pins.txt")
    prefect, port = folder / "venv" / "bin" / "prefect", free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    env |= {
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    }
    run(prefect, "server", "database", "upgrade", "-y", env=env)
    commands = {
        "server": (["server", "start", "--host", "127.0.0.1", "--port", str(port)], "/ready", None),
        "worker": (
            ["worker", "start", "--pool", "probe", "--type", "process", "--name", "probe"],
            "/work_pools/probe/workers/filter",
            {"workers": {"status": {"any_": ["ONLINE"]}}},
        ),
    }
    api = env["PREFECT_API_URL"]
    started: list[subprocess.Popen[bytes]] = []
    logs: list[Path] = []
    try:
        for what, (arguments, path, body) in commands.items():
            logs.append(folder / f"{what}.log")
            with logs[-1].open("wb") as sink:
                started.append(subprocess.Popen([prefect, *arguments], env=env, stdout=sink, stderr=sink))
            wait(f"the {what}", started[-1], logs[-1], f"{api}{path}", body)
            print(f"  the {what} works")
        flow = answer(f"{api}/flows/", {"name": "probe"})
        schedule = {"schedule": {"interval": 3600}}
        answer(f"{api}/deployments/", {"name": "probe", "flow_id": flow["id"], "schedules": [schedule]})
        scheduled = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
        wait("the scheduler", started[0], logs[0], f"{api}/flow_runs/count", scheduled)
        print("  the scheduler works")
        for log in logs:
            text = log.read_text(errors="replace")
            if "Traceback" in text:
                raise UnusableError(f"a traceback in {log.name}:\n{text[text.index('Traceback') :][:3000]}")
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main(arguments: list[str]) -> int:
    if not arguments or not re.fullmatch(r"3\.\d+\.\d+", arguments[0]):
        print("usage: make_constraints.py VERSION [BOUND ...], such as 3.8.8 'fastapi<0.151'", file=sys.stderr)
        return 2
    version, bounds = arguments[0], arguments[1:]
    try:
        with tempfile.TemporaryDirectory() as scratch:
            pins = resolve(version, bounds, Path(scratch))
            prove(pins, Path(scratch))
    except UnusableError as problem:
        print(f"Prefect {version} cannot be supported: {problem}", file=sys.stderr)
        return 1
    head = [f"# Proved for Prefect {version}: migration, server, process worker, schedules."]
    head += [f"# Bound beyond Prefect's own: {bound}" for bound in bounds]
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / f"{version}.txt").write_text("\n".join(head) + "\n" + pins)
    print(f"wrote {TARGET / version}.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
