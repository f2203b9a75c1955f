# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redis in a cluster: the service, and what servers of Prefect are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .cluster_secrets import reference
from .postgres import USERS

Spec = dict[str, Any]

NAME = "prefect-redis"
DATA = "/data"
# By this name redis-cli reads it too.
PASSWORD = "REDISCLI_AUTH"
URL = "PREFECT_SERVER_DOCKET_URL"
MESSAGING_PASSWORD = "PREFECT_REDIS_MESSAGING_PASSWORD"
CLEANUP_PASSWORD = "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_PASSWORD"

# The configuration comes by standard input: a command line is seen by everybody, and a digest needs no quotes.
START = f"""\
set -eu
digest=$(printf %s "${PASSWORD}" | sha256sum | cut -c 1-64)
exec redis-server - <<END
port $1
dir {DATA}
appendonly yes
user default on #$digest ~* &* +@all
END
"""
HEALTH = 'test "$(redis-cli -p "$0" ping)" = PONG'

LATER = "__PASSWORD__"
# A password that only the cluster knows is put into the address by the process itself.
WITH_URL = (
    "import os, sys, urllib.parse; "
    f"os.environ[{URL!r}] = os.environ[{URL!r}].replace("
    f"'{LATER}', urllib.parse.quote(os.environ[{MESSAGING_PASSWORD!r}], safe='')); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


def redis_service(redis: Mapping[str, Any], password: str | None, cluster: Mapping[str, Any]) -> Spec:
    """Return the specification of Redis in a cluster, whose settings are prefect_kubernetes."""
    found = reference(cluster, "redis_password")
    port = redis["port"]
    return {
        "name": NAME,
        "description": "Redis of Prefect",
        "workload": "redis",
        "image": redis["image"],
        "entrypoint": ["/bin/sh"],
        "command": ["-c", START, NAME, str(port)],
        "env": {},
        "secret_env": {} if found else {PASSWORD: password or ""},
        "secret_refs": {PASSWORD: found} if found else {},
        "run_as": "image",
        "volumes": [{"name": "data", "path": DATA}],
        "directories": [],
        "files": [],
        "ports": [{"host": "0.0.0.0", "port": port, "name": "redis"}],
        "health": {"url": None, "command": ["/bin/sh", "-c", HEALTH, str(port)], "timeout": 120},
        "stop_timeout": 30,
        "resources": {"cpu_limit": None, "memory_limit": None},
        "network": {"from": list(USERS), "to": []},
    }


def redis_environment(
    redis: Mapping[str, Any], cluster: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, str]]]:
    """Return what servers are told of Redis: openly, in secret, and by reference to a Secret."""
    plain: dict[str, Any] = {
        "PREFECT_SERVER_EVENTS_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": "prefect_redis.cleanup_queue",
    }
    for prefix in ("PREFECT_REDIS_MESSAGING_", "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_"):
        plain |= {
            f"{prefix}HOST": redis["host"],
            f"{prefix}PORT": redis["port"],
            f"{prefix}DB": redis["db"],
            f"{prefix}USERNAME": redis["user"],
            f"{prefix}SSL": redis["tls"],
        }
    found = reference(cluster, "redis_password")
    passwords = (MESSAGING_PASSWORD, CLEANUP_PASSWORD)
    if found:
        # See WITH_URL.
        return plain | {URL: _address(redis, LATER)}, {}, {name: dict(found) for name in passwords}
    password = redis["password"]
    if not password:
        return plain | {URL: _address(redis, None)}, {}, {}
    return plain, {**dict.fromkeys(passwords, password), URL: _address(redis, password)}, {}


def _address(redis: Mapping[str, Any], password: str | None) -> str:
    user = quote(redis["user"] or ("default" if password else ""), safe="")
    login = f"{user}:{quote(password, safe='')}@" if password else f"{user}@" if user else ""
    host = f"[{redis['host']}]" if ":" in redis["host"] else redis["host"]
    return f"{'rediss' if redis['tls'] else 'redis'}://{login}{host}:{redis['port']}/{redis['docket_db']}"
