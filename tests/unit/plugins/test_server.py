"""Module server_info on a scripted API."""

from __future__ import annotations

import pytest

TYPES = [{"slug": "secret"}]
POOLS = [{"name": "p", "type": "process", "status": "READY", "is_paused": False}]


def _server(api, **broken):
    answers = {
        ("GET", "/health"): (200, True),
        ("GET", "/version"): (200, "0.8.4"),
        ("GET", "/admin/version"): (200, "3.8.8"),
        ("GET", "/ready"): (200, {"message": "OK"}),
        ("POST", "/block_types/filter"): (200, TYPES),
        ("POST", "/work_pools/filter"): (200, POOLS),
    }
    for (method, path), answer in answers.items():
        status, body = broken.get(path.strip("/").replace("/", "_"), answer)
        api.routes[(method, path)] = [(status, body, {})]


@pytest.mark.parametrize(
    ("broken", "status", "text"),
    [
        ({}, "ready", "the server is ready"),
        ({"health": (500, {})}, "unhealthy", "own health check fails"),
        ({"version": (401, {})}, "unauthorized", "answers 401"),
        ({"version": (500, {})}, "unhealthy", "failed with status 500"),
        ({"version": (200, b"<html>login</html>")}, "wrong_address", "login page"),
        ({"version": (404, {"detail": "Not Found"})}, "wrong_address", "there is no Prefect API"),
        ({"version": (302, None)}, "wrong_address", "redirects GET"),
        ({"ready": (503, {})}, "database_down", "does not reach its database"),
        ({"block_types_filter": (500, {})}, "no_tables", "was the database migrated?"),
        ({"block_types_filter": (503, {"detail": "Service Unavailable"})}, "no_tables", "was the database migrated?"),
        ({"block_types_filter": (403, {})}, "unhealthy", "refused with status 403"),
        ({"block_types_filter": (200, [])}, "no_block_types", "Remove memo_store.toml"),
    ],
)
def test_states(api, broken, status, text):
    _server(api, **broken)
    result = api.run("server_info", required=False)
    assert (result["status"], result["changed"]) == (status, False)
    assert text in result["message"]
    required = api.run("server_info")
    if status == "ready":
        assert not required.get("failed")
    else:
        assert required["msg"] == f"{status}: {result['message']}"
        assert required["status"] == status


def test_all_of_a_ready_server(api):
    _server(api)
    worker = {"name": "w", "status": "ONLINE", "last_heartbeat_time": "now", "id": "x"}
    api.on("POST", "/work_pools/p/workers/filter", [worker])
    result = api.run("server_info")
    assert {key: result[key] for key in ("version", "api_version", "block_types")} == {
        "version": "3.8.8",
        "api_version": "0.8.4",
        "block_types": 1,
    }
    assert result["work_pools"] == [
        {**POOLS[0], "workers": [{"name": "w", "status": "ONLINE", "last_heartbeat": "now"}]}
    ]


def test_nobody_there(api):
    assert api.run("server_info", required=False, api_url="http://127.0.0.1:9/api")["status"] == "unreachable"


def test_waits_until_it_is_ready(api, pauses):
    _server(api)
    api.routes[("GET", "/ready")] = [(503, {}, {}), (503, {}, {}), (200, {}, {})]
    assert api.run("server_info", wait=60)["status"] == "ready"
    assert len(pauses) == 2


def test_does_not_wait_with_wrong_credentials(api, pauses):
    _server(api, version=(401, {}))
    assert api.run("server_info", wait=60, required=False)["status"] == "unauthorized"
    assert pauses == []


def test_is_not_patient_with_single_requests(api, pauses):
    _server(api, version=(503, {}))
    assert api.run("server_info", required=False)["status"] == "unhealthy"
    assert pauses == []


def test_bad_options_fail_whatever_is_required(api):
    assert api.run("server_info", required=False, api_url="nonsense")["msg"].startswith("api_url: expected http://")
