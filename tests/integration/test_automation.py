"""Module automation."""

from __future__ import annotations

import json

import pytest

NAME = "test / automation ü"
FAILED = {"match": {"prefect.resource.id": "prefect.flow-run.*"}, "expect": ["prefect.flow-run.Failed"]}
NOTHING = {"type": "do-nothing"}
ALL_ACTIONS = [
    NOTHING,
    {"type": "cancel-flow-run"},
    {"type": "delete-flow-run"},
    {"type": "suspend-flow-run"},
    {"type": "resume-flow-run"},
    {"type": "change-flow-run-state", "state": "FAILED", "message": "by hand"},
    {"type": "run-deployment", "deployment": "automated/d", "parameters": {"a": [1]}, "schedule_after": 90},
    {"type": "pause-deployment", "deployment": "automated/d"},
    {"type": "resume-deployment", "source": "inferred"},
    {"type": "pause-work-pool", "work_pool": "automated"},
    {"type": "resume-work-pool", "source": "inferred"},
    {"type": "pause-work-queue", "work_queue": "automated/default"},
    {"type": "resume-work-queue", "work_queue": "automated/q"},
    {"type": "pause-automation", "automation": "test other"},
    {"type": "resume-automation", "source": "inferred"},
    {"type": "send-notification", "block": "slack-webhook/automated", "body": "{{ flow_run.name }} failed"},
    {"type": "call-webhook", "block": "webhook/automated", "payload": {"run": "{{ flow_run.id }}", "ü": []}},
]
AROUND = {
    "blocks": [
        {"block_type_slug": "slack-webhook", "name": "automated", "data": {"url": "https://hooks.slack.com/x"}},
        {"block_type_slug": "webhook", "name": "automated", "data": {"url": "https://example.org"}},
    ],
    "work_pools": [{"name": "automated"}],
    "work_queues": [{"work_pool_name": "automated", "name": "q"}],
    "deployments": [{"flow_name": "automated", "name": "d", "work_pool_name": "automated"}],
}
TRIGGERS = {
    "event": FAILED,
    "labels": {
        "match": {"a": ["x", "y"], "b": "z"},
        "match_related": [{"prefect.resource.role": "flow"}, {"prefect.resource.role": ["tag", "pool"]}],
        "for_each": ["prefect.resource.id"],
        "after": ["b", "a"],
        "threshold": 3,
        "within": 12.5,
    },
    "proactive": {"posture": "Proactive", "expect": ["prefect.flow-run.Completed"]},
    "compound": {"require": "any", "triggers": [FAILED, {"posture": "Proactive", "within": 30}]},
    "sequence": {"within": 60, "triggers": [{"require": 2, "triggers": [FAILED, {"expect": ["x"]}]}, FAILED]},
}


@pytest.fixture(autouse=True)
def gone(api, prefect):
    yield
    for row in prefect.request("POST", "/automations/filter", {}):
        prefect.request("DELETE", f"/automations/{row['id']}")
    absent = {section: [{**row, "state": "absent"} for row in rows] for section, rows in AROUND.items()}
    api.call("resources", resources={**absent, "flows": [{"name": "automated", "state": "absent"}]})


def test_life(api):
    api.settles("automation", name=NAME, trigger=FAILED, actions=[NOTHING], tags=["b", "a"], description="d")
    api.settles("automation", changed=False, name=NAME, tags=["a", "b"])
    more = api.settles("automation", name=NAME, actions_on_resolve=[{"type": "cancel-flow-run"}])
    assert more["automation"]["actions"] == [NOTHING]
    assert more["automation"]["actions_on_trigger"] == []
    cleared = api.settles("automation", name=NAME, actions_on_resolve=None, actions=[], tags=None, description=None)
    assert cleared["automation"]["trigger"]["expect"] == FAILED["expect"]
    api.settles("automation", name=NAME, state="absent")
    api.settles("automation", changed=False, name=NAME, state="absent")


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)
def test_triggers_mean_the_same_again(api, prefect, trigger):
    api.settles("automation", name=NAME, trigger=trigger)
    api.settles("automation", changed=False, name=NAME, trigger=trigger)
    (live,) = prefect.request("POST", "/automations/filter", {})
    # As the server fills it in, ids included.
    api.settles("automation", changed=False, name=NAME, trigger=live["trigger"])
    api.settles("automation", name=NAME, trigger={**FAILED, "threshold": 7})


def test_enabling_keeps_what_the_trigger_has_seen(api, prefect):
    api.settles("automation", name=NAME, trigger=FAILED)
    before = prefect.request("POST", "/automations/filter", {})[0]["trigger"]["id"]
    api.settles("automation", name=NAME, enabled=False, trigger=FAILED)
    assert prefect.request("POST", "/automations/filter", {})[0]["trigger"]["id"] == before
    api.settles("automation", name=NAME, enabled=None)


def test_all_actions_with_all_that_they_need(api, prefect):
    other = {"name": "test other", "trigger": FAILED}
    mine = {"name": NAME, "trigger": FAILED, "actions": ALL_ACTIONS, "actions_on_resolve": ALL_ACTIONS[6:8]}
    created = api.settles("resources", resources={**AROUND, "automations": [mine, other]})
    assert [row["name"] for row in created["results"] if row["kind"] == "automation"] == ["test other", NAME]
    api.settles("automation", changed=False, **mine)
    live = next(row for row in prefect.request("POST", "/automations/filter", {}) if row["name"] == NAME)
    api.settles("automation", changed=False, name=NAME, actions=live["actions"])
    assert json.loads(live["actions"][-1]["payload"]) == ALL_ACTIONS[-1]["payload"]
    api.settles("automation", name=NAME, actions=[*ALL_ACTIONS[1:], NOTHING])
    api.settles("automation", changed=False, name=NAME, description="")
    # A deployment that was made again is another one.
    api.call("deployment", flow_name="automated", name="d", state="absent")
    api.call("deployment", **AROUND["deployments"][0])
    api.settles("automation", **mine)


def test_what_does_not_exist(api):
    missing = [{**action} for action in ALL_ACTIONS if {"deployment", "work_pool", "work_queue", "block"} & set(action)]
    result = api.fails("automation", name=NAME, trigger=FAILED, actions=missing)
    assert [problem["message"] for problem in result["problems"]] == [
        "no deployment automated/d",
        "no deployment automated/d",
        "no work pool automated",
        "no work queue automated/default",
        "no work queue automated/q",
        "no block slack-webhook/automated",
        "no block webhook/automated",
    ]
    nowhere = {"type": "pause-deployment", "deployment_id": "9f2c5f0e-8a52-4c37-9f59-0d1e62d2a1ff"}
    assert (
        "actions[0].deployment_id: no deployment has the id"
        in (api.fails("automation", name=NAME, trigger=FAILED, actions=[nowhere])["msg"])
    )


def test_automations_that_refer_to_each_other(api):
    both = [
        {"name": name, "trigger": FAILED, "actions": [{"type": "pause-automation", "automation": other}]}
        for name, other in (("test a", "test b"), ("test b", "test a"))
    ]
    assert "no automation test" in api.fails("resources", resources={"automations": both})["msg"]
    assert not api.call("resources", resources={"automations": [{**row, "actions": []} for row in both]}).get("failed")
    api.settles("resources", resources={"automations": both})


def test_a_removed_object_is_not_referred_to(api):
    api.call("work_pool", name="automated")
    mine = {"name": NAME, "trigger": FAILED, "actions": [{"type": "pause-work-pool", "work_pool": "automated"}]}
    document = {"work_pools": [{"name": "automated", "state": "absent"}], "automations": [mine]}
    message = "resources.automations[0].actions[0].work_pool: work pool automated is removed by this run"
    assert api.fails("resources", resources=document)["msg"] == message


def test_two_of_one_name(api, prefect):
    trigger = {"type": "event", "posture": "Reactive"}
    body = {"name": NAME, "trigger": trigger, "actions": []}
    ids = sorted(prefect.request("POST", "/automations/", body)["id"] for _ in range(2))
    expected = f"name: 2 automations are called '{NAME}': {ids[0]}, {ids[1]}; remove all but one of them"
    assert api.fails("automation", name=NAME, description="x")["msg"] == expected
    assert api.fails("automation", name=NAME, state="absent")["msg"] == expected


def test_what_the_server_would_refuse_is_foretold(api):
    api.call("resources", resources=AROUND)
    metric = {"metric": {"name": "successes", "operator": "<", "threshold": 1}}
    assert "metric triggers" in api.fails("automation", name=NAME, trigger=metric)["msg"]
    running = {**FAILED, "expect": ["prefect.flow-run.Running"]}
    loop = {"trigger": running, "actions": [{"type": "run-deployment", "deployment": "automated/d"}]}
    assert "actions[0]: starts a flow run for each" in api.fails("automation", name=NAME, **loop)["msg"]
    api.settles("automation", name=NAME, enabled=False, **loop)
    assert "starts a flow run for each" in api.fails("automation", name=NAME, enabled=True)["msg"]
    template = {"type": "send-notification", "block": "slack-webhook/automated", "body": "{{ x"}
    assert api.fails("automation", name=NAME, actions=[template])["problems"][0]["path"] == "actions[0].body"
    assert api.fails("automation", name="test new")["msg"] == "trigger: is missing; an automation needs one"


def test_no_secret_is_shown(api):
    api.call("resources", resources=AROUND)
    action = {"type": "run-deployment", "deployment": "automated/d", "parameters": {"api_token": "canary-old"}}
    results = [api.settles("automation", name=NAME, trigger=FAILED, actions=[action])]
    action["parameters"]["api_token"] = "canary-new"
    results.append(api.settles("automation", name=NAME, actions=[action]))
    assert "canary" not in json.dumps(results)
    assert results[1]["diff"]["after"]["actions"][0]["parameters"] == {"api_token": "<secret: changed>"}


def test_removing_what_automations_act_on(api):
    api.settles("resources", resources=AROUND)
    actions = [
        {"type": "run-deployment", "deployment": "automated/d"},
        {"type": "pause-work-queue", "work_queue": "automated/q"},
        {"type": "pause-work-pool", "work_pool": "automated"},
        {"type": "call-webhook", "block": "webhook/automated"},
    ]
    api.settles("automation", name=NAME, trigger=FAILED, actions=actions)
    removals = {
        "deployment": {"flow_name": "automated", "name": "d"},
        "work_queue": {"work_pool_name": "automated", "name": "q"},
        "work_pool": {"name": "automated"},
    }
    for kind, key in removals.items():
        (warning,) = api.settles(kind, **key, state="absent")["warnings"]
        assert warning.endswith(f"is removed, and these automations act on it and will fail: {NAME}")
        assert "warnings" not in api.settles(kind, changed=False, **key, state="absent")
    webhook = {"block_type_slug": "webhook", "name": "automated", "state": "absent"}
    message = api.fails("block", **webhook)["msg"]
    assert message == f"name: automations use this block and would fail: {NAME}; see option force"
    # What goes together says nothing.
    together = {"blocks": [webhook], "automations": [{"name": NAME, "state": "absent"}]}
    assert "warnings" not in api.settles("resources", resources=together)
    api.settles("block", block_type_slug="slack-webhook", name="automated", state="absent")


@pytest.mark.parametrize("deployed", [True, False])
def test_runs_are_judged_by_their_deployment(api, deployed):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    deployment = {**AROUND["deployments"][0], "parameter_openapi_schema": schema}
    document = {**AROUND, "deployments": [deployment]}
    if deployed:
        api.settles("resources", resources=document)
    run = {"type": "run-deployment", "deployment": "automated/d"}
    action = {**run, "job_variables": {"env": [], "comand": "x"}, "parameters": {"n": "x", "t": {"u": "{{ broken"}}}
    document["automations"] = [{"name": NAME, "trigger": FAILED, "actions": [action]}]
    paths = [problem["path"] for problem in api.fails("resources", resources=document)["problems"]]
    place = "resources.automations[0].actions[0]"
    wrong = ("parameters.t.u", "job_variables.comand", "job_variables.env", "parameters.t", "parameters.n")
    assert paths == [f"{place}.{path}" for path in wrong]
    action.update(job_variables={"env": {"A": "1"}}, parameters={"n": "{{ flow_run.run_count }}"})
    api.call("resources", resources=document)
    assert api.call("automation", name=NAME)["automation"]["actions"] == [action]
    absent = {kind: [{**row, "state": "absent"} for row in rows] for kind, rows in document.items()}
    api.call("resources", resources=absent)
