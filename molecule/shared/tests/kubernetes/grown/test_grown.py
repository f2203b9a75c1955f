"""Several servers have what they need, and a database of their version; a replaced secret is gone from all pods."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

# Prints the revision of the server's newest migration.
NEWEST = """
import pathlib, re, prefect.server.database as database
folder = pathlib.Path(database.__file__).parent / "_migrations/versions/postgresql"
text = max(folder.glob("2*.py")).read_text()
print(re.search("^revision[^=]*= *[^a-z0-9]([a-z0-9]+)", text, re.MULTILINE)[1])
"""

Ask = Callable[..., Any]
Kubectl = Callable[..., str]
Listed = Callable[..., list[dict[str, Any]]]


def test_there_are_several_servers_and_one_of_what_schedules(listed: Listed) -> None:
    ready = {item["metadata"]["name"]: item["status"].get("readyReplicas") for item in listed("deployments")}
    assert ready["prefect-server"] == 2
    assert ready["prefect-background-services"] == 1


def test_the_database_is_that_of_the_newer_version(kubectl: Kubectl, ask: Ask) -> None:
    assert ask("/admin/version") == "3.8.8"
    newest = kubectl("exec", "deployment/prefect-server", "--", "python3", "-c", NEWEST).strip()
    query = (
        "psql --username prefect --tuples-only --no-align --command 'select version_num from alembic_version' prefect"
    )
    assert kubectl("exec", "statefulset/prefect-postgres", "--", "sh", "-c", query).strip() == newest
    # What ran under the older version is known.
    assert ask("/flow_runs/count", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}) > 2


def test_what_is_no_longer_declared_is_gone(listed: Listed) -> None:
    names = {item["metadata"]["name"] for item in listed("deployments,serviceaccounts,roles")}
    assert not [name for name in names if name.startswith("prefect-worker-inside")]
    assert "prefect-migration" not in {job["metadata"]["name"] for job in listed("jobs")}


@pytest.mark.parametrize(
    ("service", "variable", "value"),
    [
        ("prefect-server", "PREFECT_SERVER_API_AUTH_STRING", "prefect:another canarysecret"),
        ("prefect-worker-default", "DOOR", "another-door-canarysecret"),
    ],
)
def test_pods_have_the_new_secrets(host: Host, service: str, variable: str, value: str) -> None:
    command = ["kubectl", "--namespace", "prefect", "exec", f"deployment/{service}", "--", "printenv", variable]
    # The value is compared here, so that no output shows it.
    assert host.run(shlex.join(command)).stdout.strip() == value


def test_only_servers_may_reach_redis_and_database(listed: Listed) -> None:
    # The bed stores policies and enforces none.
    policies = {item["metadata"]["name"]: item["spec"] for item in listed("networkpolicies")}
    for name in ("prefect-postgres", "prefect-redis"):
        rules = json.dumps(policies[name]["ingress"])
        assert "prefect-worker-default" not in rules
        assert "prefect-server" in rules
