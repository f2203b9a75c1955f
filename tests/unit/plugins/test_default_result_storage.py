"""Module default_result_storage on a scripted API."""

from __future__ import annotations

import pytest

BLOCK = {"id": "b1", "name": "results", "block_type": {"slug": "s3-bucket"}}
OTHER = {"id": "b2", "name": "other", "block_type": {"slug": "s3-bucket"}}


@pytest.fixture
def prefect(api):
    api.on("GET", "/admin/storage", {"default_result_storage_block_id": None})
    api.on("GET", "/block_types/slug/s3-bucket/block_documents/name/results", BLOCK)
    api.on("GET", "/block_documents/b1", BLOCK)
    api.on("GET", "/block_documents/b2", OTHER)
    return api


def _call(api, **options):
    return api.run("default_result_storage", **{"block_type_slug": "s3-bucket", "name": "results", **options})


def test_the_block_is_set_once(prefect):
    foretold = _call(prefect, check=True)
    assert prefect.writes == []
    done = _call(prefect)
    assert prefect.writes == [("PUT", "/admin/storage", {"default_result_storage_block_id": "b1"})]
    assert foretold["diff"] == done["diff"]
    assert done["default_result_storage"] == {"id": "b1", "block_type_slug": "s3-bucket", "name": "results"}


@pytest.mark.parametrize(("stored", "changed"), [("b1", False), ("b2", True)])
def test_another_block_is_replaced(prefect, stored, changed):
    prefect.routes.pop(("GET", "/admin/storage"))
    prefect.on("GET", "/admin/storage", {"default_result_storage_block_id": stored})
    assert _call(prefect)["changed"] is changed
    assert len(prefect.writes) == int(changed)


def test_it_is_left_to_the_flows_again(prefect):
    assert prefect.run("default_result_storage", state="absent")["changed"] is False
    prefect.routes.pop(("GET", "/admin/storage"))
    prefect.on("GET", "/admin/storage", {"default_result_storage_block_id": "b1"})
    assert prefect.run("default_result_storage", state="absent")["changed"] is True
    assert prefect.writes == [("DELETE", "/admin/storage", None)]


def test_what_is_wrong_is_named(prefect):
    assert "name: no block s3-bucket/missing" in _call(prefect, name="missing")["msg"]
    assert (
        "name: is missing; a block is known by both"
        in prefect.run("default_result_storage", block_type_slug="s3-bucket")["msg"]
    )


def test_a_server_that_has_no_such_thing(api):
    assert "no default result storage; it came with Prefect 3.7" in _call(api)["msg"]
    assert api.run("default_result_storage", state="absent")["changed"] is False
