#!/usr/bin/env python3
"""Measure the first and the second deploy of the local inventory beside a plain script of the same steps.

The plain script (tests/bench/plain) and the first deploy alternate, each in an empty folder, with the same constraints
and the same warm cache of uv. A round ends with the second deploy and the removal. Needs curl.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import BIN, CONSTRAINTS, HOUSE, changed, free_port, newest_version, playbook, tasks, timed, verdict

GOAL_RATIO = 1.25
GOAL_SECOND = 10.0


def plain(folder: Path, version: str) -> float:
    """Return the seconds until the flow run of the plain script completed; the script stops what it started."""
    folder.mkdir()
    command = [HOUSE / "tests/bench/plain", folder, free_port(), CONSTRAINTS / f"{version}.txt", version, BIN / "uv"]
    started = time.monotonic()
    with subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout
        verdict = script.stdout.readline().strip()
        seconds = time.monotonic() - started
    if verdict != "COMPLETED":
        sys.exit(f"the plain script failed; see {folder}")
    return seconds


def document(root: Path, version: str) -> str:
    settings: dict[str, Any] = {
        "root": str(root),
        "version": version,
        "server": {"port": free_port()},
        "workers": [{"name": "default", "health_port": free_port()}],
    }
    return json.dumps({"prefect__bench": settings})


def run(name: str, settings: str, *options: str) -> tuple[float, str]:
    return playbook(name, "--extra-vars", settings, *options)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: %(default)s)")
    rounds: int = parser.parse_args().rounds
    version = newest_version()
    scripts: list[float] = []
    firsts: list[float] = []
    seconds: list[float] = []
    # Root's services run as a user of their own, who must get there.
    scratch = Path(tempfile.mkdtemp(prefix="flowops-bench."))
    scratch.chmod(0o755)
    try:
        # The first installation of all fills the cache of uv.
        timed(BIN / "uv", "venv", scratch / "warm")
        limits = ("--constraints", CONSTRAINTS / f"{version}.txt", f"prefect=={version}")
        timed(BIN / "uv", "pip", "install", "--python", scratch / "warm", *limits)
        for number in range(1, rounds + 1):
            scripts.append(plain(scratch / f"plain{number}", version))
            settings = document(scratch / f"deploy{number}", version)
            try:
                first, first_output = run("deploy_prefect.yaml", settings)
                second, second_output = run("deploy_prefect.yaml", settings)
            finally:
                run("playbooks/remove_prefect.yaml", settings, "--extra-vars", "prefect_remove_data=true")
            firsts.append(first)
            seconds.append(second)
            print(f"round {number}: script {scripts[-1]:.1f} s, first deploy {first:.1f} s, second {second:.1f} s")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

    ratio = statistics.median(firsts) / statistics.median(scripts)
    again = statistics.median(seconds)
    goals = {
        f"ratio at most {GOAL_RATIO}": ratio <= GOAL_RATIO,
        f"second at most {GOAL_SECOND} s": again <= GOAL_SECOND,
    }
    print(f"Prefect {version}, median of {rounds}")
    print(f"plain script   {statistics.median(scripts):6.1f} s")
    print(f"first deploy   {statistics.median(firsts):6.1f} s   {ratio:.2f} x the script, {tasks(first_output)} tasks")
    print(f"second deploy  {again:6.1f} s   changed={changed(second_output)}, {tasks(second_output)} tasks")
    return verdict(goals)


if __name__ == "__main__":
    sys.exit(main())
