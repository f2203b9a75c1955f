"""Role prefect_service on a cluster: what it makes, keeps, takes back and removes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster_bed import BED, ROOT, Cluster, run
from workloads import spec

IMAGE = "flowops-test/kubernetes-client:1"
SECRETS = ("first-hunter2", "other-hunter2")


class Play:
    """The playbook beside this file, for one namespace."""

    def __init__(self, cluster: Cluster, namespace: str, pod_of: str | None = None) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.kubeconfig = str(cluster.kubeconfig)
        self.connection = {"ansible_python_interpreter": sys.executable}
        if pod_of:
            self.connection = {
                "ansible_connection": "kubernetes.core.kubectl",
                "ansible_kubectl_kubeconfig": self.kubeconfig,
                "ansible_kubectl_namespace": pod_of,
                "ansible_kubectl_pod": "client",
                "ansible_python_interpreter": "/opt/client/bin/python3",
            }
            self.kubeconfig = ""

    def kubectl(self, *words: str, check: bool = True) -> str:
        return self.cluster.kubectl("-n", self.namespace, *words, check=check)

    def names(self, kinds: str) -> list[str]:
        selected = "app.kubernetes.io/managed-by=flowops.prefect"
        return self.kubectl("get", kinds, "-l", selected, "-o", "name").split()

    def run(self, *options: str, state: str = "started", fails: bool = False, **of: Any) -> str:
        budget, storage = {"max_unavailable": of.pop("budget", 1)}, {"size": of.pop("size", "1Gi")}
        job = {"command": of.pop("command", ["redis-cli", "-h", "prefect-test", "ping"])}
        volumes = [{"name": "data", "path": "/data"}]
        variables = {
            **self.connection,
            "state": state,
            "service": spec(volumes=volumes, secret_env={"TOKEN": of.pop("token", SECRETS[0])}, **of),
            "job": {
                **job, "name": "prefect-job", "run_as": "image", "env": {}, "secret_env": {"TOKEN": SECRETS[0]},
                "failure": "the job failed", "failures": {"no such table": "migrate first"},
            },
            "prefect_runtime": {"platform": "kubernetes", "enabled": True},
            "prefect_server": {"enabled": False},
            "prefect_api": {"api_key": None},
            "prefect_postgres": {"install": False},
            "prefect_redis": {"install": False},
            "prefect_workers": [],
            "prefect_resources": {"work_pools": []},
            "prefect_kubernetes": {
                "kubeconfig": self.kubeconfig or None, "context": None, "namespace": self.namespace,
                "create_namespace": True, "image": "redis:7", "version": "3.8.8", "timeout": 240, "enabled": True,
                "render_dir": None, "names": ["prefect-test"], "network_policies": True,
                "ingress": {"enabled": False}, "gateway": {"enabled": False},
                "redis": {"disruption_budget": budget, "storage": storage},
            },
            "__prefect_settings": {"enabled": True},
            **({"__prefect_runtime_check": False} if state == "absent" else {}),
        }  # fmt: skip
        path = f"{Path(self.cluster.program).parent}:{os.environ['PATH']}"
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-vvv", "--diff"]
        ended = subprocess.run(
            [*command, *options, "-e", json.dumps(variables), str(Path(__file__).with_name("service.yml"))],
            cwd=ROOT, env={**os.environ, "NO_COLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "PATH": path},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        output = ended.stdout + ended.stderr
        assert (ended.returncode != 0) == fails, output
        assert "Traceback" not in output
        assert "WARNING" not in output
        # What the test itself wrote on the command line is not repeated.
        assert not [secret for secret in SECRETS if secret in output]
        return output


def changed(output: str) -> int:
    found = re.search(r"changed=(\d+)", output)
    assert found
    return int(found[1])


@pytest.fixture
def play(cluster: Cluster) -> Iterator[Play]:
    name = f"prefect-{uuid.uuid4().hex[:6]}"
    yield Play(cluster, name)
    cluster.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")


@pytest.fixture
def inside(cluster: Cluster) -> Iterator[Play]:
    """Ansible asks from a pod, as that pod's ServiceAccount."""
    run(ROOT / "tests/images/build", "kubernetes-client")
    run(BED, "load", cluster.name, IMAGE)
    name = f"prefect-{uuid.uuid4().hex[:6]}"
    clients = f"{name}-clients"
    cluster.kubectl("create", "namespace", clients)
    cluster.kubectl("-n", clients, "run", "client", f"--image={IMAGE}", "--image-pull-policy=Never")
    cluster.kubectl("-n", clients, "wait", "--for=condition=Ready", "pod/client", "--timeout=240s")
    yield Play(cluster, name, clients)
    for namespace in (name, clients):
        cluster.kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")


def test_a_service_lives_as_declared(play: Play) -> None:
    # An empty cluster: check mode foretells, and makes nothing.
    foretold = play.run("--check")
    assert changed(foretold) == 2
    assert "StatefulSet/prefect-test" in foretold
    assert play.cluster.kubectl("get", "namespace", play.namespace, "--ignore-not-found") == ""

    assert changed(play.run()) >= 2
    assert play.kubectl("get", "pod", "prefect-test-0", "-o", "jsonpath={.status.phase}") == "Running"
    assert changed(play.run()) == 0
    assert changed(play.run("--check")) == 0

    # What is set by hand is taken back.
    play.kubectl("scale", "statefulset/prefect-test", "--replicas=0")
    play.kubectl("label", "service/prefect-test", "app.kubernetes.io/name=other", "--overwrite")
    assert changed(play.run()) == 1
    assert play.kubectl("get", "statefulset/prefect-test", "-o", "jsonpath={.status.readyReplicas}") == "1"

    # A new secret makes a new pod; what is no longer declared goes; the volume grows under the data.
    uid = play.kubectl("get", "pod", "prefect-test-0", "-o", "jsonpath={.metadata.uid}")
    assert play.names("poddisruptionbudget") == ["poddisruptionbudget.policy/prefect-test"]
    play.run(token=SECRETS[1], budget=None, size="2Gi")
    assert play.kubectl("get", "pod", "prefect-test-0", "-o", "jsonpath={.metadata.uid}") != uid
    assert play.names("poddisruptionbudget") == []
    size = "jsonpath={.spec.resources.requests.storage}"
    assert play.kubectl("get", "pvc", "data-prefect-test-0", "-o", size) == "2Gi"
    assert changed(play.run(token=SECRETS[1], budget=None, size="2Gi")) == 0

    # A job leaves nothing, whether it ends well or not.
    play.run(state="completed")
    assert "the job failed: oh no" in play.run(
        state="completed", command=["sh", "-c", "echo oh no; exit 1"], fails=True
    )
    told = play.run(state="completed", command=["sh", "-c", "echo no such table; exit 1"], fails=True)
    assert "migrate first" in told
    assert [name for name in play.names("job,secret,serviceaccount") if "prefect-job" in name] == []

    # The volume outlives the installation, unless the data goes on purpose.
    play.run(state="absent")
    assert play.names("statefulset,secret,service,networkpolicy,serviceaccount") == []
    assert play.names("pvc") == ["persistentvolumeclaim/data-prefect-test-0"]
    play.run("-e", "prefect_remove_data=true", state="absent")
    assert play.cluster.kubectl("get", "namespace", play.namespace, "--ignore-not-found") == ""


def test_a_pod_that_does_not_start_is_explained(play: Play) -> None:
    told = play.run(image="registry.invalid/prefect:1", fails=True)
    assert "the image registry.invalid/prefect:1 cannot be had (ImagePullBackOff)" in told


def test_a_pod_asks_as_its_own_account(inside: Play) -> None:
    cluster, namespace = inside.cluster, inside.namespace
    assert "this pod's ServiceAccount may not" in inside.run(fails=True)
    binding = f"{namespace}-clients"
    rights = ("--clusterrole=cluster-admin", f"--serviceaccount={binding}:default")
    cluster.kubectl("create", "clusterrolebinding", binding, *rights)
    try:
        assert changed(inside.run()) >= 2
        assert inside.kubectl("get", "pod", "prefect-test-0", "-o", "jsonpath={.status.phase}") == "Running"
        assert changed(inside.run()) == 0
        inside.run("-e", "prefect_remove_data=true", state="absent")
        assert cluster.kubectl("get", "namespace", namespace, "--ignore-not-found") == ""
    finally:
        cluster.kubectl("delete", "clusterrolebinding", binding)
