"""The components around Prefect in real containers, as the Docker platform starts them."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import services
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import cli, postgres

PREFECT = "prefecthq/prefect:3.8.8-python3.12"
FIRST, SECOND = "p'w\"$x `", "zwei\\ %s"
CLOSED = ("--cap-drop", "ALL", "--read-only", "--tmpfs", "/tmp", "--security-opt", "no-new-privileges")


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def has(*images: str) -> bool:
    return all(run("docker", "image", "inspect", image).returncode == 0 for image in images)


class Database:
    """A container of PostgreSQL and its volume."""

    def __init__(self, folder: Path) -> None:
        self.name = f"flowops-test-{uuid.uuid4().hex[:8]}"
        self.password_file = folder / "password"

    def settings(self, image: str) -> dict[str, Any]:
        return {
            "image": image, "volume": self.name, "port": 5433, "user": "prefect", "name": "runs",
            "zones": [], "networks": [], "published": [],
        }  # fmt: skip

    def start(self, image: str, password: str) -> None:
        spec = postgres.postgres_service(self.settings(image), password)
        self.password_file.write_text(spec["files"][0]["content"])
        self.password_file.chmod(0o600)
        run("docker", "rm", "--force", "--volumes", self.name)
        words = [
            *(word for name in spec["capabilities"] for word in ("--cap-add", name)),
            *(word for folder in spec["tmpfs"] for word in ("--tmpfs", folder)),
            *(word for key, value in spec["env"].items() for word in ("--env", f"{key}={value}")),
            "--volume", f"{self.name}:{spec['volumes'][0]['path']}",
            "--volume", f"{self.password_file}:{spec['files'][0]['path']}:ro",
        ]  # fmt: skip
        started = run("docker", "run", "--detach", "--name", self.name, *CLOSED, *words, image, *spec["command"])
        assert started.returncode == 0, started.stderr
        deadline = time.monotonic() + 60
        while self.execute(*spec["health"]["command"]).returncode:
            assert time.monotonic() < deadline, run("docker", "logs", self.name).stderr
            time.sleep(0.2)

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run("docker", "exec", self.name, *command)

    def guard(self, image: str) -> str:
        spec = postgres.postgres_guard_job(self.settings(image))
        words = ["--volume", f"{self.name}:{spec['volumes'][0]['path']}", "--env", f"PGDATA={spec['env']['PGDATA']}"]
        words += [word for name in spec["capabilities"] for word in ("--cap-add", name)]
        words += ["--network", "none", "--entrypoint", *spec["entrypoint"], image, *spec["command"]]
        done = run("docker", "run", "--rm", *CLOSED, *words)
        result = {"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
        return services.failure_reason(result, {**spec, "secret_env": {}}) if done.returncode else ""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path)
    yield made
    run("docker", "rm", "--force", "--volumes", made.name)
    run("docker", "volume", "rm", "--force", made.name)


@pytest.mark.skipif(not has("postgres:15", "postgres:17"), reason="needs the images of PostgreSQL 15 and 17")
def test_postgres_keeps_its_data_and_follows_its_password(database: Database) -> None:
    change = postgres.postgres_password_command({})
    assert database.guard("postgres:15") == ""
    database.start("postgres:15", FIRST)
    assert database.execute(*change).stdout == ""
    database.start("postgres:15", SECOND)
    changed = database.execute(*change)
    assert (changed.returncode, changed.stdout) == (0, "changed\n")
    assert database.execute(*change).stdout == ""
    told = run("docker", "inspect", database.name).stdout + run("docker", "logs", database.name).stderr + changed.stderr
    assert SECOND not in told
    assert "PostgreSQL 15, prefect.postgres.image is PostgreSQL 17" in database.guard("postgres:17")
    assert database.guard("postgres:15") == ""


@pytest.mark.skipif(not has("postgres:17"), reason="needs the image of PostgreSQL 17")
def test_an_unknown_role_is_told(database: Database) -> None:
    database.start("postgres:17", FIRST)
    done = run("docker", "exec", "--env", "POSTGRES_USER=other", database.name, *postgres.postgres_password_command({}))
    assert done.returncode != 0
    assert 'role "other" does not exist' in done.stderr


@pytest.fixture
def command_line(tmp_path: Path) -> Path:
    host = {
        "platform": "docker", "root": str(tmp_path), "is_root": False, "user": "prefect", "uid": 990, "gid": 990,
        "image": PREFECT, "socket": "unix:///var/run/docker.sock", "engine": {"name": "docker"},
    }  # fmt: skip
    settings: dict[str, Any] = {"flows": None, "env": {"A": "it's"}, "networks": [], "zones": ["none"]}
    api = {"url": None, "service_url": "http://prefect-server:4200/api", "auth_string": "admin:hu$h", "api_key": None}
    spec = cli.cli_service(settings, api, host)
    secrets = tmp_path / "etc/prefect-cli.secret.env"
    for folder in (secrets.parent, tmp_path / "flows", *map(Path, spec["directories"])):
        folder.mkdir(parents=True)
        os.chown(folder, 990, 990)
    secrets.write_text(services.secret_file(spec))
    secrets.chmod(0o600)
    os.chown(secrets, 990, 990)
    script = tmp_path / "prefect-cli"
    script.write_text(cli.cli_script(settings, api, host))
    script.chmod(0o755)
    return script


@pytest.mark.skipif(os.geteuid() != 0 or not has(PREFECT), reason="needs root and Prefect's image")
def test_the_command_line_is_a_container_without_rights(command_line: Path) -> None:
    assert "3.8.8" in run(command_line, "version").stdout
    asked = (
        'id -u; echo "$PREFECT_API_AUTH_STRING $PREFECT_API_URL $A"; touch seen; grep CapEff /proc/self/status; exit 7'
    )
    shell = run(command_line, input=asked)
    assert shell.returncode == 7
    assert shell.stdout.splitlines() == [
        "990", "admin:hu$h http://prefect-server:4200/api it's", "CapEff:\t0000000000000000",
    ]  # fmt: skip
    assert (command_line.parent / "flows/seen").exists()
