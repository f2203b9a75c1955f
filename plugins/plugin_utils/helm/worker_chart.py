# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of chart prefect-worker: its default there and its key here, or why there is none."""

from __future__ import annotations

from typing import Any

from .rows import Row, changed, config_maps, key, names, none, secrets, together
from .server_chart import COMMON
from .workload import ARGUMENTS, CONTAINER_SECURITY, POD_SECURITY, SECCOMP, account, times, workload

WORKER = "workers[]"
OPTIONS = f"{WORKER}.kubernetes"
ENV = f"{OPTIONS}.container.env"

_RESOURCES = {"requests": {"memory": "256Mi", "cpu": "100m"}, "limits": {"memory": "1Gi", "cpu": "1000m"}}
_TEMPLATE = "each deployment keeps the pool's template as declared, without an init container"
_BY_SECRET = "jobs are given the key by a reference to the Secret"
_API_KEY = "kubernetes.existing_secrets.api_key"
_NO_PERMISSIONS = f"bind a Role of your own to the ServiceAccount, {OPTIONS}.service_account.name"
_CONFIG_MAP = "nobody reads the ConfigMap; put what is in it into resources.work_pools[].base_job_template"


def _api_key(of: str) -> list[Row]:
    return [
        together(f"{of}.apiKeySecret.name", "prefect-api-key", f"{_API_KEY}.name"),
        together(f"{of}.apiKeySecret.key", "key", f"{_API_KEY}.key"),
        none(f"{of}.jobApiKeyPropagation", "secretRef", _BY_SECRET),
    ]


def _budget(value: Any, _default: Any) -> Any:
    spelt = {"minAvailable": "min_available", "maxUnavailable": "max_unavailable"}
    return {spelt.get(name, name): item for name, item in value.items()}


_NAMED = together("fullnameOverride", "prefect-worker", f"{WORKER}.name", "unless worker.config.name is set")

_ONE = [
    together("worker.autoscaling.enabled", False, f"{OPTIONS}.autoscaling"),
    together("worker.autoscaling.minReplicas", 1, f"{OPTIONS}.autoscaling.min_replicas"),
    together("worker.autoscaling.maxReplicas", 1, f"{OPTIONS}.autoscaling.max_replicas"),
    together("worker.autoscaling.targetCPUUtilizationPercentage", 80, f"{OPTIONS}.autoscaling.cpu"),
    together("worker.autoscaling.targetMemoryUtilizationPercentage", 80, f"{OPTIONS}.autoscaling.memory"),
    key("worker.clusterUid", "", "kubernetes.cluster_uid"),
    none("worker.initContainer.resources", {}, _TEMPLATE),
    none("worker.initContainer.containerSecurityContext", CONTAINER_SECURITY, _TEMPLATE),
    none("worker.initContainer.extraEnvVars", [], _TEMPLATE),
    key("worker.initContainer.extraContainers", [], f"{OPTIONS}.pod.initContainers"),
    key("worker.dnsPolicy", "", f"{OPTIONS}.pod.dnsPolicy"),
    key("worker.dnsConfig.nameservers", [], f"{OPTIONS}.pod.dnsConfig.nameservers"),
    key("worker.dnsConfig.searches", [], f"{OPTIONS}.pod.dnsConfig.searches"),
    key("worker.dnsConfig.options", [], f"{OPTIONS}.pod.dnsConfig.options"),
    together("worker.image.repository", "prefecthq/prefect", f"{OPTIONS}.container.image"),
    together("worker.image.prefectTag", "3-python3.11-kubernetes", "version", f"or {OPTIONS}.container.image"),
    key("worker.image.pullPolicy", "IfNotPresent", f"{OPTIONS}.container.imagePullPolicy"),
    key("worker.image.pullSecrets", [], f"{OPTIONS}.pod.imagePullSecrets", names),
    together("worker.image.debug", False, ENV, "PREFECT_DEBUG_MODE"),
]

_CONFIG = [
    together("worker.config.workPool", "", f"{WORKER}.work_pool"),
    key("worker.config.workQueues", [], f"{WORKER}.work_queues"),
    together("worker.config.queryInterval", 5, f"{WORKER}.query_seconds"),
    together("worker.config.prefetchSeconds", 10, ENV, "PREFECT_WORKER_PREFETCH_SECONDS"),
    together("worker.config.http2", True, ENV, "PREFECT_API_ENABLE_HTTP2"),
    together("worker.config.type", "kubernetes", f"{WORKER}.type", "kubernetes or process"),
    none("worker.config.installPolicy", "prompt", "nothing is installed at the start: what is needed is in the image"),
    together("worker.config.name", None, f"{WORKER}.name"),
    key("worker.config.limit", None, f"{WORKER}.limit"),
    together("worker.config.jobNamespace", None, f"{WORKER}.job_namespace", "where jobs run, and are watched"),
    none("worker.config.observerClusterWide", False, "a worker sees the namespace of its jobs alone"),
    together("worker.config.baseJobTemplate.configuration", None, "resources.work_pools[].base_job_template"),
    none("worker.config.baseJobTemplate.existingConfigMapName", "", _CONFIG_MAP),
    none("worker.config.baseJobTemplate.name", None, "there is no such ConfigMap"),
]

_CLOUD = "worker.cloudApiConfig"
_MANAGED = "worker.customerManagedCloudApiConfig"
_SELF = "worker.selfHostedServerApiConfig"
_API = [
    together("worker.apiConfig", "cloud", "cloud", "or api_url, or the server of the document"),
    together(f"{_CLOUD}.accountId", "", "cloud.account_id"),
    together(f"{_CLOUD}.workspaceId", "", "cloud.workspace_id"),
    *_api_key(_CLOUD),
    together(f"{_CLOUD}.cloudUrl", "https://api.prefect.cloud/api", "api_url"),
    together(f"{_MANAGED}.apiUrl", "", "api_url"),
    together(f"{_MANAGED}.accountId", "", "api_url"),
    together(f"{_MANAGED}.workspaceId", "", "api_url"),
    *_api_key(_MANAGED),
    together(f"{_MANAGED}.cloudApiUrl", "", ENV, "PREFECT_CLOUD_API_URL"),
    together(f"{_MANAGED}.cloudUiUrl", "", ENV, "PREFECT_CLOUD_UI_URL"),
    together(f"{_SELF}.apiUrl", "", "api_url", "or the server of the document"),
    together(f"{_SELF}.basicAuth.enabled", False, "server.auth_string"),
    together(f"{_SELF}.basicAuth.authString", "admin:pass", "server.auth_string"),
    together(f"{_SELF}.basicAuth.existingSecret", "", "kubernetes.existing_secrets.auth_string"),
]

_PROBE = "worker.livenessProbe"
_REST = [
    together("worker.replicaCount", 1, f"{WORKER}.replicas"),
    none(f"{_PROBE}.enabled", False, "a worker that does not answer is always restarted", True),
    key(f"{_PROBE}.config", times(10, 3), f"{OPTIONS}.container.livenessProbe", changed, switch=f"{_PROBE}.enabled"),
    *workload("worker", OPTIONS, _RESOURCES, {**POD_SECURITY, **SECCOMP}),
    together("worker.extraEnvVars", [], ENV, f"secrets: {WORKER}.secret_env, which flow runs are given, too"),
    key("worker.extraEnvVarsCMs", [], f"{OPTIONS}.container.envFrom", config_maps),
    key("worker.extraEnvVarsSecrets", [], f"{OPTIONS}.container.envFrom", secrets),
    none("worker.extraArgs", [], ARGUMENTS.format(to=OPTIONS)),
    key("worker.podDisruptionBudget", {}, f"{OPTIONS}.disruption_budget", _budget),
    *account("serviceAccount", OPTIONS),
    together("role.create", True, f"{OPTIONS}.manifests.Role", "null where it is off"),
    together("role.namespace", None, f"{WORKER}.job_namespace"),
    none("role.extraPermissions", [], _NO_PERMISSIONS),
    together("rolebinding.create", True, f"{OPTIONS}.manifests.RoleBinding", "null where it is off"),
]

ROWS: list[Row] = [
    *(_NAMED if row.path == "fullnameOverride" else row for row in COMMON),
    *_ONE,
    *_CONFIG,
    *_API,
    *_REST,
]

SUBCHARTS: dict[str, str] = {}
# What older releases of the chart called it.
OLD_NAMES = {
    "worker.serverApiConfig": "worker.selfHostedServerApiConfig",
    "worker.basicAuth": "worker.selfHostedServerApiConfig.basicAuth",
    "worker.selfHostedCloudApiConfig": "worker.customerManagedCloudApiConfig",
}
OLD_TARGETS = {"server": "selfHostedServer", "selfManaged": "customerManagedCloud"}
