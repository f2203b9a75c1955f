"""Module deployment_schedule."""

from __future__ import annotations

import json

import pytest

DEPLOYMENT = {"flow_name": "test flow", "name": "test scheduled"}
KEY = {"flow_name": "test flow", "deployment_name": "test scheduled", "slug": "morning"}


@pytest.fixture(autouse=True)
def deployment(api):
    assert api.call("deployment", **DEPLOYMENT, schedules=[{"slug": "kept", "interval": 3600}])["changed"]
    yield
    api.call("deployment", **DEPLOYMENT, state="absent")


def _live(prefect):
    rows = prefect.request("GET", "/deployments/name/test%20flow/test%20scheduled")["schedules"]
    return {row["slug"]: row for row in rows}


def test_life(api, prefect):
    kept = _live(prefect)["kept"]
    created = api.settles("deployment_schedule", **KEY, cron="0 6 * * *", timezone="Europe/Vienna", parameters={"a": 1})
    api.settles("deployment_schedule", **KEY, active=False, max_scheduled_runs=3)
    off = _live(prefect)["morning"]
    assert off["id"] == created["deployment_schedule"]["id"]
    assert off["schedule"] == {"cron": "0 6 * * *", "timezone": "Europe/Vienna", "day_or": True}
    assert (off["active"], off["parameters"], off["max_scheduled_runs"]) == (False, {"a": 1}, 3)
    api.settles("deployment_schedule", **KEY, timezone=None, parameters=None, active=None)
    assert (
        "max_scheduled_runs: is 3, and the server cannot"
        in api.fails("deployment_schedule", **KEY, max_scheduled_runs=None)["msg"]
    )
    api.settles("deployment_schedule", **KEY, interval=60, anchor_date="2026-01-01T00:00:00Z")
    api.settles("deployment_schedule", changed=False, **KEY, interval=60, anchor_date="2026-01-01 00:00:00+00:00")
    api.settles("deployment_schedule", **KEY, rrule="FREQ=WEEKLY;BYDAY=MO")
    assert _live(prefect)["morning"]["id"] == off["id"]
    assert _live(prefect)["kept"] == kept
    api.settles("deployment_schedule", **KEY, state="absent")
    api.settles("deployment_schedule", changed=False, **KEY, state="absent")
    assert _live(prefect) == {"kept": kept}


def test_in_one_document_with_its_deployment(api):
    other = {"flow_name": "test flow", "name": "test with one"}
    schedule = {"flow_name": "test flow", "deployment": "test with one", "slug": "s", "cron": "@daily"}
    document = {"deployment_schedules": [schedule], "deployments": [other]}
    api.settles("resources", resources=document)
    both = {"deployment_schedules": [schedule], "deployments": [{**other, "schedules": []}]}
    assert api.fails("resources", resources=both)["msg"] == (
        "resources.deployment_schedules[0].slug: "
        "this run declares all schedules of the deployment; this one belongs there"
    )
    without = {"deployment_schedules": [schedule], "deployments": [{**other, "state": "absent"}]}
    assert "this run removes the deployment" in api.fails("resources", resources=without)["msg"]
    away = {kind: [{**row, "state": "absent"} for row in rows] for kind, rows in document.items()}
    api.settles("resources", resources=away)


def test_secrets_are_masked_by_name(api):
    results = [
        api.settles("deployment_schedule", **KEY, cron="@daily", parameters={"api_token": value})
        for value in ("canary-1", "canary-2")
    ]
    assert results[1]["diff"]["after"]["parameters"] == {"api_token": "<secret: changed>"}
    assert "canary" not in json.dumps(results)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "cron: is missing; a new schedule needs one of cron, interval and rrule"),
        (
            {"cron": "@daily", "interval": 1},
            "cron: expected exactly one of cron, interval and rrule, found cron and interval",
        ),
        ({"cron": "0 0 30 2 *"}, "cron: never comes: no month of '2' has a day 30"),
        ({"cron": "60 * * * *"}, "cron: expected 0-59"),
        ({"interval": 0}, "interval: expected more than 0 seconds, found 0"),
        ({"interval": 1e-7}, "interval: expected more than 0 seconds, found 1e-07"),
        ({"interval": 60, "day_or": True}, "day_or: belongs to cron, not to interval"),
        ({"rrule": "FREQ=DAILY;" * 600}, "rrule: expected at most 6500 characters, found 6600"),
        ({"rrule": "FREQ=DAILY;UNTIL=20300101T000000Z"}, "rrule: expected UNTIL without Z"),
        ({"cron": "@daily", "timezone": "Europe/Viena"}, "timezone: expected a time zone such as"),
        ({"cron": "@daily", "max_scheduled_runs": 0}, "max_scheduled_runs: expected 1 or more"),
        ({"cron": "@daily", "slug": ""}, "slug: expected a name"),
        (
            {"cron": "@daily", "deployment_name": "test schedule"},
            "deployment_name: no deployment 'test schedule' of flow",
        ),
    ],
)
def test_bad_input(api, options, message):
    assert api.fails("deployment_schedule", **{**KEY, **options})["msg"].startswith(message)


def test_details_of_another_rule_than_there_is(api):
    api.settles("deployment_schedule", **KEY, interval=60)
    assert api.fails("deployment_schedule", **KEY, day_or=True)["msg"] == "day_or: belongs to cron, not to interval"
