"""The engine has what it was prepared with, and no more."""

from __future__ import annotations

from testinfra.host import Host


def test_there_is_no_container(host: Host) -> None:
    assert host.check_output("docker ps --all --quiet") == ""


def test_there_is_no_volume(host: Host) -> None:
    assert host.check_output("docker volume ls --quiet") == ""


def test_there_is_no_network_but_the_engines_own(host: Host, built_in: set[str]) -> None:
    assert set(host.check_output("docker network ls --format '{{ .Name }}'").split()) == built_in
