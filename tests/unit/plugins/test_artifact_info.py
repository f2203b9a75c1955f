"""Module artifact_info on a scripted API."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.modules import artifact_info

ID = "0190c2f4-9d2f-7e70-9c3a-2f3b4c5d6e7f"
TABLE = {"id": "a1", "key": "report", "type": "table", "data": '[{"a": 1}, {"token": "canary"}]', "flow_run_id": ID}


def test_the_latest_of_each_key(api):
    api.on("POST", "/artifacts/latest/filter", [{**TABLE, "id": "key", "latest_id": "a2", "metadata_": None}])
    result = api.run("artifact_info", check=True, key=["report"], type=["table"])
    (row,) = result["artifacts"]
    assert (result["changed"], row["id"], row["metadata"]) == (False, "a2", {})
    assert row["data"] == [{"a": 1}, {"token": "<secret>"}]
    assert set(row) == set(yaml.safe_load(artifact_info.RETURN)["artifacts"]["contains"])
    (request,) = api.requests
    assert request.body["artifacts"] == {"key": {"any_": ["report"]}, "type": {"any_": ["table"]}}


@pytest.mark.parametrize(
    ("options", "wanted"), [({"history": True}, {}), ({"flow_run": ID}, {"flow_run_id": {"any_": [ID]}})]
)
def test_all_of_a_key_or_a_run(api, options, wanted):
    api.on("POST", "/artifacts/filter", [TABLE, {**TABLE, "id": "a0"}])
    assert [row["id"] for row in api.run("artifact_info", limit=3, **options)["artifacts"]] == ["a1", "a0"]
    (request,) = api.requests
    assert request.body == {"sort": "CREATED_DESC", "artifacts": wanted, "limit": 3}


def test_a_run_by_its_name(api):
    assert api.run("artifact_info", flow_run="none")["artifacts"] == []
    api.on("POST", "/flow_runs/filter", [{"id": ID}])
    api.on("POST", "/artifacts/filter", [TABLE])
    assert len(api.run("artifact_info", flow_run="calm-fox")["artifacts"]) == 1
    assert [request.path for request in api.requests] == ["/flow_runs/filter", "/flow_runs/filter", "/artifacts/filter"]


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("table", '{"a": [1, null]}', {"a": [1, None]}),
        ("table", "no table", "no table"),
        ("table", None, None),
        ("markdown", "[1]", "[1]"),
        ("progress", 0.5, 0.5),
    ],
)
def test_only_tables_are_texts_of_data(api, kind, data, told):
    api.on("POST", "/artifacts/latest/filter", [{**TABLE, "type": kind, "data": data}])
    assert api.run("artifact_info")["artifacts"][0]["data"] == told
