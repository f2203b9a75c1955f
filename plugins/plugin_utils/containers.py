# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service specification as a container: what community.docker's docker_container is told, and the files it mounts."""

from __future__ import annotations

import hashlib
import json
import posixpath
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import engine_host

from .services import service_digest

Spec = Mapping[str, Any]
Host = Mapping[str, Any]
Arguments = dict[str, Any]

SECRETS = "/run/secrets/environment"
# The image's entrypoint execs the shell, the shell reads the secrets and execs the command.
WITH_SECRETS = ["/bin/sh", "-c", 'set -a; . "$0"; exec "$@"', SECRETS]
# Flows build and load libraries there.
TMPFS_OPTIONS = "rw,exec,nosuid,nodev,mode=1777"
# Host, port, path. Plain sockets, since urllib alone takes several times as long to load.
ASK = (
    "import socket, sys; h, p, t = sys.argv[1:]; s = socket.create_connection((h, int(p)), 5); "
    r"s.sendall(f'GET {t} HTTP/1.0\r\nHost: {h}\r\n\r\n'.encode()); sys.exit(b' 200 ' not in s.recv(64))"
)
CHECK_SECONDS = 15
CHECK_TIMEOUT_SECONDS = 10
CHECK_RETRIES = 3
STOP_SECONDS = 10
PIDS = 4096
LOG = {"max_size": "10m", "max_files": 5}


def container_arguments(spec: Spec, host: Host, docker: Mapping[str, Any] | None = None) -> Arguments:
    """Return the arguments of docker_container for a service that keeps running."""
    health = spec.get("health")
    arguments = {
        **_arguments(spec, host, docker or {}),
        "healthcheck": _healthcheck(health) if health else None,
        "restart_policy": "unless-stopped",
        "stop_timeout": spec.get("stop_timeout") or STOP_SECONDS,
    }
    return _labelled(arguments, spec, host)


def job_arguments(spec: Spec, host: Host, docker: Mapping[str, Any] | None = None) -> Arguments:
    """Return the arguments of docker_container for a one-shot job."""
    arguments = {
        **_arguments(spec, host, docker or {}),
        # The image's own check is that of a service.
        "healthcheck": {"test": ["NONE"]},
        "restart_policy": "no",
        "stop_timeout": STOP_SECONDS,
    }
    return _labelled(arguments, spec, host)


def _arguments(spec: Spec, host: Host, docker: Mapping[str, Any]) -> Arguments:
    command = [str(word) for word in spec.get("command") or ()]
    entrypoint = spec.get("entrypoint")
    resources = spec.get("resources") or {}
    log = {**LOG, **(docker.get("log") or {})}
    memory = resources.get("memory_limit")
    return {
        "name": spec["name"],
        "image": image_of(spec, host),
        "command": [*WITH_SECRETS, *command] if spec.get("secret_env") else command or None,
        "entrypoint": entrypoint,
        # It takes the place of the image's own, which reaped the processes that others left behind.
        "init": bool(entrypoint),
        "env": _environment(spec, host),
        "user": _user(spec, host),
        "working_dir": _home(spec) if _is_service_user(spec) and spec.get("directories") else None,
        "groups": [str(group) for group in spec.get("groups") or ()] or None,
        "networks": [{"name": name, "aliases": [spec["name"]]} for name in _unique(spec.get("networks") or ())] or None,
        "published_ports": [_published(item) for item in spec.get("ports") or ()] or None,
        "mounts": _mounts(spec, host) or None,
        "tmpfs": [_tmpfs(path) for path in _unique(["/tmp", *(spec.get("tmpfs") or ())])],
        "read_only": spec.get("read_only", True) is not False,
        "cap_drop": ["ALL"],
        "capabilities": sorted(spec.get("capabilities") or ()) or None,
        "security_opts": ["no-new-privileges:true"],
        "pids_limit": PIDS,
        "memory": f"{memory}B" if memory else None,
        "cpus": resources.get("cpu_limit") or None,
        "log_driver": "json-file",
        "log_options": {"max-size": str(log["max_size"]), "max-file": str(log["max_files"])},
    }


def _labelled(arguments: Arguments, spec: Spec, host: Host) -> Arguments:
    """Add the labels, from which alone it is seen whether a container is to be made anew.

    A network that was made anew has lost its containers.
    """
    ids = [(host["networks"].get(item["name"]) or {}).get("id") for item in arguments["networks"] or ()]
    labels = {
        engine_host.ROOT: host["root"],
        engine_host.SERVICE: spec["name"],
        engine_host.DIGEST: service_digest(spec, host),
        engine_host.ARGUMENTS: arguments_digest({**arguments, "networks": ids}),
    }
    return {**arguments, "labels": labels}


def arguments_digest(arguments: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()[:16]


def container_is_current(arguments: Mapping[str, Any], host: Host) -> bool:
    """Tell whether a container runs from these very arguments, and is well."""
    running = host["running"].get(arguments["name"])
    if not running or not running["healthy"]:
        return False
    labels = arguments["labels"]
    return bool(
        running["digest"] == labels[engine_host.DIGEST] and running["arguments"] == labels[engine_host.ARGUMENTS]
    )


def container_can_run(arguments: Mapping[str, Any], host: Host) -> bool:
    """Tell whether the image and the networks of a container are there, which in check mode may still be to come."""
    networks = [item["name"] for item in arguments["networks"] or ()]
    return bool(host["images"].get(arguments["image"])) and all(name in host["networks"] for name in networks)


def image_of(spec: Spec, host: Host) -> str:
    return str(spec.get("image") or host["image"])


def _is_service_user(spec: Spec) -> bool:
    return (spec.get("run_as") or "service") == "service"


def _user(spec: Spec, host: Host) -> str | None:
    """Return whom the container starts as; nothing where the image decides."""
    run_as = spec.get("run_as") or "service"
    if run_as == "image":
        return None
    if run_as != "service":
        return str(run_as)
    if host["engine"].get("rootless"):
        # The engine's own user is root inside of its containers.
        return "0:0"
    return host["user"] if host["uid"] is None else f"{host['uid']}:{host['gid']}"


def _home(spec: Spec) -> str:
    return str((spec.get("directories") or ["/tmp"])[0])


def _environment(spec: Spec, host: Host) -> dict[str, str]:
    """Return the environment; a user that the image does not know has no name and no home otherwise."""
    base = {"HOME": _home(spec), "LANG": "C.UTF-8", "USER": host["user"]} if _is_service_user(spec) else {}
    return {**base, **{key: str(value) for key, value in (spec.get("env") or {}).items()}}


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _published(item: Mapping[str, Any]) -> str:
    host = f"[{item['host']}]" if ":" in item["host"] else item["host"]
    return f"{host}:{item['port']}:{item.get('container_port') or item['port']}"


def _tmpfs(path: str) -> str:
    return path if ":" in path else f"{path}:{TMPFS_OPTIONS}"


def _bind(source: str, target: str, read_only: bool) -> Arguments:
    return {"type": "bind", "source": source, "target": target, "read_only": read_only}


def _mounts(spec: Spec, host: Host) -> list[Arguments]:
    mounts = [_bind(path, path, False) for path in spec.get("directories") or ()]
    for item in spec.get("volumes") or ():
        if item["name"].startswith("/"):
            mounts.append(_bind(item["name"], item["path"], False))
        else:
            labels = {engine_host.ROOT: host["root"]}
            mounts.append({"type": "volume", "source": item["name"], "target": item["path"], "labels": labels})
    mounts += [_bind(item["source"], item["target"], bool(item.get("read_only"))) for item in spec.get("mounts") or ()]
    mounts += [_bind(item["source"], item["path"], True) for item in container_files(spec, host)]
    if spec.get("secret_env"):
        mounts.append(_bind(secrets_path(spec, host), SECRETS, True))
    return list({item["target"]: item for item in mounts}.values())


def secrets_path(spec: Spec, host: Host) -> str:
    return f"{host['root']}/etc/{spec['name']}.secret.env"


def file_owner(spec: Spec, host: Host) -> Arguments:
    """Return owner and mode of a secret file that the container reads.

    Who may not give files away keeps them in a folder that is closed to others, but open to an image's own user inside.
    """
    user = _user(spec, host)
    if user is None or (not host["is_root"] and not _is_service_user(spec)):
        return {"owner": 0, "mode": "0600"} if host["is_root"] else {"owner": None, "mode": "0644"}
    owner = host["uid"] if _is_service_user(spec) else user.partition(":")[0]
    return {"owner": owner if host["is_root"] else None, "mode": "0600"}


def container_files(spec: Spec, host: Host) -> list[Arguments]:
    """Return the files that are mounted: where they are kept on the host, what is in them, and whose they are."""
    folder = f"{host['root']}/etc/{spec['name']}"
    secret = file_owner(spec, host)
    return [
        {
            "path": item["path"],
            "source": f"{folder}/{item['path'].strip('/').replace('/', '_')}",
            "content": item["content"],
            "secret": bool(item.get("secret")),
            **(secret if item.get("secret") else {"owner": None, "mode": "0644"}),
        }
        for item in spec.get("files") or ()
    ]


def container_folders(spec: Spec, host: Host) -> list[Arguments]:
    """Return the folders of the host that the container writes to, and whose they are when they have to be made."""
    folders = [str(path) for path in spec.get("directories") or ()]
    folders += [item["name"] for item in spec.get("volumes") or () if item["name"].startswith("/")]
    owner = file_owner(spec, host)["owner"]
    return [{"path": posixpath.normpath(path), "owner": owner} for path in _unique(folders)]


def _healthcheck(health: Mapping[str, Any]) -> Arguments:
    command = health.get("command")
    if not command:
        parts = urllib.parse.urlsplit(health["url"])
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        command = ["python3", "-I", "-S", "-c", ASK, str(parts.hostname), str(parts.port or 80), path]
    # A deployment asks by itself and does not wait for the engine.
    return {
        "test": ["CMD", *command],
        "interval": f"{CHECK_SECONDS}s",
        "timeout": f"{CHECK_TIMEOUT_SECONDS}s",
        "retries": CHECK_RETRIES,
        "start_period": f"{health.get('timeout') or 60}s",
    }


def job_outcome(result: Mapping[str, Any]) -> Arguments:
    """Return the registered result of a one-shot container as that of a command."""
    status = result.get("status", (result.get("container") or {}).get("State", {}).get("ExitCode"))
    output = (result.get("container") or {}).get("Output") or result.get("msg") or ""
    return {"rc": status, "stdout": output, "stderr": ""}
