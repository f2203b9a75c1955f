"""What is read of a host, from real processes, sockets and files."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import host


@pytest.fixture
def service(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A marked service with a child that inherited the mark, listening on a port that it prints."""
    code = (
        "import socket, subprocess, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); "
        "c = subprocess.Popen(['sleep', '60']); print(s.getsockname()[1], flush=True); "
        "sys.stdin.read(); c.kill(); c.wait()"
    )
    env = {
        **os.environ,
        "FLOWOPS_SERVICE": f"{tmp_path}:probe",
        "FLOWOPS_SERVICE_DIGEST": "aa",
        "FLOWOPS_SECRETS_DIGEST": "bb",
        "FLOWOPS_SERVICE_PORTS": "4200",
    }
    process = subprocess.Popen([sys.executable, "-c", code], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield process
    process.communicate(timeout=20)


def listening_port(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_running_service_is_found_once_with_its_digest(service: subprocess.Popen[bytes], tmp_path: Path) -> None:
    listening_port(service)
    assert host.running_services(str(tmp_path)) == {"probe": {"pid": service.pid, "digest": "aa-bb", "ports": [4200]}}
    assert host.running_services(str(tmp_path / "other")) == {}


def test_service_in_a_container_is_not_ours(
    service: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening_port(service)
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nNSpid:\t4711\t12\n")
    real = open
    monkeypatch.setattr(
        "builtins.open", lambda path, *a, **k: real(status if str(path).endswith("/status") else path, *a, **k)
    )
    assert host.running_services(str(tmp_path)) == {}


def test_port_in_use_is_a_problem_that_names_the_holder(service: subprocess.Popen[bytes]) -> None:
    port = listening_port(service)
    wanted = [{"setting": "prefect.server.port", "host": "127.0.0.1", "port": port}]
    (problem,) = host.port_problems(wanted, {})
    assert problem.startswith(f"prefect.server.port: 127.0.0.1:{port} is in use by process {service.pid} (")


def test_port_of_our_own_service_is_no_problem(service: subprocess.Popen[bytes]) -> None:
    wanted = [{"setting": "prefect.server.port", "host": "127.0.0.1", "port": listening_port(service)}]
    assert host.port_problems(wanted, {"probe": {"pid": 1, "digest": "", "ports": [wanted[0]["port"]]}}) == []


def test_free_port_is_no_problem() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert host.port_problems([{"setting": "x", "host": "127.0.0.1", "port": port}], {}) == []


def test_service_that_was_set_up_is_known_by_its_mark(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "prefect-server.conf").write_text(f"command=env FLOWOPS_SERVICE={tmp_path}:prefect-server")
    (folder / "stranger.conf").write_text("command=env FLOWOPS_SERVICE=/elsewhere:stranger")
    assert host.installed_services(str(tmp_path)) == ["prefect-server"]


def test_python_is_found_and_old_ones_are_not() -> None:
    found = host.find_python((3, 8), shared=False)
    assert found is not None
    assert (host.python_version(found) or (0, 0)) >= (3, 8)
    assert host.find_python((9, 0), shared=False) is None


def test_interpreter_in_a_closed_folder_is_not_shared(tmp_path: Path) -> None:
    program = tmp_path / "closed" / "python"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    program.parent.chmod(0o700)
    assert not host.usable_by_others(str(program))
    assert host.usable_by_others("/bin/sh")


def test_broken_interpreter_has_no_version(tmp_path: Path) -> None:
    program = tmp_path / "python3"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert host.python_version(str(program)) is None


@pytest.mark.parametrize("exists", [True, False])
def test_uv_is_the_wanted_one_if_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    wanted = tmp_path / "uv"
    if exists:
        wanted.write_text("")
        wanted.chmod(0o755)
    expected = str(wanted) if exists else f"{tmp_path}/uv/bin/uv"
    assert host.find_uv(str(wanted), str(tmp_path)) == expected


def test_home_of_a_user() -> None:
    assert host.user_home("root") == "/root"
    assert host.user_home("nobody-of-that-name") is None


def test_free_space_is_that_of_the_nearest_folder(tmp_path: Path) -> None:
    assert host.free_megabytes(str(tmp_path / "a" / "b")) == host.free_megabytes(str(tmp_path))


def test_supervisor_answers_only_behind_its_socket(tmp_path: Path) -> None:
    assert not host.supervisor_answers(str(tmp_path))
    (tmp_path / "etc").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(host.supervisor_socket(str(tmp_path)))
        server.listen()
        assert host.supervisor_answers(str(tmp_path))


def test_a_command_line_of_another_installation_is_not_ours(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "prefect-cli"
    script.parent.mkdir()
    script.write_text("exec /opt/other/current/bin/prefect\n")
    assert not host.has_command_line(str(tmp_path), is_root=False)
    script.write_text(f"exec {tmp_path}/current/bin/prefect\n")
    assert host.has_command_line(str(tmp_path), is_root=False)


def test_projects_are_the_folders_that_hold_their_code(tmp_path: Path) -> None:
    assert host.projects(str(tmp_path)) == []
    (tmp_path / "projects" / "etl").mkdir(parents=True)
    (tmp_path / "projects" / "notes").touch()
    assert host.projects(str(tmp_path)) == ["etl"]
