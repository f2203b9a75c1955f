"""Modules that read the objects of a kind, on a scripted API."""

from __future__ import annotations

import importlib

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import SECRET

TIMES = {"created": "c", "updated": "u"}
SCHEMA = {"id": "s", "version": "1", "checksum": "x", "capabilities": [], **TIMES}
TYPE = {"id": "t", "slug": "tank", "name": "Tank", "is_protected": False, "description": "", **TIMES}
FLOW = {"id": "f1", "name": "f", "tags": ["a", "b"], **TIMES}
POOL = {"id": "p1", "name": "p", "type": "process", "status": "READY", "base_job_template": {}, **TIMES}
RULE = {"cron": "0 6 * * *", "timezone": None, "day_or": True}
SCHEDULE = {"id": "c1", "slug": "a", "active": True, "max_scheduled_runs": None, "parameters": {}, "schedule": RULE}
DEPLOYMENT = {
    **dict.fromkeys(["work_pool_name", "work_queue_name", "description", "pull_steps", "parameter_openapi_schema"]),
    **TIMES,
    "id": "d1",
    "name": "d",
    "flow_id": "f1",
    "tags": ["a"],
    "status": "READY",
    "last_polled": None,
    "schedules": [SCHEDULE, {**SCHEDULE, "id": "c2", "slug": None}],
}
BLOCK = {
    "id": "b1",
    "name": "b",
    "data": {"level": 3, "password": "pw-canary"},
    "block_type": TYPE,
    "block_schema": {**SCHEMA, "fields": {"properties": {"level": {"default": 3}}}},
    "block_document_references": {},
    **TIMES,
}
LIMIT = {"id": "l1", "limit": 2, "active": True, "slot_decay_per_second": 0.0, "active_slots": 1, **TIMES}
AUTOMATION = {
    "id": "a1",
    "name": "a",
    "trigger": {"type": "event", "posture": "Reactive", "expect": ["x"]},
    "actions": [{"type": "run-deployment", "source": "selected", "deployment_id": "d1"}],
    **TIMES,
}
# What the lists of the API have, and what a module returns for the first.
LISTS = {
    "/variables/filter": [{"id": "v1", "name": "v", "value": 1, "tags": ["a"], **TIMES}],
    "/flows/filter": [FLOW],
    "/deployments/filter": [DEPLOYMENT],
    "/work_pools/filter": [POOL],
    "/work_pools/p/queues/filter": [{"id": "q1", "name": "q", "work_pool_name": "p", "priority": 1, **TIMES}],
    "/work_queues/filter": [{"id": "q1", "name": "q", "work_pool_name": "p", "priority": 1, **TIMES}],
    "/block_documents/filter": [BLOCK],
    "/block_types/filter": [TYPE],
    "/block_schemas/filter": [{**SCHEMA, "fields": {"type": "object"}, "block_type": TYPE}],
    "/concurrency_limits/filter": [{"id": "l1", "tag": "t", "concurrency_limit": 2, **TIMES}],
    "/v2/concurrency_limits/filter": [{**LIMIT, "name": "tag:t"}, {**LIMIT, "id": "l2", "name": "g"}],
    "/automations/filter": [AUTOMATION],
}
# By module: all options for one object, and some of what is returned.
FOUND = {
    "variable_info": ({"name": "v", "tags": ["a"]}, {"id": "v1", "value": 1, "tags": ["a"]}),
    "flow_info": ({"name": "f", "tags": ["b", "a"]}, {"id": "f1", "tags": ["a", "b"]}),
    "deployment_info": (
        {"flow_name": "f", "name": "d", "tags": ["a"]},
        {"id": "d1", "flow_name": "f", "flow_id": "f1", "status": "READY", "last_polled": None},
    ),
    "deployment_schedule_info": (
        {"flow_name": "f", "deployment_name": "d", "slug": "a"},
        {"id": "c1", "cron": "0 6 * * *", "deployment_name": "d"},
    ),
    "work_pool_info": ({"name": "p"}, {"id": "p1", "type": "process", "status": "READY"}),
    "work_queue_info": ({"work_pool_name": "p", "name": "q"}, {"id": "q1", "work_pool_name": "p", "priority": 1}),
    "block_info": ({"block_type_slug": "tank", "name": "b"}, {"id": "b1", "data": {"password": SECRET}}),
    "block_type_info": ({"slug": "tank"}, {"id": "t", "name": "Tank", "is_protected": False}),
    "block_schema_info": (
        {"block_type_slug": "tank", "version": "1"},
        {"id": "s", "fields": {"type": "object"}, "checksum": "x"},
    ),
    "concurrency_limit_info": ({"tag": "t"}, {"id": "l1", "limit": 2}),
    "global_concurrency_limit_info": ({"name": "g"}, {"id": "l2", "limit": 2, "active_slots": 1}),
    "automation_info": ({"name": "a"}, {"id": "a1", "actions": [{"type": "run-deployment", "deployment": "f/d"}]}),
}
MODULES = sorted(FOUND)


@pytest.fixture
def full(api):
    for path, rows in LISTS.items():
        api.on("POST", path, rows)
    api.on("GET", "/deployments/d1", DEPLOYMENT)
    api.on("GET", "/flows/f1", FLOW)
    return api


def _rows(result):
    (found,) = (value for value in result.values() if isinstance(value, list))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_one_is_found_by_its_names(full, module):
    options, told = FOUND[module]
    result = full.run(module, check=True, **options)
    assert (result["changed"], full.writes) == (False, [])
    (row,) = _rows(result)
    assert {name: row[name] for name in told} == told
    # What is documented here, and what is at the kind's own module.
    text = importlib.import_module(f"ansible_collections.flowops.prefect.plugins.modules.{module}").RETURN
    kind = next(kind for kind in KINDS.values() if f"{kind.kind}_info" == module)
    (documented,) = yaml.safe_load(text).values()
    assert set(row) == {*documented["contains"], *(field.name for field in kind.fields)}


@pytest.mark.parametrize("module", MODULES)
def test_one_part_of_the_name_is_enough(full, module):
    options, told = FOUND[module]
    for name, value in options.items():
        assert [row["id"] for row in _rows(full.run(module, **{name: value}))][-1] == told["id"]
        assert _rows(full.run(module, **{name: ["other"]})) == []


@pytest.mark.parametrize("module", MODULES)
def test_without_options_all_are_found(full, module):
    assert FOUND[module][1]["id"] in [row["id"] for row in _rows(full.run(module))]
    assert _rows(full.run(module, **dict.fromkeys(FOUND[module][0]))) == _rows(full.run(module))


@pytest.mark.parametrize("module", MODULES)
def test_an_empty_list_of_names_chooses_nothing(full, module):
    name = next(iter(FOUND[module][0]))
    assert _rows(full.run(module, **{name: []})) == []
    assert full.requests == []
    assert full.run(module, **{name: ["a", ""]})["msg"] == f"{name}[1]: expected a name, found ''"


def test_the_server_is_told_what_is_looked_for(full):
    full.run("variable_info", name=["b", "a"])
    full.run("deployment_info", name="d")
    full.run("block_info", block_type_slug="tank")
    chosen = [{name: part for name, part in row.body.items() if isinstance(part, dict)} for row in full.requests]
    assert chosen == [
        {"variables": {"name": {"any_": ["a", "b"]}}},
        {},
        {"flows": {"name": {}}, "deployments": {"name": {"any_": ["d"]}}},
        {"block_types": {"slug": {"any_": ["tank"]}}, "block_documents": {"name": {}}},
    ]


def test_the_default_result_storage(api):
    assert api.run("default_result_storage_info")["default_result_storage"] == []
    api.on(
        "GET", "/admin/storage", {"default_result_storage_block_id": None}, {"default_result_storage_block_id": "b1"}
    )
    assert api.run("default_result_storage_info")["default_result_storage"] == []
    api.on("GET", "/block_documents/b1", BLOCK)
    rows = api.run("default_result_storage_info", check=True)["default_result_storage"]
    assert rows == [{"id": "b1", "block_type_slug": "tank", "name": "b"}]


def test_an_old_server_has_no_default_result_storage(api):
    api.on("GET", "/admin/storage", {"detail": "Method Not Allowed"}, status=405)
    assert api.run("default_result_storage_info")["default_result_storage"] == []


def test_all_of_one_name_are_told(full):
    full.routes.clear()
    full.on("POST", "/automations/filter", [{**AUTOMATION, "id": "a2", "actions": []}, {**AUTOMATION, "actions": []}])
    assert [row["id"] for row in full.run("automation_info", name="a")["automations"]] == ["a1", "a2"]


# Secrets


@pytest.mark.parametrize("secrets", [True, False])
def test_secrets_are_told_only_when_they_are_asked_for(full, secrets):
    result = full.run("block_info", secrets=secrets)
    assert result["blocks"][0]["data"] == {"password": "pw-canary" if secrets else SECRET}
    assert ("pw-canary" in str(result)) is secrets


@pytest.mark.parametrize(
    ("variable", "hidden"),
    [
        ({"name": "api_token", "value": "v-canary"}, SECRET),
        ({"name": "v", "value": {"password": "v-canary"}}, {"password": SECRET}),
        ({"name": "v", "value": "https://u:v-canary@h/"}, f"https://u:{SECRET}@h/"),
    ],
)
def test_secrets_of_variables_are_masked(api, variable, hidden):
    api.on("POST", "/variables/filter", [{"id": "v1", "tags": [], **variable}])
    assert api.run("variable_info")["variables"][0]["value"] == hidden
    assert api.run("variable_info", secrets=True)["variables"][0]["value"] == variable["value"]


# Many


def _served(api, path, rows):
    api.on("POST", path, lambda request: rows[request.body["offset"] :][: request.body["limit"]])


@pytest.mark.parametrize(
    ("module", "requests"),
    [
        ("variable_info", 6),
        ("block_info", 6),
        ("global_concurrency_limit_info", 6),
        ("work_pool_info", 6),
        ("deployment_info", 12),
        ("deployment_schedule_info", 12),
        ("automation_info", 18),
    ],
)
def test_a_thousand_are_read_by_pages(api, module, requests):
    """Full pages and the empty one that ends them, of the objects and of those that they refer to."""
    thousand = range(1000)
    action = {"type": "run-deployment", "source": "selected"}
    used = {"block_document": {"id": "b0", "name": "b0", "block_type": TYPE}}
    lists = {
        "/variables/filter": [{"id": f"v{n}", "name": f"v{n}", "value": "x" * 4000, "tags": []} for n in thousand],
        "/block_documents/filter": [
            {**BLOCK, "id": f"b{n}", "name": f"b{n}", "block_document_references": {"of": used}} for n in thousand
        ],
        "/v2/concurrency_limits/filter": [{**LIMIT, "id": f"l{n}", "name": f"l{n}"} for n in thousand],
        "/work_pools/filter": [{**POOL, "id": f"p{n}", "name": f"p{n}"} for n in thousand],
        "/flows/filter": [{**FLOW, "id": f"f{n}", "name": f"f{n}"} for n in thousand],
        "/deployments/filter": [
            {**DEPLOYMENT, "id": f"d{n}", "flow_id": f"f{n}", "schedules": [{**SCHEDULE, "id": f"c{n}"}]}
            for n in thousand
        ],
        "/automations/filter": [
            {**AUTOMATION, "id": f"a{n}", "name": f"a{n}", "actions": [{**action, "deployment_id": f"d{n}"}]}
            for n in thousand
        ],
    }
    for path, rows in lists.items():
        _served(api, path, rows)
    assert len(_rows(api.run(module))) == 1000
    assert len(api.requests) == requests
    assert {request.body["limit"] for request in api.requests} == {200}


def test_many_names_are_asked_for_in_few_requests(api):
    rows = [{"id": f"v{n:03}", "name": f"v{n:03}", "value": n, "tags": []} for n in range(250)]

    def chosen(request):
        return [row for row in rows if row["name"] in request.body["variables"]["name"]["any_"]][
            request.body["offset"] :
        ]

    api.on("POST", "/variables/filter", chosen)
    found = api.run("variable_info", name=[row["name"] for row in reversed(rows)])["variables"]
    assert [row["value"] for row in found] == list(range(250))
    assert len(api.requests) == 2
