"""Module block_schema."""

from __future__ import annotations

import pytest

SLUG = "test-schema"
KEY = {"block_type_slug": SLUG, "version": "1.0"}
FIELDS = {
    "title": "TestSchema",
    "type": "object",
    "properties": {
        "host": {"type": "string"},
        "password": {"type": "string", "format": "password", "default": "canary"},
    },
    "required": ["host"],
    "secret_fields": ["password"],
}


@pytest.fixture(autouse=True)
def block_type(api):
    assert api.call("block_type", slug=SLUG)["changed"]
    yield
    api.call("block_type", slug=SLUG, state="absent", force=True)


def test_life(api):
    created = api.settles("block_schema", **KEY, fields=FIELDS, capabilities=["b", "a"])
    assert created["block_schema"]["fields"]["properties"]["password"] == {
        "type": "string",
        "format": "password",
        "default": "<secret>",
    }
    assert created["block_schema"]["fields"]["secret_fields"] == ["password"]
    api.settles("block_schema", changed=False, **KEY, capabilities=["a", "b"])
    api.settles("block_schema", changed=False, **KEY)
    api.settles("block_schema", **KEY, state="absent")
    api.settles("block_schema", changed=False, **KEY, state="absent")


def test_what_is_new_gets_a_version_of_its_own(api):
    first = api.settles("block_schema", **KEY, fields=FIELDS)
    changed = {**FIELDS, "properties": {**FIELDS["properties"], "port": {"type": "integer"}}, "required": []}
    result = api.fails("block_schema", **KEY, fields=changed)
    assert result["msg"].startswith(
        "fields: version '1.0' is there with other content (properties.port, required), and"
    )
    # The server itself tells schemas apart by less than this.
    assert api.fails("block_schema", **KEY, capabilities=["x"])["problems"][0]["path"] == "capabilities"
    assert (
        "(secret_fields)"
        in api.fails("block_schema", **KEY, fields={**FIELDS, "secret_fields": ["host", "password"]})["msg"]
    )
    second = api.settles("block_schema", **{**KEY, "version": "1.1"}, fields=changed)
    assert second["block_schema"]["id"] != first["block_schema"]["id"]
    api.settles("block_schema", changed=False, **KEY, fields=FIELDS)


def test_schema_of_another_type_with_the_same_fields(api):
    api.settles("block_schema", **KEY, fields=FIELDS)
    other = {"block_type_slug": "test-schema-2", "version": "1.0", "fields": FIELDS}
    api.settles("resources", resources={"block_types": [{"slug": "test-schema-2"}], "block_schemas": [other]})
    api.settles("block_type", slug="test-schema-2", state="absent")


def test_schema_of_a_type_that_holds_other_blocks(api, prefect):
    schemas = prefect.request("POST", "/block_schemas/filter", {"limit": 200})
    bucket = next(schema for schema in schemas if schema["block_type"]["slug"] == "s3-bucket")
    fields = {name: value for name, value in bucket["fields"].items() if name != "block_type_slug"}
    api.settles("block_schema", **KEY, fields=fields, capabilities=bucket["capabilities"])


def test_blocks_use_the_newest_and_keep_it(api, prefect):
    api.settles("block_schema", **KEY, fields=FIELDS)
    block = {"block_type_slug": SLUG, "name": "test"}
    newer = {**FIELDS, "properties": {**FIELDS["properties"], "port": {"type": "integer"}}}
    document = {
        "blocks": [{**block, "data": {"host": "h", "password": "p4ssword", "port": 1}}],
        "block_schemas": [{**KEY, "version": "1.10", "fields": newer}],
    }
    made = api.settles("resources", resources=document)["results"]
    live = prefect.request("GET", f"/block_types/slug/{SLUG}/block_documents/name/test")
    assert live["block_schema_id"] == made[0]["id"]
    assert live["data"]["password"] == "********"
    message = api.fails("block_schema", **{**KEY, "version": "1.10"}, state="absent")["msg"]
    assert message == "version: blocks of this schema would go with it: test; see option force"
    api.settles("block_schema", **KEY, state="absent")
    api.settles("block_schema", **{**KEY, "version": "1.10"}, state="absent", force=True)
    assert api.call("block", **block, state="absent")["changed"] is False


def test_block_that_does_not_fit_a_schema_of_the_same_run(api):
    document = {
        "block_schemas": [{**KEY, "fields": FIELDS}],
        "blocks": [{"block_type_slug": SLUG, "name": "test", "data": {"hots": "h"}}],
    }
    result = api.fails("resources", resources=document)
    assert [problem["path"] for problem in result["problems"]] == [
        "resources.blocks[0].data.hots",
        "resources.blocks[0].data.host",
    ]


def test_protected_and_unknown_types(api):
    message = api.fails("block_schema", block_type_slug="secret", version="3.8.8", state="absent", force=True)["msg"]
    assert message.startswith("block_type_slug: 'secret' comes with Prefect")
    message = api.fails("block_schema", block_type_slug="test-shcema", version="1", fields=FIELDS)["msg"]
    assert message.startswith("block_type_slug: no block type 'test-shcema'; did you mean 'test-schema'?")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (None, "fields: is missing; a new schema needs them"),
        ({"type": "array"}, "fields: expected a JSON schema of type object, with properties by name"),
        ({"properties": ["a"]}, "fields: expected a JSON schema of type object"),
        ({**FIELDS, "required": ["hots"]}, "fields.required: no such property 'hots'; did you mean 'host'?"),
        ({**FIELDS, "secret_fields": ["password", "x.y"]}, "fields.secret_fields: no such property 'x'"),
        ({**FIELDS, "secret_fields": []}, "fields.properties.password: is a password that secret_fields does not name"),
        ({**FIELDS, "block_type_slug": "x"}, f"fields.block_type_slug: expected '{SLUG}', found 'x'"),
    ],
)
def test_fields_that_are_no_schema(api, fields, problem):
    assert api.fails("block_schema", **KEY, fields=fields)["msg"].startswith(problem)
