"""A cluster of the test bed does what the tests of the role rely on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BED = ROOT / "tests/bed/kubernetes"
NAME = f"flowops-kubernetes-{os.getpid()}"
Kubectl = Callable[..., str]


def run(*words: str | Path, check: bool = True) -> str:
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0 or not check, f"{words}: {ended.stdout}{ended.stderr}"
    return ended.stdout.strip()


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Make a cluster with one image and one application, and take it away again."""
    run(ROOT / "tests/bed/engine", "start")
    run(ROOT / "tests/images/build", "redis")
    program = run(BED, "build") + "/kubectl"
    configuration = tmp_path_factory.mktemp("cluster") / "kubeconfig"
    try:
        run(BED, "up", NAME, "redis:7")
        configuration.write_text(run(BED, "kubeconfig", NAME))

        def kubectl(*words: str, check: bool = True) -> str:
            return run(program, "--kubeconfig", configuration, *words, check=check)

        kubectl("apply", "-f", str(Path(__file__).with_name("objects.yaml")))
        yield kubectl
    finally:
        run(BED, "down", NAME)


def test_its_node_is_ready(kubectl: Kubectl) -> None:
    kubectl("wait", "--for=condition=Ready", "node", NAME, "--timeout=60s")


def test_a_job_reaches_a_service_by_all_of_its_names(kubectl: Kubectl) -> None:
    kubectl("-n", "shop", "wait", "--for=condition=Complete", "job/ask", "--timeout=240s")
    answers = kubectl("-n", "shop", "logs", "job/ask").splitlines()
    assert [answer.split()[1] for answer in answers] == ["PONG"] * 7


def test_a_pod_reaches_itself_through_its_service(kubectl: Kubectl) -> None:
    kubectl("-n", "shop", "rollout", "status", "statefulset/cache", "--timeout=240s")
    assert kubectl("-n", "shop", "exec", "cache-0", "--", "redis-cli", "-h", "cache", "-p", "80", "ping") == "PONG"


def test_a_volume_outlives_its_pod(kubectl: Kubectl) -> None:
    ask = ("-n", "shop", "exec", "cache-0", "--", "redis-cli")
    kubectl("-n", "shop", "rollout", "status", "statefulset/cache", "--timeout=240s")
    assert kubectl(*ask, "set", "price", "5") == "OK"
    kubectl("-n", "shop", "delete", "pod", "cache-0")
    kubectl("-n", "shop", "rollout", "status", "statefulset/cache", "--timeout=240s")
    assert kubectl(*ask, "get", "price") == "5"


def test_a_volume_grows_if_its_class_lets_it(kubectl: Kubectl) -> None:
    kubectl("-n", "shop", "patch", "pvc", "data", "-p", '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}')
    for _ in range(120):
        if kubectl("-n", "shop", "get", "pvc", "data", "-o", "jsonpath={.status.capacity.storage}") == "2Gi":
            return
        subprocess.run(["sleep", "0.5"], check=True)
    pytest.fail("the volume did not grow")


def test_rights_are_those_that_were_given(kubectl: Kubectl) -> None:
    may = ("auth", "can-i", "create", "jobs.batch", "-n", "shop")
    assert kubectl(*may) == "yes"
    assert kubectl(*may, "--as=system:serviceaccount:shop:default", check=False) == "no"
    assert kubectl(*may, f"--context={NAME}-token") == "yes"


@pytest.mark.parametrize("plural", ["httproutes.gateway.networking.k8s.io", "clusters.postgresql.cnpg.io"])
def test_definitions_of_others_are_taken(kubectl: Kubectl, plural: str) -> None:
    file = ROOT / f"tests/data/kubernetes/{plural.split('.')[0]}.yaml"
    kubectl("apply", "-f", str(file))
    kubectl("wait", "--for=condition=Established", f"crd/{plural}", "--timeout=60s")
    assert json.loads(kubectl("get", plural, "-A", "-o", "json"))["items"] == []


@pytest.mark.usefixtures("kubectl")
def test_nothing_is_left_of_it() -> None:
    mounts = run("docker", "inspect", "-f", "{{ range .Mounts }}{{ .Name }} {{ end }}", NAME).split()
    groups = run("docker", "exec", NAME, "docker", "ps", "-q", "--no-trunc").split()
    assert mounts
    assert groups
    run(BED, "down", NAME)
    assert not run("docker", "ps", "-aq", "--filter", f"name={NAME}")
    assert not set(mounts) & set(run("docker", "volume", "ls", "-q").split())
    assert not [path for group in groups for path in Path("/sys/fs/cgroup").glob(f"*/docker/**/{group}")]
