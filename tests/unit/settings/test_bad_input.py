"""Every wrong document gets its one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Problems = Callable[..., list[str]]

CASES = yaml.safe_load((Path(__file__).parent / "data" / "bad_input.yml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["message"].split(":")[0])
def test_one_problem_one_message(problems: Problems, case: dict[str, Any]) -> None:
    assert problems(case["document"]) == [case["message"]]


def test_all_problems_at_once_in_the_order_of_the_document(problems: Problems) -> None:
    document = {
        "workers": [{"name": "a", "limit": "many"}, {"name": "a"}],
        "platform": "natve",
        "server": {"prot": 1, "host": "0.0.0.0"},
        "tokn": "x",
    }
    assert [line.split(": ")[0] for line in problems(document)] == [
        "prefect.workers[0].limit",
        "prefect.workers[1].name",
        "prefect.platform",
        "prefect.server.prot",
        "prefect.server.host",
        "prefect.tokn",
    ]


def test_wrong_sources_are_named(problems: Problems) -> None:
    assert problems([]) == ["prefect: expected dict, found a list of length 0"]
    assert problems({}, fragments={"prefect__a": "x"}) == ["prefect__a: expected dict, found a str of length 1"]


def test_disabled_documents_are_still_checked(problems: Problems) -> None:
    assert problems({"enabled": False, "sever": {}})[0].startswith("prefect.sever: unknown key")


def test_a_secret_of_the_wrong_type_is_not_shown(problems: Problems) -> None:
    document = {"token": ["hush-hush"], "server": {"secret_env": {"A": ["hush-hush"]}, "auth_string": "hush-hush"}}
    assert "hush" not in "\n".join(problems(document))
