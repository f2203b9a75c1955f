"""What is wrong for certain with values that a JSON schema describes."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.json_values import check_names, check_values
from hypothesis import given
from hypothesis import strategies as st

SCHEMA = {
    "properties": {
        "text": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "switch": {"type": "boolean"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
        "either": {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "null"}]},
        "doubtful": {"anyOf": [{"type": "string"}, {"not": {}}]},
        "choice": {"enum": ["a", "b", 1]},
        "secret": {"enum": ["a"]},
        "types": {"type": ["string", "null"]},
        "unknown": {"type": "decimal"},
        "inner": {"$ref": "#/definitions/Inner"},
        "older": {"allOf": [{"$ref": "#/$defs/Inner"}], "title": "x"},
        "lost": {"$ref": "#/definitions/Nowhere"},
        "loop": {"$ref": "#/definitions/Loop"},
        "elsewhere": {"$ref": "https://example.com/schema"},
        "any": {},
    },
    "definitions": {"Inner": {"properties": {"n": {"type": "integer"}}}, "Loop": {"$ref": "#/definitions/Loop"}},
    "$defs": {"Inner": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    "values",
    [
        {"text": "x", "count": 3, "ratio": 3, "switch": False, "list": [1], "map": {"a": "b"}},
        {"count": 3.0, "ratio": 0.5, "either": [], "types": "x", "choice": 1},
        # What null means is the server's to say.
        dict.fromkeys(SCHEMA["properties"]),
        # What is put in later.
        {"count": "{{ prefect.variables.x }}", "list": {"$ref": {"block_document_id": "x"}}},
        {"count": {"__prefect_kind": "jinja", "template": "{{ 1 }}"}},
        # What is in doubt, and what the schema does not know.
        {"doubtful": 3, "unknown": 3, "lost": 3, "loop": 3, "elsewhere": 3, "any": 3, "other": 3},
        {"inner": {"n": 1, "m": "x"}, "older": {"n": 1}},
    ],
)
def test_right_values(values):
    assert check_values(values, SCHEMA, "v") == []


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"text": 3}, "v.text", "expected string, found a whole number"),
        ({"count": "3"}, "v.count", "expected integer, found a text"),
        ({"count": True}, "v.count", "expected integer, found true or false"),
        ({"count": 0.5}, "v.count", "expected integer, found a number"),
        ({"switch": 1}, "v.switch", "expected boolean, found a whole number"),
        ({"list": [1, "x"]}, "v.list[1]", "expected integer, found a text"),
        ({"map": {"a": 1}}, "v.map.a", "expected string, found a whole number"),
        ({"map": []}, "v.map", "expected object, found a list"),
        ({"either": {}}, "v.either", "expected string or array or null, found an object"),
        ({"choice": "c"}, "v.choice", "expected one of a, b, 1, found 'c'"),
        ({"choice": True}, "v.choice", "expected one of a, b, 1, found 'True'"),
        ({"secret": "hush"}, "v.secret", "expected one of a"),
        ({"inner": {"n": "x"}}, "v.inner.n", "expected integer, found a text"),
        ({"older": "x"}, "v.older", "expected object, found a text"),
    ],
)
def test_wrong_values(values, path, message):
    assert check_values(values, SCHEMA, "v") == [(path, message)]


def test_names():
    schema = {"properties": {"image": {}, "env": {}}}
    (problem,) = check_names({"imagee": 1, "env": {}}, schema, "v", "no such one")
    assert problem == ("v.imagee", "no such one; did you mean 'image'? known: env, image")
    for other in ({}, {"properties": {}}, {"properties": []}, {**schema, "additionalProperties": True}):
        assert check_names({"x": 1}, other, "v", "no such one") == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=3), st.dictionaries(st.sampled_from(list(SCHEMA)), _JSON))
def test_whatever_the_schema_is(values, schema):
    check_values(values, schema, "v")
    check_names(values, schema, "v", "x")
