"""Module webhook: a server of one's own has none."""

from __future__ import annotations


def test_only_prefect_cloud_has_webhooks(api, prefect):
    reason = "name: only Prefect Cloud has webhooks, and api_url is a server of one's own"
    hook = {"name": "test", "template": "{}"}
    for state in ("present", "absent"):
        assert api.fails("webhook", **hook, state=state)["msg"] == reason
    document = {"webhooks": [hook], "variables": [{"name": "test_fine", "value": 1}]}
    assert api.fails("resources", resources=document)["msg"] == f"resources.webhooks[0].{reason}"
    paths = [row["name"] for row in prefect.request("POST", "/variables/filter", {})]
    assert "test_fine" not in paths
