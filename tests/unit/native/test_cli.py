"""The script that is Prefect's command line, run with engines and users that only say what they were asked."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import services
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import cli

CLI: dict[str, Any] = {
    "flows": None, "env": {"DASK_SCHEDULER_ADDRESS": "tcp://s:8786"}, "networks": [], "zones": ["prefect-app"],
}  # fmt: skip
API = {
    "url": "http://127.0.0.1:4200/api", "service_url": "http://prefect-server:4200/api",
    "auth_string": "admin:hush", "api_key": None,
}  # fmt: skip
DOCKER: dict[str, Any] = {
    "platform": "docker", "root": "/opt/prefect", "is_root": True, "user": "prefect", "uid": 990, "gid": 991,
    "image": "prefecthq/prefect:3.8.8-python3.12", "socket": "unix:///var/run/docker.sock",
    "engine": {"name": "docker"},
}  # fmt: skip
SAY = 'for word in "$@"; do printf "%s\\n" "$word"; done'


def script(folder: Path, text: str) -> Path:
    path = folder / "prefect-cli"
    path.write_text(text)
    path.chmod(0o755)
    return path


def container(folder: Path, *arguments: str, say: str = SAY, **changes: Any) -> list[str]:
    """Run the script on a host whose engine says what it is asked."""
    socket = folder / "engine.sock"
    socket.touch()
    host = {**DOCKER, "socket": f"unix://{socket}"}
    (folder / "docker").write_text(f"#!/bin/sh\n{say}\n")
    (folder / "docker").chmod(0o755)
    path = script(folder, cli.cli_script({**CLI, **changes}, API, host))
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run([path, *arguments], env=env, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("host", [DOCKER, {**DOCKER, "platform": "native"}])
def test_the_script_holds_no_secret(host: dict[str, Any]) -> None:
    text = cli.cli_script(CLI, API, host)
    assert "hush" not in text
    assert "/opt/prefect/etc/prefect-cli.secret.env" in text
    assert "hush" in services.secret_file(cli.cli_service(CLI, API, host))


def test_arguments_reach_prefect_as_they_are(tmp_path: Path) -> None:
    said = container(tmp_path, "flow-run", "ls", "--name", "it's $HOME")
    assert said[-5:] == ["prefect", "flow-run", "ls", "--name", "it's $HOME"]
    assert said[2] == "run"
    assert "PREFECT_API_URL=http://prefect-server:4200/api" in said
    assert "DASK_SCHEDULER_ADDRESS=tcp://s:8786" in said
    assert said[said.index("--user") + 1] == "990:991"
    assert "--tty" not in said
    assert "type=bind,source=/opt/prefect/flows,target=/opt/prefect/flows" in said


def test_without_arguments_it_is_a_shell(tmp_path: Path) -> None:
    assert container(tmp_path)[-1] == "bash"


def test_without_secrets_no_file_is_mounted() -> None:
    text = cli.cli_script(CLI, {**API, "auth_string": None}, DOCKER)
    assert "secret.env" not in text
    assert "--entrypoint /usr/bin/env" in text


def test_more_networks_are_joined_before_the_start(tmp_path: Path) -> None:
    # The engine's answer is the container's name.
    say = 'shift 2; echo "$1 $2" >> calls; [ "$1" != network ] || echo "$3 $4" >> calls; echo made'
    (tmp_path / "calls").touch()
    container(tmp_path, "version", say=f"cd {tmp_path}; {say}", networks=["dask-network"])
    calls = (tmp_path / "calls").read_text().splitlines()
    assert [line.split()[0] for line in calls] == ["create", "network", "dask-network", "start"]
    assert calls[2] == "dask-network made"


def test_without_the_rights_it_asks_for_them(tmp_path: Path) -> None:
    host = {**DOCKER, "socket": "unix:///no/such.sock"}
    (tmp_path / "sudo").write_text(f"#!/bin/sh\n{SAY}\n")
    (tmp_path / "sudo").chmod(0o755)
    path = script(tmp_path, cli.cli_script(CLI, API, host))
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run([path, "version"], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["--", str(path), "version"]


def test_podman_is_asked_by_its_own_name() -> None:
    text = cli.cli_script(CLI, API, {**DOCKER, "engine": {"name": "podman"}})
    assert "podman --remote --url unix:///var/run/docker.sock run" in text


def test_natively_it_is_a_process_with_the_services_environment(tmp_path: Path) -> None:
    host = {"platform": "native", "root": str(tmp_path), "is_root": False, "user": "me"}
    for folder in ("flows", "etc", "current/bin"):
        (tmp_path / folder).mkdir(parents=True)
    spec = cli.cli_service(CLI, API, host)
    (tmp_path / "etc/prefect-cli.secret.env").write_text(services.secret_file(spec))
    prefect = tmp_path / "current/bin/prefect"
    prefect.write_text('#!/bin/sh\npwd; echo "$PREFECT_API_URL $PREFECT_API_AUTH_STRING $LEAK"; ' + SAY + "\n")
    prefect.chmod(0o755)
    path = script(tmp_path, cli.cli_script(CLI, API, host))
    done = subprocess.run([path, "a b"], env={"LEAK": "x"}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{tmp_path}/flows", "http://127.0.0.1:4200/api admin:hush ", "a b"]
    assert cli.cli_path(host) == f"{tmp_path}/bin/prefect-cli"


def test_root_gives_its_rights_up() -> None:
    text = cli.cli_script(CLI, API, {**DOCKER, "platform": "native"})
    assert "setpriv --reuid prefect --regid prefect --init-groups --" in text
    assert 'exec sudo -- "$0" "$@"' in text
