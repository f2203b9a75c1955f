"""What the benches share: commands that are timed, playbooks that are counted, and goals."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
BIN = HOUSE / ".venv" / "bin"
CONSTRAINTS = HOUSE / "roles" / "prefect_runtime" / "files" / "constraints"


def newest_version() -> str:
    versions = [path.stem for path in CONSTRAINTS.glob("*.txt")]
    return max(versions, key=lambda version: [int(part) for part in version.split(".")])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def timed(*command: str | Path, environment: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Run a command to its end and return its wall time and its output; its failure ends the bench."""
    started = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command], cwd=HOUSE, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started
    if done.returncode:
        sys.exit(
            f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        )
    return seconds, done.stdout


def playbook(name: str, *options: str | Path, environment: Mapping[str, str] | None = None) -> tuple[float, str]:
    return timed(BIN / "ansible-playbook", HOUSE / name, *options, environment=environment)


def tasks(output: str) -> int:
    return len(re.findall(r"^TASK \[", output, re.MULTILINE))


def changed(output: str) -> int:
    return sum(int(count) for count in re.findall(r"\bchanged=(\d+)", output))


def verdict(goals: Mapping[str, bool]) -> int:
    """Print which goals were met and return the exit status."""
    print("goals          " + ", ".join(f"{goal}: {'met' if met else 'MISSED'}" for goal, met in goals.items()))
    return 0 if all(goals.values()) else 1
