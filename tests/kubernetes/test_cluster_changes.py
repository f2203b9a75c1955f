"""Module cluster_changes, against a real API server: what would change, and what would be refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import cluster_worker
from cluster_bed import Cluster
from workloads import manifests, spec, split

EVERYTHING: dict[str, Any] = {
    "secret_env": {"A": "value"},
    "files": [{"path": "/etc/a.conf", "content": "a"}, {"path": "/etc/b.conf", "content": "b", "secret": True}],
    "options": {
        "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": "2.5"}},
        "disruption_budget": {"min_available": "50%"},
        "pod": {"nodeSelector": {}, "tolerations": [{"key": "a", "operator": "Exists"}], "initContainers": []},
        "container": {"env": [{"name": "EMPTY", "value": ""}]},
    },
}


def differing(cluster: Cluster, objects: list[Any]) -> list[str]:
    result = cluster.module("cluster_changes", check=True, **split(objects))
    assert "msg" not in result, result["msg"]
    assert result["changed"] == bool(result["diff"]["after"])
    return sorted(result["diff"]["after"])


@pytest.mark.parametrize("more", [{}, {"volumes": [{"name": "data", "path": "/data"}]}])
def test_what_was_applied_differs_in_nothing(cluster: Cluster, namespace: str, more: dict[str, Any]) -> None:
    objects = manifests(namespace, spec(**EVERYTHING, **more), network_policies=True, labels={"team": "a"})
    kinds = {f"{item['kind']}/{item['metadata']['name']}" for item in objects}
    assert differing(cluster, objects) == sorted(kinds)
    cluster.apply(*objects)
    assert differing(cluster, objects) == []


def test_what_somebody_else_set_by_hand_differs(cluster: Cluster, namespace: str) -> None:
    objects = manifests(namespace, spec(**EVERYTHING))
    cluster.apply(*objects)
    kubectl = ("-n", namespace)
    cluster.kubectl(*kubectl, "scale", "deployment/prefect-test", "--replicas=3")
    cluster.kubectl(*kubectl, "label", "service/prefect-test", "app.kubernetes.io/name=other", "--overwrite")
    cluster.kubectl(*kubectl, "patch", "configmap/prefect-test", "-p", '{"data":{"etc_a.conf":"z"}}')
    assert differing(cluster, objects) == ["ConfigMap/prefect-test", "Deployment/prefect-test", "Service/prefect-test"]
    cluster.apply(*objects)
    assert differing(cluster, objects) == []


def test_a_new_secret_rolls_the_pods_and_is_not_shown(cluster: Cluster, namespace: str) -> None:
    cluster.apply(*manifests(namespace, spec(secret_env={"TOKEN": "first-hunter2"})))
    objects = manifests(namespace, spec(secret_env={"TOKEN": "other-hunter2"}))
    result = cluster.module("cluster_changes", check=True, **split(objects))
    assert sorted(result["diff"]["after"]) == ["Deployment/prefect-test", "Secret/prefect-test"]
    assert result["diff"]["after"]["Secret/prefect-test"]["data"]["TOKEN"] == "<secret: changed>"
    assert "hunter2" not in json.dumps(result)
    secret = split(objects)["secrets"][0]["data"]["TOKEN"]
    assert secret not in json.dumps(result)


def test_an_immutable_field(cluster: Cluster, namespace: str) -> None:
    cluster.apply(*manifests(namespace))
    objects = manifests(namespace)
    (deployment,) = [item for item in objects if item["kind"] == "Deployment"]
    for labels in (deployment["spec"]["selector"]["matchLabels"], deployment["spec"]["template"]["metadata"]["labels"]):
        labels["more"] = "a"
    assert cluster.fails("cluster_changes", objects=[deployment]) == (
        "Deployment/prefect-test: spec.selector cannot be changed; to make it anew run kubectl delete deployment "
        f"prefect-test -n {namespace} (its pods stop until then), then deploy again"
    )


def test_a_stateful_set_changes_its_volumes_in_size_only(cluster: Cluster, namespace: str) -> None:
    def objects(size: str, storage_class: str | None = None, service: str | None = None) -> list[Any]:
        storage = {"size": size, "storage_class": storage_class}
        volumes = [{"name": "data", "path": "/data"}]
        made = manifests(namespace, spec(volumes=volumes, options={"storage": storage}))
        if service:
            next(item for item in made if item["kind"] == "StatefulSet")["spec"]["serviceName"] = service
        return made

    cluster.apply(*objects("2Gi"))
    cluster.module("rollout", namespace=namespace, kind="StatefulSet", name="prefect-test", timeout=240)
    at = "StatefulSet/prefect-test: storage"
    assert cluster.fails("cluster_changes", **split(objects("1Gi"))) == (
        f"{at}.size: the volume data-prefect-test-0 has 2Gi and cannot shrink to 1Gi; set 2Gi, or remove the "
        "installation "
        "with its data and restore a backup"
    )
    assert cluster.fails("cluster_changes", **split(objects("2Gi", "local-fixed"))) == (
        f"{at}.storage_class: the volume data-prefect-test-0 is of class local and cannot become one of local-fixed; "
        "set local, or remove the installation with its data and restore a backup"
    )
    grown = cluster.module("cluster_changes", **split(objects("3Gi")))
    assert (grown["grow"], grown["anew"]) == ([{"name": "data-prefect-test-0", "size": "3Gi"}], ["prefect-test"])
    assert cluster.fails("cluster_changes", **split(objects("2Gi", service="other"))) == (
        "StatefulSet/prefect-test: spec cannot be changed; to keep its pods and volumes and make it anew run kubectl "
        f"delete statefulset prefect-test -n {namespace} --cascade=orphan, then deploy again"
    )
    claims = [{"setting": "prefect.kubernetes.redis.storage", "service": "prefect-test", "size": "1Gi"}]
    assert cluster.fails("cluster_info", namespace=namespace, claims=claims) == (
        "prefect.kubernetes.redis.storage.size: the volume data-prefect-test-0 has 2Gi and cannot shrink to 1Gi; "
        "set 2Gi, or remove the installation with its data and restore a backup"
    )


def test_a_class_that_does_not_let_volumes_grow(cluster: Cluster, namespace: str) -> None:
    storage = {"size": "1Gi", "storage_class": "local-fixed"}
    cluster.apply(
        *manifests(namespace, spec(volumes=[{"name": "data", "path": "/data"}], options={"storage": storage}))
    )
    cluster.module("rollout", namespace=namespace, kind="StatefulSet", name="prefect-test", timeout=240)
    claims = [{"setting": "prefect.kubernetes.redis.storage", "service": "prefect-test", "size": "2Gi"}]
    assert cluster.fails("cluster_info", namespace=namespace, claims=claims) == (
        "prefect.kubernetes.redis.storage.size: the volume data-prefect-test-0 has 1Gi and cannot grow to 2Gi: its "
        "storage "
        "class local-fixed does not allow it; set 1Gi, or allow it (allowVolumeExpansion: true)"
    )


def test_a_quota_of_objects_and_a_name_that_is_too_long(cluster: Cluster, namespace: str) -> None:
    objects = manifests(namespace, spec("prefect-" + "a" * 60))
    told = cluster.fails("cluster_changes", **split(objects)).splitlines()
    assert told[0].startswith("ServiceAccount/prefect-aaa")
    assert "must be no more than 63 characters" in told[0]
    cluster.kubectl("-n", namespace, "create", "quota", "small", "--hard=count/services=0")
    (service,) = [item for item in manifests(namespace) if item["kind"] == "Service"]
    for _ in range(50):
        # The quota is counted first.
        told = cluster.fails("cluster_changes", objects=[service]).splitlines()
        if "status unknown" not in told[0]:
            break
    assert told == [
        f"Service/prefect-test: quota small of namespace {namespace} is exceeded: requested count/services=1, used: "
        "count/services=0, limited: count/services=0"
    ]


def test_objects_of_somebody_else_are_not_taken(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("-n", namespace, "create", "deployment", "prefect-test", "--image=redis:7")
    assert cluster.fails("cluster_changes", **split(manifests(namespace))) == (
        f"Deployment/prefect-test: namespace {namespace} has one that was not made by this collection; remove it, or "
        "choose another namespace"
    )


def test_a_worker_may_do_what_it_needs_and_no_more(cluster: Cluster, namespace: str) -> None:
    rules = [{"namespace": namespace, "rules": cluster_worker.RULES}]
    cluster.apply(*manifests(namespace, spec(rules=rules)))

    def may(verb: str, resource: str, of: str = namespace) -> bool:
        account = f"--as=system:serviceaccount:{namespace}:prefect-test"
        return cluster.kubectl("auth", "can-i", verb, resource, "-n", of, account, check=False) == "yes"

    for verb in ("create", "get", "list", "watch", "delete"):
        assert may(verb, "jobs.batch"), verb
    for verb, resource in (("get", "pods"), ("list", "pods"), ("watch", "pods"), ("get", "pods/log")):
        assert may(verb, resource), (verb, resource)
    for verb, resource in (
        ("create", "pods"), ("create", "pods/exec"), ("list", "configmaps"), ("create", "deployments.apps"),
        ("create", "roles"), ("create", "rolebindings"), ("get", "nodes"), ("get", "namespaces"),
    ):  # fmt: skip
        assert not may(verb, resource), (verb, resource)
    assert not may("create", "jobs.batch", "default")
    assert not may("get", "secrets", "default")
