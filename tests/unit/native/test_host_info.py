"""Module host_info, against this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.flowops.prefect.plugins.modules import host_info

from .conftest import Module


def test_a_fresh_root(module: Module, tmp_path: Path) -> None:
    root = str(tmp_path / "new")
    result = module("host_info", root=root, environment_name="3.8.8-x", free_megabytes=1)
    assert not result.get("failed"), result
    host = result["host"]
    assert not result["changed"]
    assert host["environment"] == f"{root}/venvs/3.8.8-x"
    assert not host["environment_ready"]
    assert host["installed"] == []
    assert host["running"] == {}
    assert not host["supervised"]
    assert not Path(root).exists()


def test_default_root_follows_the_user(module: Module, tmp_path: Path) -> None:
    host = module("host_info", env={"XDG_DATA_HOME": str(tmp_path)})["host"]
    assert host["root"] == ("/opt/prefect" if os.geteuid() == 0 else f"{tmp_path}/prefect")


def test_finished_environment_is_not_checked_again(module: Module, tmp_path: Path) -> None:
    ready, program = (tmp_path / "venvs" / "e" / name for name in (".ready", "bin/prefect"))
    program.parent.mkdir(parents=True)
    ready.touch(mode=0o644)
    program.touch(mode=0o755)
    result = module("host_info", root=str(tmp_path), environment_name="e", free_megabytes=10**9)
    assert result["host"]["environment_ready"]


def test_environment_that_others_cannot_read_is_not_ready_for_them(module: Module, tmp_path: Path) -> None:
    program = tmp_path / "venvs" / "e" / "bin" / "prefect"
    program.parent.mkdir(parents=True)
    (program.parent.parent / ".ready").touch(mode=0o644)
    program.touch(mode=0o700)
    host = module("host_info", root=str(tmp_path), environment_name="e", free_megabytes=1)["host"]
    assert host["environment_ready"] is (os.geteuid() != 0)


def test_root_with_a_space_is_refused(module: Module, tmp_path: Path) -> None:
    result = module("host_info", root=str(tmp_path / "my prefect"), environment_name="e", free_megabytes=1)
    assert "has characters that service managers do not take" in result["msg"]


def test_former_secrets_are_seen(module: Module, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "prefect-server.secret.env").touch()
    assert module("host_info", root=str(tmp_path))["host"]["with_secrets"] == ["prefect-server"]


def test_all_reasons_come_at_once(module: Module, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = module(
            "host_info",
            root=str(tmp_path / ("long" * 30)),
            environment_name="e",
            free_megabytes=10**9,
            ports=[{"setting": "prefect.server.port", "host": "127.0.0.1", "port": port}],
        )
    assert result["failed"]
    text = result["msg"]
    assert f"prefect.server.port: 127.0.0.1:{port} is in use by process {os.getpid()}" in text
    assert "no space: " in text
    if not Path("/run/systemd/system").exists():
        assert "too long for a socket" in text
    assert len(result["problems"]) == len(text.splitlines())


def test_what_keeps_prefect_from_being_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = {"root": "/srv/p", "user": "dev", "python": None, "is_root": False}
    assert host_info.install_problems(found, 0) == [
        "prefect.root: dev may not write to /srv; choose another root or use become",
        "no Python of 3.10 or newer was found; install the distribution's python3",
    ]
    found |= {"python": "/usr/bin/python3", "uv_ready": False, "has_ensurepip": False}
    assert host_info.install_problems(found, 0)[-1] == (
        "/usr/bin/python3 cannot make a virtual environment; install python3-venv, or uv"
    )
