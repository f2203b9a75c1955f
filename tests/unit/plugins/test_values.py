"""Pure functions on values: what is secret, what differs, what was given, what is near."""

from __future__ import annotations

import json
import string

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.difference import Difference, same
from ansible_collections.flowops.prefect.plugins.module_utils.given import given
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import (
    hidden,
    secret_name,
    secret_places,
    secret_strings,
    shown,
)
from ansible_collections.flowops.prefect.plugins.module_utils.suggest import nearest
from hypothesis import given as sampled
from hypothesis import strategies as st

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
KEYS = st.text(string.ascii_letters + "_", min_size=1, max_size=6)
JSON = st.recursive(
    LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=3), max_leaves=10
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=4)
CANARY = "Kanarienvogel"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWORD",
        "db_password",
        "passwd",
        "secret",
        "clientSecret",
        "client-secret",
        "token",
        "API_TOKEN",
        "apiToken",
        "apikey",
        "api_key",
        "apiKey",
        "AWS_SECRET_ACCESS_KEY",
        "aws_access_key_id",
        "private_key",
        "credentials",
        "Authorization",
        "auth_string",
        "connection_string",
        "MyAPIKey",
        "Proxy-Authorization",
        "secrets",
    ],
)
def test_names_of_secrets(name):
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "author",
        "key",
        "keyboard",
        "idempotency_key",
        "secret_name",
        "token_url",
        "password_file",
        "max_tokens",
        "update",
        "monkey",
        "primary_key",
        "name",
        "passenger",
        "secret_path",
        "value",
        "env",
        "bucket_name",
    ],
)
def test_names_of_others(name):
    assert not secret_name(name)


@pytest.mark.parametrize("name", [None, 1, "", "___", "密码"])
def test_odd_names(name):
    assert not secret_name(name)


@sampled(JSON, KEYS)
def test_a_secret_is_never_shown(value, key):
    def planted(part):
        if isinstance(part, dict):
            return {name: planted(inner) for name, inner in part.items()} | {"my_password": f"{CANARY}{key}"}
        return [planted(inner) for inner in part] if isinstance(part, list) else part

    document = {"x": planted(value), "token": {key: [CANARY]}, "url": f"https://u:{CANARY}@host/"}
    assert CANARY not in json.dumps(shown(document))
    assert CANARY not in json.dumps(Difference({}, document).shown())
    assert CANARY not in json.dumps(Difference(document, {}).shown())
    assert any(CANARY in secret for secret in secret_strings(document))


@sampled(JSON)
def test_hiding_keeps_the_shape_and_nothing_else(value):
    result = json.dumps(hidden({"a": value, "b": CANARY, CANARY[:3]: [CANARY]}))
    assert CANARY not in result


@sampled(OBJECTS)
def test_showing_leaves_the_original_alone(value):
    before = json.dumps(value)
    shown(value)
    assert json.dumps(value) == before


@pytest.mark.parametrize("value", [None, True, False, "", [], {}, "{{ prefect.blocks.secret.x }}", "$HOME", "${HOME}"])
def test_what_tells_nothing_is_shown(value):
    assert shown({"password": value}) == {"password": value}


def test_changed_secrets_say_so():
    before = {"password": "a1", "same_token": "x", "old_token": "y", "url": "db://u:p1@h", "list": [{"token": 1}]}
    after = {"password": "a2", "same_token": "x", "new_token": "z", "url": "db://u:p2@h", "list": [{"token": 2}]}
    assert Difference(before, after).shown() == {
        "before": {
            "password": "<secret>",
            "same_token": "<secret>",
            "old_token": "<secret>",
            "url": "db://u:<secret>@h",
            "list": [{"token": "<secret>"}],
        },
        "after": {
            "password": "<secret: changed>",
            "same_token": "<secret>",
            "new_token": "<secret>",
            "url": "db://u:<secret: changed>@h",
            "list": [{"token": "<secret: changed>"}],
        },
    }


def test_short_secrets_are_not_censored_by_their_text():
    """Ansible would hide every letter of that kind."""
    assert list(secret_strings({"password": "a", "token": "long enough", "pin": "123456"})) == ["long enough"]


# Differences


@sampled(JSON)
def test_a_value_is_the_same_as_its_copy(value):
    assert same(value, json.loads(json.dumps(value)))


@sampled(OBJECTS, OBJECTS)
def test_difference_is_both_ways(one, other):
    assert Difference(one, other).changed == Difference(other, one).changed
    assert not Difference(one, json.loads(json.dumps(one))).changed
    assert sorted(Difference(one, other).fields) == sorted(Difference(other, one).fields)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ("1", 1, False),
        (None, "", False),
        ([], {}, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": [True]}, {"a": [1]}, False),
    ],
)
def test_same(one, other, equal):
    assert same(one, other) is equal


def test_order_counts_unless_declared():
    before, after = {"tags": ["a", "b"]}, {"tags": ["b", "a"]}
    assert Difference(before, after).changed
    unordered = Difference(before, after, unordered=frozenset({"tags"}))
    assert not unordered.changed
    assert unordered.shown()["after"] == before


@pytest.mark.parametrize(
    ("before", "after", "changed"), [(None, {}, True), ({}, None, True), (None, None, False), ({}, {}, False)]
)
def test_being_there_counts(before, after, changed):
    assert Difference(before, after).changed is changed


# Options

SPEC = {
    "a": {"type": "str"},
    "b": {"type": "int", "aliases": ["bee"]},
    "c": {"type": "bool", "default": True},
    "rows": {"type": "list", "elements": "dict", "options": {"x": {"type": "int"}, "y": {"type": "int"}}},
    "one": {"type": "dict", "options": {"x": {"type": "int"}}},
}
FULL = {"a": None, "b": None, "c": True, "rows": None, "one": None}


@pytest.mark.parametrize(
    ("raw", "checked", "result"),
    [
        ({}, {}, {"c": True}),
        ({"a": None}, {}, {"a": None, "c": True}),
        ({"bee": "3"}, {"b": 3, "bee": "3"}, {"b": 3, "c": True}),
        ({"c": False}, {"c": False}, {"c": False}),
        ({"c": None}, {"c": True}, {"c": True}),
        (
            {"rows": [{"x": None}, {}]},
            {"rows": [{"x": None, "y": None}, {"x": None, "y": None}]},
            {"c": True, "rows": [{"x": None}, {}]},
        ),
        ({"rows": '[{"x": 1}]'}, {"rows": [{"x": 1, "y": None}]}, {"c": True, "rows": [{"x": 1}]}),
        ({"rows": None}, {}, {"c": True, "rows": None}),
        ({"one": {}}, {"one": {"x": None}}, {"c": True, "one": {}}),
        ({"one": "x=1"}, {"one": {"x": 1}}, {"c": True, "one": {"x": 1}}),
    ],
)
def test_given(raw, checked, result):
    assert given(SPEC, raw, {**FULL, **checked}) == result


# Suggestions


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("dokcer", ["docker", "process"], "did you mean 'docker'? known: docker, process"),
        ("DOCKER", ["docker"], "did you mean 'docker'? known: docker"),
        ("zzz", ["docker"], "known: docker"),
        ("zzz", [], "there is none"),
    ],
)
def test_nearest(name, known, text):
    assert nearest(name, known) == text


def test_long_lists_are_cut():
    assert nearest("zzz", map(str, range(100))).endswith(" and 40 more")


def test_references_to_secrets_of_kubernetes_are_none() -> None:
    place = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "prefect-worker-etl", "key": "TOKEN"}}}
    kept = {"secret_env": [place], "env": [place]}
    assert shown(kept) == kept
    assert [*secret_places(kept), *secret_strings(kept)] == []
    given = {"secret_env": [place, {"name": "TOKEN", "value": "abcdef"}]}
    assert shown(given) == {"secret_env": "<secret>"}
    assert list(secret_places(given)) == [("secret_env",)]
    assert "abcdef" in list(secret_strings(given))
