"""Module work_pool."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.templates import DOCKER, PROCESS

NAME = "päol mit Leerzeichen"


@pytest.fixture(autouse=True)
def gone(api):
    yield
    api.call("work_pool", name=NAME, state="absent")


def test_life(api):
    created = api.settles("work_pool", name=NAME, description="d", concurrency_limit=3, is_paused=True)
    pool = created["work_pool"]
    assert pool["id"]
    assert (pool["type"], pool["base_job_template"]) == ("process", PROCESS)
    assert created["diff"]["before"] == {}
    # What is not given stays.
    api.settles("work_pool", name=NAME, changed=False)
    changed = api.settles("work_pool", name=NAME, concurrency_limit=0)
    assert changed["work_pool"]["description"] == "d"
    assert changed["work_pool"]["is_paused"] is True
    # Null resets.
    cleared = api.settles("work_pool", name=NAME, concurrency_limit=None, description=None, is_paused=None)
    pool = cleared["work_pool"]
    assert (pool["concurrency_limit"], pool["description"], pool["is_paused"]) == (None, "", False)
    assert "work_pool" not in api.settles("work_pool", name=NAME, state="absent")
    api.settles("work_pool", changed=False, name=NAME, state="absent")


def test_job_variables_touch_their_own_defaults_only(api):
    api.settles("work_pool", name=NAME, job_variables={"env": {"A": "1"}, "working_dir": "/tmp"})
    result = api.settles("work_pool", name=NAME, job_variables={"env": {"B": "2"}})
    properties = result["work_pool"]["base_job_template"]["variables"]["properties"]
    assert properties["env"]["default"] == {"B": "2"}
    assert properties["working_dir"]["default"] == "/tmp"
    result = api.settles("work_pool", name=NAME, job_variables={"env": None})
    assert "default" not in result["work_pool"]["base_job_template"]["variables"]["properties"]["env"]


def test_unknown_job_variable(api):
    result = api.fails("work_pool", name=NAME, job_variables={"evn": {}})
    assert result["msg"].startswith(
        "job_variables.evn: the pool's template has no such variable; did you mean 'env'? known: command, "
    )


def test_another_type_gets_the_servers_template_once(api):
    created = api.settles("work_pool", name=NAME, type="ecs")
    assert "image" in created["work_pool"]["base_job_template"]["variables"]["properties"]


def test_a_docker_pool_is_the_same_whatever_the_server_offers(api):
    created = api.settles("work_pool", name=NAME, type="docker")
    assert created["work_pool"]["base_job_template"] == DOCKER
    variables = {"image": "flowops/prefect:1", "networks": ["prefect-app"], "env": {"A": "1", "B": None}}
    changed = api.settles("work_pool", name=NAME, job_variables=variables)
    properties = changed["work_pool"]["base_job_template"]["variables"]["properties"]
    assert {name: properties[name]["default"] for name in variables} == variables


def test_given_template_is_compared_whole(api):
    template = {
        "job_configuration": {"command": "{{ command }}"},
        "variables": {"type": "object", "properties": {"command": {"type": "string"}}},
    }
    api.settles("work_pool", name=NAME, type="own-type", base_job_template=template)
    api.settles("work_pool", changed=False, name=NAME, base_job_template=template)


def test_empty_template_is_repaired(api, prefect):
    prefect.request("POST", "/work_pools/", {"name": NAME, "type": "process", "base_job_template": {}})
    result = api.settles("work_pool", name=NAME)
    assert result["diff"]["before"]["base_job_template"] == {}
    assert result["work_pool"]["base_job_template"] == PROCESS


def test_type_cannot_change(api):
    api.call("work_pool", name=NAME)
    result = api.fails("work_pool", name=NAME, type="docker")
    assert result["msg"] == (
        "type: is 'process' and cannot become 'docker': remove the pool with state absent first "
        "(its deployments then have none), or name another one"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"type": "dokcer"}, "type: no worker type 'dokcer'; did you mean 'docker'? known: azure-container-instance, "),
        ({"name": "Prefect-x"}, "name: 'Prefect-x' begins with 'prefect', which Prefect keeps for itself"),
        ({"name": "a/b"}, "name: expected a name without / % & > <, found 'a/b'"),
        ({"concurrency_limit": -1}, "concurrency_limit: expected 0 or more, null takes the limit away"),
        ({"base_job_template": {"variables": {}}}, "base_job_template.job_configuration: is missing"),
        ({"base_job_template": {"job_configuration": {"a": "{{ b }}"}, "variables": {}}}, None),
    ],
)
def test_bad_input(api, options, message):
    if message is None:
        # Only the server knows.
        result = api.call("work_pool", **{"name": NAME, **options})
        assert "refused with status 422: " in result["msg"]
    else:
        result = api.fails("work_pool", **{"name": NAME, **options})
        assert result["msg"].startswith(message)
