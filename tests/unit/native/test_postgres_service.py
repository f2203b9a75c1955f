"""PostgreSQL in a container: its specification, the guard of its data, the change of its password."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import services
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import postgres

POSTGRES: dict[str, Any] = {
    "image": "postgres:17", "volume": "prefect-postgres", "port": 5433, "user": "u", "name": "n", "password": None,
    "zones": ["prefect-data"], "networks": ["theirs"], "published": [{"host": "10.0.0.2", "port": 5433}],
}  # fmt: skip
HOST: dict[str, Any] = {"platform": "docker", "root": "/opt/prefect", "images": {"postgres:17": "sha256:1"}}
HUSH = "p@:/%# $\"'é\\`"


def service(password: str = HUSH, **changes: Any) -> dict[str, Any]:
    return postgres.postgres_service({**POSTGRES, **changes}, password)


def test_the_password_is_nowhere_but_in_a_secret_file() -> None:
    spec = service()
    assert [item for item in spec["files"] if item["secret"]] == spec["files"]
    assert spec["files"][0] == {"path": spec["env"]["POSTGRES_PASSWORD_FILE"], "content": HUSH, "secret": True}
    assert HUSH not in str({**spec, "files": None})


def test_the_data_is_below_the_volume_for_every_image() -> None:
    spec = service()
    assert spec["volumes"] == [{"name": "prefect-postgres", "path": "/var/lib/postgresql/data"}]
    assert spec["env"]["PGDATA"] == "/var/lib/postgresql/data/pgdata"


def test_it_listens_on_one_port_everywhere() -> None:
    spec = service()
    assert spec["env"]["PGPORT"] == "5433"
    assert spec["ports"] == [{"host": "10.0.0.2", "port": 5433, "container_port": 5433}]
    assert "5433" in spec["health"]["command"]
    assert service(published=[])["ports"] == []
    assert spec["networks"] == ["prefect-data", "theirs"]


def test_a_changed_password_or_image_replaces_the_container() -> None:
    digests = {services.service_digest(spec, HOST) for spec in (service(), service("x"), service(volume="v"))}
    other = services.service_digest(service(), {**HOST, "images": {"postgres:17": "sha256:2"}})
    assert len({*digests, other}) == 4


def programs(folder: Path, **scripts: str) -> dict[str, str]:
    for name, text in scripts.items():
        path = folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return {"PATH": f"{folder}/bin:/usr/bin:/bin"}


def guard(folder: Path, image: str, **found: str) -> subprocess.CompletedProcess[str]:
    volume = folder / "volume"
    volume.mkdir()
    for place, version in found.items():
        path = volume / place.replace("_", "/")
        path.mkdir(parents=True, exist_ok=True)
        (path / "PG_VERSION").write_text(f"{version}\n")
    env = programs(folder, postgres=f"echo 'postgres (PostgreSQL) {image}'") | {"PGDATA": f"{volume}/pgdata"}
    command = postgres.postgres_guard_job(POSTGRES)["command"]
    *script, _, new_volume = command
    command = ["/bin/sh", *script, str(volume), new_volume]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("image", "found"), [("17.5", {}), ("17.5 (Debian 17.5-1)", {"pgdata": "17"})])
def test_the_guard_lets_pass_what_fits(tmp_path: Path, image: str, found: dict[str, str]) -> None:
    done = guard(tmp_path, image, **found)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_guard_says_what_is_there_what_the_image_is_and_the_way_out(tmp_path: Path) -> None:
    done = guard(tmp_path, "17.5", pgdata="15")
    result = {"rc": done.returncode, "stderr": done.stderr}
    assert done.returncode == 1
    assert services.failure_reason(result, postgres.postgres_guard_job(POSTGRES)) == (
        "prefect.postgres.volume: nothing was touched: it holds a database of PostgreSQL 15, prefect.postgres.image is "
        "PostgreSQL 17; set the image back to PostgreSQL 15, or dump with it (pg_dumpall), set "
        "prefect.postgres.volume to a new one and restore the dump"
    )


@pytest.mark.parametrize("place", ["", "18_docker", "docker", "data"])
def test_the_guard_refuses_a_database_of_another_layout(tmp_path: Path, place: str) -> None:
    done = guard(tmp_path, "17.5", **{place: "17"})
    assert done.returncode == 1
    assert "which this collection did not put there; set prefect.postgres.volume to a new one, and" in done.stderr


def test_in_a_cluster_the_guard_names_the_claim() -> None:
    (guarding,) = postgres.cluster_postgres_service(POSTGRES, HUSH, {})["before"]
    assert guarding["command"][1:] == [
        postgres.GUARD, postgres.VOLUME, "remove the volume data-prefect-postgres-0 once there is a dump of it",
    ]  # fmt: skip


# A psql that knows one password, and is told another one like the real one.
PSQL = r"""
echo "$@" >> calls
case "$*" in
*127.0.0.1*)
    [ "$PGPASSWORD" = "$(cat known)" ] || exit 2
    case "$*" in *changed*) echo changed ;; esac ;;
*'\password'*)
    read -r one
    read -r two
    [ "$one" = "$two" ] && printf %s "$one" > known ;;
esac
"""


@pytest.mark.parametrize(("known", "said"), [("old", "changed\n"), (HUSH, "")])
def test_the_password_is_changed_once_and_is_on_no_command_line(tmp_path: Path, known: str, said: str) -> None:
    (tmp_path / "known").write_text(known)
    (tmp_path / "wanted").write_text(HUSH)
    env = programs(tmp_path, psql=PSQL)
    env |= {"POSTGRES_PASSWORD_FILE": "wanted", "POSTGRES_USER": "u", "POSTGRES_DB": "n"}
    command = postgres.postgres_password_command(POSTGRES)
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    assert (tmp_path / "known").read_text() == HUSH
    assert HUSH not in (tmp_path / "calls").read_text() + str(command)
