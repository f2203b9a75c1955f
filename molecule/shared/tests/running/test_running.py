"""A deployed landscape works, and shows no more of itself than it has to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from testinfra.host import Host

LOOPBACK = re.compile(r"^(127\.|\[::1\])")


def test_the_server_is_ready(ask: Callable[..., Any]) -> None:
    assert ask("/ready") is not None
    assert ask("/admin/version") == "3.8.8"


def test_a_flow_run_completed(ask: Callable[..., Any]) -> None:
    runs = ask("/flow_runs/filter", {"limit": 200})
    assert [run["state_type"] for run in runs] == ["COMPLETED"]


def test_the_worker_is_online(ask: Callable[..., Any]) -> None:
    workers = ask("/work_pools/default/workers/filter", {})
    assert [worker["status"] for worker in workers] == ["ONLINE"]


def test_every_port_is_on_loopback(host: Host) -> None:
    # The SSH server is the host's own.
    listening = [line.split()[3] for line in host.check_output("ss -Hltn 'sport != :22'").splitlines()]
    assert {4200, 8080} <= {int(address.rpartition(":")[2]) for address in listening}
    assert [address for address in listening if not LOOPBACK.match(address)] == []


def test_the_services_run_as_their_user(host: Host, user: str, running: Callable[[], dict[str, Any]]) -> None:
    services = running()
    assert sorted(services) == ["prefect-server", "prefect-worker-default"]
    assert {uid for _pid, uid in services.values()} == {host.user(user).uid}


def test_the_folders_are_closed(host: Host, root: str, user: str) -> None:
    for name, mode in (("etc", 0o700), ("data", 0o750)):
        folder = host.file(f"{root}/{name}")
        assert (folder.mode, folder.is_directory) == (mode, True)
    assert host.file(f"{root}/data").user == user


def test_nobody_else_may_write(host: Host, root: str) -> None:
    # uv leaves a lock file that is open to all, and empty.
    assert host.check_output("find %s ! -type l -perm /022 ! -name .lock", root) == ""


def test_secrets_are_readable_by_one_user(host: Host, root: str) -> None:
    assert host.check_output("find %s/etc -type f -name '*.secret.env' ! -perm 0600", root) == ""
