"""Prefect's own Python client reads and uses what the modules make."""

from __future__ import annotations

import pytest
from python_client import run_script
from samples import NAME, sample

LOAD = """
from prefect.blocks.core import Block, UnknownBlockType
from prefect.client.orchestration import get_client

result = {}
with get_client(sync_client=True) as client:
    for slug, name in given:
        document = client.read_block_document_by_name(name, slug, include_secrets=True)
        try:
            block = Block.load(f"{slug}/{name}")
            loaded = block.get_block_type_slug() == slug
        except UnknownBlockType:
            # Its package is not installed here.
            loaded = False
        except Exception as error:
            loaded = f"{error.__cause__ or error}"
        result[slug] = {"loaded": loaded, "data": document.data}
"""
# Those that come with Prefect itself.
LOADED = {
    *("custom-webhook", "discord-webhook", "local-file-system", "mattermost-webhook", "ms-teams-webhook"),
    *("opsgenie-webhook", "pager-duty-webhook", "remote-file-system", "secret", "sendgrid-email", "slack-webhook"),
    *("smb", "twilio-sms", "webhook"),
}


def _absent(document):
    return {section: [{**item, "state": "absent"} for item in items] for section, items in document.items()}


def test_blocks_of_every_type(api, prefect):
    """From the least data that a type takes: created, read back equal, unchanged, and loaded."""
    schemas = prefect.request("POST", "/block_schemas/filter", {"limit": 200})
    # The server has some twice, the newest with a version.
    newest = {schema["block_type"]["slug"]: schema for schema in schemas if schema["version"] == "non-versioned"}
    newest |= {schema["block_type"]["slug"]: schema for schema in schemas if schema["version"] != "non-versioned"}
    types = {row["slug"] for row in prefect.request("POST", "/block_types/filter", {"limit": 200})}
    assert types == set(newest)
    assert len(types) >= 54
    data = {slug: sample(schema["fields"]) for slug, schema in newest.items()}
    blocks = [{"block_type_slug": slug, "name": NAME, "data": data[slug]} for slug in sorted(types)]
    api.settles("resources", resources={"blocks": blocks})
    read = run_script(prefect, LOAD, [[slug, NAME] for slug in sorted(types)])
    for slug, fields in data.items():
        plain = {name: value for name, value in fields.items() if not (isinstance(value, dict) and "$ref" in value)}
        assert {name: read[slug]["data"][name] for name in plain} == plain, slug
    loaded = {slug: block["loaded"] for slug, block in read.items() if block["loaded"]}
    assert set(loaded) >= LOADED
    assert {slug: result for slug, result in loaded.items() if result is not True} == {}
    api.settles("resources", resources=_absent({"blocks": blocks}))


OWN = """
from typing import Optional
from prefect.blocks.core import Block
from pydantic import SecretStr

class ExampleDatabase(Block):
    _block_type_slug = "test-example-database"
    _block_type_name = "Test Example Database"
    _block_schema_version = "1.0"
    host: str
    port: Optional[int] = None
    password: SecretStr

def versions():
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import BlockSchemaFilter
    with get_client(sync_client=True) as client:
        kind = client.read_block_type_by_slug("test-example-database")
        schemas = client._client.post("/block_schemas/filter", json={"limit": 200}).json()
        return [row["version"] for row in schemas if row["block_type_id"] == str(kind.id)]
"""


def test_types_of_ones_own(api, prefect):
    """A class of a flow finds its type and schema made, and makes no others."""
    slug = "test-example-database"
    fields = run_script(prefect, f"{OWN}\nresult = ExampleDatabase.model_json_schema()")
    document = {
        "block_types": [{"slug": slug, "name": "Test Example Database"}],
        "block_schemas": [{"block_type_slug": slug, "version": "1.0", "fields": fields}],
        "blocks": [{"block_type_slug": slug, "name": "made", "data": {"host": "h", "password": "p4ssword"}}],
    }
    api.settles("resources", resources=document)
    script = f"""{OWN}
block = ExampleDatabase.load("made")
ExampleDatabase(host="other", password="s3cret-too").save("saved")
result = [block.host, block.port, block.password.get_secret_value(), versions()]
"""
    assert run_script(prefect, script) == ["h", None, "p4ssword", ["1.0"]]
    api.settles("resources", changed=False, resources=document)
    saved = {"block_type_slug": slug, "name": "saved", "data": {"host": "other", "password": "s3cret-too"}}
    api.settles("block", changed=False, **saved)
    api.settles("block_type", slug=slug, state="absent", force=True)


DOCUMENT = {
    "work_pools": [{"name": "test-read", "concurrency_limit": 4, "job_variables": {"env": {"A": "1"}}}],
    "work_queues": [{"work_pool": "test-read", "name": "urgent", "priority": 1, "concurrency_limit": 2}],
    "variables": [
        {"name": "test_read", "value": {"a": [1, None, "é"]}, "tags": ["t"]},
        {"name": "test_read_null", "value": None},
    ],
    "global_concurrency_limits": [{"name": "test-read", "limit": 3, "slot_decay_per_second": 0.5}],
    "concurrency_limits": [{"tag": "test-read", "limit": 2}],
    "flows": [{"name": "test-read", "tags": ["t"]}],
    "blocks": [{"block_type_slug": "webhook", "name": "test-read", "data": {"url": "https://example.com/x"}}],
    "deployments": [
        {
            "flow_name": "test-read",
            "name": "all",
            "work_pool": "test-read",
            "work_queue": "urgent",
            "entrypoint": "flows.py:hello",
            "path": "/opt/flows",
            "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "/opt/flows"}}],
            "parameters": {"n": 1},
            "parameter_openapi_schema": {"type": "object", "properties": {"n": {"type": "integer"}}},
            "job_variables": {"env": {"B": "2"}},
            "global_concurrency_limit": "test-read",
            "concurrency_options": {"collision_strategy": "CANCEL_NEW", "grace_period_seconds": 60},
            "labels": {"team": "a"},
            "schedules": [
                {"slug": "cron", "cron": "0 6 * * *", "timezone": "Europe/Vienna", "day_or": False},
                {"slug": "interval", "interval": 3600, "anchor_date": "2026-01-01T00:00:00Z", "active": False},
                {"slug": "rrule", "rrule": "FREQ=WEEKLY;BYDAY=MO", "parameters": {"n": 2}, "max_scheduled_runs": 3},
            ],
        },
        {"flow_name": "test-read", "name": "one"},
    ],
    "deployment_schedules": [{"flow_name": "test-read", "deployment": "one", "slug": "s", "cron": "@daily"}],
    "automations": [
        {
            "name": "test-read",
            "trigger": {"type": "event", "expect": ["prefect.flow-run.Failed"], "posture": "Reactive"},
            "actions": [{"type": "call-webhook", "block": "webhook/test-read", "payload": "{{ flow_run.name }}"}],
        }
    ],
}
READ = """
from prefect.blocks.core import Block
from prefect.client.orchestration import get_client
from prefect.variables import Variable

with get_client(sync_client=True) as client:
    pool = client.read_work_pool("test-read")
    queue = client.read_work_queue_by_name("urgent", "test-read")
    limit = client.read_global_concurrency_limit_by_name("test-read")
    tag = client.read_concurrency_limit_by_tag("test-read")
    (flow,) = [flow for flow in client.read_flows() if flow.name == "test-read"]
    every, one = (client.read_deployment_by_name(f"test-read/{name}") for name in ("all", "one"))
    (automation,) = client.read_automations_by_name("test-read")
    schedules = {row.slug: row for row in every.schedules}
    variables = pool.base_job_template["variables"]["properties"]
    result = {
        "pool": [pool.type, pool.concurrency_limit, variables["env"]["default"]],
        "queue": [queue.priority, queue.concurrency_limit],
        "variables": [Variable.get("test_read"), Variable.get("test_read_null", "x")],
        "flow": flow.tags,
        "limit": [limit.limit, limit.slot_decay_per_second, tag.concurrency_limit],
        "block": Block.load("webhook/test-read").url.get_secret_value(),
        "deployment": [every.work_queue_name, every.parameters, every.job_variables, every.labels["team"]],
        "shared": [every.global_concurrency_limit.name, every.concurrency_options.collision_strategy.value],
        "cron": [schedules["cron"].schedule.timezone, schedules["cron"].schedule.day_or],
        "interval": [schedules["interval"].schedule.interval.total_seconds(), schedules["interval"].active],
        "rrule": [schedules["rrule"].parameters, schedules["rrule"].max_scheduled_runs],
        "one": [[row.slug, row.schedule.cron] for row in one.schedules],
        "automation": [automation.enabled, automation.actions[0].type, automation.actions[0].payload],
    }
"""


@pytest.fixture
def document(api):
    yield DOCUMENT
    assert not api.call("resources", resources=_absent(DOCUMENT)).get("failed")


def test_everything_else(api, prefect, document):
    api.settles("resources", resources=document)
    assert run_script(prefect, READ) == {
        "pool": ["process", 4, {"A": "1"}],
        "queue": [1, 2],
        "variables": [{"a": [1, None, "é"]}, None],
        "flow": ["t"],
        "limit": [3, 0.5, 2],
        "block": "https://example.com/x",
        "deployment": ["urgent", {"n": 1}, {"env": {"B": "2"}}, "a"],
        "shared": ["test-read", "CANCEL_NEW"],
        "cron": ["Europe/Vienna", False],
        "interval": [3600.0, False],
        "rrule": [{"n": 2}, 3],
        "one": [["s", "@daily"]],
        "automation": [True, "call-webhook", "{{ flow_run.name }}"],
    }
