"""Module variable."""

from __future__ import annotations

import json
import urllib.error

import pytest

NAME = "test_variable"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("variable", name=NAME, state="absent")


def test_life(api):
    api.settles("variable", name=NAME, value={"a": [1, True, None], "b": "ü"}, tags=["y", "x"])
    api.settles("variable", changed=False, name=NAME, tags=["x", "y"])
    updated = api.settles("variable", name=NAME, value=0)
    assert updated["variable"]["tags"] == ["y", "x"]
    api.settles("variable", name=NAME, tags=[])
    api.settles("variable", name=NAME, value=None)
    api.settles("variable", name=NAME, state="absent")
    api.settles("variable", changed=False, name=NAME, state="absent")


@pytest.mark.parametrize("value", ["1", 1, 1.5, True, False, None, "", [], {}, "no", {"a": {"b": []}}])
def test_values_keep_their_type(api, value):
    api.settles("variable", name=NAME, value="something else")
    result = api.settles("variable", name=NAME, value=value)
    assert json.dumps(result["variable"]["value"]) == json.dumps(value)


def test_truth_is_no_number(api):
    api.settles("variable", name=NAME, value=1)
    api.settles("variable", name=NAME, value=True)


def test_new_variable_needs_a_value(api):
    assert api.fails("variable", name=NAME)["msg"] == "value: is missing; a new variable needs one, null is one too"


def test_bad_input(api):
    result = api.fails("variable", name="Not so", value="x" * 4999)
    assert result["problems"] == [
        {"path": "name", "message": "expected lower case letters, digits, dashes and underscores only, found 'Not so'"},
        {"path": "value", "message": "has 5001 bytes as JSON; Prefect stores at most 5000"},
    ]


@pytest.mark.parametrize(("name", "sensitive"), [(NAME, True), ("test_api_token", None)])
def test_sensitive_value_is_nowhere(api, name, sensitive):
    options = {} if sensitive is None else {"sensitive": sensitive}
    for value in ("old-canary", "new-canary"):
        result = api.settles("variable", name=name, value=value, **options)
        assert "canary" not in json.dumps(result)
    assert result["diff"] == {
        "before": {"name": name, "value": "<secret>", "tags": []},
        "after": {"name": name, "value": "<secret: changed>", "tags": []},
    }
    api.settles("variable", name=name, state="absent")


def test_fields_named_like_secrets_are_masked(api):
    result = api.settles("variable", name=NAME, value={"url": "pg://u:canary1@host/db", "password": "canary2"})
    assert result["variable"]["value"] == {"url": "pg://u:<secret>@host/db", "password": "<secret>"}
    assert "canary" not in json.dumps(result)


@pytest.mark.parametrize("value", ["x" * 4998, "é" * 2499, {"a": "x" * 4992}])
def test_the_largest_value_that_the_server_takes(api, prefect, value):
    """What is refused here is refused by the server too."""
    api.settles("variable", name="test_large", value=value)
    larger = {"a": value["a"] + "x"} if isinstance(value, dict) else value + "x"
    assert "5001 bytes as JSON" in api.fails("variable", name="test_large", value=larger)["msg"]
    with pytest.raises(urllib.error.HTTPError, match="422"):
        prefect.request("PATCH", "/variables/name/test_large", {"value": larger})
    api.settles("variable", name="test_large", state="absent")
