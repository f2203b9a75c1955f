"""What keeps pods from being ready, from what the API says of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_pods as pods
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.outcomes import cluster_job_failure

from playbooks import run_ansible

from .api_server import ApiServer, status
from .conftest import Module

JOB_TASKS = Path(__file__).resolve().parents[3] / "roles/prefect_service/tasks/kubernetes/job.yml"
JOB = "/apis/batch/v1/namespaces/prefect/jobs/a"
PATH = "/apis/apps/v1/namespaces/prefect/deployments/a"
DONE = {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


def workload(kind: str = "Deployment", **status: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": "a", "uid": "u", "generation": 2},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}},
        "status": {**DONE, **status},
    }


def pod(**status: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "a-1", "labels": {"app": "a"}},
        "spec": {"containers": [{"name": "a"}]},
        "status": status,
    }


def container(**state: Any) -> dict[str, Any]:
    return pod(containerStatuses=[{"name": "a", "image": "x:1", "ready": False, "restartCount": 0, **state}])


def event(reason: str, message: str, at: str = "1") -> dict[str, Any]:
    return {"reason": reason, "message": message, "lastTimestamp": at, "type": "Warning", "metadata": {}}


@pytest.mark.parametrize(
    ("item", "done"),
    [
        (workload(), True),
        (workload(observedGeneration=1), False),
        (workload(updatedReplicas=0), False),
        (workload(replicas=2), False),
        (workload(availableReplicas=0), False),
        (workload("StatefulSet", updateRevision="a", currentRevision="a", updatedReplicas=0), True),
        (workload("StatefulSet", updateRevision="b", currentRevision="a", updatedReplicas=0), False),
        (workload("Job", conditions=[{"type": "Complete", "status": "True"}]), True),
        (workload("Job"), False),
    ],
)
def test_a_workload_is_there_when_all_of_it_is_new_and_ready(item: dict[str, Any], done: bool) -> None:
    assert pods.is_done(item) is done


@pytest.mark.parametrize(
    ("item", "events", "text"),
    [
        (
            container(state={"waiting": {"reason": "ImagePullBackOff", "message": "Back-off"}}),
            [event("Failed", 'Failed to pull image "x:1": not found')],
            'the image x:1 cannot be had (ImagePullBackOff): Failed to pull image "x:1": not found',
        ),
        (
            container(state={"waiting": {"reason": "InvalidImageName", "message": "bad"}}),
            [],
            "the image x:1 cannot be had (InvalidImageName): bad",
        ),
        (
            container(state={"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "s" not found'}}),
            [],
            'container a cannot be started (CreateContainerConfigError): secret "s" not found',
        ),
        (
            container(restartCount=2, state={"waiting": {}}, lastState={"terminated": {"exitCode": 3}}),
            [],
            "container a ended with status 3 and was started 3 times",
        ),
        (
            container(
                restartCount=2,
                state={"waiting": {}},
                lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
            ),
            [],
            "container a used more memory than it may and was started 3 times",
        ),
        (
            container(restartCount=2, state={"running": {}}, lastState={"terminated": {"exitCode": 143}}),
            [event("Unhealthy", "Startup probe failed: refused"), event("Killing", "failed startup probe, restarting")],
            "container a was killed: Startup probe failed: refused and was started 3 times",
        ),
        (
            pod(conditions=[{"type": "PodScheduled", "status": "False", "message": "0/1 nodes: Insufficient cpu"}]),
            [],
            "no node takes it: 0/1 nodes: Insufficient cpu",
        ),
        (pod(), [event("FailedMount", 'configmap "c" not found')], 'configmap "c" not found'),
        (pod(phase="Failed", reason="Evicted", message="low on memory"), [], "Evicted: low on memory"),
    ],
)
def test_a_pod_that_will_not_do_says_why(item: dict[str, Any], events: list[Any], text: str) -> None:
    found = pods.pod_trouble(item, events)
    assert found
    assert found.text == text


@pytest.mark.parametrize(
    ("item", "events"),
    [
        (container(state={"waiting": {"reason": "ContainerCreating"}}), []),
        (container(restartCount=1, state={"running": {}}, lastState={"terminated": {"exitCode": 1}}), []),
        (
            pod(conditions=[{"type": "PodScheduled", "status": "False", "message": "0/1"}]),
            [event("TriggeredScaleUp", "pod triggered scale-up")],
        ),
    ],
)
def test_what_still_may_do_is_waited_for(item: dict[str, Any], events: list[Any]) -> None:
    assert pods.pod_trouble(item, events) is None


def test_pods_of_the_former_version_are_not_looked_at() -> None:
    old, new = pod(), pod()
    old["metadata"]["labels"] = {"pod-template-hash": "1", "controller-revision-hash": "1"}
    new["metadata"]["labels"] = {"pod-template-hash": "2", "controller-revision-hash": "2"}
    sets = [
        {
            "metadata": {
                "labels": {"pod-template-hash": name},
                "annotations": {"deployment.kubernetes.io/revision": name},
            }
        }
        for name in ("1", "2")
    ]
    item = workload()
    item["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    assert pods.of_newest(item, [old, new], sets) == [new]
    assert pods.of_newest(workload("StatefulSet", updateRevision="2"), [old, new], []) == [new]
    # The cluster has not seen the change yet: what it names are the pods before it.
    unseen = workload(observedGeneration=1)
    unseen["metadata"]["annotations"] = item["metadata"]["annotations"]
    assert pods.of_newest(unseen, [old, new], sets) == []
    assert pods.of_newest(workload("StatefulSet", observedGeneration=1, updateRevision="2"), [old, new], []) == []
    new["metadata"]["deletionTimestamp"] = "now"
    assert pods.of_newest(item, [old, new], sets) == []


def test_quota_and_failed_jobs_are_said_by_the_workload() -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: q"}
    found = pods.workload_trouble(workload(conditions=[condition]), [])
    assert found
    assert (found.text, found.may_pass) == ("no pod can be made: exceeded quota: q", True)
    assert pods.workload_trouble(workload("StatefulSet"), [event("FailedCreate", "exceeded quota: q")]) == found
    failed = {"type": "Failed", "status": "True", "message": "Job has reached the specified backoff limit"}
    found = pods.workload_trouble(workload("Job", conditions=[failed]), [])
    assert found
    assert found.text == "Job has reached the specified backoff limit"


def test_what_is_there_is_not_waited_for(module: Module, api: ApiServer) -> None:
    api.answers[PATH] = workload()
    options = {"namespace": "prefect", "kind": "Deployment", "name": "a"}
    assert not module("rollout", **options)["changed"]
    assert len(api.asked) == 1
    module("rollout", check=True, **options)
    assert len(api.asked) == 1


def test_a_broken_image_ends_the_wait_at_once_and_secrets_are_masked(module: Module, api: ApiServer) -> None:
    api.answers[PATH] = workload(updatedReplicas=0)
    api.answers["/apis/apps/v1/namespaces/prefect/replicasets"] = {
        "items": [{"metadata": {"labels": {"app": "a"}, "ownerReferences": [{"uid": "u"}]}}]
    }
    waiting = {"reason": "ImagePullBackOff", "message": "token hunter222 refused"}
    api.answers["/api/v1/namespaces/prefect/pods"] = {"items": [container(state={"waiting": waiting})]}
    api.answers["/api/v1/namespaces/prefect/events"] = {"items": [event("Failed", "Error: ImagePullBackOff")]}
    result = module("rollout", namespace="prefect", kind="Deployment", name="a", secrets=["hunter222"], timeout=3)
    assert re.sub(r"after \d+ s", "after 0 s", result["msg"]) == (
        "a is not there after 0 s: pod a-1: the image x:1 cannot be had (ImagePullBackOff): token ******** refused\n"
        "Its last events:\n  Failed: Error: ImagePullBackOff"
    )


def test_a_workload_that_is_not_there_is_said(module: Module) -> None:
    result = module("rollout", namespace="prefect", kind="Job", name="b")
    assert result["msg"] == "there is no Job b in namespace prefect"


def test_a_pod_that_no_node_takes_is_said_to_those_who_may_not_see_volumes(module: Module, api: ApiServer) -> None:
    api.answers[JOB] = workload("Job")
    condition = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes: Insufficient cpu"}
    item = pod(phase="Pending", conditions=[condition])
    item["spec"]["volumes"] = [{"emptyDir": {}}, {"persistentVolumeClaim": {"claimName": "data"}}]
    claims = "/api/v1/namespaces/prefect/persistentvolumeclaims"
    api.answers |= {"/api/v1/namespaces/prefect/pods": {"items": [item]}, f"{claims}/data": status(403, "no")}
    result = module("rollout", namespace="prefect", kind="Job", name="a", timeout=0)
    assert re.fullmatch(r"a failed after \d+ s: pod a-1: no node takes it: 0/1 nodes: Insufficient cpu", result["msg"])
    assert f"{claims}/None" not in [path for _method, path, _body in api.asked]


def test_why_a_job_failed_is_said_with_and_without_its_log() -> None:
    spec = {"failure": "the migration failed", "failures": {}, "secret_env": {}}
    assert cluster_job_failure({"msg": "no", "log": []}, spec) == "the migration failed: no"
    assert cluster_job_failure({"msg": "no"}, spec) == "the migration failed: no"
    assert cluster_job_failure({"msg": "no", "log": ["x: y"]}, spec) == "the migration failed: x: y"


def test_a_job_that_nobody_could_await_has_failed(api: ApiServer, tmp_path: Path) -> None:
    api.answers[JOB] = workload("Job", conditions=[{"type": "Complete", "status": "True"}])
    api.answers["/apis/batch/v1/namespaces/prefect/jobs/b"] = status(403, "no")
    tasks = [task for task in yaml.safe_load(JOB_TASKS.read_text()) if task["name"].startswith(("Await", "Report"))]
    variables = {
        "prefect_service_host": {"kubeconfig": api.kubeconfig(tmp_path), "namespace": "prefect"},
        "prefect_kubernetes": {"timeout": 5},
        "__prefect_service_secret_env": {},
    }
    of_jobs = [
        {
            "prefect_service": {"name": name},
            "__prefect_service_manifests": [{"kind": "Job", "metadata": {"name": name}}],
            "__prefect_service_complete": {"failure": f"{name} failed"},
        }
        for name in "ab"
    ]
    book = [{"hosts": "localhost", "gather_facts": False, "vars": variables | job, "tasks": tasks} for job in of_jobs]
    (tmp_path / "play.yml").write_text(json.dumps(book))
    done = run_ansible(tmp_path, "ansible-playbook", "play.yml")
    assert "b failed: no" in done.stdout
    assert "ok=2    changed=0    unreachable=0    failed=1    skipped=1" in done.stdout
