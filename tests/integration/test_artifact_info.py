"""Module artifact_info with artifacts that Prefect's own functions have made."""

from __future__ import annotations

import pytest
from python_client import run_script

MAKE = """
from prefect import flow, task
from prefect.artifacts import (
    create_image_artifact, create_link_artifact, create_markdown_artifact, create_progress_artifact,
    create_table_artifact,
)

@task
def inside():
    create_markdown_artifact("[1]", key="test-text")

@flow(name="test artifacts", flow_run_name="publishing {number}")
def publish(number):
    create_table_artifact([{"a": number, "ü": None}], key="test-table", description="rows")
    create_table_artifact({"a": [number]}, key="test-columns")
    create_link_artifact("https://example.org", key="test-link")
    create_progress_artifact(12.5, key="test-progress")
    create_image_artifact("https://example.org/a.png", key="test-image")
    create_markdown_artifact("no key")
    inside()

for number in (1, 2):
    publish(number)
result = True
"""


@pytest.fixture(scope="module", autouse=True)
def made(api, prefect):
    assert run_script(prefect, MAKE)
    yield
    api.call("flow", name="test artifacts", state="absent", force=True)


def _read(api, **options):
    with api.recorder.recording(read_only=True):
        found = api.call("artifact_info", **options)
    assert not found.get("failed"), found["msg"]
    assert api.call("artifact_info", check=True, **options)["artifacts"] == found["artifacts"]
    return found["artifacts"]


def test_the_latest_of_each_key(api):
    found = {row["key"]: row for row in _read(api) if row["key"].startswith("test-")}
    assert list(found) == ["test-columns", "test-image", "test-link", "test-progress", "test-table", "test-text"]
    assert found["test-table"]["data"] == [{"a": 2, "ü": None}]
    assert found["test-table"]["description"] == "rows"
    assert found["test-columns"]["data"] == {"a": [2]}
    assert (found["test-progress"]["data"], found["test-text"]["data"]) == (12.5, "[1]")
    assert (found["test-table"]["task_run_id"], bool(found["test-text"]["task_run_id"])) == (None, True)


def test_history_of_a_key(api):
    found = _read(api, key="test-table", history=True)
    assert [row["data"][0]["a"] for row in found] == [2, 1]
    assert _read(api, key="test-table", history=True, limit=1) == found[:1]
    assert [row["id"] for row in _read(api, key=["test-table"])] == [found[0]["id"]]


def test_all_of_a_run(api):
    by_name = _read(api, flow_run="publishing 1")
    assert by_name == _read(api, flow_run=by_name[0]["flow_run_id"])
    assert len(by_name) == 7
    assert [row["data"] for row in by_name if row["key"] is None] == ["no key"]
    assert [row["key"] for row in _read(api, flow_run="publishing 1", type=["image"])] == ["test-image"]


def test_what_is_not_there_is_left_out(api):
    assert _read(api, key="none") == _read(api, key=[]) == _read(api, flow_run="none") == _read(api, type="none") == []
