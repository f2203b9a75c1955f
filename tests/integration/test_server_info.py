"""Module server_info: every state that a server can be in, brought about for real."""

from __future__ import annotations

import subprocess
import urllib.error

import bed
import pytest

WORKERS = ("name", "status", "last_heartbeat")


def _sql(port, statement, database="second"):
    subprocess.run(bed.sql_command(port, statement, database), check=True, capture_output=True)


def test_ready(api, pool):
    result = api.call("server_info")
    assert result["status"] == "ready"
    assert result["changed"] is False
    assert result["version"].startswith("3.")
    assert result["block_types"] > 50
    mine = next(row for row in result["work_pools"] if row["name"] == pool)
    assert mine == {"name": pool, "type": "process", "status": "NOT_READY", "is_paused": False, "workers": []}


@pytest.mark.parametrize(
    ("options", "status", "hint"),
    [
        ({"api_url": "http://127.0.0.1:9/api"}, "unreachable", "connection refused; is the server running"),
        ({"api_url": "http://no-such-host.invalid/api"}, "unreachable", "its host name is not known here"),
        ({"auth_string": "a:canary"}, "unauthorized", "the credentials are wrong; set auth_string"),
        ({"auth_string": None}, "unauthorized", "none were given; set auth_string"),
    ],
)
def test_not_ready(api, options, status, hint):
    result = api.fails("server_info", **options)
    assert result["status"] == status
    assert result["msg"] == f"{status}: {result['message']}"
    assert hint in result["msg"]
    assert "canary" not in result["msg"]
    assert api.call("server_info", required=False, **options)["status"] == status


def test_address_without_api(api):
    result = api.call("server_info", api_url=api.recorder.url.removesuffix("/api"), required=False)
    assert result["status"] == "wrong_address"
    assert f"it usually ends in /api: {api.recorder.url}" in result["message"]


def test_database_in_trouble(api, folder, postgres):
    """One server of its own, with CSRF protection, waited for by the module, then broken piece by piece."""
    _sql(postgres, "CREATE DATABASE second", "postgres")
    (folder / "second").mkdir()
    server = bed.Prefect(folder / "second", postgres, "second")
    server.migrate()
    options = {"api_url": server.api, "required": False}
    command = [server.binary, "server", "start", "--host", "127.0.0.1", "--port", str(server.port)]
    environment = {**server.environment, "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true"}
    with bed.process(command, server.log, env=environment):
        assert api.call("server_info", **options)["status"] == "unreachable"
        ready = api.call("server_info", **options, wait=90)
        assert ready["status"] == "ready", server.log.read_text()[-2000:]
        with pytest.raises(urllib.error.HTTPError, match="403"):
            server.request("POST", "/work_pools/filter", {})
        written = api.call("variable", api_url=server.api, name="x", value=1)
        assert written["changed"], written

        _sql(postgres, "DELETE FROM block_document; DELETE FROM block_schema; DELETE FROM block_type")
        empty = api.call("server_info", **options)
        assert (empty["status"], empty["block_types"]) == ("no_block_types", 0)
        block = api.call("block", api_url=server.api, block_type_slug="secret", name="x", data={"value": "y"})
        assert block["msg"].endswith("the server has none at all: its database lost its contents")

        _sql(postgres, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        bare = api.call("server_info", **options)
        assert bare["status"] == "no_tables", bare

        _sql(postgres, "ALTER DATABASE second ALLOW_CONNECTIONS false", "postgres")
        _sql(postgres, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'second'", "postgres")
        assert api.call("server_info", **options)["status"] == "database_down"
