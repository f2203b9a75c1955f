"""Single schedules of deployments."""

from __future__ import annotations

RULE = {"cron": "0 6 * * *", "timezone": None, "day_or": True}
ROW = {"id": "s1", "slug": "a", "active": True, "max_scheduled_runs": None, "parameters": {}, "schedule": RULE}
DEPLOYMENT = {"id": "d1", "name": "d", "schedules": [{**ROW, "id": "s0", "slug": None}, ROW]}
KEY = {"flow_name": "f", "deployment_name": "d"}


def _both(api, **options):
    foretold = api.run("deployment_schedule", check=True, **KEY, **options)
    assert api.writes == []
    done = api.run("deployment_schedule", **KEY, **options)
    assert (done["changed"], done["diff"]) == (foretold["changed"], foretold["diff"])
    return done


def test_new_one_is_added(api):
    api.on("GET", "/deployments/name/f/d", DEPLOYMENT)
    api.on("POST", "/deployments/d1/schedules", [{"id": "s9"}], status=201)
    assert _both(api, slug="b", interval=60)["deployment_schedule"]["id"] == "s9"
    body = {"active": True, "max_scheduled_runs": None, "parameters": {}, "slug": "b", "schedule": {"interval": 60}}
    assert api.writes == [("POST", "/deployments/d1/schedules", [body])]


def test_old_one_is_changed_in_place(api):
    api.on("GET", "/deployments/name/f/d", DEPLOYMENT)
    assert _both(api, slug="a", cron="0 6 * * *", active=True)["changed"] is False
    _both(api, slug="a", active=False)
    rule = {"cron": "0 6 * * *", "day_or": True}
    body = {"active": False, "max_scheduled_runs": None, "parameters": {}, "slug": "a", "schedule": rule}
    assert api.writes == [("PATCH", "/deployments/d1/schedules/s1", body)]


def test_removal(api):
    api.on("GET", "/deployments/name/f/d", DEPLOYMENT)
    _both(api, slug="a", state="absent")
    assert api.writes == [("DELETE", "/deployments/d1/schedules/s1", None)]


def test_deployment_that_is_not_there(api):
    api.on("POST", "/deployments/filter", [{"name": "daily"}])
    message = api.run("deployment_schedule", flow_name="f", deployment="dayly", slug="a", cron="@daily")["msg"]
    assert message == "deployment_name: no deployment 'dayly' of flow 'f'; did you mean 'daily'? known: daily"
    assert api.run("deployment_schedule", **KEY, slug="a", state="absent")["changed"] is False
