"""Module default_result_storage on a real server, and what resources make of it together with the block."""

from __future__ import annotations

import pytest

FILES = {"block_type_slug": "remote-file-system", "name": "kept-results", "data": {"basepath": "memory://results"}}
WANTED = {"block_type_slug": "remote-file-system", "name": "kept-results"}


@pytest.fixture(autouse=True)
def _nothing_is_left(api):
    yield
    api.call("default_result_storage", state="absent")
    api.call("block", block_type_slug="remote-file-system", name="kept-results", state="absent")


def test_set_twice_and_cleared(api):
    assert not api.call("block", **FILES).get("failed")
    foretold = api.call("default_result_storage", **WANTED, check=True)
    done = api.call("default_result_storage", **WANTED)
    assert (foretold["changed"], done["changed"]) == (True, True)
    assert foretold["diff"] == done["diff"]
    assert api.call("default_result_storage", **WANTED)["changed"] is False
    assert api.call("default_result_storage", state="absent")["changed"] is True
    assert api.call("default_result_storage", state="absent")["changed"] is False


def test_together_with_the_block(api):
    document = {"blocks": [FILES], "default_result_storage": [WANTED]}
    assert api.call("resources", resources=document, check=True)["changed"] is True
    assert api.call("resources", resources=document)["changed"] is True
    assert api.call("resources", resources=document)["changed"] is False


def test_a_block_that_cannot_store_is_refused(api):
    api.call("block", block_type_slug="secret", name="kept-results", data={"value": "x"})
    result = api.call("default_result_storage", block_type_slug="secret", name="kept-results")
    assert "cannot be used for result storage" in result["msg"]
    assert api.call("default_result_storage", state="absent")["changed"] is False
    api.call("block", block_type_slug="secret", name="kept-results", state="absent")


def test_of_a_single_pool(api, pool):
    wanted = {"name": pool, "storage_configuration": {"default_result_storage": WANTED}}
    document = {"blocks": [FILES], "work_pools": [wanted]}
    assert api.call("resources", resources=document, check=True)["changed"] is True
    assert api.call("resources", resources=document)["changed"] is True
    assert api.call("work_pool", **wanted)["changed"] is False
    assert api.call("work_pool", name=pool, storage_configuration={})["changed"] is True
