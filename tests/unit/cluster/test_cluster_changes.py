"""What manifests would change, told without a secret."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

from .api_server import ApiServer, status
from .conftest import Module

PATH = "/api/v1/namespaces/prefect/configmaps/a"
META = {"name": "a", "namespace": "prefect", "labels": {marks.MANAGED_BY: marks.MANAGER}}
MAP: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": META, "data": {"x": "1"}}
TEMPLATES = "volumeClaimTemplates"
SECRET: dict[str, Any] = {**MAP, "kind": "Secret", "data": {"TOKEN": "aHVudGVyMjIy", "OTHER": "b3RoZXI="}}


def live(item: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return an object as a cluster has it."""
    said = {"resourceVersion": "1", "managedFields": [{}], "uid": "u"}
    return {**copy.deepcopy(item), **changed, "metadata": {**item["metadata"], **said}, "status": {"a": 1}}


def test_what_only_the_server_says_is_no_difference(module: Module, api: ApiServer) -> None:
    api.answers[f"GET {PATH}"] = live(MAP)
    api.answers[f"PATCH {PATH}"] = {**live(MAP), "status": {"a": 2}}
    result = module("cluster_changes", check=True, objects=[MAP])
    assert (result["changed"], result["objects"], result["diff"]) == (False, [], {"before": {}, "after": {}})


def test_a_difference_is_shown_and_said_in_check_mode(module: Module, api: ApiServer) -> None:
    api.answers[f"GET {PATH}"] = live(MAP, data={"x": "0"})
    api.answers[f"PATCH {PATH}"] = live(MAP)
    result = module("cluster_changes", check=True, objects=[MAP])
    assert result["changed"]
    assert result["objects"] == [MAP]
    assert result["diff"]["before"]["ConfigMap/a"]["data"] == {"x": "0"}
    assert result["diff"]["after"]["ConfigMap/a"]["data"] == {"x": "1"}
    assert not module("cluster_changes", objects=[MAP])["changed"]


def test_a_secret_shows_which_keys_changed(module: Module, api: ApiServer) -> None:
    path = PATH.replace("configmaps", "secrets")
    api.answers[f"GET {path}"] = live(SECRET, data={"TOKEN": "b2xk", "OTHER": "b3RoZXI="})
    api.answers[f"PATCH {path}"] = live(SECRET)
    result = module("cluster_changes", check=True, secrets=[SECRET])
    assert result["secrets"] == ["a"]
    assert result["diff"]["after"]["Secret/a"]["data"] == {"TOKEN": "<secret: changed>", "OTHER": "<secret>"}
    assert "aHVudGVyMjIy" not in str(result)
    assert "b2xk" not in str(result)


def test_what_is_no_longer_declared_is_stale_except_volumes(module: Module, api: ApiServer) -> None:
    known = [
        {"api_version": "v1", "kind": kind, "namespace": "prefect", "name": "old", "service": "s"}
        for kind in ("Service", "PersistentVolumeClaim")
    ]
    api.answers[f"GET {PATH}"] = api.answers[f"PATCH {PATH}"] = live(MAP)
    declared = {**known[0], "kind": "ConfigMap", "name": "a"}
    result = module("cluster_changes", check=True, objects=[MAP], known=[*known, declared])
    assert [item["metadata"]["name"] for item in result["stale"]] == ["old"]
    assert result["changed"]


def test_nothing_is_asked_of_a_namespace_that_is_not_there(module: Module, api: ApiServer) -> None:
    result = module("cluster_changes", check=True, objects=[MAP], absent_namespaces=["prefect"])
    assert (result["changed"], result["objects"]) == (True, [MAP])
    assert api.asked == []


def test_all_refusals_come_at_once_and_nothing_of_others_is_taken(module: Module, api: ApiServer) -> None:
    other = {**MAP, "metadata": {**META, "name": "b"}}
    api.answers[f"PATCH {PATH}"] = status(403, "exceeded quota: q, requested: configmaps=1, used: 1, limited: 1")
    foreign = live(other)
    foreign["metadata"]["labels"] = {}
    api.answers[f"GET {PATH[:-1]}b"] = foreign
    result = module("cluster_changes", objects=[MAP, other])
    assert result["problems"] == [
        "ConfigMap/a: quota q of namespace prefect is exceeded: requested configmaps=1, used: 1, limited: 1",
        "ConfigMap/b: namespace prefect has one that was not made by this collection; remove it, or choose another "
        "namespace",
    ]
    assert module("cluster_changes", check=True, objects=[MAP, other])["msg"] == result["msg"]


def test_a_namespace_of_somebody_else_stays_theirs(module: Module, api: ApiServer) -> None:
    api.answers["GET /api/v1/namespaces/prefect"] = live(MAP, kind="Namespace") | {"metadata": {"name": "prefect"}}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prefect", "labels": META["labels"]}}
    assert module("cluster_changes", objects=[space])["objects"] == []


def test_a_volume_grows_for_those_who_may_not_see_its_class(module: Module, api: ApiServer) -> None:
    def stateful(size: str) -> dict[str, Any]:
        claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}}}
        return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": META, "spec": {TEMPLATES: [claim]}}

    def patched(body: dict[str, Any]) -> Any:
        grows = body["spec"][TEMPLATES] != stateful("1Gi")["spec"][TEMPLATES]
        return status(422, "updates to statefulset spec for fields other than") if grows else live(body)

    path, claims = (
        "/apis/apps/v1/namespaces/prefect/statefulsets/a",
        "/api/v1/namespaces/prefect/persistentvolumeclaims",
    )
    volume = {**stateful("1Gi")["spec"][TEMPLATES][0], "metadata": {"name": "data-a-0"}}
    api.answers |= {f"GET {path}": live(stateful("1Gi")), f"PATCH {path}": patched, claims: {"items": [volume]}}
    api.answers["/apis/storage.k8s.io/v1/storageclasses"] = status(403, "no")
    result = module("cluster_changes", objects=[stateful("2Gi")])
    assert (result["grow"], result["anew"]) == ([{"name": "data-a-0", "size": "2Gi"}], ["a"])
