"""Modules that read the objects of a kind, against objects that the kinds' own modules have made."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS

# One object of each kind, in the order to make them.
MADE = {
    "block_type": {"slug": "test-info", "name": "Test info", "description": "ü"},
    "block_schema": {
        "block_type_slug": "test-info",
        "version": "1.0",
        "fields": {"type": "object", "properties": {"level": {"type": "integer"}}},
    },
    "block": {"block_type_slug": "secret", "name": "test-info", "data": {"value": "canary-of-info"}},
    "default_result_storage": {"block_type_slug": "local-file-system", "name": "test-info"},
    "work_pool": {"name": "test info ü", "description": "a", "concurrency_limit": 2},
    "work_queue": {"work_pool_name": "test info ü", "name": "test info", "priority": 2},
    "variable": {"name": "test_info", "value": {"a": [1, None, "{{ b }}"]}, "tags": ["test info"]},
    "global_concurrency_limit": {"name": "test info", "limit": 3, "slot_decay_per_second": 0.5},
    "concurrency_limit": {"tag": "test info", "limit": 4},
    "flow": {"name": "test info", "tags": ["test info"]},
    "deployment": {
        "flow_name": "test info",
        "name": "test",
        "work_pool_name": "test info ü",
        "work_queue_name": "test info",
        "parameters": {"a": 1},
        "tags": ["test info", "b"],
        "schedules": [{"slug": "kept", "interval": 3600}],
    },
    "deployment_schedule": {
        "flow_name": "test info",
        "deployment_name": "test",
        "slug": "morning",
        "cron": "0 6 * * *",
    },
    "automation": {
        "name": "test info",
        "tags": ["test info"],
        "trigger": {"match": {"prefect.resource.id": "prefect.flow-run.*"}, "expect": ["prefect.flow-run.Failed"]},
        "actions": [{"type": "pause-deployment", "deployment": "test info/test"}],
    },
}
# The module that reads each kind, with all that chooses its object.
CHOSEN = {
    "block_type_info": {"slug": "test-info"},
    "block_schema_info": {"block_type_slug": "test-info", "version": "1.0"},
    "block_info": {"block_type_slug": "secret", "name": "test-info"},
    "default_result_storage_info": {},
    "work_pool_info": {"name": "test info ü"},
    "work_queue_info": {"work_pool_name": "test info ü", "name": "test info"},
    "variable_info": {"name": "test_info", "tags": ["test info"]},
    "global_concurrency_limit_info": {"name": "test info"},
    "concurrency_limit_info": {"tag": "test info"},
    "flow_info": {"name": "test info", "tags": ["test info"]},
    "deployment_info": {"flow_name": "test info", "name": "test", "tags": ["b", "test info"]},
    "deployment_schedule_info": {"flow_name": "test info", "deployment_name": "test", "slug": "morning"},
    "automation_info": {"name": "test info", "tags": ["test info"]},
}
STORE = {"block_type_slug": "local-file-system", "name": "test-info", "data": {"basepath": "/tmp/test-info"}}
KIND = {f"{kind.kind}_info": kind for kind in KINDS.values()}
WITH_SECRETS = ("block_info", "variable_info", "work_pool_info", "deployment_info", "automation_info")


@pytest.fixture(scope="module")
def made(api):
    """Yield the objects as the modules return them that made them."""
    assert not api.call("block", **STORE).get("failed")
    for kind, options in MADE.items():
        result = api.call(kind, **options)
        assert not result.get("failed"), result["msg"]
    yield {kind: api.call(kind, **_key(kind))[kind] for kind in MADE}
    for kind in reversed(MADE):
        force = {"force": True} if "force" in KIND[f"{kind}_info"].options else {}
        assert not api.call(kind, **_key(kind), **force, state="absent").get("failed")
    api.call("block", **STORE, state="absent")


def _key(kind):
    # One that has no name is known by all that there is.
    return {name: value for name, value in MADE[kind].items() if name in (KIND[f"{kind}_info"].key or MADE[kind])}


def _read(api, module, **options):
    """Read in both modes, which makes no difference, and write in neither."""
    with api.recorder.recording(read_only=True):
        result = api.call(module, **options)
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False
    kind = KIND[module]
    section = next(name for name, other in KINDS.items() if other is kind)
    assert api.call(module, check=True, **options)[section] == result[section]
    return result[section]


def test_every_kind_is_read():
    assert {*CHOSEN, "webhook_info"} == {*KIND}


def test_a_server_of_ones_own_has_no_webhooks(api):
    assert _read(api, "webhook_info", name="any") == []


@pytest.mark.parametrize("module", CHOSEN)
def test_it_is_read_as_it_was_made(api, made, module):
    (found,) = _read(api, module, **CHOSEN[module])
    told = made[KIND[module].kind]
    assert {name: found[name] for name in told} == told


@pytest.mark.parametrize("module", CHOSEN)
@pytest.mark.usefixtures("made")
def test_it_can_be_declared_again(api, module):
    kind = KIND[module]
    (found,) = _read(api, module, **CHOSEN[module], **({"secrets": True} if module in WITH_SECRETS else {}))
    declared = _declared(kind.options, found)
    if "schedules" in declared:
        spec = kind.options["schedules"]["options"]
        declared["schedules"] = [_declared(spec, row) for row in declared["schedules"]]
    again = api.call(kind.kind, check=True, **declared)
    assert not again.get("failed"), again["msg"]
    assert again["changed"] is False, again["diff"]


def _declared(spec, found):
    return {name: value for name, value in found.items() if name in spec and value is not None}


@pytest.mark.parametrize("module", CHOSEN)
def test_it_is_among_all(api, made, module):
    identity = made[KIND[module].kind]["id"]
    assert [row["id"] for row in _read(api, module)].count(identity) == 1
    for name, value in CHOSEN[module].items():
        assert identity in [row["id"] for row in _read(api, module, **{name: value})]


@pytest.mark.parametrize("module", CHOSEN)
@pytest.mark.usefixtures("made")
def test_what_is_not_there_is_left_out(api, module):
    for name, value in CHOSEN[module].items():
        # Names that no object can have are in no address of a request.
        for other in ("no such", "a/b", "%", "x" * 600, "ü"):
            assert _read(api, module, **{**CHOSEN[module], name: other}) == []
        both = _read(api, module, **{**CHOSEN[module], name: [value, "no such"] if name != "tags" else value})
        assert len(both) == 1


CANARY = "kanarie-of-info"
SECRETS = {
    "blocks": [
        {"block_type_slug": "secret", "name": "canary-info", "data": {"value": {"a": CANARY}}},
        {"block_type_slug": "aws-credentials", "name": "canary-info", "data": {"aws_secret_access_key": CANARY}},
    ],
    "variables": [
        {"name": "canary_info_password", "value": CANARY},
        {"name": "canary_info", "value": {"token": CANARY, "url": f"s3://u:{CANARY}@h/b"}},
    ],
    "work_pools": [{"name": "canary info", "job_variables": {"env": {"MY_API_KEY": CANARY}}}],
    "deployments": [
        {
            "flow_name": "canary info",
            "name": "d",
            "parameters": {"password": CANARY},
            "job_variables": {"env": {"S_TOKEN": CANARY}},
            "schedules": [{"slug": "s", "interval": 3600, "active": False, "parameters": {"secret": CANARY}}],
        }
    ],
    "automations": [
        {
            "name": "canary info",
            "trigger": {"expect": ["prefect.flow-run.Failed"], "match": {"prefect.resource.id": "prefect.flow-run.x"}},
            "actions": [{"type": "run-deployment", "deployment": "canary info/d", "parameters": {"password": CANARY}}],
        }
    ],
}
# The module that reads each section that has secrets, and what only it returns of them.
SECRET_SECTIONS = {
    "block_info": {"block_type_slug": "aws-credentials", "name": "canary-info"},
    "variable_info": {"name": "canary_info_password"},
    "work_pool_info": {"name": "canary info"},
    "deployment_info": {"flow_name": "canary info"},
    "deployment_schedule_info": {"flow_name": "canary info"},
    "automation_info": {"name": "canary info"},
}


def test_secrets_are_shown_on_demand_only(api):
    made = api.call("resources", resources=SECRETS)
    assert not made.get("failed"), made["msg"]
    assert not api.call("flow_run", deployment="canary info/d", wait=False).get("failed")
    # What is read back is known to nobody as a secret.
    for module, options in (*((module, {}) for module in KIND), ("flow_run_info", {"states": []})):
        found = api.call(module, **options)
        assert not found.get("failed"), found["msg"]
        assert CANARY not in str(found), module
    for module, options in SECRET_SECTIONS.items():
        assert CANARY in str(api.call(module, **options, secrets=True)), module
    gone = {name: [{**item, "state": "absent"} for item in items] for name, items in SECRETS.items()}
    assert not api.call("resources", resources=gone).get("failed")
    api.call("flow", name="canary info", state="absent", force=True)


@pytest.mark.usefixtures("made")
def test_automations_of_one_name_are_all_told(api, prefect):
    (first,) = api.call("automation_info", name="test info")["automations"]
    body = prefect.request("GET", f"/automations/{first['id']}")
    copy = {name: body[name] for name in ("name", "trigger", "actions")}
    second = prefect.request("POST", "/automations/", copy)["id"]
    try:
        found = _read(api, "automation_info", name="test info")
        assert sorted(row["id"] for row in found) == sorted([first["id"], second])
    finally:
        prefect.request("DELETE", f"/automations/{second}")
