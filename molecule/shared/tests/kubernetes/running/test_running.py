"""What stands in the cluster after a deployment."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

Listed = Callable[..., list[dict[str, Any]]]
Ask = Callable[..., Any]


def test_the_proof_ran_as_a_job_of_the_cluster(ask: Ask, listed: Listed) -> None:
    (run,) = ask("/flow_runs/filter", {"deployments": {"name": {"any_": ["default"]}}, "limit": 1})
    assert run["state_type"] == "COMPLETED"
    jobs = [job["metadata"]["labels"].get("prefect.io/flow-run-id") for job in listed("jobs")]
    assert run["id"] in jobs


def test_no_secret_stands_outside_of_secrets(listed: Listed, ask: Ask) -> None:
    kinds = "deployments,replicasets,statefulsets,jobs,pods,configmaps,services,events"
    assert "canarysecret" not in json.dumps(listed(kinds))
    assert any("canarysecret" in _decoded(secret) for secret in listed("secrets"))
    (pool,) = [pool for pool in ask("/work_pools/filter", {}) if pool["name"] == "default"]
    assert "canarysecret" not in json.dumps(pool)


def _decoded(secret: dict[str, Any]) -> str:
    return " ".join(base64.b64decode(value).decode("utf-8", "replace") for value in (secret.get("data") or {}).values())


def test_pods_are_confined(listed: Listed) -> None:
    pods = [pod for pod in listed("pods") if "flowops.prefect/service" in pod["metadata"]["labels"]]
    assert len(pods) >= 4
    for pod in pods:
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True, pod["metadata"]["name"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"]["drop"] == ["ALL"]
        is_worker = pod["metadata"]["labels"]["flowops.prefect/service"] == "prefect-worker-default"
        assert spec["automountServiceAccountToken"] is is_worker


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "allowed"),
    [
        ("create", "jobs.batch", "prefect", "yes"),
        ("delete", "jobs.batch", "prefect", "yes"),
        ("list", "pods", "prefect", "yes"),
        ("get", "pods/log", "prefect", "yes"),
        ("create", "pods", "prefect", "no"),
        ("create", "pods/exec", "prefect", "no"),
        ("get", "secrets", "prefect", "no"),
        ("list", "secrets", "prefect", "no"),
        ("update", "deployments.apps", "prefect", "no"),
        ("create", "rolebindings.rbac.authorization.k8s.io", "prefect", "no"),
        ("create", "jobs.batch", "default", "no"),
        ("list", "pods", "kube-system", "no"),
        ("get", "namespaces", "kube-system", "no"),
        ("list", "nodes", "default", "no"),
    ],
)
def test_what_a_worker_may_do(host: Host, verb: str, resource: str, namespace: str, allowed: str) -> None:
    account = "system:serviceaccount:prefect:prefect-worker-default"
    answer = host.run(f"kubectl auth can-i {verb} {resource} --namespace {namespace} --as {account}")
    assert answer.stdout.strip() == allowed


@pytest.mark.parametrize("account", ["prefect-flow-runs", "prefect-server", "prefect-postgres"])
def test_what_needs_no_rights_has_none(host: Host, account: str) -> None:
    for question in ("list pods", "create jobs.batch", "get secrets"):
        answer = host.run(f"kubectl auth can-i {question} -n prefect --as system:serviceaccount:prefect:{account}")
        assert answer.stdout.strip() == "no"


def test_only_the_namespace_was_touched(host: Host) -> None:
    cluster_wide = host.check_output("kubectl get clusterroles,clusterrolebindings --output name")
    assert "prefect" not in cluster_wide
