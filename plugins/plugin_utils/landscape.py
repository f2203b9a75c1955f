# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said and proved of a whole landscape, over all its hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.bulk import KINDS
from ..module_utils.ownership import PROOF_TAG
from .components.docker_worker import docker_pool_variables, is_docker_worker, with_docker_defaults
from .services import canary_folder, is_docker, projects_folder


def canary_deployments(verify: Mapping[str, Any], host: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one deployment of the canary flow for each pool to prove, as it lies on a host of its workers.

    Every run is told which variables must have reached it, and carries the fingerprint of what it proves.
    """
    folder = canary_folder(host)
    fingerprint = f"{verify['fingerprint'][:16]} {str(host['environment']).rpartition('/')[2]}"
    return [
        {
            "name": pool["name"],
            "flow_name": "canary",
            "description": "Proves that runs of this pool reach COMPLETED.",
            "entrypoint": "canary.py:canary",
            "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": folder}}],
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


def _ui(server: Mapping[str, Any]) -> str:
    """Return the address that people open, and the server's own where that is another one."""
    own = str(server["api_url"]).removesuffix("/api")
    return own if own == server["ui_url"] else f"{server['ui_url']} (on the host itself {own})"


def _api(server: Mapping[str, Any], api: Mapping[str, Any]) -> str:
    """Return the address of the API, the public one before that on the host itself."""
    public = server.get("ui_api_url") if server.get("proxied") else None
    return f"{public} (on the host itself {api['url']})" if public else str(api["url"])


def _next(root: str, host: Mapping[str, Any], api: Mapping[str, Any]) -> str:
    """Return a command to try, with what it needs in the environment."""
    if host.get("has_cli"):
        return "prefect-cli flow-run ls"
    secret = "PREFECT_API_AUTH_STRING" if api["auth_string"] else "PREFECT_API_KEY" if api["api_key"] else ""
    credentials = f" (with {secret} in the environment)" if secret else ""
    if is_docker(host):
        handed_on = f"--env {secret} " if secret else ""
        return f"docker exec {handed_on}prefect-server prefect flow-run ls{credentials}"
    return f"PREFECT_API_URL={api['url']} {root}/current/bin/prefect flow-run ls{credentials}"


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
    if is_docker(host):
        ours = f"docker ps --quiet --filter label=flowops.prefect.root={root}"
        logs, stop = "docker logs prefect-server (or another name of docker ps)", f"{ours} | xargs docker stop"
    elif host["manager"] == "systemd":
        logs, stop = "journalctl --unit 'prefect-*'", "systemctl stop 'prefect-*'"
    else:
        control = f"{root}/supervisor/bin/supervisorctl -c {root}/etc/supervisord.ini"
        logs, stop = f"{root}/logs", f"{control} shutdown (a deployment starts it again; nothing starts at boot)"
    proved = [_proof(result) for result in results]
    lines = [f"Prefect {runtime['version']} under {root}"]
    if server["enabled"]:
        lines.append(f"UI:       {_ui(server)}" if server["ui"] else "UI:       off")
    lines += [
        f"API:      {_api(server, api)}",
        f"Proved:   {'; '.join(proved)}" if proved else "Proved:   nothing was run",
        f"Data:     {root}/data",
        f"Logs:     {logs}",
        f"Stop:     {stop}",
        "Remove:   ansible-playbook flowops.prefect.remove_prefect with the same -i "
        "(-e prefect_remove_data=true takes the data too)",
        f"Try next: {_next(root, host, api)}",
    ]
    return lines


def complete_pools(
    pools: Iterable[Mapping[str, Any]],
    workers: Iterable[Mapping[str, Any]],
    docker: Mapping[str, Any],
    host: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the declared pools, those of docker workers with what a host's workers mean by default."""
    declared = [dict(pool) for pool in pools]
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
