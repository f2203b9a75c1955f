"""The user's words over ours."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.merge import merged
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.options import workload_options
from hypothesis import given
from hypothesis import strategies as st

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
KEYS = st.sampled_from(["a", "b", "name", "env", "volumes", "mountPath"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=4)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@given(MAPS, MAPS)
def test_what_is_said_twice_is_said_once(base: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(base, patch)
    assert merged(once, patch) == once


@given(MAPS, MAPS)
def test_nothing_that_was_given_is_changed(base: dict[str, Any], patch: dict[str, Any]) -> None:
    before = copy.deepcopy((base, patch))
    merged(base, patch)
    assert (base, patch) == before


@given(MAPS)
def test_nothing_said_changes_nothing(base: dict[str, Any]) -> None:
    kept = without_nulls(base)
    assert merged(kept, {}) == kept


@given(MAPS)
def test_words_over_nothing_are_themselves_without_nulls(patch: dict[str, Any]) -> None:
    assert merged({}, patch) == without_nulls(patch)
    assert merged({}, patch, keep_null=True) == patch


@given(MAPS, MAPS)
def test_the_order_of_keys_does_not_matter(base: dict[str, Any], patch: dict[str, Any]) -> None:
    assert merged(base, dict(reversed(patch.items()))) == merged(dict(reversed(base.items())), patch)


@pytest.mark.parametrize(
    ("base", "patch", "expected"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": None}}, {"a": {"b": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        # Tolerations have no names.
        ({"a": [{"key": "x"}]}, {"a": [{"key": "y"}]}, {"a": [{"key": "y"}]}),
        (
            {"containers": [{"name": "a", "image": "i", "tty": True}, {"name": "b"}]},
            {"containers": [{"name": "a", "image": "j"}, {"name": "c"}]},
            {"containers": [{"name": "a", "image": "j", "tty": True}, {"name": "b"}, {"name": "c"}]},
        ),
        # A variable has a value or a source, never both; a volume is of one kind.
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}]},
            {
                "env": [
                    {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}},
                    {"name": "B", "value": "2"},
                ]
            },
        ),
        (
            {"volumes": [{"name": "tmp", "emptyDir": {}}]},
            {"volumes": [{"name": "tmp", "persistentVolumeClaim": {"claimName": "c"}}]},
            {"volumes": [{"name": "tmp", "persistentVolumeClaim": {"claimName": "c"}}]},
        ),
        # One volume may be mounted in several places.
        (
            {"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]},
            {"volumeMounts": [{"name": "tmp", "mountPath": "/var"}]},
            {"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "tmp", "mountPath": "/var"}]},
        ),
    ],
)
def test_words_are_laid_over(base: dict[str, Any], patch: dict[str, Any], expected: dict[str, Any]) -> None:
    assert merged(base, patch) == expected


def test_options_are_laid_over_the_defaults() -> None:
    settings = {
        "defaults": {
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
            "disruption_budget": {"min_available": "1", "max_unavailable": None},
            "pod": {"priorityClassName": "low"},
            "manifests": {"Service": {"spec": {"type": "NodePort"}}},
            "service_account": {"create": False, "name": "shared"},
        },
        "workers": {"resources": {"requests": {"cpu": "2"}, "limits": {"memory": None}}, "pod": {}, "storage": None},
    }
    own = {
        "disruption_budget": {"max_unavailable": "50%"},
        "pod": {"priorityClassName": None},
        "manifests": {"Service": None},
    }
    whole = workload_options(settings, "workers", own)
    assert merged({}, whole["resources"]) == {"requests": {"cpu": "2", "memory": "1Gi"}, "limits": {}}
    # Of these one excludes the other.
    assert whole["disruption_budget"] == {"max_unavailable": "50%"}
    # A null in Kubernetes' own words is kept until it can remove something.
    assert whole["pod"] == {"priorityClassName": None}
    assert whole["manifests"] == {"Service": None}
    assert whole["service_account"] == {"create": False, "name": "shared"}
    assert workload_options(settings, "workers", whole) == whole
