"""Module resources."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

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


def _document(count):
    """Return so many objects of each kind that can be there twice, or that others need."""
    names = [f"many-{at}" for at in range(count)]
    trigger = {"expect": ["prefect.flow-run.Failed"], "match": {"prefect.resource.id": "prefect.flow-run.*"}}
    return {
        "blocks": [
            {"block_type_slug": "secret", "name": name, "data": {"value": f"canary-old-{name}"}} for name in names
        ],
        "work_pools": [{"name": name} for name in names],
        "work_queues": [{"work_pool": name, "name": "q"} for name in names],
        "variables": [{"name": name, "value": 1} for name in names],
        "global_concurrency_limits": [{"name": name, "limit": 1} for name in names],
        "concurrency_limits": [{"tag": name, "limit": 1} for name in names],
        "deployments": [
            {"flow_name": "many", "name": name, "work_pool": name, "work_queue": "q", "schedules": [{"interval": 60}]}
            for name in names
        ],
        "automations": [
            {"name": name, "trigger": trigger, "actions": [{"type": "pause-work-pool", "work_pool": name}]}
            for name in names
        ],
    }


@pytest.fixture
def many(api):
    yield _document
    left = {**_document(20), "blocks": _document(55)["blocks"], "flows": [{"name": "many"}]}
    api.call("resources", resources=_absent(left))


def _start(prefect, document):
    """Begin a run of the module in a process of its own."""
    options = {"api_url": prefect.api, "auth_string": prefect.auth, "resources": document}
    code = "import json, sys; sys.path.insert(0, sys.argv[1]); from modules import run_module; "
    code += "print(json.dumps(run_module('resources', json.load(sys.stdin))))"
    lib = str(Path(__file__).parent / "lib")
    run = subprocess.Popen([sys.executable, "-c", code, lib], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdin
    run.stdin.write(json.dumps(options))
    run.stdin.close()
    return run


def _names(prefect, path):
    return sorted(row["name"] for row in prefect.request("POST", path, {}) if row["name"].startswith("many"))


def test_two_runs_at_once_make_nothing_twice(api, prefect, many):
    document = many(20)
    for _ in range(2):
        runs = [_start(prefect, document) for _ in range(2)]
        results = [json.loads(run.stdout.read()) for run in runs]
        assert [run.wait() for run in runs] == [0, 0]
        assert [result.get("msg") for result in results] == [None, None]
    assert len(_names(prefect, "/automations/filter")) == 20
    assert [row["active"] for row in prefect.request("POST", "/deployments/filter", {})[0]["schedules"]] == [True]
    api.settles("resources", changed=False, resources=document)
    api.call("resources", resources=_absent(document))


def test_a_run_that_was_killed_is_gone_on_with(api, prefect, many):
    document = many(20)
    runs = 0
    while True:
        run = _start(prefect, document)
        # Ever longer, so that a slow machine gets there too.
        time.sleep(random.uniform(0.5, 1.5) * 1.1**runs)
        if run.poll() is not None:
            assert run.stdout
            result = json.loads(run.stdout.read())
            assert "msg" not in result
            if not result["changed"]:
                break
        run.kill()
        run.wait()
        runs += 1
        assert runs < 40
    assert runs > 1
    assert len(_names(prefect, "/automations/filter")) == 20
    api.settles("resources", changed=False, resources=document)


def test_fifty_new_secrets_change_fifty_blocks(api, many):
    blocks = many(55)["blocks"]
    document = {"blocks": blocks}
    assert not api.call("resources", resources=document).get("failed")
    for block in blocks[:50]:
        block["data"]["value"] = f"canary-new-{block['name']}"
    done = api.settles("resources", resources=document)
    assert done["counts"]["updated"] == 50
    assert len(done["diff"]) == 50
    assert {row["after"]["data"]["value"] for row in done["diff"]} == {"<secret: changed>"}
    assert "canary" not in json.dumps(done)


def test_what_the_document_no_longer_declares_goes(api, prefect, many):
    document = many(10)
    mine = {"ownership_tag": "owner:many", "prune_scope": {"blocks": ["secret/many-*"], "work_pools": ["many-*"]}}
    assert not api.call("resources", resources={"variables": [{"name": "others", "value": 1}]}).get("failed")
    api.settles("resources", resources=document, **mine)
    less = {section: items[:8] for section, items in document.items()}
    refused = api.fails("resources", resources={section: [] for section in document}, prune=True, **mine)
    assert "of the 50 objects that this document owns" in refused["msg"]
    gone = api.settles("resources", resources=less, prune=True, **mine)
    assert gone["counts"]["deleted"] == 10
    assert {row["kind"] for row in gone["results"] if row["action"] == "deleted"} == {
        "automation",
        "block",
        "deployment",
        "variable",
        "work_pool",
    }
    assert prefect.request("GET", "/variables/name/others")["tags"] == []
    api.call("variable", name="others", state="absent")


def test_blocks_in_a_circle(api):
    def block(name, other):
        reference = {"$ref": {"block_type_slug": "s3-bucket", "name": other}}
        return {"block_type_slug": "s3-bucket", "name": name, "data": {"bucket_name": "a", "credentials": reference}}

    refused = api.fails("resources", resources={"blocks": [block("a", "b"), block("b", "a")]})
    assert "refers in a circle to itself; in it are s3-bucket/a, s3-bucket/b" in refused["msg"]
