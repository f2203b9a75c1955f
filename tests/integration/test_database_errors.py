"""What the migration job says of a database that it cannot use: real Prefect, real PostgreSQL, the real command."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import bed
import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import services

PASSWORD = "hush-4711"


def failure(prefect: bed.Prefect, root: Path, **database: Any) -> str:
    """Return how the migration fails as the role reports it."""
    (root / "data").mkdir()
    (root / "current").symlink_to(Path(prefect.binary).parent.parent)
    tls = {"enabled": False, "ca_file": None, "check_hostname": True}
    server = {
        "host": "127.0.0.1", "port": 4200, "api_url": prefect.api, "ui_url": prefect.api, "ui_api_url": prefect.api,
        "base_path": "", "proxied": False, "ui": True, "analytics": False, "log_level": "INFO", "auth_string": None,
        "env": {}, "secret_env": {}, "health_url": "", "zones": [], "networks": [], "start_timeout": 1,
        "stop_timeout": 1,
        "retention": {"flow_runs_days": None, "events_days": 7},
        "database": {"kind": "postgres", "host": "127.0.0.1", "name": "prefect", "tls": tls, **database},
    }  # fmt: skip
    host = {"root": str(root), "home": str(root), "is_root": False, "environment": "x/y", "user": "x"}
    job = services.migration_job(server, host)
    secrets = root / "secret.env"
    secrets.write_text(services.secret_file(job))
    command = services.one_shot_command(job, host, str(secrets))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return services.failure_reason({"rc": done.returncode, "stdout": done.stdout, "stderr": done.stderr}, job)


def check(text: str, port: int, *words: str) -> None:
    assert text.startswith(f"prefect.postgres: the database locked@127.0.0.1:{port}/prefect could not be prepared: ")
    assert [word for word in words if word not in text] == []
    assert PASSWORD not in text
    assert "Traceback" not in text


def test_nobody_listens(prefect: bed.Prefect, tmp_path: Path) -> None:
    port = bed.free_port()
    check(failure(prefect, tmp_path, port=port, user="locked", password=PASSWORD), port, "Connect call failed")


@pytest.fixture
def locked(folder: Path, prefect: bed.Prefect) -> int:
    """A role that needs its password."""
    rules = folder / "postgres" / "data" / "pg_hba.conf"
    rules.write_text("host all locked 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
    for statement in ("CREATE ROLE locked LOGIN PASSWORD 'another'", "SELECT pg_reload_conf()"):
        subprocess.run(bed.sql_command(prefect.database_port, statement), check=True, capture_output=True)
    return prefect.database_port


def test_wrong_password(locked: int, prefect: bed.Prefect, tmp_path: Path) -> None:
    text = failure(prefect, tmp_path, port=locked, user="locked", password=PASSWORD)
    check(text, locked, 'password authentication failed for user "locked"')
