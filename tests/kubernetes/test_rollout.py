"""Module rollout, against real pods: it waits as long as it helps, and says why no longer."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from cluster_bed import Cluster
from workloads import manifests, spec

POD = r"pod prefect-test-[-a-z0-9]+"


def started(cluster: Cluster, namespace: str, options: dict[str, Any] | None = None, **more: Any) -> list[Any]:
    objects = manifests(namespace, spec(options=options or {}, **more))
    cluster.apply(*objects)
    return objects


def stuck(
    cluster: Cluster, namespace: str, kind: str = "Deployment", timeout: int = 240, **more: Any
) -> dict[str, Any]:
    options = {"namespace": namespace, "kind": kind, "name": "prefect-test", "timeout": timeout, **more}
    result = cluster.module("rollout", **options)
    assert result.get("failed"), result
    return result


def test_it_waits_for_what_starts(cluster: Cluster, namespace: str) -> None:
    started(cluster, namespace)
    options = {"namespace": namespace, "kind": "Deployment", "name": "prefect-test"}
    assert "msg" not in cluster.module("rollout", **options)
    ready = ("-n", namespace, "get", "deployment", "prefect-test", "-o", "jsonpath={.status.readyReplicas}")
    assert cluster.kubectl(*ready) == "1"
    # A former pod that is ready is none of the new ones.
    started(cluster, namespace, {"container": {"image": "redis:none"}})
    assert "redis:none" in stuck(cluster, namespace)["msg"]
    started(cluster, namespace)
    assert "msg" not in cluster.module("rollout", **options)


def test_an_image_that_cannot_be_had(cluster: Cluster, namespace: str) -> None:
    started(cluster, namespace, {"container": {"image": "registry.invalid/prefect:1"}})
    result = stuck(cluster, namespace)
    first, *rest = result["msg"].splitlines()
    assert re.fullmatch(
        rf"prefect-test is not there after \d+ s: {POD}: the image registry.invalid/prefect:1 cannot be had "
        r'\(ImagePullBackOff\): Failed to pull image "registry.invalid/prefect:1": .*no such host.*',
        first,
    )
    assert rest[0] == "Its last events:"
    # Long before the time is over.
    assert result["seconds"] < 200


def test_a_container_that_ends_again_and_again(cluster: Cluster, namespace: str) -> None:
    command = ["sh", "-c", "echo my password is hunter222; echo no such database; exit 7"]
    started(cluster, namespace, {"container": {"args": command}})
    result = stuck(cluster, namespace, secrets=["hunter222"])
    assert re.match(
        rf"prefect-test is not there after \d+ s: {POD}: container prefect-test ended with status 7 and was "
        r"started 3 times\n",
        result["msg"],
    )
    assert result["msg"].endswith("The last lines of its log:\nmy password is ********\nno such database")
    assert "hunter222" not in str(result)
    assert result["status"] == 7


def test_a_secret_that_is_not_there(cluster: Cluster, namespace: str) -> None:
    started(cluster, namespace, secret_refs={"PASSWORD": {"name": "none", "key": "a"}})
    assert re.match(
        rf"prefect-test is not there after \d+ s: {POD}: container prefect-test cannot be started "
        r'\(CreateContainerConfigError\): secret "none" not found\n',
        stuck(cluster, namespace)["msg"],
    )


def test_a_node_without_resources(cluster: Cluster, namespace: str) -> None:
    started(cluster, namespace, {"resources": {"requests": {"cpu": "1000"}}})
    result = stuck(cluster, namespace)
    assert re.match(
        rf"prefect-test is not there after \d+ s: {POD}: no node takes it: 0/1 nodes are available: "
        r"1 Insufficient cpu.\n",
        result["msg"],
    )
    assert 29 < result["seconds"] < 200


@pytest.mark.parametrize("volumes", [False, True])
def test_an_exceeded_quota(cluster: Cluster, namespace: str, volumes: bool) -> None:
    cluster.kubectl("-n", namespace, "create", "quota", "small", "--hard=pods=0")
    started(cluster, namespace, **({"volumes": [{"name": "data", "path": "/data"}]} if volumes else {}))
    result = stuck(cluster, namespace, "StatefulSet" if volumes else "Deployment")
    assert re.match(
        r"prefect-test is not there after \d+ s: no pod can be made: .*exceeded quota: small, requested: pods=1, used: "
        r"pods=0, limited: pods=0",
        result["msg"],
    )


def test_a_volume_that_nobody_provides(cluster: Cluster, namespace: str) -> None:
    storage = {"storage_class": "none"}
    started(cluster, namespace, {"storage": storage}, volumes=[{"name": "data", "path": "/data"}])
    first, second, *_rest = stuck(cluster, namespace, "StatefulSet")["msg"].splitlines()
    assert re.fullmatch(
        r"prefect-test is not there after \d+ s: pod prefect-test-0: no node takes it: 0/1 nodes are available: 1 pod "
        r"has unbound immediate PersistentVolumeClaims.",
        first,
    )
    assert second == (
        'volume data-prefect-test-0 of storage class none is Pending: storageclass.storage.k8s.io "none" not found'
    )


def test_a_service_that_does_not_answer(cluster: Cluster, namespace: str) -> None:
    started(cluster, namespace, health={"command": ["sh", "-c", "echo not yet; false"], "timeout": 240})
    result = stuck(cluster, namespace, timeout=60)
    assert re.match(rf"prefect-test is not there after \d+ s: {POD}: Startup probe failed: not yet\n", result["msg"])
    assert "Ready to accept connections" in result["msg"]


def test_a_job_that_fails_and_one_that_does_not(cluster: Cluster, namespace: str) -> None:
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "prefect-test", "namespace": namespace},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "a", "image": "redis:7", "command": ["sh", "-c", "echo why; exit 4"]}],
                }
            },
        },
    }
    cluster.apply(job)
    result = stuck(cluster, namespace, "Job")
    assert (result["log"], result["status"]) == (["why"], 4)
    assert re.match(
        rf"prefect-test failed after \d+ s: {POD}: Job has reached the specified backoff limit\n", result["msg"]
    )
    good = copy.deepcopy(job)
    good["metadata"]["name"] = "prefect-good"
    good["spec"]["template"]["spec"]["containers"][0]["command"] = ["true"]
    cluster.apply(good)
    assert "msg" not in cluster.module("rollout", namespace=namespace, kind="Job", name="prefect-good")
