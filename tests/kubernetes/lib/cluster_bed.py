"""A cluster of the test bed, and how tests ask it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from modules import run_module

ROOT = Path(__file__).parents[3]
BED = ROOT / "tests/bed/kubernetes"
# Takes a cluster that is there, while tests are written.
GIVEN = os.environ.get("FLOWOPS_TEST_CLUSTER")
NAME = GIVEN or f"flowops-kubernetes-modules-{os.getpid()}"


def run(*words: str | Path, given: str | None = None, check: bool = True) -> str:
    command = [str(word) for word in words]
    ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert ended.returncode == 0 or not check, f"{words}: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


class Cluster(NamedTuple):
    """A cluster, and how it is asked."""

    name: str
    kubeconfig: Path
    program: str

    def kubectl(self, *words: str, given: str | None = None, check: bool = True) -> str:
        return run(self.program, "--kubeconfig", self.kubeconfig, *words, given=given, check=check)

    def apply(self, *objects: dict[str, Any], manager: str = "flowops.prefect") -> None:
        given = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager", manager, "-f", "-", given=given)

    def module(self, of: str, /, check: bool = False, **options: Any) -> dict[str, Any]:
        return run_module(of, {"kubeconfig": str(self.kubeconfig), **options}, check)

    def fails(self, of: str, /, **options: Any) -> str:
        """Return the message of a module that fails, in check mode with the same one."""
        result = self.module(of, **options)
        assert result.get("failed"), result
        assert "Traceback" not in str(result)
        if of != "rollout":
            assert self.module(of, check=True, **options).get("msg") == result["msg"]
        message: str = result["msg"]
        return message

    @property
    def address(self) -> str:
        return str(json.loads(self.kubectl("config", "view", "-o", "json"))["clusters"][0]["cluster"]["server"])
