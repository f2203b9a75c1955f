"""Module automation on a scripted API."""

from __future__ import annotations

import json

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.automation_actions import normal_action
from ansible_collections.flowops.prefect.plugins.module_utils.automation_triggers import normal_trigger, trigger_body
from hypothesis import given
from hypothesis import strategies as st

EVENT = {
    "type": "event",
    "id": "t1",
    "match": {},
    "match_related": {},
    "after": [],
    "expect": ["b", "a"],
    "for_each": [],
    "posture": "Reactive",
    "threshold": 1,
    "within": 0.0,
}
RUN = {
    "type": "run-deployment",
    "source": "selected",
    "deployment_id": "9f2c5f0e-8a52-4c37-9f59-0d1e62d2a1ff",
    "parameters": None,
    "job_variables": None,
    "schedule_after": 0.0,
}
LIVE = {
    "id": "a1",
    "name": "a",
    "description": "",
    "enabled": True,
    "tags": [],
    "trigger": EVENT,
    "actions": [RUN],
    "actions_on_trigger": [],
    "actions_on_resolve": [],
}
NAMED = {"type": "run-deployment", "deployment": "f/d"}


@pytest.fixture
def world(api):
    deployment = {"id": RUN["deployment_id"], "name": "d", "flow_id": "f1"}
    api.on("GET", f"/deployments/{RUN['deployment_id']}", deployment)
    api.on("GET", "/deployments/name/f/d", deployment)
    api.on("GET", "/flows/f1", {"id": "f1", "name": "f"})
    return api


@pytest.fixture
def live(world):
    world.on("POST", "/automations/filter", [LIVE])
    return world


def _both(api, **options):
    foretold = api.run("automation", check=True, name="a", **options)
    assert api.writes == []
    done = api.run("automation", name="a", **options)
    assert (foretold["changed"], foretold["diff"]) == (done["changed"], done["diff"])
    return done


def test_a_new_automation(world):
    done = _both(world, trigger={"expect": ["a"]}, actions=[NAMED])
    ((method, path, body),) = world.writes
    assert (method, path) == ("POST", "/automations/")
    assert body == {
        "name": "a",
        "description": "",
        "enabled": True,
        "trigger": {"type": "event", "expect": ["a"], "posture": "Reactive"},
        "actions": [{"type": "run-deployment", "deployment_id": RUN["deployment_id"]}],
        "actions_on_trigger": [],
        "actions_on_resolve": [],
    }
    assert done["automation"]["actions"] == [NAMED]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"trigger": EVENT, "actions": [RUN]},
        {"trigger": {"expect": ["a", "b", "a"]}, "actions": [NAMED]},
        {"trigger": {"expect": ["a", "b"], "within": None, "match": {}, "match_related": [{}]}},
        {"actions": [{**NAMED, "parameters": {}, "schedule_after": "0"}]},
        {"description": None, "enabled": None, "tags": [], "actions_on_resolve": None},
    ],
)
def test_what_means_the_same_is_no_difference(live, options):
    assert _both(live, **options)["changed"] is False
    assert live.writes == []


def test_an_update_sends_all_and_leaves_what_is_not_given(live):
    _both(live, description="d", actions_on_trigger=[{"type": "do-nothing"}])
    ((method, path, body),) = live.writes
    assert (method, path) == ("PUT", "/automations/a1")
    kept = {name: LIVE[name] for name in ("name", "enabled", "tags", "trigger", "actions", "actions_on_resolve")}
    assert body == {**kept, "description": "d", "actions_on_trigger": [{"type": "do-nothing"}]}


def test_enabling_is_a_request_of_its_own(live):
    _both(live, enabled=False)
    assert live.writes == [("PATCH", "/automations/a1", {"enabled": False})]


def test_an_automation_is_removed(live):
    _both(live, state="absent")
    assert live.writes == [("DELETE", "/automations/a1", None)]


def test_names_are_not_unique(api):
    api.on("POST", "/automations/filter", [{**LIVE, "id": "a2"}, LIVE])
    for options in ({"description": "x"}, {"state": "absent"}):
        text = api.run("automation", name="a", **options)["msg"]
        assert text == "name: 2 automations are called 'a': a1, a2; remove all but one of them"


def test_an_object_that_was_made_again_is_another_one(live):
    live.routes.pop(("GET", f"/deployments/{RUN['deployment_id']}"))
    live.routes[("GET", "/deployments/name/f/d")] = [(200, {"id": "other"}, {})]
    assert _both(live, actions=[NAMED])["changed"]
    assert live.writes[0][2]["actions"] == [{"type": "run-deployment", "deployment_id": "other"}]


def test_what_a_newer_server_has_is_left_alone(live):
    strange = {"type": "cook-dinner", "for": 2}
    trigger = {"type": "moon", "id": "m", "phase": "full"}
    newer = {**LIVE, "actions": [strange, {"type": "change-flow-run-state", "state": "NEW"}], "trigger": trigger}
    live.routes[("POST", "/automations/filter")] = [(200, [newer], {})]
    assert _both(live)["changed"] is False
    assert _both(live, tags=["t"])["changed"]
    assert live.writes[0][2]["actions"] == newer["actions"]
    assert live.writes[0][2]["trigger"] == trigger


def _problems(api, **options):
    result = api.run("automation", name="a", **options)
    assert api.writes == []
    return {row["path"]: row["message"] for row in result["problems"]}


@pytest.mark.parametrize(
    ("trigger", "path", "message"),
    [
        ({"type": "evnt"}, "trigger.type", "no trigger type 'evnt'; did you mean 'event'? known: compound, event"),
        ({"expects": ["a"]}, "trigger.expects", "did you mean 'expect'?"),
        ({"posture": "reactive"}, "trigger.posture", "expected one of Reactive, Proactive, found 'reactive'"),
        ({"expect": "a"}, "trigger.expect", "expected a list of texts, found a text"),
        ({"within": "soon"}, "trigger.within", "expected a number of 0 or more seconds, found 'soon'"),
        ({"threshold": 1.5}, "trigger.threshold", "expected a whole number of 0 or more, found '1.5'"),
        ({"match": {"a": 1}}, "trigger.match", "expected labels with a text or a list of texts each"),
        ({"posture": "Proactive", "within": 5}, "trigger.within", "expected 10 or more seconds of a Proactive"),
        ({"triggers": []}, "trigger.triggers", "expected a list of triggers"),
        ({"type": "compound", "triggers": [{}]}, "trigger.require", "is missing"),
        ({"require": 3, "triggers": [{}, {}]}, "trigger.require", "expected 2 or less, as there are triggers"),
        ({"triggers": [{"triggers": [{"typ": 1}]}]}, "trigger.triggers[0].triggers[0].typ", "did you mean 'type'?"),
        ({"metric": {"name": "successes"}}, "trigger.metric.operator", "is missing"),
    ],
)
def test_what_is_wrong_with_a_trigger_is_named(api, trigger, path, message):
    assert message in _problems(api, trigger=trigger)[path]
    assert api.requests == []


@pytest.mark.parametrize(
    ("action", "path", "message"),
    [
        ({"type": "run-deploymnt"}, "type", "no action type 'run-deploymnt'; did you mean 'run-deployment'? known: "),
        ({}, "type", "is missing; known: call-webhook"),
        ({"type": "run-deployment"}, "deployment", "is missing; name it as FLOW/DEPLOYMENT, or source: inferred"),
        ({"type": "call-webhook"}, "block", "is missing; name it as TYPE/BLOCK"),
        ({**NAMED, "deployment": "d"}, "deployment", "expected FLOW/DEPLOYMENT, found 'd'"),
        ({**NAMED, "deployment_id": RUN["deployment_id"]}, "deployment_id", "is set, and so is deployment"),
        ({**NAMED, "source": "inferred"}, "deployment", "is set, but source is inferred"),
        ({**NAMED, "parameter": {}}, "parameter", "did you mean 'parameters'?"),
        ({"type": "pause-work-pool", "work_pool_id": "x"}, "work_pool_id", "expected an id, found 'x'"),
        ({"type": "change-flow-run-state", "state": "failed"}, "state", "expected one of SCHEDULED"),
        ({"type": "send-notification", "block": "a/b"}, "body", "is missing"),
    ],
)
def test_what_is_wrong_with_an_action_is_named(api, action, path, message):
    found = _problems(api, actions_on_resolve=[{"type": "do-nothing"}, action])
    assert message in found[f"actions_on_resolve[1].{path}"]
    assert api.requests == []


def test_a_server_of_ones_own_has_no_metrics(api):
    metric = {"metric": {"name": "successes", "operator": "<", "threshold": 1}}
    found = _problems(api, trigger={"triggers": [metric]})
    assert "only Prefect Cloud has" in found["trigger.type"]


def test_loops_and_templates_are_refused_before_anything_is_written(world):
    looping = {"expect": ["prefect.flow-run.*"]}
    assert list(_problems(world, trigger=looping, actions=[NAMED])) == ["actions[0]"]
    inferred = {"type": "run-deployment", "source": "inferred"}
    narrow = {**looping, "match": {"prefect.resource.name": "x"}}
    assert "name the deployment" in _problems(world, trigger=narrow, actions=[inferred])["actions[0]"]
    assert _both(world, trigger=narrow, actions=[NAMED])["changed"]
    world.requests.clear()
    world.on("GET", "/block_types/slug/webhook/block_documents/name/w", {"id": "w1"})
    world.on("POST", "/automations/templates/validate", {"error": {"message": "no"}}, status=422)
    action = {"type": "call-webhook", "block": "webhook/w", "payload": {"a": "{{ x"}}
    assert list(_problems(world, trigger={}, actions=[action])) == ["actions[0].payload"]


@pytest.mark.parametrize(
    "options",
    [
        {"actions": [{**NAMED, "parameters": "canary", "job_variables": ["canary"]}]},
        {"actions": [{**NAMED, "parametres": {"a": "canary"}}, {"type": "unknown", "a": "canary"}]},
        {"actions": ["canary"]},
        {"trigger": {"match": "canary", "expect": "canary"}},
        {"trigger": {"triggers": ["canary", {"mtch": "canary"}], "metric": {"name": "canary"}}},
        {"trigger": {"type": ["canary"]}},
        {"trigger": {"metric": {"nam": "canary"}}},
        {"trigger": "canary"},
    ],
)
def test_what_is_wrong_may_hold_anything_and_is_not_told(api, options):
    result = api.run("automation", name="a", **options)
    assert result["failed"]
    assert "canary" not in json.dumps(result)


# Normal forms

EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "match": st.dictionaries(st.sampled_from("ab"), st.one_of(st.just("x"), st.lists(st.sampled_from("xy")))),
        "match_related": st.lists(st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"))),
        "expect": st.lists(st.sampled_from("abc")),
        "posture": st.sampled_from(["Reactive", "Proactive"]),
        "threshold": st.integers(0, 3),
        "within": st.one_of(st.none(), st.integers(10, 60), st.floats(10, 60)),
    },
)
TRIGGERS = st.recursive(
    EVENTS,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"triggers": st.lists(inner, min_size=1, max_size=3), "require": st.just("any")}),
        st.fixed_dictionaries({"triggers": st.lists(inner, min_size=1, max_size=3)}, optional={"within": st.just(5)}),
    ),
    max_leaves=5,
)


@given(TRIGGERS)
def test_a_normal_trigger_is_its_own_normal_form(trigger):
    once = normal_trigger(trigger)
    assert normal_trigger(once) == once
    assert normal_trigger({**trigger_body(once), "id": "x"}) == once


def test_order_counts_where_it_means_something():
    parts = [{"expect": ["a"]}, {"expect": ["b"]}]
    for kind, matters in (({"type": "compound", "require": "all"}, False), ({"type": "sequence"}, True)):
        one, other = (normal_trigger({**kind, "triggers": row}) for row in (parts, parts[::-1]))
        assert (one != other) is matters


def test_a_payload_is_text_or_what_becomes_one():
    text = '{\n  "a": "ü"\n}'
    assert normal_action({"type": "call-webhook", "payload": {"a": "ü"}})["payload"] == text
    assert normal_action({"type": "call-webhook", "payload": text})["payload"] == text


def test_whoever_may_not_read_automations_removes_all_the_same(api):
    api.on("GET", "/work_pools/p", {"id": "p1", "name": "p", "type": "process"})
    api.on("POST", "/automations/filter", {"detail": "Forbidden"}, status=403)
    result = api.run("work_pool", name="p", state="absent")
    assert (result["changed"], "warnings" in result) == (True, False)
    api.routes[("POST", "/automations/filter")] = [
        (200, [{"id": "a1", "name": "a", "actions": [{"type": "pause-work-pool", "work_pool_id": "p1"}]}], {})
    ]
    (warning,) = api.run("work_pool", name="p", state="absent", check=True)["warnings"]
    assert warning == "work pool p is removed, and these automations act on it and will fail: a"
