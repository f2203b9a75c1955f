# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What module cluster_info has to ask a cluster, from what is declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .options import workload_options

Settings = Mapping[str, Any]

AT = "prefect.kubernetes"
ALWAYS = ("ConfigMap", "Deployment", "Job", "Secret", "Service", "ServiceAccount")
# The Secrets of somebody else, by the setting that they stand for.
PASSWORD = "postgres_password"


def cluster_questions(settings: Settings, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the module; without anything declared it only looks."""
    asked = {
        "kubeconfig": settings.get("kubeconfig"),
        "context": settings.get("context"),
        "namespace": settings["namespace"],
        "create_namespace": settings["create_namespace"],
        "image": settings.get("image"),
        "cluster_uid": settings.get("cluster_uid"),
    }
    if declared:
        workers = [item for item in declared.get("workers") or () if item.get("type") == "kubernetes"]
        claims = list(_claims(settings, declared))
        asked |= {
            "kinds": _kinds(settings, declared, workers, bool(claims)),
            "job_namespaces": _job_namespaces(settings, workers),
            "claims": claims,
            "secrets": [*_secrets(settings, declared), *_secrets_of_jobs(settings, declared, workers)],
            "ingress": _ingress(settings),
            "gateway": _gateway(settings),
            "cloudnative_pg": (declared.get("postgres") or {}).get("cloudnative_pg"),
        }
    return {key: value for key, value in asked.items() if value not in (None, [], {})}


def _claims(settings: Settings, declared: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the volumes of the services that keep data of their own."""
    server = declared.get("server") or {}
    has_volume = {
        "server": server.get("enabled") and (server.get("database") or {}).get("kind") == "sqlite",
        "postgres": (declared.get("postgres") or {}).get("install"),
        "redis": (declared.get("redis") or {}).get("install"),
    }
    for name, is_there in has_volume.items():
        if is_there:
            storage = workload_options(settings, name).get("storage") or {}
            found = {
                "setting": f"{AT}.{name}.storage",
                "service": f"prefect-{name}",
                "size": storage.get("size"),
                "storage_class": storage.get("storage_class") or settings.get("storage_class"),
                "access_modes": storage.get("access_modes"),
            }
            yield {key: value for key, value in found.items() if value is not None}


def _kinds(settings: Settings, declared: Mapping[str, Any], workers: list[Any], has_volumes: bool) -> list[str]:
    names = ("server", "background_services", "postgres", "redis", "workers")
    options = [workload_options(settings, name) for name in names]
    options += [worker.get("kubernetes") or {} for worker in declared.get("workers") or ()]
    asked = {
        "StatefulSet": has_volumes,
        "PodDisruptionBudget": any(any((item.get("disruption_budget") or {}).values()) for item in options),
        "HorizontalPodAutoscaler": any((item.get("autoscaling") or {}).get("max_replicas") for item in options),
        "NetworkPolicy": settings.get("network_policies"),
        "Role": workers,
        "RoleBinding": workers,
        "Ingress": settings["ingress"]["enabled"],
        "HTTPRoute": settings["gateway"]["enabled"],
        "Gateway": settings["gateway"]["enabled"] and settings["gateway"].get("class_name"),
    }
    return sorted([*ALWAYS, *(kind for kind, is_asked in asked.items() if is_asked)])


def _job_namespaces(settings: Settings, workers: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for worker in workers:
        own = worker.get("job_namespace")
        setting = f"prefect.workers ({worker.get('name')}).job_namespace" if own else f"{AT}.job_namespace"
        name = _job_namespace(settings, worker)
        found.setdefault(name, {"setting": setting, "name": name})
    return list(found.values())


def _job_namespace(settings: Settings, worker: Mapping[str, Any]) -> str:
    return str(worker.get("job_namespace") or settings.get("job_namespace") or settings["namespace"])


def _secrets(settings: Settings, declared: Mapping[str, Any]) -> list[dict[str, str]]:
    cluster = (declared.get("postgres") or {}).get("cloudnative_pg")
    asked = [
        {"setting": f"{AT}.image_pull_secrets[{index}]", "name": name}
        for index, name in enumerate(settings.get("image_pull_secrets") or ())
    ]
    for key, secret in (settings.get("existing_secrets") or {}).items():
        if secret:
            made_by_operator = key == PASSWORD and cluster and secret["name"] == f"{cluster}-app"
            setting = "prefect.postgres.cloudnative_pg" if made_by_operator else f"{AT}.existing_secrets.{key}"
            asked.append({"setting": setting, "name": secret["name"], "key": secret["key"]})
    return asked


def _secrets_of_jobs(
    settings: Settings, declared: Mapping[str, Any], workers: Iterable[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Return the Secrets of somebody else that flow runs read in another namespace than ours."""
    pools = {pool.get("name"): pool for pool in declared.get("pools") or ()}
    existing = settings.get("existing_secrets") or {}
    # Who speaks with Prefect Cloud has no use for the other one.
    has_key = existing.get("api_key") or (declared.get("api") or {}).get("api_key")
    key = "api_key" if has_key else "auth_string"
    asked: list[dict[str, str]] = []
    for worker in workers:
        namespace = _job_namespace(settings, worker)
        if namespace == settings["namespace"]:
            continue
        if existing.get(key):
            secret = {name: existing[key][name] for name in ("name", "key")}
            asked.append({"setting": f"{AT}.existing_secrets.{key}", **secret, "namespace": namespace})
        if not _has_own_pull_secrets(pools.get(worker.get("work_pool")) or {}):
            of_job = (worker.get("job") or {}).get("image_pull_secrets")
            setting = "prefect.overrides.prefect_agent.job.imagePullSecrets" if of_job else f"{AT}.image_pull_secrets"
            for index, name in enumerate(of_job or settings.get("image_pull_secrets") or ()):
                asked.append({"setting": f"{setting}[{index}]", "name": name, "namespace": namespace})
    return [item for index, item in enumerate(asked) if item not in asked[:index]]


def _has_own_pull_secrets(pool: Mapping[str, Any]) -> bool:
    return bool(pool.get("base_job_template")) or "image_pull_secrets" in (pool.get("job_variables") or {})


def _ingress(settings: Settings) -> dict[str, Any] | None:
    ingress = settings["ingress"]
    # The annotation of old is a class that nobody lists.
    if not ingress["enabled"] or "kubernetes.io/ingress.class" in (ingress.get("annotations") or {}):
        return None
    name = ingress.get("class_name")
    return {"setting": f"{AT}.ingress.class_name", **({"name": name} if name else {})}


def _gateway(settings: Settings) -> dict[str, Any] | None:
    gateway = settings["gateway"]
    if not gateway["enabled"]:
        return None
    parents = [
        {key: parent[key] for key in ("name", "namespace") if parent.get(key)}
        for parent in gateway.get("parents") or ()
    ]
    class_name = gateway.get("class_name")
    return {
        "setting": f"{AT}.gateway",
        **({"class_name": class_name} if class_name else {}),
        **({"parents": parents} if parents else {}),
    }
