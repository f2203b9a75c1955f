"""Every kind through its module: the very requests that are sent, and none in check mode."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.templates import OWN, PROCESS

POOL = {
    "id": "p1",
    "name": "a b",
    "type": "process",
    "description": None,
    "base_job_template": PROCESS,
    "is_paused": False,
    "concurrency_limit": 3,
    "status": "READY",
    "updated": "now",
}


def _both(api, module, **options):
    """Return the result, which check mode has foretold without a write."""
    routes = {key: list(row) for key, row in api.routes.items()}
    foretold = api.run(module, check=True, **options)
    assert api.writes == []
    api.routes = routes
    done = api.run(module, **options)
    assert done["changed"] == foretold["changed"]
    assert done["diff"] == foretold["diff"]
    return done


# Work pools


def test_new_pool_gets_the_whole_template(api):
    api.on("POST", "/work_pools/", {"id": "new"}, status=201)
    result = _both(api, "work_pool", name="a b", job_variables={"env": {"A": "1"}})
    ((method, path, body),) = api.writes
    assert (method, path) == ("POST", "/work_pools/")
    assert body["type"] == "process"
    assert body["base_job_template"]["job_configuration"] == PROCESS["job_configuration"]
    assert body["base_job_template"]["variables"]["properties"]["env"]["default"] == {"A": "1"}
    assert "default" not in PROCESS["variables"]["properties"]["env"]
    assert result["work_pool"]["id"] == "new"


def test_pool_update_sends_what_differs(api):
    api.on("GET", "/work_pools/a%20b", POOL)
    result = _both(api, "work_pool", name="a b", concurrency_limit=None, description="", is_paused=False)
    assert api.writes == [("PATCH", "/work_pools/a%20b", {"concurrency_limit": None})]
    assert result["work_pool"] == {
        "id": "p1",
        "name": "a b",
        "type": "process",
        "description": "",
        "base_job_template": PROCESS,
        "is_paused": False,
        "concurrency_limit": None,
        "storage_configuration": {},
    }


RESULTS = {"id": "b1", "name": "results", "block_type": {"slug": "s3-bucket"}}
STORAGE = {"default_result_storage": {"block_type_slug": "s3-bucket", "name": "results"}}


def test_the_storage_of_a_pool_is_named_by_its_block(api):
    api.on("GET", "/work_pools/a%20b", POOL)
    api.on("GET", "/block_types/slug/s3-bucket/block_documents/name/results", RESULTS)
    upload = {"prefect_aws.experimental.bundles.upload": {"bucket": "b"}}
    _both(api, "work_pool", name="a b", storage_configuration={**STORAGE, "bundle_upload_step": upload})
    sent = {"bundle_upload_step": upload, "default_result_storage_block_id": "b1"}
    assert api.writes == [("PATCH", "/work_pools/a%20b", {"storage_configuration": sent})]


def test_half_of_a_blocks_name_is_not_enough(api):
    half = {"default_result_storage": {"name": "results"}}
    result = api.run("work_pool", name="a b", storage_configuration=half)
    assert "storage_configuration.default_result_storage.block_type_slug: is missing" in result["msg"]
    assert api.requests == []


@pytest.mark.parametrize(("asked", "changed"), [(STORAGE, False), (None, True), ({}, True)])
def test_the_storage_of_a_pool_stays_or_is_cleared(api, asked, changed):
    stored = {"default_result_storage_block_id": "b1", "bundle_upload_step": None}
    api.on("GET", "/work_pools/a%20b", {**POOL, "storage_configuration": stored})
    api.on("GET", "/block_documents/b1", RESULTS)
    result = _both(api, "work_pool", name="a b", storage_configuration=asked)
    assert result["changed"] is changed
    assert [body for _method, _path, body in api.writes] == [{"storage_configuration": {}}] * changed


@pytest.mark.parametrize(
    "options", [{}, {"type": "process"}, {"type": None}, {"concurrency_limit": 3}, {"base_job_template": {}}]
)
def test_pool_that_is_right_is_left_alone(api, options):
    api.on("GET", "/work_pools/a%20b", POOL)
    assert _both(api, "work_pool", name="a b", **options)["changed"] is False
    assert api.writes == []


def test_pool_of_another_type_is_looked_up_at_the_server(api):
    offered = {"prefect-aws": {"ecs": {"default_base_job_configuration": {"job_configuration": {}, "variables": {}}}}}
    api.on("GET", "/collections/views/aggregate-worker-metadata", offered)
    api.on("POST", "/work_pools/", {"id": "new"}, status=201)
    assert _both(api, "work_pool", name="d", type="ecs")["changed"]
    bad = api.run("work_pool", name="d", type="doker")
    assert (
        bad["msg"] == "type: no worker type 'doker'; did you mean 'docker'? known: docker, ecs, kubernetes, process; "
        "for another give base_job_template"
    )


@pytest.mark.parametrize("kind", OWN)
def test_a_template_of_our_own_declares_what_it_uses_and_needs_no_server(api, kind):
    api.on("POST", "/work_pools/", {"id": "new"}, status=201)
    assert api.run("work_pool", name="d", type=kind, job_variables={"env": {"A": "1"}})["changed"]
    template = api.requests[-1].body["base_job_template"]
    properties = template["variables"]["properties"]
    used = set(re.findall(r"{{ (\w+) }}", json.dumps(template["job_configuration"])))
    assert used == set(properties)
    assert properties["env"]["default"] == {"A": "1"}
    assert "default" not in OWN[kind]["variables"]["properties"]["env"]


def test_of_a_template_only_defaults_are_secrets(api):
    api.on("POST", "/work_pools/", {"id": "new"}, status=201)
    variables = {"registry_credentials": {"username": "hush-1"}, "env": {"API_TOKEN": "hush-2", "A": "seen"}}
    told = api.run("work_pool", name="d", type="docker", job_variables=variables)
    properties = told["work_pool"]["base_job_template"]["variables"]["properties"]
    assert properties["registry_credentials"]["title"] == "Registry Credentials"
    assert properties["registry_credentials"]["default"] == "<secret>"
    assert properties["env"]["default"] == {"API_TOKEN": "<secret>", "A": "seen"}
    assert "hush" not in str(told)


def test_removing_what_somebody_else_removed(api):
    api.on("GET", "/work_pools/a%20b", POOL)
    api.on("DELETE", "/work_pools/a%20b", {"detail": "gone"}, status=404)
    assert api.run("work_pool", name="a b", state="absent")["changed"] is True
    api.routes[("DELETE", "/work_pools/a%20b")] = [(403, {"detail": "no"}, {})]
    assert "refused with status 403: no" in api.run("work_pool", name="a b", state="absent")["msg"]


# Work queues

QUEUE = {"id": "q1", "name": "q", "description": "", "priority": 2, "concurrency_limit": None, "is_paused": False}


def test_queue(api):
    api.on("GET", "/work_pools/p", POOL)
    api.on("POST", "/work_pools/p/queues", QUEUE, status=201)
    # Which priority is free is for the server to say.
    assert api.run("work_queue", check=True, work_pool="p", name="q")["work_queue"]["priority"] is None
    result = api.run("work_queue", work_pool="p", name="q")
    assert api.writes[0][2] == {
        "name": "q",
        "description": "",
        "priority": None,
        "concurrency_limit": None,
        "is_paused": False,
    }
    assert result["work_queue"]["priority"] == 2
    api.on("GET", "/work_pools/p/queues/q", QUEUE)
    api.requests.clear()
    _both(api, "work_queue", work_pool="p", name="q", priority=1)
    assert api.writes == [("PATCH", "/work_pools/p/queues/q", {"priority": 1})]


def test_queue_of_a_pool_that_is_not_there(api):
    api.on("POST", "/work_pools/filter", [{"name": "pool"}])
    assert api.run("work_queue", work_pool="pol", name="q")["msg"] == (
        "work_pool_name: no work pool 'pol'; did you mean 'pool'? known: pool"
    )


# Variables


def test_variable(api):
    api.on("POST", "/variables/", {"id": "v"}, status=201)
    _both(api, "variable", name="v", value={"a": [1]}, tags=["t"])
    assert api.writes == [("POST", "/variables/", {"name": "v", "value": {"a": [1]}, "tags": ["t"]})]
    api.on("GET", "/variables/name/v", {"id": "v", "name": "v", "value": {"a": [1]}, "tags": ["x", "t"]})
    api.requests.clear()
    assert _both(api, "variable", name="v", tags=["t", "x"])["changed"] is False
    _both(api, "variable", name="v", value=None)
    assert api.writes == [("PATCH", "/variables/name/v", {"value": None})]


# Blocks

TYPE = {"id": "t1", "slug": "s3-bucket"}
FIELDS = {
    "properties": {
        "bucket": {"type": "string"},
        "folder": {"type": "string", "default": ""},
        "credentials": {},
        "key": {},
    }
}
SCHEMAS = [
    {"id": "old", "version": "0.4.14", "created": "1", "fields": FIELDS},
    {"id": "new", "version": "0.7.12", "created": "0", "fields": {**FIELDS, "secret_fields": ["key"]}},
]
OTHER = {"id": "c1", "name": "c", "block_type": {"slug": "creds"}}
BLOCK = {
    "id": "b1",
    "name": "b",
    "data": {"bucket": "x", "folder": "", "key": "canary-old", "credentials": {"expanded": "canary"}},
    "block_document_references": {"credentials": {"block_document": OTHER}},
    "block_schema": SCHEMAS[0],
}
REFERENCE = {"$ref": {"block_type_slug": "creds", "name": "c"}}


@pytest.fixture
def blocks(api):
    api.on("GET", "/block_types/slug/s3-bucket", TYPE)
    api.on("POST", "/block_schemas/filter", SCHEMAS)
    api.on("GET", "/block_types/slug/creds/block_documents/name/c", OTHER)
    return api


def _block(api, **data):
    return _both(api, "block", block_type_slug="s3-bucket", name="b", data=data)


def test_new_block(blocks):
    blocks.on("POST", "/block_documents/", {"id": "b1", "data": {"key": "canary"}}, status=201)
    result = _block(blocks, bucket="x", key="canary", credentials=REFERENCE)
    data = {"bucket": "x", "key": "canary", "credentials": {"$ref": {"block_document_id": "c1"}}}
    body = {"name": "b", "block_type_id": "t1", "block_schema_id": "new", "data": data}
    assert blocks.writes == [("POST", "/block_documents/", body)]
    assert "canary" not in json.dumps(result)


def test_changed_block_is_sent_whole_and_never_merged(blocks):
    blocks.on("GET", "/block_types/slug/s3-bucket/block_documents/name/b", BLOCK)
    same = _block(blocks, bucket="x", key="canary-old", credentials=REFERENCE)
    assert same["changed"] is False
    result = _block(blocks, bucket="x", key="canary-new", credentials=REFERENCE, folder="f")
    data = {"bucket": "x", "key": "canary-new", "credentials": {"$ref": {"block_document_id": "c1"}}, "folder": "f"}
    body = {"block_schema_id": "new", "data": data, "merge_existing_data": False}
    assert blocks.writes == [("PATCH", "/block_documents/b1", body)]
    assert result["diff"]["after"]["data"]["key"] == "<secret: changed>"
    assert "canary" not in json.dumps(result)


def test_secrets_are_read_to_be_compared(blocks):
    blocks.on("GET", "/block_types/slug/s3-bucket/block_documents/name/b", BLOCK)
    _block(blocks, bucket="x", key="canary-old", credentials=REFERENCE)
    queries = {request.query for request in blocks.requests if request.path.endswith("/name/b")}
    assert queries == {"include_secrets=true"}


def test_block_without_data_is_left_alone(blocks):
    blocks.on("GET", "/block_types/slug/s3-bucket/block_documents/name/b", BLOCK)
    assert _both(blocks, "block", block_type_slug="s3-bucket", name="b")["changed"] is False


def test_on_create_keeps_the_secret(blocks):
    blocks.on("GET", "/block_types/slug/s3-bucket/block_documents/name/b", BLOCK)
    options = {"block_type_slug": "s3-bucket", "name": "b", "update_secrets": "on_create"}
    _both(blocks, "block", **options, data={"bucket": "y", "credentials": REFERENCE})
    assert blocks.writes[0][2]["data"] == {
        "bucket": "y",
        "key": "canary-old",
        "credentials": {"$ref": {"block_document_id": "c1"}},
    }


def test_no_block_types_at_all(api):
    text = api.run("block", block_type_slug="secret", name="b", data={"value": "x"})["msg"]
    assert text == "block_type_slug: no block type 'secret'; the server has none at all: its database lost its contents"


def test_block_in_use(blocks):
    blocks.on("GET", "/block_types/slug/s3-bucket/block_documents/name/b", BLOCK)
    user = {
        "name": "u",
        "block_type": {"slug": "z"},
        "block_document_references": {"x": {"block_document": {"id": "b1"}}},
    }
    blocks.on("POST", "/block_documents/filter", [user])
    options = {"block_type_slug": "s3-bucket", "name": "b", "state": "absent"}
    assert "other blocks refer to this one and would lose it: z/u" in blocks.run("block", **options)["msg"]
    assert _both(blocks, "block", **options, force=True)["changed"]
    assert blocks.writes == [("DELETE", "/block_documents/b1", None)]


# Deployments

DEPLOYMENT = {
    "id": "d1",
    "name": "d",
    "flow_id": "f1",
    "entrypoint": "x.py:f",
    "path": None,
    "pull_steps": None,
    "parameters": {},
    "parameter_openapi_schema": {},
    "enforce_parameter_schema": True,
    "work_pool_name": "p",
    "work_queue_name": "default",
    "job_variables": {},
    "schedules": [],
    "concurrency_limit": None,
    "global_concurrency_limit": {"name": "deployment:d1", "limit": 2},
    "tags": [],
    "description": None,
    "version": None,
    "paused": False,
}


def _deployment(api, **options):
    return _both(api, "deployment", flow_name="f", name="d", **options)


def test_new_deployment(api):
    api.on("GET", "/work_pools/p", POOL)
    api.on("POST", "/flows/", {"id": "f1"})
    api.on("POST", "/deployments/", {"id": "d1"}, status=201)
    result = _deployment(api, work_pool_name="p", schedules=[{"cron": "* * * * *"}])
    (flow, deployment) = api.writes
    assert flow == ("POST", "/flows/", {"name": "f"})
    body = deployment[2]
    assert body["flow_id"] == "f1"
    assert body["work_queue_name"] == "default"
    assert "flow_name" not in body
    schedule = {
        "active": True,
        "max_scheduled_runs": None,
        "parameters": {},
        "slug": None,
        "schedule": {"cron": "* * * * *"},
    }
    assert body["schedules"] == [schedule]
    assert (result["deployment"]["id"], result["deployment"]["flow_id"]) == ("d1", "f1")


def test_schedule_that_the_server_would_make_without_its_number(api):
    api.on("POST", "/flows/", {"id": "f1"})
    api.on("POST", "/deployments/", {"id": "d1"}, status=201)
    rows = [{"slug": "a", "cron": "@daily"}, {"slug": "b", "cron": "@daily", "max_scheduled_runs": 2}]
    _deployment(api, schedules=rows)
    (_flow, deployment, schedules) = api.writes
    assert [row["slug"] for row in deployment[2]["schedules"]] == ["a"]
    assert schedules[:2] == ("POST", "/deployments/d1/schedules")
    assert [(row["slug"], row["max_scheduled_runs"]) for row in schedules[2]] == [("b", 2)]


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"concurrency_limit": None}, {"concurrency_limit": None}),
        ({"concurrency_limit": 3}, {"concurrency_limit": 3}),
        ({"entrypoint": None, "tags": ["a"]}, {"entrypoint": None, "tags": ["a"]}),
        # Either alone would move the deployment elsewhere.
        ({"work_queue": "q"}, {"work_pool_name": "p", "work_queue_name": "q"}),
        ({"work_pool": None}, {"work_pool_name": None, "work_queue_name": None}),
        ({"description": "", "concurrency_limit": 2, "schedules": [], "pull_steps": []}, None),
    ],
)
def test_existing_deployment_is_patched(api, options, body):
    api.on("GET", "/deployments/name/f/d", DEPLOYMENT)
    assert _deployment(api, **options)["changed"] is (body is not None)
    assert api.writes == ([] if body is None else [("PATCH", "/deployments/d1", body)])


SHARED = {"id": "g1", "name": "shared", "limit": 5}


@pytest.mark.parametrize(
    ("live", "options", "bodies"),
    [
        # A limit of the deployment's own goes first.
        (
            None,
            {"global_concurrency_limit": "shared"},
            [{"concurrency_limit": None}, {"global_concurrency_limit_id": "g1"}],
        ),
        # Otherwise the server would change, or remove, the one that others share.
        (SHARED, {"concurrency_limit": 3}, [{"global_concurrency_limit_id": None}, {"concurrency_limit": 3}]),
        (SHARED, {"global_concurrency_limit": None}, [{"global_concurrency_limit_id": None}]),
        (SHARED, {"concurrency_limit": None, "global_concurrency_limit": "shared"}, []),
        (SHARED, {"concurrency_limit": None}, []),
        (
            None,
            {"concurrency_options": {"collision_strategy": "CANCEL_NEW"}},
            [{"concurrency_options": {"collision_strategy": "CANCEL_NEW"}}],
        ),
    ],
)
def test_limits_of_a_deployment(api, live, options, bodies):
    api.on("GET", "/v2/concurrency_limits/shared", SHARED)
    api.on("GET", "/deployments/name/f/d", {**DEPLOYMENT, **({"global_concurrency_limit": live} if live else {})})
    assert _deployment(api, **options)["changed"] is bool(bodies)
    assert api.writes == [("PATCH", "/deployments/d1", body) for body in bodies]


def test_deployment_leaves_the_limit_of_others_to_them(api):
    api.on("GET", "/v2/concurrency_limits/shared", SHARED)
    _deployment(api, global_concurrency_limit="shared")
    assert api.writes[-1][2]["global_concurrency_limit_id"] == "g1"
    assert "concurrency_limit" not in api.writes[-1][2]
    api.on("GET", "/deployments/name/f/d", {**DEPLOYMENT, "global_concurrency_limit": SHARED})
    api.requests.clear()
    _deployment(api, state="absent")
    freed = ("PATCH", "/deployments/d1", {"global_concurrency_limit_id": None})
    assert api.writes == [freed, ("DELETE", "/deployments/d1", None)]


def test_labels_are_for_new_deployments(api):
    live = {**DEPLOYMENT, "labels": {"prefect.flow.id": "f1", "team": "a"}}
    api.on("GET", "/deployments/name/f/d", live)
    assert _deployment(api, labels={"team": "a"})["changed"] is False
    assert "labels are set in new deployments only" in api.run("deployment", flow_name="f", name="d", labels={})["msg"]


VARIABLES = {
    "type": "object",
    "properties": {"image": {"type": "string"}, "env": {"additionalProperties": {"type": "string"}}},
}


def test_job_variables_are_those_of_the_pool(api):
    api.on("GET", "/work_pools/p", {**POOL, "base_job_template": {"variables": VARIABLES}})
    variables = {"imagee": "x", "image": 3, "env": {"A": 1, "B": "{{ prefect.variables.b }}"}}
    result = api.run("deployment", flow_name="f", name="d", work_pool_name="p", job_variables=variables)
    assert result["msg"].splitlines() == [
        "job_variables.imagee: the template of pool 'p' has no such variable; did you mean 'image'? known: env, image",
        "job_variables.image: expected string, found a whole number",
        "job_variables.env.A: expected string, found a whole number",
    ]
    assert api.writes == []


def test_job_variables_of_a_pool_of_the_same_run(api):
    document = {
        "work_pools": [{"name": "p", "base_job_template": {"job_configuration": {}, "variables": VARIABLES}}],
        "deployments": [{"flow_name": "f", "name": "d", "work_pool_name": "p", "job_variables": {"imag": "x"}}],
    }
    assert (
        "resources.deployments[0].job_variables.imag: the template of pool 'p' has no such variable"
        in api.run("resources", resources=document)["msg"]
    )
    assert api.writes == []


def test_parameters_are_larger_than_the_server_takes(api):
    options = {"flow_name": "f", "name": "d", "parameters": {"x": "x" * 524288}}
    api.on("GET", "/admin/settings", {"server": {"api": {"max_parameter_size": 524288}}})
    assert api.run("deployment", **options)["msg"] == (
        "parameters: have 524,296 bytes as JSON, and the server takes 524,288; "
        "see its setting PREFECT_SERVER_API_MAX_PARAMETER_SIZE"
    )
    api.routes[("GET", "/admin/settings")] = [(200, {"server": {"api": {"max_parameter_size": 0}}}, {})]
    assert api.run("deployment", **options)["changed"]


def test_schedules_are_written_one_by_one(api):
    rule = {"cron": "1 * * * *", "timezone": None, "day_or": True}
    live = {"active": True, "max_scheduled_runs": None, "parameters": {}}
    rows = [{**live, "id": "s1", "slug": "a", "schedule": rule}, {**live, "id": "s2", "slug": "b", "schedule": rule}]
    api.on("GET", "/deployments/name/f/d", {**DEPLOYMENT, "schedules": rows})
    _deployment(api, schedules=[{"slug": "b", "cron": "2 * * * *"}, {"slug": "c", "interval": 60}])
    assert [(method, path) for method, path, _ in api.writes] == [
        ("DELETE", "/deployments/d1/schedules/s1"),
        ("PATCH", "/deployments/d1/schedules/s2"),
        ("POST", "/deployments/d1/schedules"),
    ]


def test_deployment_of_a_pool_that_is_not_there(api):
    api.on("POST", "/work_pools/filter", [{"name": "pool"}])
    assert api.run("deployment", flow_name="f", name="d", work_pool="pol")["msg"].startswith(
        "work_pool_name: no work pool 'pol'"
    )
