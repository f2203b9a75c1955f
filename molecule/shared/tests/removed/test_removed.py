"""Removed with the flag, an installation leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from testinfra.host import Host


def test_nothing_runs(host: Host, running: Callable[[], dict[str, Any]]) -> None:
    assert running() == {}
    assert host.run("pgrep --full --list-full '[p]refect'").stdout == ""


def test_no_file_is_left(host: Host) -> None:
    # uv's cache belongs to its user, whatever was installed from it.
    elsewhere = " ".join(f"! -path '{path}'" for path in ("/proc/*", "/sys/*", "*/.cache/uv/*", "*/checkout/*"))
    command = f"find / -xdev -newer /.prepared -iname '*prefect*' {elsewhere}"
    assert host.run(command).stdout == ""


def test_the_user_is_gone(host: Host) -> None:
    assert not host.user("prefect").exists


def test_systemd_has_forgotten_it(host: Host) -> None:
    if host.file("/run/systemd/system").exists:
        assert host.check_output("systemctl list-units --all --plain --no-legend 'prefect*'") == ""
