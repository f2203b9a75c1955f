"""Which cluster is meant, and what is wrong about the way to it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_access
from ansible_collections.flowops.prefect.plugins.module_utils.cluster import collection, path_of, plural
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_errors import ClusterError

from .api_server import ApiServer, configuration, status
from .conftest import Module


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Take away what this machine says of clusters."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(cluster_access, "TOKEN", str(tmp_path / "token"))
    return tmp_path


def written(folder: Path, content: Any) -> str:
    path = folder / "config"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def message(kubeconfig: str | None, context: str | None = None) -> str:
    with pytest.raises(ClusterError) as caught:
        cluster_access.access(kubeconfig, context)
    return str(caught.value)


def test_the_current_context_is_the_default(home: Path) -> None:
    path = written(home, configuration("http://127.0.0.1:1"))
    found = cluster_access.access(path, None)
    assert (found.kubeconfig, found.context, found.user) == (path, "dev", "anna")
    assert found.source == f"user anna (context dev of {path})"


def test_kubeconfig_of_the_environment_may_be_several_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(home, configuration("http://127.0.0.1:1"))
    monkeypatch.setenv("KUBECONFIG", f"{home}/none:{path}")
    assert cluster_access.access(None, "dev").configuration.host == "http://127.0.0.1:1"


def test_a_missing_kubeconfig_is_named_with_its_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert message(f"{home}/none") == (
        f"prefect.kubernetes.kubeconfig: there is no file {home}/none; name the kubeconfig of the cluster"
    )
    assert f"there is no file {home}/.kube/config" in message(None)
    monkeypatch.setenv("KUBECONFIG", f"{home}/nothing")
    assert message(None) == f"KUBECONFIG: there is no file {home}/nothing; name the kubeconfig of the cluster"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a: [", "is no kubeconfig: it is not YAML (line 1)"),
        ("text", "is no kubeconfig: it has no contexts"),
        ({**configuration("x"), "clusters": []}, "cannot be used: "),
        ({**configuration("x"), "users": []}, None),
    ],
)
def test_a_broken_kubeconfig_says_what_is_wrong(home: Path, content: Any, why: str | None) -> None:
    path = written(home, content)
    if why is None:
        # Without credentials the API server has the word.
        assert cluster_access.access(path, None).user == "anna"
    else:
        assert message(path).startswith(f"prefect.kubernetes.kubeconfig: {path} {why}")


def test_an_unknown_context_is_named_with_the_nearest_one(home: Path) -> None:
    path = written(home, configuration("http://127.0.0.1:1"))
    assert message(path, "dav") == (
        f"prefect.kubernetes.context: there is no context dav in {path}; did you mean 'dev'? known: dev"
    )
    path = written(home, {**configuration("x"), "current-context": ""})
    assert message(path) == f"prefect.kubernetes.context: {path} has no current context; set one of them: known: dev"


def test_a_pod_has_no_context(home: Path) -> None:
    (home / "token").write_text("t")
    assert message(None, "dev") == (
        "prefect.kubernetes.context: there is no kubeconfig that could have a context dev; name the kubeconfig"
    )
    assert message(None).startswith("prefect.kubernetes.kubeconfig: this pod's ServiceAccount cannot be used: ")


def test_a_missing_library_says_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_access, "HAS_LIBRARY", False)
    assert message(None).startswith("prefect.platform: kubernetes needs the Python library kubernetes for /")


def test_a_cluster_that_is_not_there_is_named_with_its_address(module: Module, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    result = module("cluster_info", namespace="prefect", kubeconfig=written(tmp_path, configuration(address)))
    assert result["msg"] == (
        f"prefect.kubernetes.context: the cluster of context dev at {address} does not answer: Connection refused; "
        "see that it runs and can be reached from here, or choose another context"
    )


def test_a_name_that_does_not_resolve_says_so(module: Module, tmp_path: Path) -> None:
    kubeconfig = written(tmp_path, configuration("http://nowhere.invalid:1"))
    result = module("cluster_info", namespace="prefect", kubeconfig=kubeconfig)
    assert "at http://nowhere.invalid:1 does not answer: its name does not resolve; see" in result["msg"]


def test_something_else_is_not_taken_for_an_api_server(module: Module, api: ApiServer) -> None:
    api.answers["/version"] = (200, "<html>Log in</html>")
    assert module("cluster_info", namespace="prefect")["msg"] == (
        f"prefect.kubernetes.context: what answers at {api.address} is no Kubernetes API server (status 200, no JSON); "
        "correct the address in the kubeconfig"
    )


def test_credentials_that_expired_say_whose(module: Module, api: ApiServer, tmp_path: Path) -> None:
    api.answers["/version"] = status(401, "Unauthorized")
    assert module("cluster_info", namespace="prefect")["msg"] == (
        f"prefect.kubernetes.kubeconfig: {api.address} refuses the credentials of user anna (context dev of "
        f"{tmp_path}/kubeconfig): they are invalid or have expired; log in to the cluster again"
    )
    api.answers["/version"] = status(403, 'forbidden: User "system:anonymous" cannot get path "/version"')
    assert f"gave {api.address} no credentials; log in" in module("cluster_info", namespace="prefect")["msg"]


def test_paths_are_those_of_the_api() -> None:
    assert [plural(kind) for kind in ("Ingress", "NetworkPolicy", "Gateway", "StorageClass")] == [
        "ingresses",
        "networkpolicies",
        "gateways",
        "storageclasses",
    ]
    assert collection("v1", "Pod", "a") == "/api/v1/namespaces/a/pods"
    assert path_of({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}) == "/api/v1/namespaces/a"
    assert (
        path_of({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "b"}})
        == "/apis/apps/v1/namespaces/b/deployments/a"
    )
