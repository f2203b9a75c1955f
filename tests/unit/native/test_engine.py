"""The client of a container engine, against a socket that answers what it is told."""

from __future__ import annotations

import http.server
import json
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import engine, engine_host

from .conftest import Module

VERSION: dict[str, Any] = {"Version": "20.10.24", "ApiVersion": "1.41", "Arch": "amd64"}
NETWORK = {"Id": "1", "Name": "caddy-network", "IPAM": {"Config": [{"Subnet": "172.31.90.0/24"}]}, "Labels": {}}


class Answers(http.server.BaseHTTPRequestHandler):
    """Answer from a table; anything else is not found."""

    table: dict[str, Any]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        found = path in self.table
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(json.dumps(self.table[path] if found else {"message": "no such thing"}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def table() -> dict[str, Any]:
    return {
        "/version": dict(VERSION),
        "/info": {"DockerRootDir": "/", "SecurityOptions": []},
        "/containers/json": [],
        "/images/json": [],
        "/networks": [NETWORK],
        "/volumes": {"Volumes": None},
    }


@pytest.fixture
def address(tmp_path: Path, table: dict[str, Any]) -> Iterator[str]:
    path = str(tmp_path / "engine.sock")
    handler = type("Handler", (Answers,), {"table": table, "address_string": lambda _self: "test"})
    with socketserver.ThreadingUnixStreamServer(path, handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"unix://{path}"
        server.shutdown()


def problems(module: Module, address: str, root: Path, **options: Any) -> list[str]:
    result = module("engine_info", root=str(root), socket=address, **options)
    assert result.get("failed"), result
    found: list[str] = result["problems"]
    assert result["msg"].splitlines() == found
    return found


def test_an_empty_engine_is_ready(module: Module, address: str, tmp_path: Path) -> None:
    result = module("engine_info", root=str(tmp_path), socket=address, image="a:1")
    host = result["host"]
    assert not result["changed"]
    assert host["engine"] == {
        "version": "20.10.24",
        "api_version": "1.41",
        "name": "docker",
        "architecture": "amd64",
        "rootless": False,
    }
    assert (host["platform"], host["environment"], host["images"]) == ("docker", "a:1", {"a:1": None})
    assert host["networks"]["caddy-network"] == {
        "id": "1",
        "subnets": ["172.31.90.0/24"],
        "is_ours": False,
        "internal": False,
    }
    assert host["running"] == {}


def test_podman_is_told_from_docker(module: Module, address: str, table: dict[str, Any], tmp_path: Path) -> None:
    table["/version"]["Components"] = [{"Name": "Podman Engine"}]
    host = module("engine_info", root=str(tmp_path), socket=address)["host"]
    assert host["engine"]["name"] == "podman"


def test_every_problem_comes_at_once(module: Module, address: str, table: dict[str, Any], tmp_path: Path) -> None:
    table["/version"] = {"Version": "19.03.1", "ApiVersion": "1.40"}
    found = problems(
        module,
        address,
        tmp_path,
        image="a:1",
        free_megabytes=10**9,
        joined=[{"setting": "prefect.proxy.networks[0]", "name": "cady-network"}],
        zones=[
            {"setting": "prefect.docker.networks.app", "name": "prefect-app", "subnet": "172.31.0.0/16"},
            {"setting": "prefect.docker.networks.edge", "name": "caddy-network"},
        ],
        names=[{"setting": "prefect.proxy.sites[0]", "name": "nowhere.invalid"}],
        volumes=[{"setting": "a", "name": "v"}, {"setting": "b", "name": "v"}],
    )
    text = "\n".join(found)
    assert "the engine 19.03.1 with API 1.40 is too old" in text
    assert "no space: " in text
    assert (
        "prefect.proxy.networks[0]: there is no network cady-network on this host; did you mean 'caddy-network'?"
        in text
    )
    assert "172.31.0.0/16 of prefect-app collides with 172.31.90.0/24 of the network caddy-network" in text
    assert "prefect.docker.networks.edge.name: the network caddy-network is there and was not made by this" in text
    assert "the name nowhere.invalid does not resolve" in text
    assert "b: the volume v is that of a; each needs its own" in text


def test_a_missing_engine_is_none_when_it_will_be_installed(module: Module, tmp_path: Path) -> None:
    address = f"{tmp_path}/no.sock"
    assert f"prefect.docker.socket: {address} is not there" in problems(module, address, tmp_path)[0]
    result = module("engine_info", root=str(tmp_path), socket=address, install=True)
    if os.geteuid() == 0:
        assert result["host"]["needs_engine"]


def test_a_socket_that_is_closed_to_the_user_says_whose_it_is(tmp_path: Path) -> None:
    text = engine_host.forbidden_engine(str(tmp_path), "dev")
    assert text.startswith(f"prefect.docker.socket: dev may not use {tmp_path}; add dev to the group ")


def test_frames_of_a_log_are_taken_apart() -> None:
    frames = b"".join(struct.pack(">BxxxL", stream, len(text)) + text for stream, text in ((1, b"one\n"), (2, b"two")))
    assert engine.unframed(frames) == b"one\ntwo"


def test_the_port_of_another_container_is_named(
    module: Module, address: str, table: dict[str, Any], tmp_path: Path
) -> None:

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        table["/containers/json"] = [
            {"Id": "c", "Names": ["/grafana"], "Labels": {}, "ImageID": "i", "Ports": [{"PublicPort": port}]}
        ]
        wanted = [{"setting": "prefect.server.port", "host": "127.0.0.1", "port": port}]
        assert (
            f"127.0.0.1:{port} is in use by container grafana" in problems(module, address, tmp_path, ports=wanted)[0]
        )


def test_a_container_without_an_engine_is_no_traceback(module: Module, tmp_path: Path) -> None:
    result = module("container_health", name="x", socket=str(tmp_path / "no.sock"))
    assert result["msg"].startswith("x: ")
