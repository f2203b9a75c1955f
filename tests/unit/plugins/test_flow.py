"""Module flow on a scripted API."""

from __future__ import annotations

import pytest

FLOW = {"id": "f1", "name": "a b", "tags": ["y", "x"], "labels": {}}

DEPLOYMENT = {
    **dict.fromkeys(["work_pool_name", "work_queue_name", "description", "pull_steps", "parameter_openapi_schema"]),
    "id": "d1",
    "name": "d",
    "flow_id": "f1",
    "schedules": [],
}


@pytest.fixture
def flow(api):
    api.on("GET", "/flows/name/a%20b", FLOW)
    return api


def test_a_new_flow(api):
    assert api.run("flow", check=True, name="a b")["flow"] == {"id": None, "name": "a b", "tags": []}
    assert api.run("flow", name="a b", tags=["t"])["flow"]["id"] == "new"
    assert api.writes == [("POST", "/flows/", {"name": "a b", "tags": ["t"]})]


@pytest.mark.parametrize(
    ("options", "sent"), [({}, None), ({"tags": ["x", "y"]}, None), ({"tags": None}, []), ({"tags": ["z"]}, ["z"])]
)
def test_tags(flow, options, sent):
    assert flow.run("flow", check=True, name="a b", **options)["changed"] is (sent is not None)
    flow.run("flow", name="a b", **options)
    assert flow.writes == ([] if sent is None else [("PATCH", "/flows/f1", {"tags": sent})])


def test_a_flow_with_deployments_is_removed_by_force_only(flow):
    flow.on("POST", "/deployments/filter", [{"name": "d"}, {"name": "c"}])
    refused = flow.run("flow", name="a b", state="absent")["msg"]
    assert refused == "name: deployments of this flow would go with it: c, d; see option force"
    assert [row.body["flows"] for row in flow.requests if row.method == "POST"] == [{"id": {"any_": ["f1"]}}]
    assert flow.run("flow", name="a b", state="absent", force=True)["changed"]
    assert flow.writes == [("DELETE", "/flows/f1", None)]


def test_deployments_that_go_before_it_do_not_hold_it(flow):
    deployment = {"flow_name": "a b", "name": "d"}
    flow.on("POST", "/deployments/filter", [DEPLOYMENT])
    flow.on("POST", "/flows/filter", [{"id": "f1", "name": "a b", "tags": []}])
    flows = [{"name": "a b", "state": "absent"}]
    gone = flow.run("resources", resources={"flows": flows, "deployments": [{**deployment, "state": "absent"}]})
    assert gone["changed"], gone
    kept = flow.run("resources", resources={"flows": [{**flows[0], "force": True}], "deployments": [deployment]})
    assert "resources.deployments[0]: needs flow 'a b', which this run removes" in kept["msg"]
