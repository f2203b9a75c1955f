#!/usr/bin/env python3
"""Measure module resources beside a bare asyncio client and beside a loop over the single modules.

Against a Prefect server of its own on a PostgreSQL of its own, both on loopback. For each size the bare client and the
module create the same objects, each on an empty server, in turn; then the module runs again, with nothing to change.
The loop is measured for the smallest size, in one playbook run, beside a playbook with one task of module resources.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import HOUSE, changed, playbook, verdict

sys.path.insert(0, str(HOUSE / "tests/integration/lib"))

import bed

Json = dict[str, Any]

GOAL_CREATE = 1.5
GOAL_UNCHANGED = 3.0
GOAL_LOOP = 40.0
GOAL_MEMORY = 200
CONNECTIONS = 8
INVENTORY = HOUSE / "inventories/local/hosts.yml"
# Everything that the bench makes; what belongs to an object goes with it.
TABLES = ("deployment", "flow", "work_queue", "work_pool", "variable", "block_document", "concurrency_limit_v2")
MODULES = {
    "blocks": "block",
    "work_pools": "work_pool",
    "work_queues": "work_queue",
    "variables": "variable",
    "global_concurrency_limits": "global_concurrency_limit",
    "deployments": "deployment",
}


def document(count: int) -> Json:
    """Return a document of so many objects, of which two fifths are variables."""

    def names(share: int) -> list[str]:
        return [f"bench-{at}" for at in range(count * share // 100)]

    template: Json = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}
    pools = names(5)
    return {
        "blocks": [
            {"block_type_slug": "secret", "name": name, "data": {"value": f"secret of {name}"}} for name in names(20)
        ],
        "work_pools": [{"name": name, "type": "process", "base_job_template": template} for name in pools],
        "work_queues": [{"work_pool_name": name, "name": "urgent"} for name in pools],
        "variables": [{"name": name, "value": {"of": name, "list": [1, 2, 3]}, "tags": ["a"]} for name in names(40)],
        "global_concurrency_limits": [{"name": name, "limit": 3} for name in names(5)],
        "deployments": [
            {
                "flow_name": f"flow-{name}",
                "name": "nightly",
                "entrypoint": "flows.py:main",
                "work_pool_name": pools[at % len(pools)],
                "work_queue_name": "urgent",
                "parameters": {"at": at},
                "tags": ["a", "b"],
                "schedules": [{"cron": "0 3 * * *", "timezone": "Europe/Vienna"}],
            }
            for at, name in enumerate(names(25))
        ],
    }


class Bench:
    def __init__(self, folder: Path, server: bed.Prefect, database: int) -> None:
        self._folder = folder
        self._server = server
        self._database = database
        self.memory = 0.0  # most of any client, in MB

    def empty(self) -> None:
        """Remove all objects; the types of blocks and the server's own key stay."""
        statement = f"TRUNCATE {', '.join(TABLES)} CASCADE; VACUUM ANALYZE"
        for part in statement.split(";"):
            subprocess.run(bed.sql_command(self._database, part), check=True, capture_output=True)

    def plain(self, content: Json) -> float:
        file = self._file("plain.json", content)
        return self._run([sys.executable, HOUSE / "tests/bench/plain_client.py", self._server.api, file, CONNECTIONS])

    def module(self, content: Json, changes: bool) -> float:
        """Return the seconds that the module takes as a process of its own."""
        file = self._file("module.json", {"api_url": self._server.api, "resources": content})
        entry = "import json, pathlib, sys; sys.path.insert(0, sys.argv[1]); from modules import run_module; "
        entry += "result = run_module('resources', json.loads(pathlib.Path(sys.argv[2]).read_text())); "
        entry += f"sys.exit(result.get('msg') or result['changed'] is not {changes})"
        return self._run([sys.executable, "-c", entry, HOUSE / "tests/integration/lib", file])

    def playbook(self, tasks: list[Json]) -> tuple[float, int]:
        """Return the seconds of a playbook run and how many tasks changed something."""
        address = {"group/flowops.prefect.prefect": {"api_url": self._server.api}}
        play = {"hosts": "localhost", "gather_facts": False, "module_defaults": address, "tasks": tasks}
        file = self._file("play.json", [play])
        seconds, output = playbook(str(file), "-i", INVENTORY, environment={**os.environ, "ANSIBLE_PIPELINING": "1"})
        return seconds, changed(output)

    def _file(self, name: str, content: Any) -> Path:
        path = self._folder / name
        path.write_text(json.dumps(content))
        return path

    def _run(self, command: list[Any]) -> float:
        started = time.monotonic()
        with subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        if process.returncode:
            sys.exit(f"{' '.join(map(str, command))} failed ({process.returncode})")
        self.memory = max(self.memory, usage.ru_maxrss / 1024)
        return seconds


def as_loops(content: Json) -> list[Json]:
    return [
        {
            f"flowops.prefect.{MODULES[section]}": "{{ item }}",
            "loop": [json.loads(json.dumps(item)) for item in items],
            "loop_control": {"label": "{{ item.name }}"},
        }
        for section, items in content.items()
    ]


def measure(bench: Bench, count: int, rounds: int) -> dict[str, float]:
    """Return the medians for one size."""
    content = document(count)
    rows: dict[str, list[float]] = {"plain": [], "create": [], "unchanged": []}
    for _ in range(rounds):
        bench.empty()
        rows["plain"].append(bench.plain(content))
        bench.empty()
        rows["create"].append(bench.module(content, changes=True))
        rows["unchanged"].append(bench.module(content, changes=False))
    return {name: statistics.median(seconds) for name, seconds in rows.items()}


def loop(bench: Bench, count: int) -> tuple[float, float]:
    """Return the seconds of the loop and of the one task, as playbook runs."""
    # In a playbook the template of a pool would have to be marked as unsafe.
    pools = [{"name": pool["name"], "type": pool["type"]} for pool in document(count)["work_pools"]]
    content = {**document(count), "work_pools": pools}
    bench.empty()
    looped, tasks = bench.playbook(as_loops(content))
    bench.empty()
    at_once, task = bench.playbook([{"flowops.prefect.resources": {"resources": content}}])
    if tasks != len(content) or task != 1:
        sys.exit(f"expected {len(content)} and 1 changed tasks, found {tasks} and {task}")
    return looped, at_once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 5000], help="numbers of objects")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--loop", type=int, default=100, help="objects of the loop, 0 for none (default: %(default)s)")
    options = parser.parse_args()
    goals: dict[str, bool] = {}
    with tempfile.TemporaryDirectory(prefix="flowops-prefect-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with bed.postgres(folder / "postgres") as database:
            (folder / "prefect").mkdir()
            server = bed.Prefect(folder / "prefect", database)
            del server.environment["PREFECT_SERVER_API_AUTH_STRING"]
            server.migrate()
            with server.running():
                bench = Bench(folder, server, database)
                bench.module(document(20), changes=True)
                print("objects   bare client   create   ratio   unchanged   memory")
                for count in options.sizes:
                    row = measure(bench, count, options.rounds)
                    ratio = row["create"] / row["plain"]
                    seconds = f"{row['plain']:9.1f} s  {row['create']:6.1f} s  {ratio:5.2f}x  {row['unchanged']:8.1f} s"
                    print(f"{count:7}  {seconds}  {bench.memory:4.0f} MB", flush=True)
                    goals[f"create {count} <= {GOAL_CREATE}x"] = ratio <= GOAL_CREATE
                    if count == 1000:
                        goals[f"unchanged {count} <= {GOAL_UNCHANGED:g} s"] = row["unchanged"] <= GOAL_UNCHANGED
                goals[f"memory < {GOAL_MEMORY} MB"] = bench.memory < GOAL_MEMORY
                if options.loop:
                    looped, at_once = loop(bench, options.loop)
                    ratio = looped / at_once
                    print(
                        f"loop of {options.loop} single modules {looped:.1f} s, one task {at_once:.1f} s: {ratio:.1f}x"
                    )
                    goals[f"loop >= {GOAL_LOOP:g}x"] = ratio >= GOAL_LOOP
    return verdict(goals)


if __name__ == "__main__":
    sys.exit(main())
