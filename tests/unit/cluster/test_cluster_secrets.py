"""Generated secrets are kept in the cluster, once."""

from __future__ import annotations

import base64
from typing import Any

from .api_server import ApiServer, status
from .conftest import Module

PATH = "/api/v1/namespaces/prefect/secrets"
KEPT = f"{PATH}/prefect-generated"


def secret(**values: str) -> dict[str, Any]:
    data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    return {"metadata": {"resourceVersion": "7"}, "data": data}


def test_they_are_made_where_there_are_none(module: Module, api: ApiServer) -> None:
    api.answers[f"POST {PATH}"] = {}
    result = module("cluster_secrets", namespace="prefect", names=["postgres.password"])
    made = result["secrets"]["postgres.password"]
    assert (result["changed"], len(made), made.isalnum()) == (True, 40, True)
    (written,) = [body for method, _path, body in api.asked if method == "POST"]
    assert base64.b64decode(written["data"]["postgres.password"]).decode() == made
    assert result["diff"] == {"before": {"secrets": []}, "after": {"secrets": ["postgres.password"]}}


def test_those_that_are_there_stay(module: Module, api: ApiServer) -> None:
    api.answers[KEPT] = secret(a="one")
    result = module("cluster_secrets", namespace="prefect", names=["a"])
    assert (result["changed"], result["secrets"]) == (False, {"a": "one"})
    assert [method for method, _path, _body in api.asked] == ["GET"]


def test_a_new_one_is_added_to_what_was_read(module: Module, api: ApiServer) -> None:
    api.answers[f"GET {KEPT}"] = secret(a="one")
    api.answers[f"PATCH {KEPT}"] = {}
    result = module("cluster_secrets", namespace="prefect", names=["a", "b"], length=50)
    assert result["secrets"]["a"] == "one"
    assert len(result["secrets"]["b"]) == 50
    (_read, (_method, _path, body)) = api.asked
    assert body["metadata"] == {"resourceVersion": "7"}
    assert list(body["data"]) == ["b"]


def test_whoever_comes_second_reads_what_the_first_one_made(module: Module, api: ApiServer) -> None:
    def conflict(_body: Any) -> Any:
        api.answers[f"GET {KEPT}"] = secret(a="theirs")
        return status(409, "already exists")

    api.answers[f"POST {PATH}"] = conflict
    result = module("cluster_secrets", namespace="prefect", names=["a"])
    assert (result["changed"], result["secrets"]) == (False, {"a": "theirs"})


def test_check_mode_writes_nothing_and_says_what_it_would(module: Module, api: ApiServer) -> None:
    result = module("cluster_secrets", check=True, namespace="prefect", names=["a"])
    assert result["changed"]
    assert [method for method, _path, _body in api.asked] == ["GET"]


def test_a_missing_right_and_a_strange_name_are_said(module: Module, api: ApiServer) -> None:
    api.answers[f"GET {KEPT}"] = status(
        403, 'x: User "anna" cannot get resource "secrets" in API group "" in the namespace "prefect"'
    )
    assert module("cluster_secrets", namespace="prefect", names=["a"])["msg"] == (
        "Secret/prefect-generated: anna may not get secrets in namespace prefect; let an administrator grant it"
    )
    assert "found a/b" in module("cluster_secrets", namespace="prefect", names=["a/b"])["msg"]
