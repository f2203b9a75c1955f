"""Everything that keeps Prefect from running in a cluster, before anything is touched."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_claims import claim_problems

from .api_server import GROUPS, ApiServer, status
from .conftest import Module

NS = "/api/v1/namespaces/prefect"
APPS = "/apis/apps/v1/namespaces/prefect"
OURS = {marks.MANAGED_BY: marks.MANAGER}


def labels(service: str) -> dict[str, str]:
    return {**OURS, marks.SERVICE: service}


def problems(module: Module, **options: Any) -> list[str]:
    result = module("cluster_info", namespace="prefect", **options)
    assert result.get("failed"), result
    found: list[str] = result["problems"]
    assert result["msg"] == "\n".join(found)
    return found


def test_an_empty_cluster_is_ready(module: Module, api: ApiServer) -> None:
    del api.answers[NS]
    host = module("cluster_info", namespace="prefect", image="a:1", kinds=["Deployment"])["host"]
    assert (host["platform"], host["namespace_state"], host["version"]) == ("kubernetes", "missing", [1, 31])
    assert (host["cluster_uid"], host["image"], host["context"]) == ("u-1", "a:1", "dev")
    assert (host["objects"], host["running"], host["secrets"]) == ([], {}, {})
    assert "apps/v1" in host["apis"]
    assert [method for method, path, _body in api.asked if method != "GET" and "authorization" not in path] == []


def test_what_is_there_is_told(module: Module, api: ApiServer) -> None:
    container = {"image": "a:1", "name": "prefect-server"}
    api.answers[f"{APPS}/deployments"] = {
        "items": [
            {
                "metadata": {"name": "prefect-server", "namespace": "prefect", "labels": labels("prefect-server")},
                "spec": {"replicas": 1, "template": {"spec": {"containers": [container]}}},
                "status": {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
            }
        ]
    }
    secret = {marks.SALT: base64.b64encode(b"salt").decode(), "A": base64.b64encode(b"value").decode()}
    api.answers[f"{NS}/secrets"] = {
        "items": [
            {"metadata": {"name": "prefect-server", "labels": labels("prefect-server")}, "data": secret},
            {"metadata": {"name": "prefect-generated", "labels": labels(marks.FOUNDATION)}, "data": {"p": "cA=="}},
        ]
    }
    host = module("cluster_info", namespace="prefect")["host"]
    assert host["installed"] == ["prefect-server"]
    assert host["running"] == {"prefect-server": {"healthy": True, "image": "a:1"}}
    assert host["secret_salts"] == {"prefect-server": "salt"}
    assert host["secrets"] == {"prefect-generated": {"p": "p"}}
    assert [(item["kind"], item["name"], item["service"]) for item in host["objects"]] == [
        ("Deployment", "prefect-server", "prefect-server"),
        ("Secret", "prefect-server", "prefect-server"),
        ("Secret", "prefect-generated", marks.FOUNDATION),
    ]


def test_what_others_keep_is_known_by_what_changes_with_it(module: Module, api: ApiServer) -> None:
    wanted = [{"setting": "a", "name": "door", "key": "both"}, {"setting": "b", "name": "door"}]

    def told(uid: str, value: bytes) -> dict[str, str]:
        data = {"both": base64.b64encode(value).decode()}
        api.answers[f"{NS}/secrets/door"] = {"metadata": {"name": "door", "uid": uid}, "data": data}
        return dict(module("cluster_info", namespace="prefect", secrets=wanted)["host"]["values_of_others"])

    first = told("u", b"hunter2")
    assert list(first) == ["door/both"]
    assert "hunter2" not in str(first)
    assert told("u", b"hunter2") == first
    assert first not in (told("u", b"hunter3"), told("v", b"hunter2"))


def test_what_flow_runs_read_is_looked_for_where_they_are(module: Module, api: ApiServer) -> None:
    here = {"metadata": {"name": "mine", "uid": "u"}, "data": {"k": "eA=="}}
    api.answers |= {
        f"{NS}/secrets/mine": here,
        "/api/v1/namespaces/jobs": {"metadata": {"name": "jobs"}},
        "/api/v1/namespaces/jobs/secrets": {"items": []},
    }
    setting = "prefect.kubernetes.existing_secrets.auth_string"
    wanted = {"setting": setting, "name": "mine", "key": "k"}
    options = {
        "job_namespaces": [{"setting": "x", "name": "jobs"}],
        "secrets": [wanted, {**wanted, "namespace": "jobs"}],
    }
    (told,) = problems(module, **options)
    assert told.startswith(f"{setting}: there is no Secret mine in namespace jobs, where flow runs read it; ")
    api.answers["/api/v1/namespaces/jobs/secrets/mine"] = {**here, "data": {}}
    (told,) = problems(module, **options)
    assert told.startswith(f"{setting}.key: the Secret mine in namespace jobs has no key k; ")
    api.answers["/api/v1/namespaces/jobs/secrets/mine"] = here
    assert list(module("cluster_info", namespace="prefect", **options)["host"]["values_of_others"]) == ["mine/k"]


def observer(namespace: str) -> dict[str, Any]:
    env = [{"name": "PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES", "value": namespace}]
    pod = {"containers": [{"env": [{"name": "A", "valueFrom": {}}, *env]}]}
    metadata = {"name": "prefect-worker-a", "namespace": "prefect", "labels": labels("prefect-worker-a")}
    return {"metadata": metadata, "spec": {"template": {"spec": pod}}}


@pytest.mark.parametrize("sees_everything", [True, False])
def test_installations_that_share_a_namespace_leave_each_other_alone(
    module: Module, api: ApiServer, sees_everything: bool
) -> None:
    def role(namespace: str, name: str, **more: str) -> dict[str, Any]:
        return {"metadata": {"name": name, "namespace": namespace, "labels": labels("prefect-worker-a") | more}}

    rbac = "/apis/rbac.authorization.k8s.io/v1"
    there = [role("jobs", "mine", **{marks.HOME: "prefect"}), role("jobs", "theirs", **{marks.HOME: "other"})]
    here = [role("prefect", "own"), role("prefect", "guest", **{marks.HOME: "other"})]
    before = role("former", "left", **{marks.HOME: "prefect"})
    api.answers |= {
        f"{rbac}/roles": {"items": [*here, *there, before]} if sees_everything else status(403, "no"),
        f"{rbac}/namespaces/prefect/roles": {"items": here},
        f"{rbac}/namespaces/jobs/roles": {"items": there},
        "/api/v1/namespaces/jobs": {"metadata": {"name": "jobs"}},
    }
    host = module("cluster_info", namespace="prefect", job_namespaces=[{"setting": "x", "name": "jobs"}])["host"]
    # A namespace that is no longer declared is found by those who see everything.
    assert [item["name"] for item in host["objects"]] == ["own", "mine", *(["left"] if sees_everything else [])]


def test_what_workers_left_in_a_namespace_of_their_jobs_is_found(module: Module, api: ApiServer) -> None:
    api.answers[f"{APPS}/deployments"] = {"items": [observer("former")]}
    left = {"name": "left", "namespace": "former", "labels": labels("prefect-worker-a") | {marks.HOME: "prefect"}}
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    for path in ("/api/v1/secrets", "/api/v1/serviceaccounts", f"{rbac}/roles", f"{rbac}/rolebindings"):
        api.answers[path] = status(403, "no")
    api.answers["/api/v1/namespaces/former/secrets"] = {"items": [{"metadata": left}]}
    api.answers[f"{rbac}/namespaces/former/roles"] = status(403, "no")
    result = module("cluster_info", namespace="prefect")
    assert [item["name"] for item in result["host"]["objects"]] == ["prefect-worker-a", "left"]
    [warning] = result["warnings"]
    assert "may not list roles (rbac.authorization.k8s.io) in namespace former; what is there stays" in warning


def test_an_old_cluster_is_refused(module: Module, api: ApiServer) -> None:
    api.answers["/version"] = {"major": "1", "minor": "18+"}
    assert problems(module) == [
        f"prefect.kubernetes.context: the cluster at {api.address} is Kubernetes 1.18; 1.19 or newer is needed"
    ]


def test_every_problem_comes_at_once(module: Module, api: ApiServer, tmp_path: Any) -> None:
    rules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    api.answers[rules] = {"status": {"resourceRules": [{"verbs": ["*"], "apiGroups": [""], "resources": ["*"]}]}}

    def allowed(body: Any) -> Any:
        asked = body["spec"]["resourceAttributes"]
        return {"status": {"allowed": asked["verb"] in ("get", "list") or asked["group"] == "apps"}}

    api.answers["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"] = allowed
    api.answers["/api/v1/namespaces/kube-system"] = status(403, "no")
    api.answers["/apis/storage.k8s.io/v1/storageclasses"] = {"items": [{"metadata": {"name": "fast"}}]}
    api.answers["/apis/networking.k8s.io/v1/ingressclasses"] = {"items": [{"metadata": {"name": "nginx"}}]}
    mine = {"metadata": {"name": "mine", "labels": OURS}, "data": {"password": "eA=="}}
    api.answers |= {f"{NS}/secrets": {"items": [mine]}, f"{NS}/secrets/mine": mine}
    found = problems(
        module,
        kinds=["Deployment", "Job"],
        job_namespaces=[{"setting": "prefect.kubernetes.job_namespace", "name": "jobs"}],
        claims=[
            {"setting": "prefect.kubernetes.postgres.storage", "service": "prefect-postgres", "storage_class": "fats"},
            {"setting": "prefect.kubernetes.redis.storage", "service": "prefect-redis"},
        ],
        secrets=[
            {"setting": "prefect.kubernetes.existing_secrets.api_key", "name": "mime", "key": "k"},
            {"setting": "prefect.kubernetes.existing_secrets.auth_string", "name": "mine", "key": "passwort"},
        ],
        ingress={"setting": "prefect.kubernetes.ingress.class_name", "name": "nginks"},
        gateway={"setting": "prefect.kubernetes.gateway", "class_name": "x"},
        cloudnative_pg="db",
    )
    assert found == [
        f"prefect.kubernetes.kubeconfig: user anna (context dev of {tmp_path}/kubeconfig) may not create, patch, "
        "delete, "
        "watch jobs (batch) in namespace prefect; create, patch, delete roles (rbac.authorization.k8s.io) in "
        "namespace jobs; "
        "create, patch, delete rolebindings (rbac.authorization.k8s.io) in namespace jobs; let an administrator "
        "grant it, "
        "or choose another context",
        "prefect.kubernetes.cluster_uid: the namespace kube-system may not be read; set it to what tells this "
        "cluster from "
        "others",
        "prefect.kubernetes.job_namespace: there is no namespace jobs; make it, or name another",
        "prefect.kubernetes.postgres.storage.storage_class: the cluster has no storage class fats; did you mean "
        "'fast'? "
        "known: fast",
        "prefect.kubernetes.redis.storage.storage_class: the cluster has no default storage class; name one in "
        "prefect.kubernetes.storage_class; known: fast",
        "prefect.kubernetes.ingress.class_name: the cluster has no ingress class nginks; did you mean 'nginx'? "
        "known: nginx",
        "prefect.kubernetes.gateway: the cluster has no HTTPRoute (gateway.networking.k8s.io); install the Gateway "
        "API, or "
        "use prefect.kubernetes.ingress",
        "prefect.postgres.cloudnative_pg: the cluster has no CloudNativePG (Cluster of postgresql.cnpg.io/v1); "
        "install its "
        "operator, or name a database in prefect.postgres.host",
        "prefect.kubernetes.existing_secrets.api_key: there is no Secret mime in namespace prefect; did you mean "
        "'mine'? "
        "known: mine",
        "prefect.kubernetes.existing_secrets.auth_string.key: the Secret mine has no key passwort; did you mean "
        "'password'? "
        "known: password",
    ]


def test_a_namespace_on_its_way_out_is_an_error_and_in_check_mode_a_warning(module: Module, api: ApiServer) -> None:
    remains = {"type": "NamespaceContentRemaining", "status": "True", "message": "pods. has 1 resource instances"}
    api.answers[NS] = {
        "metadata": {"name": "prefect", "deletionTimestamp": "2026-01-02T03:04:05Z"},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"conditions": [remains]},
    }
    told = (
        "prefect.kubernetes.namespace: prefect is being removed since 2026-01-02T03:04:05Z, held by the finalizers "
        "kubernetes: pods. has 1 resource instances; wait until it is gone (kubectl wait --for=delete "
        "namespace/prefect), or choose another namespace"
    )
    assert problems(module, kinds=["Secret"]) == [told]
    result = module("cluster_info", check=True, namespace="prefect", kinds=["Secret"])
    assert result["warnings"] == [told]
    assert result["host"]["namespace_state"] == "terminating"


def test_a_namespace_that_nobody_makes_is_missing(module: Module, api: ApiServer) -> None:
    del api.answers[NS]
    assert problems(module, create_namespace=False, secrets=[{"setting": "a", "name": "s"}]) == [
        "prefect.kubernetes.namespace: there is no namespace prefect; make it, or set "
        "prefect.kubernetes.create_namespace: true",
        "a: there is no namespace prefect yet; make it, and the Secret s in it",
    ]


def test_a_cluster_of_cloudnative_pg_has_to_be_ready(module: Module, api: ApiServer) -> None:
    group = {"versions": [{"groupVersion": "postgresql.cnpg.io/v1"}]}
    api.answers["/apis"] = {"groups": [*GROUPS["groups"], group]}
    path = "/apis/postgresql.cnpg.io/v1/namespaces/prefect/clusters"
    api.answers[path] = {"items": [{"metadata": {"name": "data"}}]}
    assert problems(module, cloudnative_pg="date") == [
        "prefect.postgres.cloudnative_pg: there is no Cluster date in namespace prefect; did you mean 'data'? known: "
        "data"
    ]
    api.answers[f"{path}/data"] = {"status": {"phase": "Setting up primary"}}
    assert problems(module, cloudnative_pg="data") == [
        "prefect.postgres.cloudnative_pg: the Cluster data is not ready: Setting up primary"
    ]


CLAIM = {
    "metadata": {"name": "data-prefect-postgres-0"},
    "spec": {
        "resources": {"requests": {"storage": "10Gi"}},
        "storageClassName": "slow",
        "accessModes": ["ReadWriteOnce"],
    },
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"size": "10240Mi"}, []),
        ({}, []),
        (
            {"size": "5Gi"},
            [
                "s.size: the volume data-prefect-postgres-0 has 10Gi and cannot shrink to 5Gi; set 10Gi, or remove the "
                "installation with its data and restore a backup"
            ],
        ),
        (
            {"size": "20Gi"},
            [
                "s.size: the volume data-prefect-postgres-0 has 10Gi and cannot grow to 20Gi: its storage class slow "
                "does "
                "not allow it; set 10Gi, or allow it (allowVolumeExpansion: true)"
            ],
        ),
        (
            {"storage_class": "fast"},
            [
                "s.storage_class: the volume data-prefect-postgres-0 is of class slow and cannot become one of fast; "
                "set slow, or remove the installation with its data and restore a backup"
            ],
        ),
        (
            {"access_modes": ["ReadWriteMany"]},
            ["s.access_modes: the volume data-prefect-postgres-0 has ReadWriteOnce and cannot change; set that"],
        ),
    ],
)
def test_a_volume_changes_in_one_way_only(wanted: dict[str, Any], found: list[str]) -> None:
    assert claim_problems("s", wanted, CLAIM, {"slow": {}}) == found
    assert claim_problems("s", {"size": "20Gi"}, CLAIM, {"slow": {"allowVolumeExpansion": True}}) == []
    # Whoever may not read the classes is told by the cluster.
    assert claim_problems("s", {"size": "20Gi"}, CLAIM, None) == []
