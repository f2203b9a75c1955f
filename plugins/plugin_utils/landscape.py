# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said and proved of a whole landscape, over all its hosts."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.bulk import KINDS
from ..module_utils.cluster_marks import MANAGED_BY, MANAGER
from ..module_utils.ownership import PROOF_TAG
from .components.cluster_worker import with_cluster_defaults
from .components.docker_worker import docker_pool_variables, is_docker_worker, with_docker_defaults
from .services import SERVER_PORT, canary_folder, is_docker, is_kubernetes, projects_folder

# Where a pod writes what it runs.
CANARY_FOLDER = "/tmp/prefect-canary"
_WRITE = (
    "import base64, os, sys; os.makedirs(sys.argv[1], exist_ok=True); path = sys.argv[1] + str(os.getpid()); "
    "open(path, 'wb').write(base64.b64decode(sys.argv[2])); os.replace(path, sys.argv[1] + 'canary.py')"
)


def canary_deployments(verify: Mapping[str, Any], host: Mapping[str, Any], code: str = "") -> list[dict[str, Any]]:
    """Return one deployment of the canary flow for each pool to prove, as it lies on a host of its workers.

    Every run is told which variables must have reached it, and carries the fingerprint of what it proves.
    Pods have no folder in common, so that a run there brings its `code`.
    """
    proved = host["image"] if is_kubernetes(host) else str(host["environment"]).rpartition("/")[2]
    fingerprint = f"{verify['fingerprint'][:16]} {proved}"
    return [
        {
            "name": pool["name"],
            "flow_name": "canary",
            "description": "Proves that runs of this pool reach COMPLETED.",
            "entrypoint": "canary.py:canary",
            "pull_steps": _canary_steps(host, code),
            "work_pool_name": pool["name"],
            "work_queue_name": pool["work_queue"] or "default",
            "parameters": {
                "fingerprint": fingerprint,
                "expected_environment": pool["environment"],
            },
            "tags": [PROOF_TAG],
        }
        for pool in verify["pools"]
    ]


def _canary_steps(host: Mapping[str, Any], code: str) -> list[dict[str, Any]]:
    if not is_kubernetes(host):
        return [_step("set_working_directory", directory=canary_folder(host))]
    content = base64.b64encode(code.encode()).decode()
    script = shlex.join(["python", "-c", _WRITE, f"{CANARY_FOLDER}/", content])
    return [_step("run_shell_script", script=script), _step("set_working_directory", directory=CANARY_FOLDER)]


def _step(name: str, **options: Any) -> dict[str, Any]:
    return {f"prefect.deployments.steps.{name}": options}


def _ui(server: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the address that people open, and the server's own where that is another one."""
    own = str(server["api_url"]).removesuffix("/api")
    if is_kubernetes(host):
        forward = f" (while {_kubectl(host)} port-forward service/prefect-server {SERVER_PORT} runs)"
        return str(server["ui_url"]) + (forward if own.startswith(server["ui_url"]) else "")
    return own if own == server["ui_url"] else f"{server['ui_url']} (on the host itself {own})"


def _api(server: Mapping[str, Any], api: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the address of the API, the public one before that on the host itself."""
    if is_kubernetes(host):
        return str(api["service_url"])
    public = server.get("ui_api_url") if server.get("proxied") else None
    return f"{public} (on the host itself {api['url']})" if public else str(api["url"])


def _next(root: str, host: Mapping[str, Any], server: Mapping[str, Any], api: Mapping[str, Any]) -> str:
    """Return a command to try, with what it needs in the environment."""
    if is_kubernetes(host):
        # The server's pods have the credentials.
        asked = "exec service/prefect-server -- prefect flow-run ls" if server["enabled"] else "get pods"
        return f"{_kubectl(host)} {asked}"
    if host.get("has_cli"):
        return "prefect-cli flow-run ls"
    secret = "PREFECT_API_AUTH_STRING" if api["auth_string"] else "PREFECT_API_KEY" if api["api_key"] else ""
    credentials = f" (with {secret} in the environment)" if secret else ""
    if is_docker(host):
        handed_on = f"--env {secret} " if secret else ""
        return f"docker exec {handed_on}prefect-server prefect flow-run ls{credentials}"
    return f"PREFECT_API_URL={api['url']} {root}/current/bin/prefect flow-run ls{credentials}"


def _kubectl(host: Mapping[str, Any]) -> str:
    return f"kubectl --namespace {host['namespace']}"


def _places(root: str, host: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return where the data and the logs are, and how everything stops."""
    if is_kubernetes(host):
        ours, mark = _kubectl(host), f"{MANAGED_BY}={MANAGER}"
        return (
            f"{ours} get persistentvolumeclaims",
            f"{ours} logs --selector {mark} --prefix",
            f"{ours} scale deployments,statefulsets --selector {mark} --replicas 0 (a deployment starts it again)",
        )
    if is_docker(host):
        ours = f"docker ps --quiet --filter label=flowops.prefect.root={root}"
        return (
            f"{root}/data",
            "docker logs prefect-server (or another name of docker ps)",
            f"{ours} | xargs docker stop",
        )
    if host["manager"] == "systemd":
        return f"{root}/data", "journalctl --unit 'prefect-*'", "systemctl stop 'prefect-*'"
    control = f"{root}/supervisor/bin/supervisorctl -c {root}/etc/supervisord.ini"
    stop = f"{control} shutdown (a deployment starts it again; nothing starts at boot)"
    return f"{root}/data", f"{root}/logs", stop


def _proof(result: Mapping[str, Any]) -> str:
    run, item = result["flow_run"], result["item"]
    deployment = item if isinstance(item, str) else f"canary/{item['name']}"
    return f"{run['state_name'].upper()}, flow run {run['name']} of {deployment}"


def summary(
    runtime: Mapping[str, Any],
    server: Mapping[str, Any],
    api: Mapping[str, Any],
    host: Mapping[str, Any],
    results: Iterable[Mapping[str, Any]],
) -> list[str]:
    """Return the lines that end a deployment: what stands where, how it stops, what to try next.

    `results` are those of module flow_run.
    """
    root = host["root"]
    data, logs, stop = _places(root, host)
    proved = [_proof(result) for result in results]
    where = f"in namespace {host['namespace']}" if is_kubernetes(host) else f"under {root}"
    lines = [f"Prefect {runtime['version']} {where}"]
    if server["enabled"]:
        lines.append(f"UI:       {_ui(server, host)}" if server["ui"] else "UI:       off")
    lines += [
        f"API:      {_api(server, api, host)}",
        f"Proved:   {'; '.join(proved)}" if proved else "Proved:   nothing was run",
        f"Data:     {data}",
        f"Logs:     {logs}",
        f"Stop:     {stop}",
        "Remove:   ansible-playbook flowops.prefect.remove_prefect with the same -i and -e "
        "(-e prefect_remove_data=true takes the data too)",
        f"Try next: {_next(root, host, server, api)}",
    ]
    return lines


def complete_pools(
    pools: Iterable[Mapping[str, Any]],
    workers: Iterable[Mapping[str, Any]],
    docker: Mapping[str, Any],
    host: Mapping[str, Any],
    api: Mapping[str, Any] | None = None,
    cluster: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the declared pools, those of docker and kubernetes workers with what a host's workers mean by default."""
    declared = [dict(pool) for pool in pools]
    if is_kubernetes(host):
        return with_cluster_defaults(declared, workers, api or {}, host, cluster or {})
    if not is_docker(host):
        return declared
    is_built_here = host["image"] != docker["image"] and not docker["build"]["push"]
    variables = {
        worker["work_pool"]: docker_pool_variables(worker, host["image"], _code(worker, host), is_built_here)
        for worker in workers
        if is_docker_worker(worker)
    }
    return with_docker_defaults(declared, variables)


def _code(worker: Mapping[str, Any], host: Mapping[str, Any]) -> list[str]:
    """Return the folders with flows on a host."""
    return [canary_folder(host), *([projects_folder(host)] if worker["projects"] else [])]


def declared_objects(
    resources: Mapping[str, Any],
    pools: Iterable[Mapping[str, Any]],
    blocks: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]] = (),
    projects: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Return the objects to apply, with those that other components bring; a declared one counts more."""
    objects = {kind: resources[kind] for kind in KINDS}
    declared = {(block.get("block_type_slug"), block.get("name")) for block in objects["blocks"]}
    brought = [block for block in blocks if (block["block_type_slug"], block["name"]) not in declared]
    return {
        **objects,
        "work_pools": list(pools),
        "blocks": [*objects["blocks"], *brought],
        "default_result_storage": objects["default_result_storage"] or list(results),
        **{kind: [*objects[kind], *items] for kind, items in (projects or {}).items()},
    }
