"""Module work_queue."""

from __future__ import annotations


def test_life(api, pool):
    name = "eilig & so".replace("&", "+")
    created = api.settles(
        "work_queue", work_pool_name=pool, name=name, priority=1, concurrency_limit=2, description="d"
    )
    assert created["work_queue"]["id"]
    api.settles("work_queue", changed=False, work_pool=pool, name=name)
    updated = api.settles("work_queue", work_pool_name=pool, name=name, is_paused=True, concurrency_limit=0)
    assert updated["work_queue"]["priority"] == 1
    cleared = api.settles(
        "work_queue", work_pool_name=pool, name=name, concurrency_limit=None, description=None, is_paused=None
    )
    queue = cleared["work_queue"]
    assert (queue["concurrency_limit"], queue["description"], queue["is_paused"]) == (None, "", False)
    api.settles("work_queue", changed=False, work_pool_name=pool, name=name, priority=None)
    api.settles("work_queue", work_pool_name=pool, name=name, state="absent")
    api.settles("work_queue", changed=False, work_pool_name=pool, name=name, state="absent")


def test_server_chooses_a_priority(api, pool):
    created = api.settles("work_queue", work_pool_name=pool, name="q")
    assert created["work_queue"]["priority"] == 2


def test_others_make_room(api, pool):
    api.settles("work_queue", work_pool_name=pool, name="q", priority=1)
    default = api.call("work_queue", work_pool_name=pool, name="default")
    assert default["work_queue"]["priority"] == 2


def test_default_queue_stays(api, pool):
    result = api.fails("work_queue", work_pool_name=pool, name="default", state="absent")
    assert result["msg"].startswith("name: the queue 'default' belongs to its pool and cannot be removed")


def test_missing_pool(api, pool):
    result = api.fails("work_queue", work_pool_name=pool[:-1], name="q")
    assert result["msg"].startswith(f"work_pool_name: no work pool '{pool[:-1]}'; did you mean '{pool}'? known: ")
    api.settles("work_queue", changed=False, work_pool_name="nowhere", name="q", state="absent")


def test_bad_numbers(api, pool):
    result = api.fails("work_queue", work_pool_name=pool, name="q", priority=0, concurrency_limit=-1)
    assert [problem["path"] for problem in result["problems"]] == ["priority", "concurrency_limit"]
