"""A container may no more than it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host

Containers = Callable[[], "dict[str, dict[str, Any]]"]

# Capabilities that a component may keep.
KEPT = {
    "prefect-postgres": {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"},
    "prefect-proxy": {"NET_BIND_SERVICE"},
}
# PostgreSQL's image starts as root and leaves that; MinIO's stays root, of whose capabilities none is left.
STARTS_AS_ROOT = {"prefect-postgres", "prefect-minio"}
STAYS_ROOT = {"prefect-minio"}


def test_none_is_privileged(containers: Containers) -> None:
    assert [name for name, item in containers().items() if item["HostConfig"]["Privileged"]] == []


def test_all_capabilities_are_dropped(containers: Containers) -> None:
    for name, item in containers().items():
        limits = item["HostConfig"]
        assert [drop.lower() for drop in limits["CapDrop"] or []] == ["all"], name
        assert {cap.removeprefix("CAP_") for cap in limits["CapAdd"] or []} <= KEPT.get(name, set()), name


def test_privileges_cannot_be_gained(containers: Containers) -> None:
    for name, item in containers().items():
        assert any(option.startswith("no-new-privileges") for option in item["HostConfig"]["SecurityOpt"] or []), name


def test_the_root_file_system_is_read_only(containers: Containers) -> None:
    assert [name for name, item in containers().items() if not item["HostConfig"]["ReadonlyRootfs"]] == []


def test_no_process_is_root(host: Host, containers: Containers) -> None:
    owners = {}
    for name in containers():
        shown = host.check_output("docker top %s -eo pid,user:32", name).splitlines()[1:]
        owners[name] = {line.split()[1] for line in shown}
    assert {name for name, users in owners.items() if "root" in users} <= STAYS_ROOT


def test_prefects_own_run_as_the_hosts_user(host: Host, containers: Containers) -> None:
    user = host.user("prefect")
    wanted = f"{user.uid}:{user.gid}"
    found = {name: item["Config"]["User"] for name, item in containers().items() if name not in STARTS_AS_ROOT}
    named = {name for name in found if name.startswith(("prefect-server", "prefect-worker", "prefect-dask"))}
    assert {found[name] for name in named} == {wanted}
    assert [name for name, uid in found.items() if uid in ("", "0", "0:0", "root")] == []


def test_no_engine_socket_is_mounted(containers: Containers) -> None:
    sources = {mount["Source"] for item in containers().values() for mount in item["Mounts"]}
    assert [source for source in sources if source.endswith("docker.sock")] == []


def test_logs_are_bounded(containers: Containers) -> None:
    for name, item in containers().items():
        assert {"max-size", "max-file"} <= item["HostConfig"]["LogConfig"]["Config"].keys(), name


def test_the_engine_shows_no_secret(host: Host) -> None:
    command = "docker ps -aq | xargs docker inspect | grep -o '.\\{40\\}canarysecret'"
    assert host.run(command).stdout == ""
    images = "docker images -q --filter label=flowops.prefect.root | xargs -r docker history --no-trunc"
    assert "canarysecret" not in host.check_output(images)


def test_no_secret_is_on_a_command_line_or_readable_by_all(host: Host) -> None:
    # The brackets keep this command's own line from matching.
    assert host.run("grep -la 'canary[s]ecret' /proc/[0-9]*/cmdline").stdout == ""
    files = "find / -xdev -type f -newer /.prepared -perm /077 ! -path '/proc/*' ! -path '/sys/*' -print0"
    assert host.run(f"{files} | xargs -0 --no-run-if-empty grep -la 'canary[s]ecret'").stdout == ""


def test_logs_hold_no_secret(host: Host, containers: Containers) -> None:
    for name in containers():
        assert "canarysecret" not in host.run("docker logs %s 2>&1", name).stdout, name
