"""Module block_type."""

from __future__ import annotations

import pytest

SLUG = "test-thing"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    for slug in (SLUG, "test-other"):
        assert not api.call("block_type", slug=slug, state="absent", force=True).get("failed")


def test_life(api):
    created = api.settles("block_type", slug=SLUG, logo_url="https://example.com/logo.png", description="d")
    assert created["block_type"]["name"] == SLUG
    updated = api.settles("block_type", slug=SLUG, code_example="```python\n```", description=None)
    assert updated["block_type"]["id"] == created["block_type"]["id"]
    assert updated["block_type"]["logo_url"] == "https://example.com/logo.png"
    assert updated["block_type"]["description"] == ""
    api.settles("block_type", slug=SLUG, logo_url=None)
    api.settles("block_type", changed=False, slug=SLUG, name=SLUG)
    api.settles("block_type", slug=SLUG, state="absent")
    api.settles("block_type", changed=False, slug=SLUG, state="absent")


def test_protected_types_stay_as_they_are(api):
    api.settles("block_type", changed=False, slug="secret")
    for options in ({"description": "other"}, {"state": "absent"}, {"state": "absent", "force": True}):
        message = api.fails("block_type", slug="secret", **options)["msg"]
        assert message.startswith("slug: 'secret' comes with Prefect, which protects it: it cannot be ")


def test_names_belong_to_one_type(api):
    api.settles("block_type", slug=SLUG, name="Test Thing")
    message = api.fails("block_type", slug="test-other", name="Test Thing")["msg"]
    assert message == f"name: block type '{SLUG}' is called 'Test Thing' already"
    assert "cannot become 'Another'" in api.fails("block_type", slug=SLUG, name="Another")["msg"]
    rows = [{"slug": "test-other", "name": "Same"}, {"slug": "test-third", "name": "Same"}]
    message = api.fails("resources", resources={"block_types": rows})["msg"]
    assert message == "resources.block_types[1].name: block type 'test-other' is called 'Same' too"


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"slug": "Test_thing"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"slug": SLUG, "name": "a/b"}, "name"),
        ({"slug": SLUG, "name": "Prefect thing"}, "name"),
    ],
)
def test_names_that_the_server_refuses(api, options, path):
    assert [problem["path"] for problem in api.fails("block_type", **options)["problems"]] == [path]


def test_blocks_keep_their_type(api):
    type_of_its_own = {
        "block_types": [{"slug": SLUG}],
        "block_schemas": [{"block_type_slug": SLUG, "version": "1", "fields": {"properties": {"a": {}}}}],
        "blocks": [{"block_type_slug": SLUG, "name": "test", "data": {"a": 1}}],
    }
    api.settles("resources", resources=type_of_its_own)
    message = api.fails("block_type", slug=SLUG, state="absent")["msg"]
    assert message == "slug: blocks of this type would go with it: test; see option force"
    away = {kind: [{**row, "state": "absent"} for row in rows] for kind, rows in type_of_its_own.items()}
    del away["block_schemas"]
    api.settles("resources", resources=away)
