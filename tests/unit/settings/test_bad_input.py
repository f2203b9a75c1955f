"""Every wrong document gets its one clear error."""

from __future__ import annotations

import copy
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


def test_items_come_together_with_everything_else(problems: Problems) -> None:
    document = {
        "resources": {
            "variables": [{"name": "A", "tag": 1}, {"nam": "b"}],
            "deployments": [
                {
                    "name": "d/e",
                    "flow_name": "f",
                    "concurrency_limit": "x",
                    "schedules": [{"crn": 1}, {"interval": "x"}, {"interval": 0}, 5],
                }
            ],
        },
        "server": {"prot": 1},
    }
    assert [line.split(": ")[0] for line in problems(document)] == [
        "prefect.resources.variables[0].name",
        "prefect.resources.variables[0].tag",
        "prefect.resources.variables[1].name",
        "prefect.resources.variables[1].nam",
        "prefect.resources.deployments[0].name",
        "prefect.resources.deployments[0].concurrency_limit",
        "prefect.resources.deployments[0].schedules[0].crn",
        "prefect.resources.deployments[0].schedules[1].interval",
        "prefect.resources.deployments[0].schedules[2].interval",
        "prefect.resources.deployments[0].schedules[3]",
        "prefect.server.prot",
    ]


def test_what_only_a_server_tells_is_no_problem(resolve: Callable[..., Any]) -> None:
    resources = {
        "work_queues": [{"name": "q", "work_pool_name": "p", "state": "absent"}],
        "variables": [{"name": "a"}, {"name": "b", "value": None, "tags": None}],
        "blocks": [{"name": "a", "block_type_slug": "nobody-knows", "data": {"value": "x"}}],
        "deployments": [
            {"name": "d", "flow_name": "f", "work_pool": "p", "schedules": None, "concurrency_limit": None},
            {"name": "e", "flow_name": "f", "schedules": [{"interval": "3600", "anchor_date": None}]},
        ],
    }
    given = copy.deepcopy(resources)
    roles = resolve({"resources": resources}).roles
    assert {name: roles["prefect_resources"][name] for name in resources} == given


def test_a_queue_of_a_worker_is_declared_under_either_name(resolve: Callable[..., Any]) -> None:
    queue = {"name": "q", "work_pool_name": "p"}
    document = {
        "workers": [{"name": "a", "work_pool": "p", "work_queues": ["q"]}],
        "resources": {"work_queues": [queue]},
    }
    assert resolve(document).roles["prefect_resources"]["work_queues"] == [queue]


def test_objects_without_a_name_and_parts_of_automations_have_paths(problems: Problems) -> None:
    automation = {"name": "a", "trigger": {"expects": []}, "actions": [{"type": "do-nothin"}]}
    found = problems(
        {
            "resources": {
                "concurrency_limits": [{"tag": "t", "limit": 1}, {"tag": "t", "limit": 2}],
                "global_concurrency_limits": [{"name": "g", "limit": -1}],
                "flows": [{"name": "a/b"}],
                "automations": [automation],
            }
        }
    )
    assert "prefect.resources.concurrency_limits[1].tag: 't' is in prefect.resources.concurrency_limits[0] too" in found
    assert [line.split(": ")[0].removeprefix("prefect.resources.") for line in found] == [
        "concurrency_limits[1].tag",
        "global_concurrency_limits[0].limit",
        "flows[0].name",
        "automations[0].trigger.expects",
        "automations[0].actions[0].type",
    ]


def test_an_item_with_secrets_of_the_wrong_type_does_not_show_them(problems: Problems) -> None:
    resources = {
        "blocks": [{"name": "a", "block_type_slug": "secret", "data": "hush-hush"}],
        "variables": [{"name": "a", "valu": "hush-hush"}, {"name": "b", "value": "hush-hush" * 1000}],
        "deployments": [{"name": "d", "flow_name": "f", "parameters": ["hush-hush"], "job_variables": "hush-hush"}],
        "work_pools": [{"name": "https://user:hush-hush@host"}],
    }
    found = problems({"resources": resources})
    assert len(found) == 6
    assert "hush" not in "\n".join(found)


def test_what_a_document_owns_is_checked(problems: Problems) -> None:
    scope = {"pools": ["a"], "blocks": "secret/*"}
    found = problems({"resources": {"prune_scope": scope, "prune_limit": 101, "ownership_tag": ""}})
    assert sorted(line.split(": ")[0] for line in found) == [
        "prefect.resources.ownership_tag",
        "prefect.resources.prune_limit",
        "prefect.resources.prune_scope.blocks",
        "prefect.resources.prune_scope.pools",
    ]
    assert problems({"resources": {"prune": True}}) == [
        "prefect.resources.prune: needs ownership_tag or prune_scope: they tell which objects this document owns"
    ]


def test_an_item_that_is_null_is_told_and_nothing_breaks(problems: Problems) -> None:
    assert problems({"workers": [None]})[0].startswith("prefect.workers[0]: missing")
