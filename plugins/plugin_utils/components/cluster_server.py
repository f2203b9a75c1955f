# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server in a cluster: its replicas, the services in the background, and the job that prepares their database.

`cluster` are the settings prefect_kubernetes, `redis` are prefect_redis with the password that counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ..services import SERVER_PORT, environment_of, migration_job, server_service
from ..settings.kubernetes import BACKGROUND_SERVICES
from .cluster_secrets import by_reference, reference
from .redis import WITH_URL, redis_environment

Spec = dict[str, Any]
Settings = Mapping[str, Any]

CERTIFICATES = "/run/prefect-database/ca.crt"
# What the database was prepared for, as the running server was told it.
PREPARED = "FLOWOPS_DATABASE"


def cluster_services(server: Settings, host: Settings, cluster: Settings, redis: Settings) -> list[Spec]:
    """Return the specifications of the server and, where they run apart, of its background services."""
    common = _common(server, host, cluster, redis)
    separate = BACKGROUND_SERVICES in cluster["names"]
    service = {
        **common,
        "workload": "server",
        "command": [*common["command"], *(["--no-services"] if separate else [])],
        "ports": [{"host": "0.0.0.0", "port": SERVER_PORT, "container_port": SERVER_PORT}],
        "replicas": server["replicas"] or 1,
        "way_in": True,
        **_kept(server, common["directories"][0]),
    }
    service["health"]["ready_url"] = f"{service['env']['PREFECT_API_URL']}/ready"
    return [_told(item) for item in ([service, _background(server, common)] if separate else [service])]


def cluster_migration(server: Settings, host: Settings, cluster: Settings, redis: Settings) -> Spec:
    """Return the specification of the job that prepares a database of PostgreSQL."""
    job = migration_job(_trusting(server), host)
    service = _common(server, host, cluster, redis)
    shared = ("env", "secret_env", "secret_refs", "directories", "files")
    job = {**job, **{key: service[key] for key in shared}, "workload": "migration"}
    return _told(job)


def database_mark(server: Settings, host: Settings) -> str:
    """Return what tells whether a database has to be prepared: another release, or another database."""
    database = server["database"]
    place = [database[key] for key in ("kind", "host", "port", "user", "name")]
    return hashlib.sha256(json.dumps([host["image"], place]).encode()).hexdigest()[:16]


def _common(server: Settings, host: Settings, cluster: Settings, redis: Settings) -> Spec:
    """Return what every process of the server is started with."""
    spec = server_service(_trusting(server), host)
    plain, secret, references = _messaging(redis, cluster)
    given = {**spec["env"], **spec["secret_env"]}
    has_way_in = cluster["ingress"]["enabled"] or cluster["gateway"]["enabled"]
    spec |= {
        "env": {
            **environment_of(plain),
            # Nobody knows the addresses of what stands before it.
            **({"FORWARDED_ALLOW_IPS": "*"} if has_way_in else {}),
            # Kept with the data it would hide that those are gone.
            "PREFECT_SERVER_MEMO_STORE_PATH": "/tmp/memo_store.toml",
            PREPARED: database_mark(server, host),
            **spec["env"],
        },
        "secret_env": {**{key: value for key, value in secret.items() if key not in given}, **spec["secret_env"]},
        "secret_refs": {key: value for key, value in references.items() if key not in given},
        "files": _certificates(server),
    }
    auth = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
    spec = by_reference(spec, reference(cluster, "auth_string"), auth)
    if server["database"]["kind"] == "sqlite":
        return spec
    return by_reference(spec, reference(cluster, "postgres_password"), ["PREFECT_SERVER_DATABASE_PASSWORD"])


def _messaging(redis: Settings, cluster: Settings) -> tuple[Spec, Spec, Spec]:
    return redis_environment(redis, cluster) if redis["enabled"] else ({}, {}, {})


def _background(server: Settings, common: Spec) -> Spec:
    # It listens nowhere, so its end is all that can be seen of it.
    return {
        **common,
        "name": BACKGROUND_SERVICES,
        "description": "Prefect background services",
        "workload": "background_services",
        "command": [common["command"][0], "server", "services", "start"],
        "ports": [],
        "health": None,
        "replicas": server["background_services"]["replicas"] or 1,
    }


def _kept(server: Settings, home: str) -> Spec:
    """Return what a server needs whose database is a file of its own: one pod, and the way to prepare it there."""
    if server["database"]["kind"] != "sqlite":
        return {}
    upgrade = ["prefect", "server", "database", "upgrade", "-y"]
    return {
        "replicas": 1,
        "update": "recreate",
        "volumes": [{"name": "data", "path": home}],
        "before": [{"name": "migration", "command": upgrade}],
    }


def _trusting(server: Settings) -> dict[str, Any]:
    """Return the server with the place of the certificates in its pods."""
    database = server["database"]
    if not database["tls"].get("ca_content"):
        return dict(server)
    return {**server, "database": {**database, "tls": {**database["tls"], "ca_file": CERTIFICATES}}}


def _certificates(server: Settings) -> list[dict[str, Any]]:
    tls = server["database"]["tls"]
    content = tls.get("ca_content") if tls["enabled"] else None
    return [{"path": CERTIFICATES, "content": content, "secret": False}] if content else []


def _told(spec: Spec) -> Spec:
    """Return a specification whose process completes its address of Redis itself, where only the cluster knows it."""
    if "PREFECT_REDIS_MESSAGING_PASSWORD" not in spec["secret_refs"]:
        return spec
    return {**spec, "command": ["python", "-c", WITH_URL, *spec["command"]]}
