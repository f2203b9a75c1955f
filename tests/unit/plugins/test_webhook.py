"""Webhooks on answers in the form of Prefect Cloud's."""

from __future__ import annotations

import json

import pytest

WORKSPACE = "/accounts/a/workspaces/w"
TEMPLATE = {"event": "x", "resource": {"prefect.resource.id": "{{ body.id }}"}}
LIVE = {
    "id": "h1",
    "created": "2026-01-01T00:00:00Z",
    "updated": "2026-01-01T00:00:00Z",
    "account": "a",
    "workspace": "w",
    "name": "hook",
    "description": "d",
    "enabled": True,
    "template": json.dumps(TEMPLATE),
    "service_account_id": None,
    "slug": "opaque",
}


def _both(api, **options):
    """Run in check mode, which must not write, and then for real."""
    address = {"api_url": f"{api.url}{WORKSPACE}", "api_key": "pnu_key"}
    foretold = api.run("webhook", check=True, **address, name="hook", **options)
    assert api.writes == []
    done = api.run("webhook", **address, name="hook", **options)
    assert (done.get("changed"), done.get("diff")) == (foretold.get("changed"), foretold.get("diff"))
    return done


@pytest.mark.parametrize("template", [TEMPLATE, json.dumps(TEMPLATE, indent=2)])
def test_new_webhook(api, template):
    api.on("POST", f"{WORKSPACE}/webhooks/", LIVE, status=201)
    result = _both(api, template=template)
    body = {"name": "hook", "template": json.dumps(TEMPLATE), "description": "", "enabled": True}
    assert api.writes == [("POST", f"{WORKSPACE}/webhooks/", body)]
    assert result["webhook"]["template"] == TEMPLATE
    assert result["webhook"]["endpoint"] == "https://api.prefect.cloud/hooks/opaque"


@pytest.mark.parametrize("live", [LIVE, {**LIVE, "template": TEMPLATE}])
def test_webhook_that_is_there(api, live):
    api.on("POST", f"{WORKSPACE}/webhooks/filter", [{**LIVE, "id": "h0", "name": "other"}, live])
    assert _both(api, template=TEMPLATE, description="d")["changed"] is False
    assert _both(api)["changed"] is False


def test_webhook_is_replaced_as_a_whole_and_keeps_its_account(api):
    api.on("POST", f"{WORKSPACE}/webhooks/filter", [{**LIVE, "service_account_id": "s1"}])
    _both(api, enabled=False, description=None, template="no {{ json }}")
    body = {
        "name": "hook",
        "template": "no {{ json }}",
        "description": "",
        "enabled": False,
        "service_account_id": "s1",
    }
    assert api.writes == [("PUT", f"{WORKSPACE}/webhooks/h1", body)]


def test_removal(api):
    api.on("POST", f"{WORKSPACE}/webhooks/filter", [LIVE])
    assert _both(api, state="absent")["changed"]
    assert api.writes == [("DELETE", f"{WORKSPACE}/webhooks/h1", None)]


def test_bad_input(api):
    assert _both(api)["msg"] == "template: is missing; a webhook needs one"
    assert _both(api, template=["x"])["msg"].startswith("template: expected a text, or an object")
    api.on("POST", f"{WORKSPACE}/webhooks/filter", [LIVE, {**LIVE, "id": "h2"}])
    assert _both(api)["msg"] == "name: several webhooks have it: h1, h2; remove all but one of them"


def test_all_of_one_name_are_read(api):
    api.on("POST", f"{WORKSPACE}/webhooks/filter", [LIVE, {**LIVE, "id": "h0"}, {**LIVE, "name": "other"}])
    address = {"api_url": f"{api.url}{WORKSPACE}", "api_key": "pnu_key"}
    rows = api.run("webhook_info", check=True, **address, name="hook")["webhooks"]
    assert [(row["id"], row["slug"], row["template"]) for row in rows] == [
        (f"h{n}", "opaque", TEMPLATE) for n in (0, 1)
    ]
    assert api.run("webhook_info", name="hook")["webhooks"] == []
