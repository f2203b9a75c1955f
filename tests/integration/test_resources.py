"""Module resources."""

from __future__ import annotations

import json

import pytest

POOL = "bulk"
DOCUMENT = {
    "deployments": [{"flow_name": "bulk", "name": "d", "work_pool_name": POOL, "work_queue_name": "second"}],
    "blocks": [
        {
            "block_type_slug": "s3-bucket",
            "name": "bulk",
            "data": {
                "bucket_name": "a",
                "credentials": {"$ref": {"block_type_slug": "minio-credentials", "name": "bulk"}},
            },
        },
        {
            "block_type_slug": "minio-credentials",
            "name": "bulk",
            "data": {"minio_root_user": "canary-user-is-shown", "minio_root_password": "canary-old"},
        },
    ],
    "variables": [{"name": "bulk", "value": {"a": 1}, "tags": ["t"]}],
    "work_queues": [
        {"work_pool": POOL, "name": "second", "priority": 2},
        {"work_pool": POOL, "name": "first", "priority": 1},
        {"work_pool": POOL, "name": "default"},
    ],
    "work_pools": [{"name": POOL}],
}


def _absent(document):
    return {section: [{**item, "state": "absent"} for item in items] for section, items in document.items()}


@pytest.fixture
def document(api):
    yield json.loads(json.dumps(DOCUMENT))
    assert not api.call("resources", resources=_absent({**DOCUMENT, "work_queues": []})).get("failed")


def test_life(api, document):
    created = api.settles("resources", resources=document)
    assert [row["item"] for row in created["results"]] == [
        # The block that another refers to.
        "resources.blocks[1]",
        "resources.blocks[0]",
        "resources.work_pools[0]",
        "resources.work_queues[2]",
        "resources.work_queues[1]",
        "resources.work_queues[0]",
        "resources.variables[0]",
        "resources.deployments[0]",
    ]
    assert all(row["id"] for row in created["results"])
    document["blocks"][1]["data"]["minio_root_password"] = "canary-new"
    document["variables"][0]["tags"] = None
    changed = api.settles("resources", resources=document)
    assert {row["item"]: row["action"] for row in changed["results"] if row["changed"]} == {
        "resources.variables[0]": "updated",
        "resources.blocks[1]": "updated",
    }
    after = {row["after_header"]: row["after"] for row in changed["diff"]}
    assert after["block minio-credentials/bulk"]["data"]["minio_root_password"] == "<secret: changed>"
    assert after["variable bulk"] == {"name": "bulk", "value": {"a": 1}, "tags": []}
    assert "canary-old" not in json.dumps([created, changed])
    assert "canary-new" not in json.dumps(changed)
    del document["work_queues"][2]
    removed = api.settles("resources", resources=_absent(document))
    removals = [row["item"] for row in removed["results"]]
    assert removals[0] == "resources.deployments[0]"
    assert removals[-2:] == ["resources.blocks[0]", "resources.blocks[1]"]
    api.settles("resources", changed=False, resources=_absent(document))


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_priorities_settle(api, pool, order):
    """Whatever the queues had before, and with a queue that nobody declares."""
    for name in "abc":
        api.call("work_queue", work_pool_name=pool, name=name)
    queues = [{"work_pool_name": pool, "name": name, "priority": at} for name, at in zip("abc", order, strict=True)]
    api.call("resources", resources={"work_queues": queues})
    assert api.call("resources", resources={"work_queues": queues})["changed"] is False


def test_all_that_is_wrong_at_once(api, document):
    document["work_pools"] += [{"name": "x", "typ": "process"}, {"name": POOL}, {"name": "y", "is_paused": "perhaps"}]
    document["work_queues"] += [
        {"work_pool": POOL, "name": "third", "priority": 1},
        {"work_pool": "nowhere", "name": "q"},
    ]
    document["variables"] += [{"name": "A", "value": 1}, {"name": "b"}, {"value": 1}]
    document["blocks"] += [
        {"block_type_slug": "secret", "name": "s", "data": {"value": ""}},
        {"block_type_slug": "secert", "name": "s"},
    ]
    document["deployments"] += [
        {"flow_name": "f", "name": "n", "schedules": [{}]},
        {"flow_name": "f", "name": "m", "work_pool": "blk"},
    ]
    result = api.fails("resources", resources=document)
    assert sorted(problem["path"] for problem in result["problems"]) == [
        "resources.blocks[2].data.value",
        "resources.blocks[3].block_type_slug",
        "resources.deployments[1].schedules[0]",
        "resources.deployments[2].work_pool_name",
        "resources.variables[1].name",
        "resources.variables[2].value",
        "resources.variables[3]",
        "resources.work_pools[1].typ",
        "resources.work_pools[2]",
        "resources.work_pools[3]",
        "resources.work_queues[3].priority",
        "resources.work_queues[4].work_pool_name",
    ]
    assert "resources.deployments[2].work_pool_name: no work pool 'blk'; did you mean 'bulk'?" in result["msg"]


def test_unknown_section(api):
    result = api.fails("resources", resources={"work_pool": []})
    assert "work_pool" in result["msg"]


def test_failed_write_names_the_item(api):
    template = {"job_configuration": {"a": "{{ missing }}"}, "variables": {}}
    document = {"work_pools": [{"name": "fine"}, {"name": "bad", "base_job_template": template}]}
    result = api.call("resources", resources=document)
    assert result["msg"].startswith("resources.work_pools[1]: POST ")
    assert result["changed"] is True
    assert [row["action"] for row in result["results"]] == ["created", "failed"]
    api.call("work_pool", name="fine", state="absent")


def test_secrets_of_bad_items_are_hidden(api):
    document = {
        "blocks": [{"block_type_slug": "secret", "name": "x", "dta": {"value": "canary"}}],
        "variables": [{"nme": "canary"}],
    }
    result = api.fails("resources", resources=document)
    assert "canary" not in json.dumps(result)
