# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers of type docker: how they reach an engine, and what their pool says of the containers of flow runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

SOCKET = "/var/run/docker.sock"
CERTIFICATES = "/run/docker-certificates"
_TLS_FILES = {"ca_file": "ca.pem", "cert_file": "cert.pem", "key_file": "key.pem"}


def is_docker_worker(worker: Mapping[str, Any]) -> bool:
    """Tell whether a worker starts flow runs as containers."""
    return bool(worker["type"] == "docker")


def docker_worker(worker: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    """Return what a worker's own container needs in addition: mounts, groups and env."""
    nothing: Spec = {"mounts": [], "groups": [], "env": {}}
    if not is_docker_worker(worker):
        return nothing
    docker = worker["docker"]
    if docker["host"]:
        tls = {name: docker["tls"][name] for name in _TLS_FILES if docker["tls"][name]}
        mounts = [_read_only(path, f"{CERTIFICATES}/{_TLS_FILES[name]}") for name, path in tls.items()]
        secured = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": CERTIFICATES} if tls else {}
        return nothing | {"mounts": mounts, "env": {"DOCKER_HOST": docker["host"], **secured}}
    if docker["socket"]:
        source = str(host["socket"]).removeprefix("unix://")
        mount = {"source": source, "target": SOCKET, "read_only": False}
        return nothing | {"mounts": [mount], "groups": [host["socket_gid"]]}
    return nothing


def docker_worker_problems(worker: Mapping[str, Any], is_docker: bool) -> list[tuple[tuple[str, ...], str]]:
    """Return what is wrong with how a worker is to reach an engine, by the path below the worker."""
    docker = worker["docker"]
    given = docker["socket"] or docker["host"] or any(docker["tls"].values())
    if not is_docker_worker(worker):
        return [(("docker",), "has no effect; set type: docker")] if given else []
    problems: list[tuple[tuple[str, ...], str]] = []
    if not is_docker:
        problems.append((("type",), "docker needs prefect.platform: docker on the worker's host"))
    if docker["socket"] and docker["host"]:
        problems.append((("docker", "socket"), "is true, and docker.host names an engine too; keep one of them"))
    if not docker["socket"] and not docker["host"]:
        problems.append(
            (("docker",), "type docker needs an engine: name a remote one with docker.host, or set docker.socket: true")
        )
    return problems + _tls_problems(docker)


def _tls_problems(docker: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    host = docker["host"] or ""
    if host and not host.startswith(("tcp://", "ssh://", "unix://")):
        return [(("docker", "host"), "expected an address such as tcp://10.0.0.9:2376")]
    given = [name for name in _TLS_FILES if docker["tls"][name]]
    if given and not host.startswith("tcp://"):
        return [(("docker", "tls"), "has no effect; it is for docker.host: tcp://...")]
    if host.startswith("tcp://") and len(given) < len(_TLS_FILES):
        missing = ", ".join(name for name in _TLS_FILES if name not in given)
        return [(("docker", "tls"), f"{missing} missing: an engine's port without TLS gives its host to everybody")]
    return []


def docker_worker_warning(worker: Mapping[str, Any]) -> str | None:
    """Return what deserves a warning, without the key path of the worker."""
    if not (is_docker_worker(worker) and worker["docker"]["socket"]):
        return None
    return (
        "docker.socket: the worker gets the engine of its host, and every flow run may take all rights of root there; "
        "a remote engine (docker.host) or type process keep them apart"
    )


def docker_pool_variables(
    worker: Mapping[str, Any], image: str, code: Sequence[str], is_built_here: bool = False
) -> dict[str, Any]:
    """Return the defaults of the job template of a docker worker's pool.

    `code` are folders with flows on the host; an image that `is_built_here` is in no registry.
    """
    remote = bool(worker["docker"]["host"])
    mounted = [*worker["writable_paths"], *(f"{item['name']}:{item['path']}" for item in worker["volumes"])]
    volumes = [f"{folder}:{folder}:ro" for folder in code]
    volumes += [item if ":" in item else f"{item}:{item}" for item in mounted]
    return {
        "image": image,
        # Whoever owns the name of a local image at a public registry must not be asked for it.
        "image_pull_policy": "Never" if is_built_here and not remote else "IfNotPresent",
        "networks": [] if remote else [*worker["zones"], *worker["networks"]],
        "auto_remove": True,
        "volumes": [] if remote else volumes,
        # The worker hands its own settings on, and its home is not in those containers.
        "env": {"PREFECT_HOME": "/tmp/prefect", **{str(key): str(value) for key, value in worker["env"].items()}},
        **_limits(worker["resources"]),
        "container_create_kwargs": {"init": True, "security_opt": ["no-new-privileges"], **_cores(worker["resources"])},
    }


def with_docker_defaults(
    pools: Iterable[Mapping[str, Any]], variables: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the declared pools with the defaults of their workers, by the name of the pool; what was given stays."""
    return [_completed(pool, variables.get(str(pool["name"]))) for pool in pools]


def _completed(pool: Mapping[str, Any], defaults: Mapping[str, Any] | None) -> dict[str, Any]:
    # A template of one's own need not have these variables.
    if defaults is None or pool.get("base_job_template") or pool.get("state") == "absent":
        return dict(pool)
    given = pool.get("job_variables") or {}
    env = {**defaults["env"], **(given.get("env") or {})}
    return {**pool, "job_variables": {**defaults, **given, "env": env}}


def _limits(resources: Mapping[str, Any]) -> dict[str, str]:
    memory = resources["memory_limit"]
    return {} if memory is None else {"mem_limit": str(int(memory))}


def _cores(resources: Mapping[str, Any]) -> dict[str, int]:
    cores = resources["cpu_limit"]
    return {} if cores is None else {"nano_cpus": round(cores * 1_000_000_000)}


def _read_only(source: str, target: str) -> dict[str, Any]:
    return {"source": source, "target": target, "read_only": True}
