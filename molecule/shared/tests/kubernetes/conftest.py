"""How the tests ask the cluster, and Prefect inside of it. Their host is the cluster's node."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

ASK = """
import base64, json, os, sys, urllib.request
method, path, body = json.loads(sys.argv[1])
auth = os.environ["PREFECT_API_AUTH_STRING"]
headers = {"Content-Type": "application/json"}
headers["Authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()
data = None if body is None else json.dumps(body).encode()
request = urllib.request.Request("http://127.0.0.1:4200/api" + path, data, headers, method=method)
with urllib.request.urlopen(request, timeout=20) as reply:
    print(reply.read().decode() or "null")
"""
NAMESPACE = "prefect"

Kubectl = Callable[..., str]
Ask = Callable[..., Any]
Eventually = Callable[..., Any]


@pytest.fixture
def kubectl(host: Host) -> Kubectl:
    """Return what runs kubectl in the namespace of the installation."""

    def run(*arguments: str) -> str:
        return str(host.check_output(shlex.join(["kubectl", "--namespace", NAMESPACE, *arguments])))

    return run


@pytest.fixture
def listed(kubectl: Kubectl) -> Callable[..., list[dict[str, Any]]]:
    """Return what lists objects of some kinds."""

    def run(kinds: str, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(kubectl("get", kinds, "--output", "json", *arguments))["items"])

    return run


@pytest.fixture
def ask(kubectl: Kubectl) -> Ask:
    """Return what asks Prefect's API from inside of a pod of the server."""

    def run(path: str, body: Any = None, method: str | None = None) -> Any:
        question = json.dumps([method or ("GET" if body is None else "POST"), path, body])
        return json.loads(kubectl("exec", "deployment/prefect-server", "--", "python3", "-c", ASK, question))

    return run


@pytest.fixture
def eventually() -> Eventually:
    """Return what asks again until the answer is true, and returns the answer."""

    def run(question: Callable[[], Any], seconds: float = 120) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            try:
                answer, reason = question(), None
            except AssertionError as error:
                answer, reason = None, error
            if answer:
                return answer
            assert time.monotonic() < deadline, f"not within {seconds} s: {reason or answer!r}"
            time.sleep(1)

    return run
