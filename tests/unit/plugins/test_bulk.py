"""Module resources: order, errors by path, and one plan before the first write."""

from __future__ import annotations

import random

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block import Block
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_queue import WorkQueue
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def _problems(result):
    return {problem["path"]: problem["message"] for problem in result["problems"]}


def test_nothing(api):
    result = api.run("resources", resources={})
    assert (result["changed"], result["results"], result["diff"]) == (False, [], {"before": {}, "after": {}})
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
    assert found["resources.work_pools[1]"] == "is the same object as resources.work_pools[0]"
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
    api.on("GET", "/variables/name/a", {"detail": "no"}, status=403)
    found = _problems(api.run("resources", resources={"variables": [{"name": "a", "value": 1}]}))
    assert "refused with status 403: no" in found["resources.variables[0]"]


def test_refused_write_names_the_item_and_what_was_done(api):
    api.on("POST", "/variables/", {"id": "1"}, status=201)
    api.on("POST", "/variables/", {"detail": "full"}, status=409)
    result = api.run("resources", resources={"variables": [{"name": name, "value": 1} for name in "abc"]})
    assert result["msg"].startswith("resources.variables[1]: POST ")
    assert [row["item"] for row in result["results"]] == ["resources.variables[0]"]
    assert result["changed"] is True


def test_present_first_then_absent_in_the_opposite_order(api):
    api.on("POST", "/work_pools/", {"id": "1"}, status=201)
    api.on("POST", "/variables/", {"id": "2"}, status=201)
    live = {"id": "x", "name": "old", "value": 1, "tags": [], "type": "process", "base_job_template": {}}
    api.on("GET", "/work_pools/old", live | {"description": "", "is_paused": False, "concurrency_limit": None})
    api.on("GET", "/variables/name/old", live)
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


def test_one_connection_for_all(api):
    api.on("POST", "/variables/", {"id": "1"}, status=201)
    api.run("resources", resources={"variables": [{"name": f"v{at}", "value": at} for at in range(50)]})
    assert len(api.requests) == 100
    assert len({request.connection for request in api.requests}) == 1


def test_null_keeps_its_meaning(api):
    live = {"id": "x", "name": "v", "value": 1, "tags": ["t"]}
    api.on("GET", "/variables/name/v", live)
    api.run("resources", resources={"variables": [{"name": "v", "tags": None}]})
    assert api.writes == [("PATCH", "/variables/name/v", {"tags": []})]


def test_default_queue_of_a_new_pool_is_foretold(api):
    document = {"work_pools": [{"name": "p"}], "work_queues": [{"work_pool": "p", "name": "default"}]}
    result = api.run("resources", check=True, resources=document)
    assert [row["action"] for row in result["results"]] == ["created", "unchanged"]


def test_unknown_key_in_the_document(api):
    result = api.run("resources", resources={"pools": []})
    assert result["failed"]
    assert "pools" in result["msg"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edges=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12), seed=st.integers(0, 99))
def test_blocks_come_behind_those_they_refer_to(resource, edges, seed):
    edges = {(max(pair), min(pair)) for pair in edges if pair[0] != pair[1]}

    def block(at):
        data = {f"f{to}": {"$ref": {"block_type_slug": "t", "name": str(to)}} for start, to in edges if start == at}
        return resource(Block, name=str(at), block_type_slug="t", data=data)

    blocks = [block(at) for at in range(6)]
    random.Random(seed).shuffle(blocks)
    order = [int(found.given["name"]) for found in Block.arrange(blocks)]
    assert sorted(order) == list(range(6))
    assert all(order.index(start) > order.index(to) for start, to in edges)


def test_blocks_in_a_circle_do_not_hang(resource):
    def block(name, other):
        return resource(
            Block, name=name, block_type_slug="t", data={"x": {"$ref": {"block_type_slug": "t", "name": other}}}
        )

    assert len(Block.arrange([block("a", "b"), block("b", "a")])) == 2


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
    for queue in WorkQueue.arrange(queues):
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
