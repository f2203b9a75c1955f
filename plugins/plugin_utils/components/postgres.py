# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL in a container: the service, the guard of its data and the change of its password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..settings.kubernetes import BACKGROUND_SERVICES, MIGRATION
from ..settings.stack import SERVER
from .cluster_secrets import reference

Spec = dict[str, Any]

NAME = "prefect-postgres"
# Those in a cluster that speak with it.
USERS = (BACKGROUND_SERVICES, MIGRATION, SERVER)
# Images up to 17 declare this folder as their volume, later ones its parent: a folder of its own below it fits both.
VOLUME = "/var/lib/postgresql/data"
DATA = f"{VOLUME}/pgdata"
PASSWORD_FILE = "/run/secrets/postgres_password"

# What the image's entry point needs to own the data folder, and then to run as postgres.
CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]

REFUSED = "prefect.postgres.volume: nothing was touched"

# How one comes to a volume without data, on a host and in a cluster.
NEW_VOLUME = "set prefect.postgres.volume to a new one"
NEW_CLAIM = f"remove the volume data-{NAME}-0 once there is a dump of it"

# Says on its last line why the image may not touch the data.
GUARD = r"""
image=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
for folder in "$PGDATA" "$0" "$0"/[0-9]*/docker "$0"/docker "$0"/data; do
    [ -s "$folder/PG_VERSION" ] || continue
    found=$(cat "$folder/PG_VERSION")
    if [ "$folder" != "$PGDATA" ]; then
        echo "it holds a database of PostgreSQL $found in $folder, which this collection did not put there;" \
            "$1, and restore a dump (pg_dumpall) of the old one into it" >&2
        exit 1
    fi
    if [ "$found" != "$image" ]; then
        echo "it holds a database of PostgreSQL $found, prefect.postgres.image is PostgreSQL $image;" \
            "set the image back to PostgreSQL $found, or dump with it (pg_dumpall), $1" \
            "and restore the dump" >&2
        exit 1
    fi
done
"""

# The password is read inside of the container, from the file that the server itself is given.
# psql hashes it before it sends it, so that no log of the server shows it.
PASSWORD = r"""
password=${POSTGRES_PASSWORD:-$(cat "$POSTGRES_PASSWORD_FILE")}
if PGPASSWORD=$password psql -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -wXqAtc 'SELECT 1' > /dev/null 2>&1
then
    exit 0
fi
printf '%s\n%s\n' "$password" "$password" |
    psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -wXq -v ON_ERROR_STOP=1 -c '\password' > /dev/null || exit 1
PGPASSWORD=$password psql -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -wXqAtc "SELECT 'changed'"
"""


def postgres_service(postgres: Mapping[str, Any], password: str) -> Spec:
    """Return the specification of the database server."""
    port = str(postgres["port"])
    return {
        "name": NAME,
        "description": "PostgreSQL database of Prefect",
        "image": postgres["image"],
        "command": ["postgres", "-c", "password_encryption=scram-sha-256"],
        "env": {
            "PGDATA": DATA,
            "PGPORT": port,
            "POSTGRES_USER": postgres["user"],
            "POSTGRES_DB": postgres["name"],
            "POSTGRES_PASSWORD_FILE": PASSWORD_FILE,
            # The socket is inside of the container: whoever is there is the database's administrator anyway.
            "POSTGRES_INITDB_ARGS": "--encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256",
        },
        "secret_env": {},
        "run_as": "image",
        "networks": [*postgres["zones"], *postgres["networks"]],
        "volumes": [_volume(postgres)],
        "capabilities": CAPABILITIES,
        "tmpfs": ["/var/run/postgresql"],
        "directories": [],
        "files": [{"path": PASSWORD_FILE, "content": password, "secret": True}],
        "ports": [{**item, "container_port": postgres["port"]} for item in postgres["published"]],
        "health": {
            "url": None,
            # The server that only prepares the data folder does not listen there.
            "command": ["pg_isready", "--quiet", "--host", "127.0.0.1", "--port", port, "--dbname", "postgres"],
            "timeout": 120,
        },
        "stop_timeout": 60,
        "resources": {"cpu_limit": None, "memory_limit": None},
    }


def cluster_postgres_service(postgres: Mapping[str, Any], password: str, cluster: Mapping[str, Any]) -> Spec:
    """Return the specification of the database server in a cluster, whose settings are prefect_kubernetes.

    Each of its pods looks at the data before the server does.
    """
    spec = {
        **postgres_service({**postgres, "zones": [], "networks": [], "published": []}, password),
        "workload": "postgres",
        "capabilities": [],
        "volumes": [{"name": "data", "path": VOLUME, "size": "10Gi"}],
        "before": [{"name": "guard", "entrypoint": ["/bin/sh"], "command": ["-c", GUARD, VOLUME, NEW_CLAIM]}],
        "ports": [{"host": "0.0.0.0", "port": postgres["port"], "name": "postgres"}],
        "network": {"from": list(USERS), "to": []},
    }
    found = reference(cluster, "postgres_password")
    if found is None:
        return spec
    # Secrets of somebody else are no files of ours.
    env = {key: value for key, value in spec["env"].items() if key != "POSTGRES_PASSWORD_FILE"}
    return {**spec, "env": env, "files": [], "secret_refs": {"POSTGRES_PASSWORD": found}}


def postgres_guard_job(postgres: Mapping[str, Any]) -> Spec:
    """Return the specification of the one-shot job that refuses data that this image cannot run on."""
    return {
        "name": f"{NAME}-guard",
        "description": "Guard of the data of PostgreSQL",
        "image": postgres["image"],
        "entrypoint": ["/bin/sh"],
        "command": ["-c", GUARD, VOLUME, NEW_VOLUME],
        "env": {"PGDATA": DATA},
        "secret_env": {},
        "run_as": "image",
        "networks": [],
        "volumes": [_volume(postgres)],
        # The data folder is closed to everybody but its owner.
        "capabilities": ["DAC_OVERRIDE"],
        "directories": [],
        "files": [],
        "ports": [],
        "failure": REFUSED,
        "failures": {},
    }


def postgres_password_command(_postgres: Mapping[str, Any]) -> list[str]:
    """Return the arguments that give the role the password of the mounted file, unless it has it; says "changed"."""
    return ["/bin/sh", "-c", PASSWORD]


def _volume(postgres: Mapping[str, Any]) -> dict[str, str]:
    return {"name": postgres["volume"], "path": VOLUME}
