"""Names that Kubernetes takes, and those that are refused before anything is touched."""

from __future__ import annotations

import re

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.names import (
    is_label_value,
    label_value,
    name_problems,
    object_name,
)
from hypothesis import given
from hypothesis import strategies as st

DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@given(st.lists(st.text(max_size=70), max_size=5), st.lists(st.text(max_size=70), max_size=2))
def test_a_name_without_a_problem_is_one_of_an_object(names: list[str], short: list[str]) -> None:
    refused = {name for name, _message in name_problems(names, short)}
    good = [name for name in dict.fromkeys([*names, *short]) if name not in refused]
    assert all(DNS_LABEL.fullmatch(object_name(name)) for name in good)
    assert all(is_label_value(name) for name in good)
    assert len({object_name(name) for name in good}) == len(good)


@given(st.text(max_size=100))
def test_any_text_becomes_the_value_of_a_label(text: str) -> None:
    assert is_label_value(label_value(text))


@pytest.mark.parametrize(
    ("names", "short", "expected"),
    [
        (["prefect-server", "prefect-worker-Team_A.1"], ["prefect-postgres"], []),
        (["a" * 63], ["b" * 52], []),
        (["a" * 64], [], [("a" * 64, "has 64 characters; Kubernetes allows 63 here")]),
        ([], ["b" * 53], [("b" * 53, "has 53 characters; Kubernetes allows 52 here")]),
        (
            ["team_a", "team-a", "team.a"],
            [],
            [
                ("team-a", "would be the object 'team-a' in Kubernetes, as 'team_a' is; rename one of them"),
                ("team.a", "would be the object 'team-a' in Kubernetes, as 'team_a' is; rename one of them"),
            ],
        ),
        (["1st"], [], [("1st", "may hold only letters, digits, '-', '_' and '.'; a letter first, no sign last")]),
        (["café"], [], [("café", "may hold only letters, digits, '-', '_' and '.'; a letter first, no sign last")]),
    ],
)
def test_names_are_refused(names: list[str], short: list[str], expected: list[tuple[str, str]]) -> None:
    assert name_problems(names, short) == expected
