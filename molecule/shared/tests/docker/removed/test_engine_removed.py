"""Removed with the flag, an installation leaves nothing, and an engine that was there before stays."""

from __future__ import annotations

from testinfra.host import Host


def test_nothing_of_it_is_left_in_the_engine(host: Host, built_in: set[str]) -> None:
    assert host.check_output("docker ps --all --quiet") == ""
    assert host.check_output("docker volume ls --quiet") == ""
    assert set(host.check_output("docker network ls --format '{{ .Name }}'").split()) == built_in
    assert host.check_output("docker images --quiet --filter label=flowops.prefect.root") == ""


def test_images_that_others_may_use_are_left(host: Host) -> None:
    images = host.check_output("docker images --format '{{ .Repository }}'").split()
    assert {"postgres", "caddy", "prefecthq/prefect"} <= set(images)


def test_no_file_is_left(host: Host) -> None:
    command = "find / -xdev -newer /.prepared -iname '*prefect*' ! -path '/proc/*' ! -path '/sys/*'"
    assert host.run(command).stdout == ""


def test_the_user_is_gone(host: Host) -> None:
    assert not host.user("prefect").exists


def test_the_engine_runs(host: Host) -> None:
    assert host.service("docker").is_running
