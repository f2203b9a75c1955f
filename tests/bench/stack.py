#!/usr/bin/env python3
"""Measure the first and second deploy of the whole stack in containers beside a plain script of the same containers.

The plain script (tests/bench/plain_stack) and the first deploy alternate on one host with an engine of its own, which
has all images, the one with s3fs and prefect-dask included. A round ends with the second deploy and the removal.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from hosts import busy, hosts
from measure import HOUSE, changed, free_port, playbook, tasks, timed, verdict

HOST = "flowops-bench"
IMAGES = [
    "prefecthq/prefect:3.8.8-python3.12",
    "postgres:17",
    "minio/minio:RELEASE.2025-09-07T16-13-09Z",
    "caddy:2.10.2",
    "authelia/authelia:4.39.14",
]
NAMES = ["tasks.example.org", "storage.example.org", "storage-console.example.org", "whoareyou.example.org"]
PARTS = ["database", "storage", "servers", "dask", "workers", "proxy"]
GOAL_RATIO = 1.25


def inventory(key: Path) -> dict[str, Any]:
    port = free_port()
    host = {
        "ansible_host": "127.0.0.1",
        "ansible_port": port,
        "ansible_user": "ops",
        "ansible_become": True,
        "ansible_ssh_private_key_file": str(key),
        "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        "bed_network": HOST,
        "bed_suite": "bookworm",
        "bed_docker": True,
        "bed_images": IMAGES,
        "bed_names": NAMES,
        "bed_key": str(key),
        "bed_ports": [f"127.0.0.1:{port}:22"],
    }
    children = {f"prefect_{part}": {"hosts": {HOST: None}} for part in PARTS}
    return {"all": {"hosts": {HOST: host}, "children": children}}


def on_host(*command: str) -> tuple[float, str]:
    return timed("docker", "exec", HOST, *command)


def deploy(folder: Path) -> tuple[float, str]:
    return playbook("deploy_prefect.yaml", "--inventory", folder)


def remove(folder: Path) -> None:
    playbook("playbooks/remove_prefect.yaml", "--inventory", folder, "--extra-vars", "prefect_remove_data=true")


def prepare(folder: Path) -> str:
    """Build the image with the packages, name it so that no removal takes it, and return that name."""
    deploy(folder)
    _, image = on_host("docker", "ps", "--filter", "name=^prefect-server$", "--format", "{{ .Image }}")
    # From the build's cache, and without the labels by which the collection knows what it built.
    on_host("docker", "build", "--quiet", "--tag", "bench", "/opt/prefect/build")
    remove(folder)
    on_host("docker", "tag", "bench", image.strip())
    # Stands for the program mc in MinIO's own image.
    on_host("python3", "-m", "venv", "/opt/mc")
    on_host("/opt/mc/bin/pip", "install", "--quiet", "--disable-pip-version-check", "minio==7.2.20")
    timed("docker", "cp", HOUSE / "tests/bench/plain_stack", f"{HOST}:/root/plain_stack")
    timed("docker", "cp", HOUSE / "inventories/flows/greetings.py", f"{HOST}:/root/greetings.py")
    return image.strip()


def plain(image: str) -> float:
    """Return the seconds until the flow run of the plain script completed and the way in was open."""
    seconds, output = on_host("/root/plain_stack", "up", image, "/root/greetings.py")
    if output.split()[-1:] != ["COMPLETED"]:
        sys.exit(f"the plain script failed:\n{output}")
    on_host("/root/plain_stack", "down")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2, help="how often each is measured (default: %(default)s)")
    rounds: int = parser.parse_args().rounds
    scripts: list[float] = []
    firsts: list[float] = []
    seconds: list[float] = []
    scratch = Path(tempfile.mkdtemp(prefix="flowops-bench."))
    try:
        # The shipped inventory's settings, on a host of the bench's own; its secrets stay in the scratch folder.
        (scratch / "flows").symlink_to(HOUSE / "inventories/flows")
        with hosts(scratch / "inventory", inventory(scratch / "key")) as folder:
            (folder / "group_vars").symlink_to(HOUSE / "inventories/docker/group_vars")
            image = prepare(folder)
            for number in range(1, rounds + 1):
                scripts.append(plain(image))
                first, first_output = deploy(folder)
                second, second_output = deploy(folder)
                remove(folder)
                firsts.append(first)
                seconds.append(second)
                print(
                    f"round {number}: script {scripts[-1]:.1f} s, first deploy {first:.1f} s, second {second:.1f} s, "
                    f"changed={changed(second_output)}; {busy()}",
                    flush=True,
                )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

    ratio = statistics.median(firsts) / statistics.median(scripts)
    again = statistics.median(seconds)
    print(f"whole stack in containers, median of {rounds}")
    print(f"plain script   {statistics.median(scripts):6.1f} s")
    print(f"first deploy   {statistics.median(firsts):6.1f} s   {ratio:.2f} x the script, {tasks(first_output)} tasks")
    print(f"second deploy  {again:6.1f} s   changed={changed(second_output)}, {tasks(second_output)} tasks")
    return verdict(
        {
            f"ratio at most {GOAL_RATIO}": ratio <= GOAL_RATIO,
            "second changes nothing": changed(second_output) == 0,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
