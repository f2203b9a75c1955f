"""Dask: what runs where, what listens where, and how its health is asked."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import dask

DASK: dict[str, Any] = {
    "enabled": True, "address": None, "image": None, "port": 8786, "worker_port": 8790, "workers": 2, "threads": 3,
    "memory_limit": "2Gi", "networks": ["dask-network"], "install": True, "is_scheduler": True,
    "zones": ["prefect-app"],
    "scheduler_address": "tcp://prefect-dask-scheduler:8786", "listen": "0.0.0.0", "contact": None, "published": [],
}  # fmt: skip
DOCKER = {"platform": "docker", "root": "/opt/prefect"}
NATIVE = {"platform": "native", "root": "/opt/prefect"}
ALONE = {"listen": "127.0.0.1", "scheduler_address": "tcp://127.0.0.1:8786"}


def services(host: dict[str, Any], **changes: Any) -> dict[str, dict[str, Any]]:
    return {spec["name"]: spec for spec in dask.dask_services({**DASK, **changes}, host)}


def option(spec: dict[str, Any], name: str) -> str:
    return str(spec["command"][spec["command"].index(name) + 1])


def test_the_scheduler_runs_on_one_host_and_workers_on_all() -> None:
    workers = ["prefect-dask-worker-1", "prefect-dask-worker-2"]
    assert list(services(DOCKER)) == ["prefect-dask-scheduler", *workers]
    assert list(services(DOCKER, is_scheduler=False)) == workers
    assert services(DOCKER, install=False) == {}


def test_on_one_docker_host_nothing_is_published_and_names_are_addresses() -> None:
    specs = services(DOCKER)
    assert [spec["ports"] for spec in specs.values()] == [[], [], []]
    worker = specs["prefect-dask-worker-2"]
    assert worker["command"][:3] == ["dask", "worker", "tcp://prefect-dask-scheduler:8786"]
    assert option(worker, "--contact-address") == "tcp://prefect-dask-worker-2:8792"
    assert worker["networks"] == ["prefect-app", "dask-network"]


def test_among_several_hosts_each_publishes_its_own_two_ports() -> None:
    published = [{"host": "10.0.0.2", "port": port} for port in (8786, 8787, 8790, 8791, 8792, 8793)]
    specs = services(DOCKER, contact="10.0.0.2", published=published, scheduler_address="tcp://10.0.0.1:8786")
    assert [[item["port"] for item in spec["ports"]] for spec in specs.values()] == [
        [8786, 8787], [8790, 8791], [8792, 8793],
    ]  # fmt: skip
    worker = specs["prefect-dask-worker-1"]
    assert option(worker, "--contact-address") == "tcp://10.0.0.2:8790"
    assert option(worker, "--name") == "10.0.0.2-1"
    assert worker["health"]["command"][3:] == ["http://10.0.0.1:8787/json/identity.json", "10.0.0.2-1"]


def test_natively_everything_listens_on_loopback_the_http_servers_too() -> None:
    for spec in services(NATIVE, **ALONE).values():
        assert spec["command"][0] == "/opt/prefect/current/bin/dask"
        assert option(spec, "--dashboard-address").startswith("127.0.0.1:")
        assert "--no-dashboard" in spec["command"]
        assert "0.0.0.0" not in str(spec)
        assert {item["host"] for item in spec["ports"]} == {"127.0.0.1"}
        assert spec["health"]["url"].startswith("http://127.0.0.1:87")
    assert option(services(NATIVE, **ALONE)["prefect-dask-worker-1"], "--contact-address") == "tcp://127.0.0.1:8790"


def test_limits_are_those_of_the_document() -> None:
    worker = services(DOCKER)["prefect-dask-worker-1"]
    assert (option(worker, "--nthreads"), option(worker, "--memory-limit")) == ("3", "2147483648")
    assert worker["resources"]["memory_limit"] == 2147483648
    free = services(DOCKER, threads=None, memory_limit=None)["prefect-dask-worker-1"]
    assert not {"--nthreads", "--memory-limit"} & set(free["command"])


@pytest.fixture
def identity() -> Iterator[str]:
    """Return the address of what a scheduler with one worker says of itself."""

    class Scheduler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"workers": {"tcp://w": {"name": "w-1"}}}).encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Scheduler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/json/identity.json"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("name", "status"), [("", 0), ("w-1", 0), ("w-2", 1)])
def test_a_worker_is_healthy_when_the_scheduler_knows_it(identity: str, name: str, status: int) -> None:
    assert subprocess.run([sys.executable, "-c", dask.CHECK, identity, name], check=False).returncode == status
