"""Module flow."""

from __future__ import annotations

import pytest

NAME = "test flow"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("flow", name=NAME, state="absent", force=True)


def test_life(api):
    api.settles("flow", name=NAME, tags=["b", "a"])
    api.settles("flow", changed=False, name=NAME, tags=["a", "b"])
    assert api.settles("flow", changed=False, name=NAME)["flow"]["tags"] == ["b", "a"]
    api.settles("flow", name=NAME, tags=["c"])
    assert api.settles("flow", name=NAME, tags=None)["flow"]["tags"] == []
    api.settles("flow", changed=False, name=NAME, tags=[])
    api.settles("flow", name=NAME, state="absent")
    api.settles("flow", changed=False, name=NAME, state="absent")


def test_deployments_of_it_are_not_lost_by_accident(api):
    api.call("deployment", flow_name=NAME, name="d")
    assert api.fails("flow", name=NAME, state="absent")["msg"] == (
        "name: deployments of this flow would go with it: d; see option force"
    )
    api.settles("flow", name=NAME, state="absent", force=True)
    assert api.call("deployment", check=True, flow_name=NAME, name="d", state="absent")["changed"] is False


def test_together_with_its_deployment(api):
    deployment = {"flow_name": NAME, "name": "d"}
    document = {"flows": [{"name": NAME, "tags": ["t"]}], "deployments": [deployment]}
    api.settles("resources", resources=document)
    removed = {"flows": [{"name": NAME, "state": "absent"}], "deployments": [deployment]}
    message = f"resources.deployments[0]: needs flow '{NAME}', which this run removes"
    assert api.fails("resources", resources=removed)["msg"] == message
    removed["deployments"] = [{**deployment, "state": "absent"}]
    api.settles("resources", resources=removed)


def test_bad_name(api):
    assert api.fails("flow", name="a/b")["problems"][0]["path"] == "name"
