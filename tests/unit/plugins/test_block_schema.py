"""What a block's data is checked against."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.block_schema import BlockSchema, newest

FIELDS = {
    "properties": {
        "host": {"type": "string"},
        "port": {"type": "integer", "default": 5432},
        "password": {"type": "string"},
        "extra": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "names": {"type": "array"},
        "either": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/X"}]},
        "nested": {"type": "object"},
        "headers": {"type": "object"},
    },
    "required": ["host", "password"],
    "secret_fields": ["password", "nested.key", "headers.*"],
}
GOOD = {"host": "h", "password": "p"}
SCHEMA = BlockSchema("some-type", {"id": "1", "fields": FIELDS})


def _paths(data, schema=SCHEMA):
    return {problem.path: problem.message for problem in schema.problems(data)}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"port": "5433"},
        {"extra": None},
        {"extra": {"a": 1}},
        {"either": {"a": 1}},
        {"either": "x"},
        {"nested": {"$ref": {"name": "x"}}},
        {"names": []},
        {"headers": {"X": "v"}},
    ],
)
def test_good_data(more):
    assert _paths({**GOOD, **more}) == {}


@pytest.mark.parametrize(
    ("more", "path", "message"),
    [
        ({"hots": "x"}, "data.hots", "no such field; did you mean 'host'? known: either, extra, headers, host, "),
        ({"host": None}, "data.host", "is missing; the block type requires it"),
        ({"host": ["h"]}, "data.host", "expected string, found a list"),
        ({"port": {}}, "data.port", "expected integer, found an object"),
        ({"names": "x"}, "data.names", "expected array, found a single value"),
        ({"extra": "x"}, "data.extra", "expected object, found a single value"),
        ({"password": ""}, "data.password", "is an empty secret"),
        ({"nested": {"key": ""}}, "data.nested.key", "is an empty secret"),
        ({"headers": {"X-Token": ""}}, "data.headers.X-Token", "is an empty secret"),
    ],
)
def test_bad_data(more, path, message):
    found = _paths({**GOOD, **more})
    assert list(found) == [path]
    assert found[path].startswith(message)


def test_more_fields_where_the_schema_allows_them():
    open_schema = BlockSchema("x", {"id": "1", "fields": {**FIELDS, "additionalProperties": True}})
    assert _paths({**GOOD, "more": 1}, open_schema) == {}


def test_type_without_fields():
    assert _paths({"anything": 1}, BlockSchema("x", {"id": "1", "fields": {}})) == {}


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        (("password",), True),
        (("nested", "key"), True),
        (("nested", "other"), False),
        (("headers", "X-Any"), True),
        (("host",), False),
        (("extra", "api_token"), True),
        (("names", 0), False),
    ],
)
def test_secret_places(path, secret):
    assert SCHEMA.is_secret(path) is secret


def test_secrets_that_schemas_forget():
    cluster = BlockSchema("kubernetes-cluster-config", {"id": "1", "fields": {}})
    assert cluster.is_secret(("config",))
    # It stays an object: the type wants one.
    assert not cluster.is_text(("config",))
    assert BlockSchema("remote-file-system", {"id": "1", "fields": {}}).is_secret(("settings", "key"))


@pytest.mark.parametrize(
    ("name", "value", "result"), [("port", 5432, True), ("port", 1, False), ("host", None, True), ("x", None, True)]
)
def test_defaults(name, value, result):
    assert SCHEMA.is_default(name, value) is result


@pytest.mark.parametrize(
    ("versions", "best"),
    [
        (["0.4.14", "0.7.12"], "0.7.12"),
        (["0.10.0", "0.9.9"], "0.10.0"),
        (["non-versioned", "0.0.1"], "0.0.1"),
        (["3.8.8"], "3.8.8"),
    ],
)
def test_newest(versions, best):
    schemas = [{"version": version, "created": "2026"} for version in versions]
    found = newest(schemas)
    assert found is not None
    assert found["version"] == best


def test_newest_of_one_version_and_of_none():
    assert (
        newest([{"version": "1", "created": "2026-01"}, {"version": "1", "created": "2026-02"}])["created"] == "2026-02"
    )
    assert newest([]) is None


@pytest.mark.parametrize("mask", ["********", "<secret>", "<secret: changed>"])
def test_a_mask_is_no_secret(mask):
    data = {**GOOD, "password": mask, "host": mask, "headers": {"X": mask}, "nested": {"key": mask}}
    assert list(_paths(data)) == ["data.password", "data.headers.X", "data.nested.key"]
    assert "update_secrets: on_create" in _paths(data)["data.password"]
