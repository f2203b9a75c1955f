"""Bad input is told before anything is written, by its path, alone and in a document of many."""

from __future__ import annotations

import pytest

POOL = {"name": "test-bad-pool"}
DEPLOYMENT = {"flow_name": "test bad", "name": "test bad"}
SECRET = {"block_type_slug": "secret", "name": "test-bad"}
BUCKET = {"block_type_slug": "s3-bucket", "name": "test-bad"}
NOWHERE = {"$ref": {"block_type_slug": "minio-credentials", "name": "nowhere"}}
CASES = {
    "option": ("work_pool", {**POOL, "descripton": "x"}, "descripton", "did you mean 'description'?"),
    "inner option": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"cron": "@daily", "crom": "x"}]},
        "schedules[0].crom",
        "unknown key",
    ),
    "missing block": (
        "block",
        {**BUCKET, "data": {"bucket_name": "b", "credentials": NOWHERE}},
        "data.credentials.$ref",
        "no block minio-credentials/nowhere",
    ),
    "storage": (
        "work_pool",
        {
            **POOL,
            "storage_configuration": {"default_result_storage": {"block_type_slug": "s3-bucket", "name": "nowhere"}},
        },
        "storage_configuration.default_result_storage",
        "no block s3-bucket/nowhere",
    ),
    "template": (
        "work_pool",
        {**POOL, "job_variables": {"comand": "x"}},
        "job_variables.comand",
        "no such variable; did you mean 'command'?",
    ),
    "job variable": (
        "deployment",
        {**DEPLOYMENT, "work_pool": "test-bad", "job_variables": {"comand": "x"}},
        "job_variables.comand",
        "no such variable; did you mean 'command'?",
    ),
    "type of a job variable": (
        "deployment",
        {**DEPLOYMENT, "work_pool": "test-bad", "job_variables": {"stream_output": "on"}},
        "job_variables.stream_output",
        "expected boolean, found a text",
    ),
    "pool": ("deployment", {**DEPLOYMENT, "work_pool_name": "test-bda"}, "work_pool_name", "did you mean 'test-bad'?"),
    "limit": (
        "deployment",
        {**DEPLOYMENT, "global_concurrency_limit": "nowhere"},
        "global_concurrency_limit",
        "no global concurrency limit",
    ),
    "parameter": (
        "deployment",
        {
            **DEPLOYMENT,
            "parameters": {"n": "x"},
            "parameter_openapi_schema": {"properties": {"n": {"type": "integer"}}},
        },
        "parameters.n",
        "expected integer, found a text",
    ),
    "size": (
        "deployment",
        {**DEPLOYMENT, "parameters": {"x": "x" * 524288}},
        "parameters",
        "have 524,296 bytes as JSON, and the server takes 524,288",
    ),
    "cron": ("deployment", {**DEPLOYMENT, "schedules": [{"cron": "0 0 30 2 *"}]}, "schedules[0].cron", "never comes"),
    "wrong cron": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"cron": "0 25 * * *"}]},
        "schedules[0].cron",
        "expected 0-23",
    ),
    "rrule": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"rrule": "FREQ=DAILY;" * 600}]},
        "schedules[0].rrule",
        "at most 6500",
    ),
    "timezone": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"cron": "@daily", "timezone": "Europe/Wien"}]},
        "schedules[0].timezone",
        "expected a time zone such as",
    ),
    "interval": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"interval": 0}]},
        "schedules[0].interval",
        "more than 0 seconds, found 0",
    ),
    "short interval": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"interval": 1e-7}]},
        "schedules[0].interval",
        "more than 0 seconds, found 1e-07",
    ),
    "long interval": (
        "deployment",
        {**DEPLOYMENT, "schedules": [{"interval": 1e12}]},
        "schedules[0].interval",
        "at most 2.5e+11 seconds",
    ),
    "variable": ("variable", {"name": "test_bad", "value": "x" * 4999}, "value", "has 5001 bytes as JSON"),
    "mask": (
        "block",
        {**SECRET, "data": {"value": "********"}},
        "data.value",
        "is what is shown in the place of a secret",
    ),
    "empty secret": ("block", {**SECRET, "data": {"value": ""}}, "data.value", "is an empty secret"),
    "name of a pool": ("work_pool", {"name": "a/b"}, "name", "expected a name without / % & > <, found 'a/b'"),
    "name of a queue": ("work_queue", {"name": "a%b", "work_pool": "test-bad"}, "name", "found 'a%b'"),
    "name of a variable": ("variable", {"name": "A", "value": 1}, "name", "expected lower case letters"),
    "name of a block": (
        "block",
        {**SECRET, "name": "A", "data": {"value": "x"}},
        "name",
        "expected lower case letters",
    ),
    "name of a flow": ("flow", {"name": "a&b"}, "name", "found 'a&b'"),
    "name of a deployment": ("deployment", {"name": "a>b", "flow_name": "f"}, "name", "found 'a>b'"),
    "name of a limit": ("global_concurrency_limit", {"name": "a<b", "limit": 1}, "name", "found 'a<b'"),
    "tag": ("concurrency_limit", {"tag": "a/b", "limit": 1}, "tag", "found 'a/b'"),
    "slug": ("block_type", {"slug": "A"}, "slug", "expected lower case letters"),
    "schema": (
        "block_schema",
        {"block_type_slug": "secert", "version": "1", "fields": {}},
        "block_type_slug",
        "did you mean 'secret'?",
    ),
    "schedule": (
        "deployment_schedule",
        {"flow_name": "f", "deployment": "nowhere", "slug": "s", "cron": "@daily"},
        "deployment_name",
        "no deployment 'nowhere' of flow 'f'",
    ),
    "automation": (
        "automation",
        {"name": "test bad", "trigger": {"expects": []}},
        "trigger.expects",
        "did you mean 'expect'?",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def pool(api):
    api.call("work_pool", name="test-bad")
    yield
    api.call("work_pool", name="test-bad", state="absent")


@pytest.mark.parametrize(("module", "options", "path", "message"), CASES.values(), ids=CASES)
def test_alone_and_among_others(api, module, options, path, message):
    alone = api.fails(module, **options)
    (problem,) = alone["problems"]
    assert problem["path"] == path
    assert message in problem["message"]
    document = {"flows": [{"name": "test fine"}], "variables": [{"name": "test_fine", "value": 1}]}
    (together,) = api.fails("resources", resources={**document, f"{module}s": [options]})["problems"]
    assert together["path"] == f"resources.{module}s[0].{path}"
    assert message in together["message"]


def test_the_same_object_twice(api):
    sections = {
        "block_types": [{"slug": "test-bad"}] * 2,
        "block_schemas": [{"block_type_slug": "test-bad", "version": "1", "fields": {"properties": {}}}] * 2,
        "deployment_schedules": [{"flow_name": "f", "deployment": "d", "slug": "s", "cron": "@daily"}] * 2,
        "deployments": [{"flow_name": "f", "name": "d"}] * 2,
        "variables": [{"name": "test_bad", "value": 1}, {"name": "test_bad", "state": "absent"}],
    }
    problems = api.fails("resources", resources=sections)["problems"]
    names = ("test-bad", "test-bad/1", "f/d/s", "f/d", "test_bad")
    assert {problem["path"]: problem["message"] for problem in problems} == {
        f"resources.{section}[1]": f"is the same object as resources.{section}[0]: {name}"
        for section, name in zip(sections, names, strict=True)
    }
