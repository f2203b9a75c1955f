"""What the tests of all scenarios ask a host; the host needs nothing but Python to answer.

A scenario's molecule.yml may set BED_AUTH, the auth string of its server.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

ASK = """
import base64, json, sys, urllib.request
path, body, auth = json.loads(sys.argv[1])
headers = {"Content-Type": "application/json"}
if auth:
    headers["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request("http://127.0.0.1:4200/api" + path, data, headers)
with urllib.request.urlopen(request, timeout=10) as reply:
    print(reply.read().decode())
"""
RUNNING = """
import glob, json, os, subprocess
found = {}
for path in glob.glob("/proc/[0-9]*"):
    try:
        owner = os.stat(path)
        # In a container root may not look at others' processes, but may become their owner.
        become = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        shown = subprocess.run(["cat", path + "/environ"], capture_output=True, text=True, **become)
        pairs = shown.stdout.split(chr(0))
        parent = open(path + "/stat").read().rpartition(")")[2].split()[1]
        uid = owner.st_uid
    except OSError:
        continue
    mark = dict(pair.split("=", 1) for pair in pairs if "=" in pair).get("FLOWOPS_SERVICE")
    if mark:
        found[int(path[6:])] = (int(parent), mark.rpartition(":")[2], uid)
tops = {name: [pid, uid] for pid, (parent, name, uid) in found.items() if found.get(parent, (0, ""))[1] != name}
print(json.dumps(tops))
"""

Ask = Callable[..., Any]
Eventually = Callable[..., Any]
Running = Callable[[], "dict[str, tuple[int, int]]"]


@pytest.fixture
def root(host: Host) -> str:
    """Folder of the installation, by default."""
    user = host.user()
    return "/opt/prefect" if user.name == "root" else f"{user.home}/.local/share/prefect"


@pytest.fixture
def user(host: Host) -> str:
    """Name of the user that the services run as."""
    name = host.user().name
    return "prefect" if name == "root" else str(name)


@pytest.fixture(scope="module")
def ask(host: Host) -> Ask:
    """Ask the API from its own host: ask(path, body) posts, ask(path) gets."""

    def ask(path: str, body: dict[str, Any] | None = None) -> Any:
        question = json.dumps([path, body, os.environ.get("BED_AUTH")])
        answer = host.run("python3 -c %s %s", ASK, question)
        return json.loads(answer.stdout) if answer.rc == 0 else None

    return ask


@pytest.fixture(scope="module")
def running(host: Host) -> Running:
    """Running services by name, each with the process id of its first process and that process's user id."""
    return lambda: json.loads(host.check_output("python3 -c %s", RUNNING))


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Wait for the first true answer of a check; fail with the last false one when time is up."""

    def eventually(check: Callable[[], Any], seconds: float = 60) -> Any:
        deadline = time.monotonic() + seconds
        while not (answer := check()):
            assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
            time.sleep(0.5)
        return answer

    return eventually
