#!/usr/bin/env python3
"""Measure a deploy to one worker host beside a deploy to many, all of them against one API that is there already.

The hosts are plain containers without systemd; they share what is installed (uv, Prefect's environment, supervisor) by
volumes, so no installation is measured. All of them have this machine's processors together, so the bench also says how
long the bare workers take to come online there, started side by side without any deploy.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hosts import SHARED, busy
from measure import BIN, HOUSE, changed, playbook, tasks, timed, verdict

NAME = "flowops-bench-workers"
API = f"{NAME}-api"
API_URL = f"http://{API}:4200/api"
IMAGE = "prefecthq/prefect:3.8.8-python3.12"
INSTALLED = ["uv", "venvs", "supervisor"]
GOAL_RATIO = 3.0


def names(count: int) -> list[str]:
    return [f"{NAME}-{number}" for number in range(1, count + 1)]


def make(hosts: Sequence[str]) -> None:
    shared = [f"--volume={NAME}-{folder}:/opt/prefect/{folder}" for folder in INSTALLED]
    for host in hosts:
        options = ["--detach", "--init", "--name", host, "--hostname", host, "--network", NAME, *shared]
        timed("docker", "run", *options, "flowops-test/debian:bookworm", "sleep", "infinity")


def destroy(*containers: str) -> None:
    subprocess.run(["docker", "rm", "-fv", *containers], capture_output=True, check=False)


def inventory(folder: Path, hosts: Sequence[str]) -> Path:
    settings: dict[str, Any] = {
        "ansible_connection": "community.docker.docker",
        "bed_suite": "bookworm",
        "bed_systemd": False,
        "bed_packages": ["python3-venv"],
        "prefect": {"api_url": API_URL},
    }
    children = {"prefect_workers": {"hosts": dict.fromkeys(hosts)}}
    path = folder / f"{len(hosts)}.yml"
    path.write_text(json.dumps({"all": {"vars": settings, "children": children}}))
    return path


def in_api(program: str, *arguments: str) -> str:
    """Run a Python program beside the API and return what it prints."""
    return timed("docker", "exec", API, "python3", "-c", program, *arguments)[1].strip()


READY = """
import time, urllib.request
while True:
    try:
        urllib.request.urlopen("http://127.0.0.1:4200/api/ready")
        break
    except OSError:
        time.sleep(0.2)
"""
ONLINE = """
import json, sys, time, urllib.request
wanted = int(sys.argv[1])
online = -1
while online < wanted:
    request = urllib.request.Request("http://127.0.0.1:4200/api/work_pools/default/workers/filter", b"{}",
                                     {"Content-Type": "application/json"})
    online = sum(worker["name"].startswith(sys.argv[2]) for worker in json.load(urllib.request.urlopen(request)))
    time.sleep(0.2)
"""


def prepare(folder: Path) -> None:
    """Start the API, and fill the volumes by the deploy to a first host."""
    timed(HOUSE / "tests/bed/engine", "start")
    timed(HOUSE / "tests/images/build")
    timed("docker", "network", "create", NAME)
    server = ["prefect", "server", "start", "--host", "0.0.0.0"]
    timed("docker", "run", "--detach", "--name", API, "--network", NAME, IMAGE, *server)
    in_api(READY)
    first = names(1)
    make(first)
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    playbook(f"{SHARED}/prepare.yml", "--inventory", inventory(folder, first), environment=environment)
    playbook("deploy_prefect.yaml", "--inventory", inventory(folder, first))
    destroy(*first)


def bare(count: int) -> float:
    """Return the seconds until that many workers are online which nothing but a shell has started."""
    hosts = names(count)
    make(hosts)
    try:
        prefix = f"bare-{count}-{time.monotonic_ns()}-"
        started = time.monotonic()
        for host in hosts:
            start = f"exec /opt/prefect/venvs/*/bin/prefect worker start --pool default --name {prefix}{host}"
            environment = ["--env", f"PREFECT_API_URL={API_URL}"]
            timed("docker", "exec", "--detach", *environment, host, "sh", "-c", start)
        in_api(ONLINE, str(count), prefix)
        return time.monotonic() - started
    finally:
        destroy(*hosts)


def deploys(folder: Path, count: int, forks: int) -> tuple[float, float]:
    """Return the seconds of the first and of the second deploy to that many new hosts, and print them."""
    hosts = names(count)
    make(hosts)
    try:
        options = ("--inventory", inventory(folder, hosts), "--forks", str(forks))
        first, output = playbook("deploy_prefect.yaml", *options)
        second, again = playbook("deploy_prefect.yaml", *options)
    finally:
        destroy(*hosts)
    print(
        f"{count:2} hosts, {forks:2} forks: first {first:.1f} s, {tasks(output)} tasks; "
        f"second {second:.1f} s, changed={changed(again)}; {busy()}",
        flush=True,
    )
    if changed(again):
        sys.exit("the second deploy was to change nothing")
    return first, second


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=20, help="how many are many (default: %(default)s)")
    count: int = parser.parse_args().hosts
    scratch = Path(tempfile.mkdtemp(prefix="flowops-bench."))
    try:
        prepare(scratch)
        bare_one, bare_many = bare(1), bare(count)
        print(f"bare workers online: 1 in {bare_one:.1f} s, {count} in {bare_many:.1f} s; {busy()}", flush=True)
        one = deploys(scratch, 1, 5)
        usual = deploys(scratch, count, 5)
        wide = deploys(scratch, count, count)
    finally:
        destroy(API, *names(count))
        for folder in INSTALLED:
            subprocess.run(["docker", "volume", "rm", f"{NAME}-{folder}"], capture_output=True, check=False)
        subprocess.run(["docker", "network", "rm", NAME], capture_output=True, check=False)
        shutil.rmtree(scratch, ignore_errors=True)

    ratios = [(many[0] / one[0], many[1] / one[1]) for many in (usual, wide)]
    print(f"{count} worker hosts beside 1, first and second deploy")
    print(f"bare workers   {bare_many / bare_one:.2f} x")
    print(f"5 forks        {ratios[0][0]:.2f} x, {ratios[0][1]:.2f} x    (Ansible's default)")
    print(f"{count} forks       {ratios[1][0]:.2f} x, {ratios[1][1]:.2f} x")
    return verdict(
        {
            f"first at most {GOAL_RATIO:.0f} x": ratios[1][0] <= GOAL_RATIO,
            f"second at most {GOAL_RATIO:.0f} x": ratios[1][1] <= GOAL_RATIO,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
