# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers in a cluster: their pods, their rights, and what their pool says of the Jobs of flow runs.

`cluster` are the settings prefect_kubernetes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ...module_utils.cluster_marks import OBSERVED
from ...module_utils.templates import OWN
from ..kubernetes.expansion import literal
from ..kubernetes.names import object_name
from ..kubernetes.references import PULL_KEYS
from ..services import WORKER_PORT, worker_service
from .cluster_secrets import by_reference, reference

Spec = dict[str, Any]
Settings = Mapping[str, Any]

TYPE = "kubernetes"
START_SECONDS = 120
# So long a finished Job can be looked at.
JOB_SECONDS = 3600
HOME = "/tmp/prefect"
_READ = ["get", "list", "watch"]
# What the worker does with Jobs, and what it and its observer see of them.
RULES: list[dict[str, Any]] = [
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "delete", *_READ, "patch"]},
    {"apiGroups": [""], "resources": ["pods", "pods/log", "pods/status"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["events"], "verbs": _READ},
]
_PREFIX = "PREFECT_INTEGRATIONS_KUBERNETES"
# The credentials, by the secret of somebody else that may hold them.
_CREDENTIALS = {"PREFECT_API_KEY": "api_key", "PREFECT_API_AUTH_STRING": "auth_string"}


def is_cluster_worker(worker: Settings) -> bool:
    """Tell whether a worker starts flow runs as Jobs."""
    return bool(worker["type"] == TYPE)


def cluster_workers(
    workers: Iterable[Settings], api: Settings, host: Settings, pools: Iterable[Settings], cluster: Settings
) -> list[Spec]:
    """Return the specifications of all workers of a cluster."""
    declared = list(pools)
    return [_worker(worker, api, host, declared, cluster) for worker in workers]


def _worker(worker: Settings, api: Settings, host: Settings, pools: list[Settings], cluster: Settings) -> Spec:
    spec = _with_credentials(worker_service(worker, api, host, pools), cluster)
    spec |= {
        "workload": "workers",
        "options": worker["kubernetes"],
        "replicas": worker["replicas"] or 1,
        "health": {"url": f"http://127.0.0.1:{WORKER_PORT}/health", "timeout": START_SECONDS},
        # Unlike on a host, nobody else has this address, and the cluster asks from outside.
        "env": {**spec["env"], "PREFECT_WORKER_WEBSERVER_HOST": "0.0.0.0"},
        "resources": {"cpu_limit": None, "memory_limit": None},
    }
    if not is_cluster_worker(worker):
        # Flow runs are processes of its own.
        return {**spec, "resources": _limits(worker)}
    namespace = job_namespace(worker, cluster)
    elsewhere = namespace != host["namespace"]
    return {
        **spec,
        "env": {**_settings(worker, spec, host, cluster), **spec["env"]},
        "rules": [{"namespace": namespace, "rules": copy.deepcopy(RULES)}],
        "accounts": [{"name": account(worker, host, cluster), "namespace": namespace}],
        "copies": [{"name": secret(worker, host, cluster), "namespace": namespace}] if elsewhere else [],
        "secrets_elsewhere": _secrets_of_others(worker, spec, namespace, pools) if elsewhere else [],
    }


def _secrets_of_others(worker: Settings, spec: Spec, namespace: str, pools: Iterable[Settings]) -> list[Spec]:
    """Return the Secrets of somebody else that Jobs read, where no object of ours refers to them."""
    given = {pool["name"]: pool.get("job_variables") or {} for pool in pools}.get(worker["work_pool"], {})
    pull = given.get("image_pull_secrets")
    read = [(found["name"], found["key"]) for found in spec.get("secret_refs", {}).values()]
    for item in pull if isinstance(pull, list) else ():
        if isinstance(item, Mapping) and item.get("name"):
            read.append((item["name"], PULL_KEYS))
    return [{"name": name, "namespace": namespace, "keys": [key]} for name, key in dict.fromkeys(read)]


def _with_credentials(spec: Spec, cluster: Settings) -> Spec:
    for variable, name in _CREDENTIALS.items():
        found = reference(cluster, name)
        # Who speaks with Prefect Cloud has no use for the other one.
        has_key = "PREFECT_API_KEY" in {**spec["secret_env"], **spec.get("secret_refs", {})}
        if found and not (name == "auth_string" and has_key):
            spec = by_reference(spec, found, [variable])
    return spec


def _limits(worker: Settings) -> dict[str, Any]:
    resources = worker["resources"]
    return {"cpu_limit": resources["cpu_limit"], "memory_limit": resources["memory_limit"]}


def job_namespace(worker: Settings, cluster: Settings) -> str:
    """Return where the Jobs of a worker are."""
    return str(worker["job_namespace"] or cluster["job_namespace"] or cluster["namespace"])


def _own_name(worker: Settings, host: Settings, cluster: Settings) -> str:
    """Return the name of what a worker has where its Jobs are, which may be where those of others are too."""
    name = object_name(worker["service"])
    return name if job_namespace(worker, cluster) == host["namespace"] else f"{host['namespace']}-{name}"


def secret(worker: Settings, host: Settings, cluster: Settings) -> str:
    """Return the name of the Secret with the worker's secrets, as its Jobs find it."""
    return _own_name(worker, host, cluster)


def account(worker: Settings, host: Settings, cluster: Settings) -> str:
    """Return the name of the service account of the Jobs, which has no right."""
    return f"{_own_name(worker, host, cluster)}-runs"


def _settings(worker: Settings, spec: Spec, host: Settings, cluster: Settings) -> dict[str, str]:
    """Return the settings of prefect-kubernetes: without them it watches the whole cluster, and shows credentials."""
    own = secret(worker, host, cluster)
    values = {
        f"{_PREFIX}_CLUSTER_UID": cluster.get("cluster_uid") or host.get("cluster_uid"),
        OBSERVED: job_namespace(worker, cluster),
    }
    for variable in _CREDENTIALS:
        kept = {"name": own, "key": variable} if variable in spec["secret_env"] else None
        found = spec.get("secret_refs", {}).get(variable) or kept
        if found:
            prefix = f"{_PREFIX}_WORKER_{variable.removeprefix('PREFECT_')}_SECRET"
            values |= {f"{prefix}_NAME": found["name"], f"{prefix}_KEY": found["key"]}
    return {key: str(value) for key, value in values.items() if value}


def with_cluster_defaults(
    pools: Iterable[Settings], workers: Iterable[Settings], api: Settings, host: Settings, cluster: Settings
) -> list[Spec]:
    """Return the declared pools, those of workers that start Jobs with what these mean; what was given stays."""
    found = {worker["work_pool"]: worker for worker in workers if is_cluster_worker(worker)}
    return [
        _completed(pool, found[pool["name"]], api, host, cluster) if _is_open(pool, found) else dict(pool)
        for pool in pools
    ]


def _is_open(pool: Settings, workers: Mapping[str, Settings]) -> bool:
    # A template of one's own need not have these variables.
    return pool["name"] in workers and not pool.get("base_job_template") and pool.get("state") != "absent"


def _completed(pool: Settings, worker: Settings, api: Settings, host: Settings, cluster: Settings) -> Spec:
    defaults = job_variables(worker, api, host, cluster)
    given = pool.get("job_variables") or {}
    env = {**defaults["env"], **(given.get("env") or {})}
    named = {item["name"]: item for item in [*defaults["secret_env"], *(given.get("secret_env") or ())]}
    variables = {**defaults, **given, "env": env, "secret_env": list(named.values())}
    return {**pool, "base_job_template": copy.deepcopy(OWN[TYPE]), "job_variables": variables}


def job_variables(worker: Settings, api: Settings, host: Settings, cluster: Settings) -> Spec:
    """Return the defaults of the job template of a worker's pool; its secrets are only named there."""
    references = job_secrets(worker, api, host, cluster)
    job = worker["job"]
    resources = {
        f"{kind}_{group.removesuffix('s')}": amount
        for group, amounts in (job.get("resources") or {}).items()
        for kind, amount in amounts.items()
    }
    pull = job.get("image_pull_secrets") or cluster["image_pull_secrets"]
    return {
        "namespace": job_namespace(worker, cluster),
        "image": host["image"],
        "image_pull_policy": job.get("image_pull_policy") or cluster["image_pull_policy"],
        "image_pull_secrets": [{"name": name} for name in pull],
        "service_account_name": account(worker, host, cluster),
        "finished_job_ttl": JOB_SECONDS,
        # The worker would hand on its own settings, secrets among them, as everybody could read them in a Job.
        "env": {
            "PREFECT_HOME": HOME,
            **dict.fromkeys(references),
            **{str(key): literal(str(value)) for key, value in worker["env"].items()},
        },
        "secret_env": [
            {"name": name, "valueFrom": {"secretKeyRef": found}} for name, found in sorted(references.items())
        ],
        "pod_security_context": {"seccompProfile": {"type": "RuntimeDefault"}},
        "security_context": {"allowPrivilegeEscalation": False},
        **resources,
    }


def job_secrets(worker: Settings, api: Settings, host: Settings, cluster: Settings) -> dict[str, dict[str, str]]:
    """Return where each secret of a worker is kept, by the name of its variable."""
    spec = _with_credentials(worker_service(worker, api, host, ()), cluster)
    own = secret(worker, host, cluster)
    return {
        **{name: {"name": own, "key": name} for name in spec["secret_env"] if name not in worker["env"]},
        **spec.get("secret_refs", {}),
    }
