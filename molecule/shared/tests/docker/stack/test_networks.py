"""Who can talk to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

DATA, APP, EDGE = "prefect-data", "prefect-app", "prefect-edge"
MEMBERS = {
    "prefect-authelia": {EDGE},
    "prefect-dask-scheduler": {APP},
    "prefect-dask-worker-1": {APP},
    "prefect-minio": {APP, EDGE},
    "prefect-postgres": {DATA},
    "prefect-proxy": {EDGE},
    "prefect-server": {DATA, APP, EDGE},
    "prefect-worker-dask": {APP},
}
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_component_is_on_its_networks(name: str, containers: Callable[[], dict[str, Any]]) -> None:
    assert set(containers()[name]["NetworkSettings"]["Networks"]) == MEMBERS[name]


def test_the_data_network_has_no_way_out(inspect: Callable[..., list[dict[str, Any]]]) -> None:
    internal = {item["Name"]: item["Internal"] for item in inspect("network", DATA, APP, EDGE)}
    assert internal == {DATA: True, APP: False, EDGE: False}


def test_the_networks_bear_our_label(inspect: Callable[..., list[dict[str, Any]]]) -> None:
    labels = [item["Labels"].get("flowops.prefect.root") for item in inspect("network", DATA, APP, EDGE)]
    assert labels == ["/opt/prefect"] * 3


@pytest.mark.parametrize(
    ("source", "target", "port", "expected"),
    [
        ("prefect-server", "prefect-postgres", 5432, True),
        ("prefect-worker-dask", "prefect-server", 4200, True),
        ("prefect-worker-dask", "prefect-minio", 9000, True),
        ("prefect-worker-dask", "prefect-postgres", 5432, False),
        ("prefect-worker-dask", "prefect-proxy", 443, False),
        ("prefect-worker-dask", "prefect-authelia", 9091, False),
    ],
)
def test_who_reaches_whom(host: Host, source: str, target: str, port: int, expected: bool) -> None:
    found = host.run("docker exec %s python -c %s %s %s", source, CONNECT, target, str(port))
    assert (found.rc == 0) is expected, found.stderr
