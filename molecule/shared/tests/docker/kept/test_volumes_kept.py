"""Removed without the flag, an installation leaves its data and its secrets, but nothing that runs."""

from __future__ import annotations

import pytest
from testinfra.host import Host


def test_no_container_is_left(host: Host) -> None:
    assert host.check_output("docker ps --all --quiet") == ""


@pytest.mark.parametrize("name", ["prefect-postgres", "prefect-minio"])
def test_its_volume_is_left(host: Host, name: str) -> None:
    assert host.run("docker volume inspect %s", name).rc == 0


def test_only_data_and_secrets_are_left(host: Host) -> None:
    assert set(host.file("/opt/prefect").listdir()) <= {"data", "etc", "flows"}
    assert host.check_output("find /opt/prefect/etc -type f ! -name '*.password' ! -name 'authelia.*'") == ""
