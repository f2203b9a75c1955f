"""Module cluster_info, against a real API server: what keeps Prefect from running there."""

from __future__ import annotations

import base64
import json
import re
import time
from pathlib import Path

import yaml
from cluster_bed import Cluster, run
from workloads import manifests, spec, split

KINDS = ["ConfigMap", "Deployment", "Secret"]


def kubeconfig(cluster: Cluster, folder: Path, user: dict[str, str], **of_cluster: str) -> str:
    """Write a kubeconfig of somebody else."""
    content = yaml.safe_load(cluster.kubeconfig.read_text())
    content["users"] = [{"name": "anna", "user": user}]
    content["contexts"] = [{"name": "hers", "context": {"cluster": cluster.name, "user": "anna"}}]
    content["clusters"][0]["cluster"] |= of_cluster
    path = folder / "hers"
    path.write_text(yaml.safe_dump({**content, "current-context": "hers"}))
    return str(path)


def token(cluster: Cluster, namespace: str, role: str) -> str:
    """Return the token of a new ServiceAccount that has a role in the namespace."""
    create, account = ("-n", namespace, "create"), "anna"
    cluster.kubectl(*create, "serviceaccount", account)
    cluster.kubectl(*create, "rolebinding", account, f"--clusterrole={role}", f"--serviceaccount={namespace}:{account}")
    for _ in range(50):
        found = json.loads(cluster.kubectl("-n", namespace, "get", "serviceaccount", account, "-o", "json"))
        if found.get("secrets"):
            secret = cluster.kubectl("-n", namespace, "get", "secret", found["secrets"][0]["name"], "-o", "json")
            return base64.b64decode(json.loads(secret)["data"]["token"]).decode()
        time.sleep(0.2)
    raise AssertionError("the ServiceAccount got no token")


def test_a_cluster_that_can_is_described(cluster: Cluster, namespace: str) -> None:
    cluster.apply(*manifests(namespace, spec(secret_env={"A": "value"})))
    host = cluster.module("cluster_info", namespace=namespace, kinds=KINDS, image="a:1")["host"]
    assert (host["version"], host["namespace_state"], host["context"]) == ([1, 20], "active", cluster.name)
    assert host["cluster_uid"] == cluster.kubectl("get", "ns", "kube-system", "-o", "jsonpath={.metadata.uid}")
    assert host["storage_classes"] == ["local", "local-fixed"]
    assert sorted(item["kind"] for item in host["objects"]) == ["Deployment", "Secret", "Service", "ServiceAccount"]
    assert host["installed"] == ["prefect-test"]
    assert list(host["secret_salts"]) == ["prefect-test"]


def test_expired_credentials(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    path = kubeconfig(cluster, tmp_path, {"token": "expired"})
    assert cluster.fails("cluster_info", kubeconfig=path, namespace=namespace) == (
        f"prefect.kubernetes.kubeconfig: {cluster.address} refuses the credentials of user anna (context hers of "
        f"{path}): "
        "they are invalid or have expired; log in to the cluster again"
    )


def test_no_credentials(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    path = kubeconfig(cluster, tmp_path, {})
    assert cluster.fails("cluster_info", kubeconfig=path, namespace=namespace) == (
        f"prefect.kubernetes.kubeconfig: user anna (context hers of {path}) gave {cluster.address} no credentials; "
        "log in to the cluster"
    )


def test_a_certificate_of_somebody_else(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    made = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other")
    run("openssl", *made, "-keyout", tmp_path / "key", "-out", tmp_path / "ca")
    authority = base64.b64encode((tmp_path / "ca").read_bytes()).decode()
    path = kubeconfig(cluster, tmp_path, {"token": "x"}, **{"certificate-authority-data": authority})
    told = cluster.fails("cluster_info", kubeconfig=path, namespace=namespace)
    assert re.fullmatch(
        f"prefect.kubernetes.kubeconfig: the certificate of the cluster of context hers at {cluster.address} is not "
        "trusted: (unable to get local issuer certificate|self-signed certificate in certificate chain); correct "
        "certificate-authority in the kubeconfig",
        told,
    )


def test_forbidden(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    path = kubeconfig(cluster, tmp_path, {"token": token(cluster, namespace, "view")})
    asked = {"namespace": namespace, "kinds": KINDS, "job_namespaces": [{"setting": "s", "name": namespace}]}
    assert cluster.fails("cluster_info", kubeconfig=path, **asked).splitlines() == [
        f"prefect.kubernetes.kubeconfig: user anna (context hers of {path}) may not create, patch, delete configmaps "
        "in "
        f"namespace {namespace}; create, patch, delete deployments (apps) in namespace {namespace}; get, list, create, "
        f"patch, delete secrets in namespace {namespace}; create pods/exec in namespace {namespace}; get, list, "
        "create, "
        f"patch, delete roles (rbac.authorization.k8s.io) in namespace {namespace}; get, list, create, patch, delete "
        f"rolebindings (rbac.authorization.k8s.io) in namespace {namespace}; create, patch, delete serviceaccounts in "
        f"namespace {namespace}; let an administrator grant it, or choose another context",
        "prefect.kubernetes.cluster_uid: the namespace kube-system may not be read; set it to what tells this cluster "
        "from others",
    ]
    # Whoever only looks needs no more than that.
    assert cluster.module("cluster_info", kubeconfig=path, namespace=namespace)["host"]["namespace"] == namespace


def test_an_administrator_of_one_namespace_is_enough(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    path = kubeconfig(cluster, tmp_path, {"token": token(cluster, namespace, "admin")})
    claims = [{"setting": "s", "service": "prefect-redis", "storage_class": "none"}]
    result = cluster.module("cluster_info", kubeconfig=path, namespace=namespace, kinds=KINDS, claims=claims)
    assert result["host"]["namespace_state"] == "active"


def test_a_namespace_that_is_being_removed(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("-n", namespace, "create", "configmap", "held")
    held = ("-n", namespace, "patch", "configmap", "held", "-p")
    cluster.kubectl(*held, '{"metadata":{"finalizers":["example.org/hold"]}}')
    try:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")
        remains = ".status.conditions[?(@.type=='NamespaceFinalizersRemaining')].status"
        for _ in range(60):
            if cluster.kubectl("get", "ns", namespace, "-o", f"jsonpath={{{remains}}}") == "True":
                break
            time.sleep(0.5)
        told = cluster.module("cluster_info", namespace=namespace, kinds=KINDS)["msg"]
        assert re.fullmatch(
            f"prefect.kubernetes.namespace: {namespace} is being removed since 20[-0-9T:]+Z, held by the finalizers "
            "kubernetes: Some resources are remaining: configmaps. has 1 resource instances; Some content in the "
            "namespace "
            "has finalizers remaining: example.org/hold in 1 resource instances; wait until it is gone "
            rf"\(kubectl wait --for=delete namespace/{namespace}\), or choose another namespace",
            told,
        )
        checked = cluster.module("cluster_info", check=True, namespace=namespace, kinds=KINDS)
        assert checked["warnings"] == [told]
        assert checked["host"]["namespace_state"] == "terminating"
        objects = split(manifests(namespace))
        foretold = cluster.module("cluster_changes", check=True, absent_namespaces=[namespace], **objects)
        assert foretold["changed"]
        assert cluster.fails("cluster_changes", **objects).splitlines()[0] == (
            f"ServiceAccount/prefect-test: namespace {namespace} is being removed; wait until it is gone"
        )
        assert cluster.module("cluster_secrets", namespace=namespace, names=["a"])["msg"] == (
            f"Secret/prefect-generated: namespace {namespace} is being removed; wait until it is gone"
        )
    finally:
        cluster.kubectl(*held, '{"metadata":{"finalizers":null}}')


def test_a_storage_class_and_an_ingress_class_that_are_not_there(cluster: Cluster, namespace: str) -> None:
    told = cluster.fails(
        "cluster_info",
        namespace=namespace,
        claims=[{"setting": "prefect.kubernetes.redis.storage", "service": "prefect-redis", "storage_class": "locl"}],
        ingress={"setting": "prefect.kubernetes.ingress.class_name", "name": "nginx"},
    )
    assert told.splitlines() == [
        "prefect.kubernetes.redis.storage.storage_class: the cluster has no storage class locl; did you mean 'local'? "
        "known: local, local-fixed",
        "prefect.kubernetes.ingress.class_name: the cluster has no ingress class nginx, nor any other; "
        "install an Ingress controller, which brings one",
    ]
    assert cluster.fails(
        "cluster_info", namespace=namespace, ingress={"setting": "prefect.kubernetes.ingress.class_name"}
    ) == (
        "prefect.kubernetes.ingress.class_name: the cluster has no ingress class; "
        "install an Ingress controller, which brings one"
    )


def test_definitions_that_nobody_installed(cluster: Cluster, namespace: str) -> None:
    asked = {"namespace": namespace, "cloudnative_pg": "data", "gateway": {"setting": "prefect.kubernetes.gateway"}}
    assert cluster.fails("cluster_info", **asked).splitlines() == [
        "prefect.kubernetes.gateway: the cluster has no HTTPRoute (gateway.networking.k8s.io); install the Gateway "
        "API, or "
        "use prefect.kubernetes.ingress",
        "prefect.postgres.cloudnative_pg: the cluster has no CloudNativePG (Cluster of postgresql.cnpg.io/v1); "
        "install its "
        "operator, or name a database in prefect.postgres.host",
    ]


def test_secrets_of_somebody_else(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("-n", namespace, "create", "secret", "generic", "mine", "--from-literal=password=x")
    setting = "prefect.kubernetes.existing_secrets.api_key"
    secrets = [
        {"setting": setting, "name": "mime", "key": "a"},
        {"setting": setting, "name": "mine", "key": "passwort"},
    ]
    first, second = cluster.fails("cluster_info", namespace=namespace, secrets=secrets).splitlines()
    assert first.startswith(
        f"{setting}: there is no Secret mime in namespace {namespace}; did you mean 'mine'? known: "
    )
    assert second == f"{setting}.key: the Secret mine has no key passwort; did you mean 'password'? known: password"
    missing = cluster.fails("cluster_info", namespace="prefect-none", create_namespace=False)
    assert missing == (
        "prefect.kubernetes.namespace: there is no namespace prefect-none; make it, or set "
        "prefect.kubernetes.create_namespace: true"
    )


def test_generated_secrets_are_made_once(cluster: Cluster, namespace: str) -> None:
    first = cluster.module("cluster_secrets", namespace=namespace, names=["a"])
    second = cluster.module("cluster_secrets", namespace=namespace, names=["a", "b"])
    third = cluster.module("cluster_secrets", namespace=namespace, names=["a", "b"])
    assert [item["changed"] for item in (first, second, third)] == [True, True, False]
    assert first["secrets"]["a"] == third["secrets"]["a"]
    host = cluster.module("cluster_info", namespace=namespace)["host"]
    assert host["secrets"] == {"prefect-generated": third["secrets"]}
    assert cluster.module("cluster_secrets", check=True, namespace="prefect-none", names=["a"])["changed"]
    assert cluster.module("cluster_secrets", namespace="prefect-none", names=["a"])["msg"] == (
        "Secret/prefect-generated: there is no namespace prefect-none"
    )
