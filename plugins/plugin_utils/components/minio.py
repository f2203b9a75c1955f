# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MinIO in a container, and what is to be in it: policies, users, buckets and the blocks that point at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...module_utils.object_store.bucket_policy import bucket_policy
from ..settings.stack import bucket_policy_name
from .bucket_blocks import Access, bucket_blocks, bucket_probes

Spec = dict[str, Any]
Item = dict[str, Any]

NAME = "prefect-minio"
PORT = 9000
CONSOLE_PORT = 9001
PASSWORD_FILE = "/run/secrets/minio_root_password"
LIVE = f"http://127.0.0.1:{PORT}/minio/health/live"

# Not every image has curl; a bash without any other program can ask, too.
HEALTH = r"""
if command -v curl > /dev/null; then exec curl -fsS -o /dev/null --max-time 5 "$0"; fi
exec bash -c 'exec 3<> "/dev/tcp/127.0.0.1/$1" && printf "GET $2 HTTP/1.0\r\n\r\n" >&3 &&
    read -r -t 5 status <&3 && [[ $status == *" 200 "* ]]' health "$1" "$2"
"""

# What images of MinIO expect. minio is that of minio/minio and of its forks such as pgsty/minio.
PRESETS: dict[str, Spec] = {
    "minio": {
        "command": ["server", "--address", f":{PORT}", "--console-address", f":{CONSOLE_PORT}", "/data"],
        "data": "/data",
        # It makes a folder for certificates in its home.
        "env": {"HOME": "/tmp"},
        "read_only": True,
    },
    "bitnami": {
        "command": [],
        "data": "/bitnami/minio/data",
        "env": {"MINIO_API_PORT_NUMBER": str(PORT), "MINIO_CONSOLE_PORT_NUMBER": str(CONSOLE_PORT)},
        # Its scripts write beside the program.
        "read_only": False,
    },
}


def minio_service(minio: Mapping[str, Any], password: str) -> Spec:
    """Return the specification of the object store."""
    preset = PRESETS[minio["preset"]]
    env = {
        **preset["env"],
        "MINIO_ROOT_USER": minio["root_user"],
        "MINIO_ROOT_PASSWORD_FILE": PASSWORD_FILE,
        "MINIO_SITE_REGION": minio["region"],
        "MINIO_SERVER_URL": minio["public_url"],
        "MINIO_BROWSER_REDIRECT_URL": minio["console_url"],
        "MINIO_UPDATE": "off",
        "MINIO_CALLHOME_ENABLE": "off",
    }
    return {
        "name": NAME,
        "description": "Object storage of Prefect",
        "image": minio["image"],
        "command": minio["command"] or preset["command"],
        "env": {name: value for name, value in env.items() if value is not None},
        "secret_env": {},
        "run_as": "image",
        "networks": [*minio["zones"], *minio["networks"]],
        "volumes": [{"name": minio["volume"], "path": preset["data"]}],
        "capabilities": [],
        "read_only": preset["read_only"],
        "directories": [],
        "files": [{"path": PASSWORD_FILE, "content": password, "secret": True}],
        "ports": minio["published"],
        "health": {
            "url": None,
            "command": ["/bin/sh", "-c", HEALTH, LIVE, str(PORT), LIVE.partition(str(PORT))[2]],
            "timeout": 60,
        },
        "stop_timeout": 30,
        "resources": {"cpu_limit": None, "memory_limit": None},
    }


def minio_policies(minio: Mapping[str, Any]) -> list[Item]:
    """Return the declared policies, and one for each bucket that has a user."""
    declared = [{"name": policy["name"], "policy": policy["policy"]} for policy in minio["policies"]]
    own = [
        {
            "name": bucket_policy_name(bucket),
            "policy": bucket_policy(bucket["name"], bucket["prefix"], bucket["access"]),
        }
        for bucket in minio["buckets"]
        if bucket["user"]
    ]
    return [*declared, *own]


def minio_users(minio: Mapping[str, Any]) -> list[Item]:
    """Return all users with their policies and the files that generated secret keys are kept in."""
    policies: dict[str, list[str]] = {user["name"]: list(user["policies"] or []) for user in minio["users"]}
    for bucket in minio["buckets"]:
        if bucket["user"]:
            policies.setdefault(bucket["user"], []).append(bucket_policy_name(bucket))
    given = {user["name"] for user in minio["users"] if user["secret_key"]}
    return [
        {
            "name": name,
            "policies": names,
            "file": f"minio-user-{quote(name, safe='')}.secret_key",
            "generated": name not in given,
        }
        for name, names in policies.items()
    ]


def minio_secret_keys(minio: Mapping[str, Any], generated: Mapping[str, str]) -> dict[str, str]:
    """Return the secret key of each user: the given one, or the generated one by the name of its file."""
    found = {user["name"]: generated[user["file"]] for user in minio_users(minio) if user["generated"]}
    return {**found, **{user["name"]: user["secret_key"] for user in minio["users"] if user["secret_key"]}}


def minio_blocks(minio: Mapping[str, Any], secret_keys: Mapping[str, str]) -> list[Item]:
    """Return the blocks by which flows use the buckets, as items of module block."""
    # Clients assume that region anyway.
    region = None if minio["region"] == "us-east-1" else minio["region"]
    blocks: list[Item] = []
    for bucket in minio["buckets"]:
        if bucket["block"] and bucket["user"] in secret_keys:
            keys = (bucket["user"], secret_keys[bucket["user"]])
            blocks += bucket_blocks(bucket, Access("minio-credentials", minio["endpoint"], region, *keys))
    return blocks


def minio_probes(minio: Mapping[str, Any], secret_keys: Mapping[str, str]) -> list[Item]:
    """Return what each user whose secret key is known is to prove, without it."""
    # With policies of one's own a user may do more.
    more = {user["name"] for user in minio["users"] if user["policies"]}
    return bucket_probes(minio["buckets"], secret_keys.keys() - more)
