"""The services as systemd knows them."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

UNITS = ["prefect-server", "prefect-worker-default"]
HIGHEST_EXPOSURE = 2.0


@pytest.mark.parametrize("name", UNITS)
def test_it_is_up_and_starts_at_boot(host: Host, name: str) -> None:
    service = host.service(name)
    assert (service.is_running, service.is_enabled) == (True, True)


@pytest.mark.parametrize("name", UNITS)
def test_it_is_hardened(host: Host, name: str) -> None:
    report = host.check_output("systemd-analyze security --no-pager %s.service", name)
    level = float(report.rpartition("exposure level for")[2].split(":")[1].split()[0])
    assert level <= HIGHEST_EXPOSURE, report


def test_no_unit_has_failed(host: Host) -> None:
    assert json.loads(host.check_output("systemctl list-units --failed --output json")) == []


def test_systemd_finds_nothing_wrong_with_the_units(host: Host) -> None:
    files = " ".join(f"/etc/systemd/system/{name}.service" for name in UNITS)
    verdict = host.run(f"systemd-analyze verify --man=no {files}")
    assert (verdict.rc, verdict.stderr) == (0, "")
