"""Types and schemas of blocks: what is sent, and what is refused before anything is."""

from __future__ import annotations

import json

import pytest

TYPE = {
    "id": "t1",
    "slug": "thing",
    "name": "Thing",
    "logo_url": None,
    "documentation_url": None,
    "description": None,
    "code_example": None,
    "is_protected": False,
}
FIELDS = {"type": "object", "properties": {"a": {"type": "string"}}}
SCHEMA = {
    "id": "s1",
    "version": "1",
    "fields": {**FIELDS, "block_type_slug": "thing", "block_schema_references": {}},
    "capabilities": [],
    "block_type": TYPE,
}


def _both(api, module, **options):
    foretold = api.run(module, check=True, **options)
    assert api.writes == []
    done = api.run(module, **options)
    assert (done.get("changed"), done.get("diff")) == (foretold.get("changed"), foretold.get("diff"))
    return done


@pytest.fixture
def typed(api):
    api.on("GET", "/block_types/slug/thing", TYPE)
    return api


def test_new_type(api):
    _both(api, "block_type", slug="thing", description="d")
    empty = dict.fromkeys(("logo_url", "documentation_url", "code_example"))
    assert api.writes == [("POST", "/block_types/", {"slug": "thing", "name": "thing", "description": "d", **empty})]


def test_type_is_patched_where_it_differs(typed):
    assert _both(typed, "block_type", slug="thing", name="Thing", description="")["changed"] is False
    _both(typed, "block_type", slug="thing", logo_url="https://example.com/x.png")
    assert typed.writes == [("PATCH", "/block_types/t1", {"logo_url": "https://example.com/x.png"})]


def test_new_schema_is_told_from_those_of_other_types(typed):
    _both(typed, "block_schema", block_type_slug="thing", version="1", fields=FIELDS)
    added = {"block_type_slug": "thing", "block_schema_references": {}, "secret_fields": []}
    body = {"block_type_id": "t1", "fields": {**FIELDS, **added}, "version": "1", "capabilities": []}
    assert typed.writes == [("POST", "/block_schemas/", body)]


def test_schema_among_several_of_its_version(typed):
    other = {**SCHEMA, "id": "s2", "fields": {"type": "object"}}
    typed.on("POST", "/block_schemas/filter", [other, SCHEMA])
    result = _both(typed, "block_schema", block_type_slug="thing", version="1", fields=FIELDS)
    assert (result["changed"], result["block_schema"]["id"]) == (False, "s1")


def test_what_would_be_lost_is_named(typed):
    typed.on("POST", "/block_schemas/filter", [SCHEMA])
    typed.on("POST", "/block_documents/filter", [{"name": "b", "block_schema_id": "s1"}])
    assert "blocks of this type would go with it: b" in typed.run("block_type", slug="thing", state="absent")["msg"]
    options = {"block_type_slug": "thing", "version": "1", "state": "absent"}
    assert "blocks of this schema would go with it: b" in typed.run("block_schema", **options)["msg"]
    assert typed.writes == []
    assert _both(typed, "block_schema", **options, force=True)["changed"]
    assert typed.writes == [("DELETE", "/block_schemas/s1", None)]


def test_defaults_of_secret_fields_are_masked(typed):
    fields = {"properties": {"token": {"type": "string", "default": "canary", "title": "seen"}}}
    result = typed.run("block_schema", block_type_slug="thing", version="1", fields=fields)
    assert result["block_schema"]["fields"]["properties"]["token"]["title"] == "seen"
    assert "canary" not in json.dumps(result)


def test_a_block_waits_for_its_type_and_schema(api):
    document = {
        "block_types": [{"slug": "thing"}],
        "block_schemas": [{"block_type_slug": "thing", "version": "1", "fields": FIELDS}],
        "blocks": [{"block_type_slug": "thing", "name": "b", "data": {"a": "x"}}],
    }
    api.on("POST", "/block_schemas/", {"detail": "no"}, status=500)
    result = api.run("resources", resources=document)
    assert [row["action"] for row in result["results"]] == ["created", "failed", "not_tried"]
    api.on("POST", "/block_types/", {"detail": "no"}, status=500)
    result = api.run("resources", resources=document)
    assert [row["action"] for row in result["results"]] == ["failed", "not_tried", "not_tried"]
    assert "/block_documents/" not in {path for _method, path, _body in api.writes}


def test_no_block_is_saved_with_a_schema_that_goes(api):
    """The server would remove it with the schema."""
    newer = {**SCHEMA, "id": "s2", "version": "2"}
    api.on("POST", "/block_types/filter", [TYPE])
    api.on("POST", "/block_schemas/filter", [SCHEMA, newer])
    document = {
        "block_schemas": [{"block_type_slug": "thing", "version": "2", "state": "absent"}],
        "blocks": [{"block_type_slug": "thing", "name": "b", "data": {"a": "x"}}],
    }
    assert not api.run("resources", resources=document).get("failed")
    (saved,) = [body for _method, path, body in api.writes if path == "/block_documents/"]
    assert saved["block_schema_id"] == "s1"


def test_a_type_stays_while_a_block_of_it_does(api):
    block = {"id": "b", "name": "b", "data": {}, "block_document_references": {}, "block_schema_id": "s1"}
    api.on("POST", "/block_types/filter", [TYPE])
    api.on("POST", "/block_documents/filter", [{**block, "block_type": TYPE, "block_schema": SCHEMA}])
    api.on("DELETE", "/block_documents/b", {"detail": "no"}, status=500)
    gone = {
        "block_types": [{"slug": "thing", "state": "absent"}],
        "blocks": [{"block_type_slug": "thing", "name": "b", "state": "absent"}],
    }
    result = api.run("resources", resources=gone)
    assert [row["action"] for row in result["results"]] == ["failed", "not_tried"]
    gone["blocks"][0]["state"] = "present"
    api.on("POST", "/block_schemas/filter", [SCHEMA])
    refused = api.run("resources", resources=gone)["problems"]
    assert refused == [{"path": "resources.blocks[0]", "message": "needs block type 'thing', which this run removes"}]


def test_what_the_server_registers_by_itself_is_never_superfluous(api):
    """It would come back with the next start of the server."""
    own = {**TYPE, "id": "t2", "slug": "s3-bucket", "name": "S3 Bucket"}
    api.on("POST", "/block_types/filter", [TYPE, own])
    schemas = [SCHEMA, *({**SCHEMA, "id": at, "version": at, "block_type": own} for at in ("0.4.14", "9.9"))]
    api.on("POST", "/block_schemas/filter", schemas)
    scope = {"block_types": ["*"], "block_schemas": ["*"]}
    result = api.run("resources", check=True, prune=True, prune_limit=100, prune_scope=scope, resources={})
    assert sorted(row["name"] for row in result["results"]) == ["s3-bucket/9.9", "thing", "thing/1"]
