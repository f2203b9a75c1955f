"""What holds for every document."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings import schema
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.merge import merged
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import SettingsError
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

Resolve = Callable[..., Resolved]

CANARY = "hush7f3a"
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["", "default", "4200", "0.0.0.0", "https://x", "prefecthq/prefect:3-latest", "/x", "a:b", "[]"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=6) | st.integers() | st.booleans() | st.none(), inner, max_size=3),
    ),
    max_leaves=8,
)


def documents(options: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return documents with known keys, many of them with values that do not fit."""
    known = {name: st.one_of(_fitting(option), values) for name, option in options.items()}
    extra = st.dictionaries(st.text(min_size=1, max_size=6) | st.integers() | st.none(), values, max_size=1)
    return st.builds(lambda some, more: {**more, **some}, st.fixed_dictionaries({}, optional=known), extra)


def _fitting(option: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    kind = option.get("type", "str")
    if kind == "dict":
        return (
            documents(option["options"])
            if "options" in option
            else st.dictionaries(st.text(max_size=6), scalars, max_size=3)
        )
    if kind == "list":
        inner = (
            documents(option["options"]) if "options" in option else _fitting({"type": option.get("elements", "raw")})
        )
        return st.lists(inner, max_size=3)
    if "choices" in option:
        return st.sampled_from(option["choices"])
    simple: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": st.integers(-2, 70000),
        "float": st.floats(),
        "path": st.just("/srv"),
        "raw": values,
    }
    return simple.get(kind, scalars)


@pytest.fixture(scope="module")
def options(specs: dict[str, Any]) -> Mapping[str, Any]:
    return schema.document_options(specs)


@SLOW
@given(data=st.data())
def test_only_settings_errors_and_the_input_stays_as_it_was(
    data: st.DataObject, resolve: Resolve, options: Mapping[str, Any]
) -> None:
    document = data.draw(st.one_of(documents(options), values))
    fragments = data.draw(
        st.dictionaries(st.sampled_from(["prefect__a", "prefect__b"]), documents(options), max_size=2)
    )
    before = copy.deepcopy((document, fragments))
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(json.dumps(resolve(document, fragments=fragments).roles, sort_keys=True))
        except SettingsError as error:
            outcomes.append(str(error))
    assert "" not in outcomes
    assert outcomes[0] == outcomes[1]
    assert repr((document, fragments)) == repr(before)


@SLOW
@given(data=st.data())
def test_an_unknown_key_is_always_reported(data: st.DataObject, resolve: Resolve, options: Mapping[str, Any]) -> None:
    key = data.draw(st.text("abcdefgh_", min_size=1, max_size=8))
    document = data.draw(documents(options))
    section = data.draw(st.sampled_from(["server", "postgres", "verify", "cloud", "overrides"]))
    assume(key not in options[section]["options"])
    document[section] = {key: 1}
    with pytest.raises(SettingsError) as caught:
        resolve(document)
    assert any(line.startswith(f"prefect.{section}.{key}: unknown key") for line in caught.value.problems)


def _with_canary(value: Any) -> Any:
    """Return a value of the same shape in which every text is the secret."""
    if isinstance(value, dict):
        return {key: _with_canary(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_canary(item) for item in value]
    return f"{CANARY}{value}" if isinstance(value, str) else value


@SLOW
@given(data=st.data())
def test_a_secret_is_never_told(data: st.DataObject, resolve: Resolve, options: Mapping[str, Any]) -> None:
    def secret() -> Any:
        return _with_canary(data.draw(st.one_of(st.just(""), values)))

    document = data.draw(documents(options))
    document["token"] = secret()
    document["server"] = {"auth_string": secret(), "secret_env": secret(), "port": "x"}
    document["postgres"] = {"enabled": True, "password": secret()}
    document["overrides"] = {"secretEnvVars": {"A": secret(), "PREFECT__CONTEXT__SECRETS__B": secret()}}
    document["workers"] = [{"name": "a", "secret_env": secret()}, {"name": "a", "secret_env": {"A": secret()}}]
    document["resources"] = {"blocks": [{"name": "a", "data": secret()}, {"name": "a", "data": secret()}, secret()]}
    with pytest.raises(SettingsError) as caught:
        resolve(document, environ={"TF_VAR_prefect_token": CANARY})
    assert not [line for line in caught.value.problems if CANARY in line.partition(": ")[2]]


maps = st.recursive(
    st.integers(0, 3) | st.none() | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
trees = st.dictionaries(st.sampled_from("abc"), maps, max_size=3)


@given(trees, trees, trees)
def test_merging_goes_step_by_step_or_all_at_once(one: Any, two: Any, three: Any) -> None:
    # Where a map replaces what is none, the steps cannot be told apart only if maps stay maps.
    assume(_same_kinds(one, two) and _same_kinds(two, three) and _same_kinds(one, three))
    assert merged(merged(one, two), three) == merged(one, merged(two, three))


def _same_kinds(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same_kinds(one[key], other[key]) for key in one.keys() & other.keys())
    return isinstance(one, dict) == isinstance(other, dict)


@given(trees, trees)
def test_merging_keeps_the_last_word_and_shares_nothing(one: Any, two: Any) -> None:
    before = copy.deepcopy((one, two))
    result = merged(one, two)
    assert merged(one, {}) == one
    assert merged({}, two) == two
    assert merged(result, two) == result
    for key, value in two.items():
        if not isinstance(value, dict):
            assert result[key] == value
    _ruin(result)
    assert (one, two) == before


def _ruin(value: Any) -> None:
    if isinstance(value, dict):
        for item in value.values():
            _ruin(item)
        value.clear()
    elif isinstance(value, list):
        value.clear()
