"""Module resources: order, errors by path, and one plan before the first write."""

from __future__ import annotations

import json
import random
import threading

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.bulk_writing import THREADS
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block import Block
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_queue import WorkQueue
from ansible_collections.flowops.prefect.plugins.module_utils.writable import unwritable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def _problems(result):
    return {problem["path"]: problem["message"] for problem in result["problems"]}


def test_nothing(api):
    result = api.run("resources", resources={})
    assert (result["changed"], result["results"], result["diff"]) == (False, [], [])
    assert api.requests == []


def test_errors_name_the_item(api):
    document = {
        "work_pools": [{"name": "a"}, {"name": "a"}, {"nam": "b"}, {"name": "c", "concurrency_limit": "many"}],
        "variables": [{"name": "UPPER", "value": 1}],
    }
    result = api.run("resources", resources=document)
    found = _problems(result)
    assert list(found) == [
        "resources.work_pools[2].nam",
        "resources.work_pools[2]",
        "resources.work_pools[3]",
        "resources.variables[0].name",
        "resources.work_pools[1]",
    ]
    assert found["resources.work_pools[1]"] == "is the same object as resources.work_pools[0]: a"
    assert found["resources.work_pools[2].nam"] == (
        "unknown key; allowed: name, type, description, base_job_template, job_variables, is_paused, "
        "concurrency_limit, storage_configuration, state; did you mean 'name'?"
    )
    assert result["msg"].splitlines() == [f"{path}: {message}" for path, message in found.items()]
    assert api.writes == []


_SCHEDULE_KEYS = (
    "slug, cron, interval, rrule, timezone, day_or, anchor_date, active, max_scheduled_runs, parameters; "
    "did you mean 'cron'?"
)


def test_unknown_keys_inside_an_item(api):
    schedules = [{"cron": "* * * * *"}, {"crn": "* * * * *", "interval": "never"}]
    found = _problems(
        api.run("resources", resources={"deployments": [{"name": "d", "flow_name": "f", "schedules": schedules}]})
    )
    place = "resources.deployments[0]"
    assert list(found) == [f"{place}.schedules[1].crn", place]
    assert found[f"{place}.schedules[1].crn"] == f"unknown key; allowed: {_SCHEDULE_KEYS}"
    assert "interval" in found[place]


_TRIGGER = {"trigger": {"type": "event", "expect": ["x"]}, "actions": [{"type": "do-nothing"}]}


@pytest.mark.parametrize(
    ("section", "item", "path"),
    [
        ("variables", {"name": "a", "value": float("nan")}, "value"),
        ("variables", {"name": "a", "value": {"b": [1, float("-inf")]}}, "value.b[1]"),
        ("variables", {"name": "a", "value": [1e300]}, "value"),
        ("variables", {"name": "a", "value": -(2**63) - 1}, "value"),
        ("variables", {"name": "a", "value": 1, "tags": ["x", "\0"]}, "tags[1]"),
        ("blocks", {"block_type_slug": "secret", "name": "a", "data": {"value": "\0"}}, "data.value"),
        ("work_pools", {"name": "a\nb"}, "name"),
        ("work_pools", {"name": "a", "concurrency_limit": 2**31}, "concurrency_limit"),
        ("work_queues", {"work_pool": "a", "name": "a", "priority": 2**31}, "priority"),
        ("deployments", {"flow_name": "f", "name": "a", "concurrency_limit": 2**31}, "concurrency_limit"),
        ("deployments", {"flow_name": "f", "name": "a", "description": "\0"}, "description"),
        (
            "global_concurrency_limits",
            {"name": "a", "limit": 1, "slot_decay_per_second": 1e308},
            "slot_decay_per_second",
        ),
        ("automations", {"name": "a", "trigger": {**_TRIGGER["trigger"], "within": 1e300}}, "trigger.within"),
        ("automations", {"name": "a", "trigger": {**_TRIGGER["trigger"], "threshold": 2**40}}, "trigger.threshold"),
        ("automations", {"name": "\0", **_TRIGGER}, "name"),
        ("block_schemas", {"block_type_slug": "a", "version": "1", "fields": {"required": 5}}, "fields.required"),
        (
            "work_pools",
            {"name": "a", "base_job_template": {"job_configuration": {}, "variables": {"properties": [1]}}},
            "base_job_template.variables.properties",
        ),
    ],
)
def test_what_no_server_can_keep(api, section, item, path):
    """Refused before anything is sent: with some of it the server could not read its own lists any more."""
    result = api.run("resources", resources={section: [item]})
    assert list(_problems(result)) == [f"resources.{section}[0].{path}"]
    assert api.requests == []


def test_halves_of_characters():
    """Ansible refuses them by itself from core 2.19 on."""
    value = {"a": ["b", "\udfff"], "\ud800": 1}
    assert [problem.path for problem in unwritable(value, "data")] == ["data.a[1]", "data"]


@pytest.mark.parametrize(
    ("value", "at", "found"),
    [
        (5, "", "a whole number"),
        (True, "", "true or false"),
        ([None], "[0]", "null"),
        ([["a"]], "[0]", "a list"),
        ([{"cron": "@daily"}, 0.5], "[1]", "a number"),
    ],
)
def test_values_without_keys_where_there_must_be_some(api, value, at, found):
    """Ansible fails over those that it cannot look into."""
    message = f"expected keys and values, found {found}"
    options = {"flow_name": "f", "name": "d", "schedules": value}
    assert _problems(api.run("deployment", **options)) == {f"schedules{at}": message}
    place = "resources.deployments[0].schedules"
    assert _problems(api.run("resources", resources={"deployments": [options]})) == {f"{place}{at}": message}
    assert api.writes == []


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": "token=canary"},
        {"schedules": ["token=canary"]},
        {"schedules": [{"cron": "@daily", "parameters": "token=canary"}]},
        {"pull_steps": ["canary"], "job_variables": ["canary"], "concurrency_options": "canary"},
    ],
)
def test_texts_for_keys_and_values_are_not_shown(api, more):
    options = {"flow_name": "f", "name": "d", **more}
    assert "canary" not in json.dumps(api.run("deployment", check=True, **options)["invocation"])
    result = api.run("resources", check=True, resources={"deployments": [options]})
    assert "canary" not in json.dumps(result["invocation"])


@pytest.mark.parametrize(("value", "at"), [(5, ""), ([5], "[0]"), (False, "")])
def test_a_document_without_keys(api, value, at):
    assert list(_problems(api.run("resources", resources=value))) == [f"resources{at}"]


def test_unknown_keys_of_a_single_module(api):
    result = api.run("deployment", name="d", flow_name="f", schedules=[{"crn": "* * * * *"}])
    assert result["msg"] == f"schedules[0].crn: unknown key; allowed: {_SCHEDULE_KEYS}"
    assert list(_problems(result)) == ["schedules[0].crn"]
    result = api.run("variable", nam="x", tag=["a"])
    assert list(_problems(result)) == ["nam", "tag"]
    assert "allowed: name, value, tags, sensitive, state, api_url" in result["msg"]
    assert api.requests == []


def test_bad_items_count_more_than_a_missing_server(api):
    result = api.run(
        "resources", api_url="http://127.0.0.1:9/api", resources={"variables": [{"name": "A"}, {"name": "b"}]}
    )
    assert list(_problems(result)) == ["resources.variables[0].name"]
    result = api.run(
        "resources", api_url="http://127.0.0.1:9/api", resources={"variables": [{"name": "b", "value": 1}]}
    )
    assert "connection refused" in result["msg"]


def test_refused_reading_names_the_item(api):
    api.on("POST", "/variables/filter", {"detail": "no"}, status=403)
    found = _problems(api.run("resources", resources={"variables": [{"name": "a", "value": 1}]}))
    assert "refused with status 403: no" in found["resources.variables"]


def test_what_fails_is_named_and_the_rest_is_written(api):
    api.on("POST", "/variables/", {"id": "1"}, status=201)
    api.on("POST", "/work_pools/", {"detail": "full"}, status=500)
    api.on("POST", "/flows/", {"id": "f"}, status=201)
    api.on("POST", "/deployments/", {"id": "d"}, status=201)
    document = {
        "work_pools": [{"name": "p"}],
        "work_queues": [{"work_pool": "p", "name": "q"}],
        "variables": [{"name": name, "value": 1} for name in "abc"],
        "deployments": [
            {"flow_name": "f", "name": "a", "work_pool": "p"},
            {"flow_name": "f", "name": "b"},
            {"flow_name": "f", "name": "c", "work_pool": "p", "work_queue": "q"},
        ],
    }
    result = api.run("resources", resources=document)
    failed, untried = result["msg"].splitlines()
    assert failed.startswith("resources.work_pools[0]: POST ")
    assert untried == (
        "not tried, since they need what failed: resources.work_queues[0], resources.deployments[0], "
        "resources.deployments[2]"
    )
    assert result["failed"]
    assert result["changed"]
    assert {row["item"]: row["action"] for row in result["results"]} == {
        "resources.work_pools[0]": "failed",
        "resources.work_queues[0]": "not_tried",
        "resources.variables[0]": "created",
        "resources.variables[1]": "created",
        "resources.variables[2]": "created",
        "resources.deployments[0]": "not_tried",
        "resources.deployments[1]": "created",
        "resources.deployments[2]": "not_tried",
    }
    assert result["counts"] == {
        "created": 4,
        "updated": 0,
        "deleted": 0,
        "unchanged": 0,
        "failed": 1,
        "not_tried": 3,
    }
    assert {row["before_header"] for row in result["diff"]} == {
        "variable a",
        "variable b",
        "variable c",
        "deployment f/b",
    }
    assert [path for _method, path, _body in api.writes if path == "/deployments/"] == ["/deployments/"]


def test_what_cannot_be_removed_keeps_what_it_needs(api):
    pool = {"id": "x", "name": "p", "type": "process", "base_job_template": {}, "is_paused": False}
    queue = {"id": "y", "name": "q", "work_pool_name": "p", "priority": 1, "is_paused": False}
    api.on("POST", "/work_pools/filter", [pool | {"concurrency_limit": None}])
    api.on("POST", "/work_queues/filter", [queue | {"concurrency_limit": None}])
    api.on("DELETE", "/work_pools/p/queues/q", {"detail": "no"}, status=500)
    document = {
        "work_pools": [{"name": "p", "state": "absent"}],
        "work_queues": [{"work_pool": "p", "name": "q", "state": "absent"}],
    }
    result = api.run("resources", resources=document)
    assert [(row["item"], row["action"]) for row in result["results"]] == [
        ("resources.work_queues[0]", "failed"),
        ("resources.work_pools[0]", "not_tried"),
    ]
    assert [path for _method, path, _body in api.writes] == ["/work_pools/p/queues/q"]


def test_a_lost_server_is_told_once(api):
    api.on("POST", "/variables/", {"detail": "who?"}, status=401)
    names = [f"v{at}" for at in range(100)]
    result = api.run("resources", resources={"variables": [{"name": name, "value": 1} for name in names]})
    assert len(api.writes) < 20
    assert result["msg"].count("answers 401") == len(api.writes)
    assert result["counts"]["failed"] + result["counts"]["not_tried"] == 100
    assert "not tried, since the server was lost: resources.variables[" in result["msg"]


@pytest.mark.parametrize("answer", [None, [], {}, "made", 5])
def test_odd_answers_are_told(api, answer):
    """Whatever is between may answer anything."""
    api.on("POST", "/variables/", answer, status=201)
    result = api.run("resources", resources={"variables": [{"name": "a", "value": 1}]})
    assert "/variables/: the answer " in result["results"][0]["error"]
    api.on("POST", "/work_pools/filter", [answer])
    if answer != {}:
        result = api.run("resources", resources={"work_pools": [{"name": "a"}]})
        assert result["msg"].endswith("/work_pools: the answer is no object; check api_url")


def test_what_many_at_once_were_too_much_for_is_written_alone(api):
    """A server on SQLite refuses some of many writers however often they try."""
    busy = threading.Lock()

    def made(request):
        if not busy.acquire(blocking=False):
            raise ConnectionError
        threading.Event().wait(0.01)
        busy.release()
        return {"id": request.body["name"]}

    def answer(request, known=api.answer):
        try:
            return known(request)
        except ConnectionError:
            return 503, {"detail": "busy"}, {}

    api.answer = answer
    api.on("POST", "/variables/", made, status=201)
    result = api.run("resources", resources={"variables": [{"name": f"v{at}", "value": 1} for at in range(40)]})
    assert result["counts"]["created"] == 40, result.get("msg")


def test_a_server_that_is_not_available_is_not_asked_for_ever(api):
    api.on("POST", "/variables/", {"detail": "down"}, status=503)
    result = api.run("resources", resources={"variables": [{"name": f"v{at}", "value": 1} for at in range(20)]})
    assert result["counts"]["failed"] == 20
    # Each with the retries of the client, and the first of them once more.
    assert len(api.writes) == 21 * 5


def test_somebody_else_was_faster(api):
    """Two runs at once: the other has made the object between reading and writing."""
    live = {"id": "x", "name": "v", "value": 2, "tags": []}
    api.on("POST", "/variables/", {"detail": "is there"}, status=409)
    api.on("GET", "/variables/name/v", live)
    result = api.run("resources", resources={"variables": [{"name": "v", "value": 1}]})
    assert [(row["action"], row["id"]) for row in result["results"]] == [("updated", "x")]
    assert api.writes[1:] == [("PATCH", "/variables/name/v", {"value": 1})]


def test_a_conflict_with_nobody_is_an_error(api):
    api.on("POST", "/variables/", {"detail": "data integrity"}, status=409)
    result = api.run("resources", resources={"variables": [{"name": "v", "value": 1}]})
    assert "refused with status 409: data integrity" in result["msg"]


def _owned(*names, tag="owner:me"):
    return [{"id": f"id-{name}", "name": name, "value": 1, "tags": [tag]} for name in names]


def test_what_is_owned_and_not_declared_is_removed(api):
    api.on("POST", "/variables/filter", [*_owned("a", "b", "c"), *_owned("d", tag="owner:you")])
    options = {"ownership_tag": "owner:me", "prune": True, "resources": {"variables": [{"name": "a"}, {"name": "b"}]}}
    result = api.run("resources", **options)
    assert api.writes == [("DELETE", "/variables/name/c", None)]
    assert [(row["item"], row["action"]) for row in result["results"]][-1] == ("variables: c", "deleted")
    assert api.run("resources", check=True, **options)["counts"]["deleted"] == 1


def test_values_that_are_no_longer_declared_are_not_shown(api):
    """Whether they were sensitive nobody knows any more."""
    api.on("POST", "/variables/filter", [{**_owned("a")[0], "value": {"b": ["canary-value"]}}])
    result = api.run("resources", ownership_tag="owner:me", prune=True, prune_limit=100, resources={})
    assert result["counts"]["deleted"] == 1
    assert "canary" not in json.dumps(result)


def test_all_that_can_have_tags_is_marked(api):
    api.on("POST", "/variables/", {"id": "1"}, status=201)
    api.on("POST", "/variables/filter", [{"id": "x", "name": "old", "value": 1, "tags": ["t"]}])
    document = {"variables": [{"name": "new", "value": 1}, {"name": "old"}, {"name": "own", "value": 1, "tags": ["a"]}]}
    api.run("resources", ownership_tag="owner:me", resources=document)
    assert sorted((body.get("name", ""), body["tags"]) for _method, _path, body in api.writes) == [
        ("", ["t", "owner:me"]),
        ("new", ["owner:me"]),
        ("own", ["a", "owner:me"]),
    ]


def test_a_scope_owns_by_name(api):
    pools = [{"id": name, "name": name, "type": "process"} for name in ("team-a", "team-b", "other", "prefect-own")]
    api.on("POST", "/work_pools/filter", [pool | {"base_job_template": {}, "is_paused": False} for pool in pools])
    scope = {"work_pools": ["team-*", "prefect*"]}
    result = api.run("resources", prune=True, prune_scope=scope, resources={"work_pools": [{"name": "team-a"}]})
    assert [path for method, path, _body in api.writes if method == "DELETE"] == ["/work_pools/team-b"]
    assert result["counts"]["deleted"] == 1


_POOL = {"id": "p", "name": "p", "type": "process", "base_job_template": {}, "is_paused": False}


def test_what_the_document_needs_is_not_removed(api):
    """Whether it is to go by itself or as superfluous."""
    api.on("POST", "/work_pools/filter", [_POOL])
    document = {"deployments": [{"flow_name": "f", "name": "d", "work_pool_name": "p"}]}
    message = "needs work pool 'p', which this run removes"
    pruned = api.run("resources", prune=True, prune_limit=100, prune_scope={"work_pools": ["*"]}, resources=document)
    assert _problems(pruned) == {"resources.deployments[0]": message}
    both = {**document, "work_pools": [{"name": "p", "state": "absent"}]}
    assert _problems(api.run("resources", resources=both)) == {"resources.deployments[0]": message}
    assert api.writes == []


@pytest.mark.parametrize(("given", "gone"), [({"schedules": [{"slug": "s", "cron": "@daily"}]}, []), ({}, ["f/d/s"])])
def test_schedules_that_a_deployment_declares_are_no_superfluous_ones(api, given, gone):
    row = {"id": "s", "slug": "s", "active": True, "max_scheduled_runs": None, "parameters": {}}
    row["schedule"] = {"cron": "@daily", "timezone": "UTC", "day_or": True}
    live = {"id": "d", "name": "d", "flow_id": "f", "work_pool_name": None, "work_queue_name": None, "pull_steps": []}
    live |= dict.fromkeys(("description", "parameter_openapi_schema", "entrypoint", "path", "version"))
    live |= {"parameters": {}, "enforce_parameter_schema": True, "job_variables": {}, "paused": False, "tags": []}
    api.on("POST", "/flows/filter", [{"id": "f", "name": "f", "tags": []}])
    api.on("POST", "/deployments/filter", [{**live, "schedules": [row]}])
    document = {"deployments": [{"flow_name": "f", "name": "d", **given}]}
    scope = {"deployment_schedules": ["*"]}
    result = api.run("resources", check=True, prune=True, prune_limit=100, prune_scope=scope, resources=document)
    assert [row["name"] for row in result["results"] if row["changed"]] == gone


def test_deployments_that_lose_their_pool_are_named(api):
    api.on("POST", "/work_pools/filter", [_POOL])
    api.on("POST", "/flows/filter", [{"id": "f", "name": "f", "tags": []}])
    api.on("GET", "/flows/f", {"id": "f", "name": "f", "tags": []})
    api.on("POST", "/deployments/filter", [{"name": name, "flow_id": "f"} for name in ("b", "a")])
    result = api.run("resources", prune=True, prune_limit=100, prune_scope={"work_pools": ["p"]}, resources={})
    message = "work pool p is removed, and these deployments have none then: f/a, f/b"
    assert message in json.dumps(result["warnings"])
    assert result["counts"]["deleted"] == 1


def test_more_than_the_share_is_not_removed(api):
    api.on("POST", "/variables/filter", _owned("a", "b", "c"))
    options = {"ownership_tag": "owner:me", "prune": True, "resources": {"variables": [{"name": "a"}]}}
    result = api.run("resources", **options)
    assert _problems(result)["prune"].startswith("would remove 2 of the 3 objects that this document owns")
    assert api.writes == []
    assert api.run("resources", **options, prune_limit=67)["counts"]["deleted"] == 2


def test_pruning_needs_to_know_what_is_owned(api):
    result = api.run("resources", prune=True, resources={})
    assert list(_problems(result)) == ["prune"]
    options = {"prune_limit": 101, "ownership_tag": "", "prune_scope": {"pools": ["a"], "blocks": "a", "flows": [""]}}
    result = api.run("resources", resources={}, **options)
    assert list(_problems(result)) == [
        "prune_scope.pools",
        "prune_scope.blocks",
        "prune_scope.flows",
        "ownership_tag",
        "prune_limit",
    ]
    assert api.requests == []


def test_present_first_then_absent_in_the_opposite_order(api):
    api.on("POST", "/work_pools/", {"id": "1"}, status=201)
    api.on("POST", "/variables/", {"id": "2"}, status=201)
    live = {"id": "x", "name": "old", "value": 1, "tags": [], "type": "process", "base_job_template": {}}
    api.on("POST", "/work_pools/filter", [live | {"is_paused": False, "concurrency_limit": None}])
    api.on("POST", "/variables/filter", [live])
    document = {
        "variables": [{"name": "old", "state": "absent"}, {"name": "new", "value": 1}],
        "work_pools": [{"name": "old", "state": "absent"}, {"name": "new"}],
    }
    api.run("resources", resources=document)
    assert [(method, path) for method, path, _ in api.writes] == [
        ("POST", "/work_pools/"),
        ("POST", "/variables/"),
        ("DELETE", "/variables/name/old"),
        ("DELETE", "/work_pools/old"),
    ]


def test_few_connections_and_requests_for_all(api):
    api.on("POST", "/variables/", {"id": "1"}, status=201)
    api.run("resources", resources={"variables": [{"name": f"v{at}", "value": at} for at in range(250)]})
    lists = [request for request in api.requests if request.path.endswith("/filter")]
    assert [len(request.body["variables"]["name"]["any_"]) for request in lists] == [199, 51]
    assert len(api.requests) == 252
    assert len({request.connection for request in api.requests}) <= 2 * THREADS


def test_what_is_the_same_is_only_read(api):
    def page(request):
        names = request.body["variables"]["name"]["any_"][request.body["offset"] :]
        return [{"id": name, "name": name, "value": 1, "tags": []} for name in names]

    api.on("POST", "/variables/filter", page)
    result = api.run("resources", resources={"variables": [{"name": f"v{at}", "value": 1} for at in range(450)]})
    assert result["changed"] is False
    assert result["counts"]["unchanged"] == 450


def test_null_keeps_its_meaning(api):
    live = {"id": "x", "name": "v", "value": 1, "tags": ["t"]}
    api.on("POST", "/variables/filter", [live])
    api.run("resources", resources={"variables": [{"name": "v", "tags": None}]})
    assert api.writes == [("PATCH", "/variables/name/v", {"tags": []})]


def test_default_queue_of_a_new_pool_is_foretold(api):
    document = {"work_pools": [{"name": "p"}], "work_queues": [{"work_pool": "p", "name": "default"}]}
    result = api.run("resources", check=True, resources=document)
    assert [row["action"] for row in result["results"]] == ["created", "unchanged"]


def test_unknown_key_in_the_document(api):
    # Short values are secrets to Ansible here, and letters of the message.
    result = api.run("resources", resources={"pools": [{"name": "a"}], "variables": [{"name": "e", "value": "o"}]})
    assert result["failed"]
    assert result["msg"].startswith("resources.pools: unknown key; allowed: ")
    assert result["msg"].endswith("did you mean 'work_pools'?")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edges=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12), seed=st.integers(0, 99))
def test_blocks_come_behind_those_they_refer_to(resource, edges, seed):
    edges = {(max(pair), min(pair)) for pair in edges if pair[0] != pair[1]}

    def block(at):
        data = {f"f{to}": {"$ref": {"block_type_slug": "t", "name": str(to)}} for start, to in edges if start == at}
        return resource(Block, name=str(at), block_type_slug="t", data=data)

    blocks = [block(at) for at in range(6)]
    random.Random(seed).shuffle(blocks)
    steps = [[int(found.given["name"]) for found in step] for step in Block.arrange(blocks)]
    assert sorted(at for step in steps for at in step) == list(range(6))
    place = {at: number for number, step in enumerate(steps) for at in step}
    assert all(place[start] > place[to] for start, to in edges)


def test_blocks_in_a_circle_are_refused(api):
    def block(name, *others):
        data = {f"f{other}": {"$ref": {"block_type_slug": "t", "name": other}} for other in others}
        return {"name": name, "block_type_slug": "t", "data": data}

    api.on("GET", "/block_types/slug/t", {"id": "t", "slug": "t"})
    api.on("POST", "/block_schemas/filter", [{"id": "s", "fields": {}, "version": "1"}])
    blocks = [block("a", "b"), block("b", "c"), block("c", "a"), block("d", "a"), block("e"), block("f", "f")]
    found = _problems(api.run("resources", resources={"blocks": blocks}))
    circle = "refers in a circle to itself; in it are t/a, t/b, t/c"
    assert {path: message for path, message in found.items() if "circle" in message} == {
        f"resources.blocks[{at}].data": circle for at in (0, 1, 2)
    }
    assert found["resources.blocks[5].data.ff.$ref"] == "refers to the block itself"
    assert api.writes == []


class _Server:
    """Queues of a pool as Prefect moves them: models/workers.py, bulk_update_work_queue_priorities."""

    def __init__(self, priorities):
        self.priorities = dict(priorities)

    def put(self, name, priority):
        rest = sorted((name_ for name_ in self.priorities if name_ != name), key=self.priorities.__getitem__)
        for at, other in enumerate(rest):
            if self.priorities[other] >= priority:
                rest.insert(at, name)
                break
        self.priorities[name] = priority
        last = 0
        for queue in rest:
            if self.priorities[queue] <= last:
                self.priorities[queue] = last + 1
            last = self.priorities[queue]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.permutations("abcde"), st.dictionaries(st.sampled_from("abcde"), st.integers(1, 9), max_size=5))
def test_one_pass_settles_all_priorities(resource, before, declared):
    declared = {name: priority for name, priority in declared.items() if list(declared.values()).count(priority) == 1}
    server = _Server({name: at + 1 for at, name in enumerate(before)})
    queues = [resource(WorkQueue, work_pool_name="p", name=name, priority=at) for name, at in declared.items()]
    assert not WorkQueue.clashes(queues)
    for queue in [queue for step in WorkQueue.arrange(queues) for queue in step]:
        if server.priorities[queue.given["name"]] != queue.given["priority"]:
            server.put(queue.given["name"], queue.given["priority"])
    assert {name: server.priorities[name] for name in declared} == declared


def test_clashing_priorities(resource):
    queues = [resource(WorkQueue, work_pool_name=pool, name=name, priority=1) for pool, name in ("pa", "pb", "qc")]
    ((queue, problem),) = WorkQueue.clashes(queues)
    assert queue is queues[1]
    assert problem.message == "queue 'a' of this pool has priority 1 too; each needs its own"


@pytest.mark.parametrize("section", ["work_pools", "work_queues", "variables", "blocks", "deployments"])
def test_items_need_their_names(api, section):
    found = _problems(api.run("resources", resources={section: [{}]}))
    assert found[f"resources.{section}[0]"].startswith("missing required arguments: ")
