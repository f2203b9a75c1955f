"""One database, one server, two worker hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import testinfra
from testinfra.host import Host

WORKERS = ["flowops-postgres-worker1", "flowops-postgres-worker2"]


def test_the_database_is_postgresql(host: Host, ask: Callable[..., Any]) -> None:
    assert ask("/ready") is not None
    count = "select count(*) from flow_run"
    assert int(host.check_output("runuser -u postgres -- psql -tAc %s prefect", count)) >= 1
    assert host.check_output("find /opt/prefect -name 'prefect.db'") == ""


def test_the_database_listens_on_loopback(host: Host) -> None:
    listening = [line.split()[3] for line in host.check_output("ss -Hltn sport = :5432").splitlines()]
    assert listening
    assert [address for address in listening if not address.startswith(("127.", "[::1]"))] == []


def test_the_server_wants_the_auth_string(host: Host) -> None:
    code = "import urllib.request as u; u.urlopen('http://127.0.0.1:4200/api/flows/count')"
    assert "401" in host.run("python3 -c %s", code).stderr


def test_the_block_holds_the_latest_secret(ask: Callable[..., Any]) -> None:
    block = ask("/block_types/slug/secret/block_documents/name/canary?include_secrets=true")
    assert block["data"] == {"value": "another canarysecret in a block"}


def test_a_worker_is_online_on_each_host(ask: Callable[..., Any]) -> None:
    workers = ask("/work_pools/default/workers/filter", {})
    assert {worker["name"]: worker["status"] for worker in workers} == {f"crew-{name}": "ONLINE" for name in WORKERS}


def test_runs_happen_on_each_host(ask: Callable[..., Any], eventually: Callable[..., Any]) -> None:
    deployment = ask("/deployments/name/canary/default")
    runs = [ask(f"/deployments/{deployment['id']}/create_flow_run", {})["id"] for _ in range(6)]

    def states() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = ask("/flow_runs/filter", {"flow_runs": {"id": {"any_": runs}}})
        return found

    eventually(lambda: all(run["state_type"] == "COMPLETED" for run in states()), 120)
    logs = ask("/logs/filter", {"logs": {"flow_run_id": {"any_": runs}}, "limit": 200})
    said = " ".join(log["message"] for log in logs)
    assert [name for name in WORKERS if f"crew-{name}" not in said] == []


def test_no_secret_is_on_a_command_line_or_readable_by_all() -> None:
    for name in ["flowops-postgres-server", *WORKERS]:
        machine = testinfra.get_host(f"docker://{name}")
        # The brackets keep this command's own line from matching.
        assert machine.run("grep -la 'canary[s]ecret' /proc/[0-9]*/cmdline").stdout == ""
        files = "find / -xdev -type f -newer /.prepared -perm /077 ! -path '/proc/*' ! -path '/sys/*' -print0"
        assert machine.run(f"{files} | xargs -0 --no-run-if-empty grep -la 'canary[s]ecret'").stdout == ""
