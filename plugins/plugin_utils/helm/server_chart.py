# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of chart prefect-server: its default there and its key here, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .rows import Row, Write, changed, kept, key, none, together
from .workload import (
    ARGUMENTS,
    CONTAINER_SECURITY,
    POD_SECURITY,
    SECCOMP,
    TOKEN,
    account,
    lifetime,
    placing,
    probe,
    times,
    volumes,
    workload,
)

SEPARATE = "backgroundServices.runAsSeparateDeployment"
SERVER = "kubernetes.server"
SERVICES = "kubernetes.background_services"
MIGRATION = "kubernetes.migration"
SERVICE = f"{SERVER}.manifests.Service"
INGRESS = f"{SERVER}.manifests.Ingress"
GATEWAY = f"{SERVER}.manifests.Gateway"
ROUTE = f"{SERVER}.manifests.HTTPRoute"
REDIS = "backgroundServices.messaging.redis"
DOCKET = "backgroundServices.messaging.docket"

NAMES = "objects have fixed names; installations are told apart by their namespace, kubernetes.namespace"
LISTENERS: list[dict[str, Any]] = [
    {"name": "http", "port": 80, "protocol": "HTTP", "hostname": ""},
    {
        "name": "https",
        "port": 443,
        "protocol": "HTTPS",
        "hostname": "",
        "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "", "namespace": ""}]},
    },
]
PARENTS: list[dict[str, Any]] = [{"name": "", "namespace": "", "sectionName": "https", "port": None}]
_RESOURCES = {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
_MIGRATION_RESOURCES = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "256Mi"}}
_MIGRATE = "prefect server database upgrade -y\n"
_CLASSES = "with Redis its classes are always Prefect's own, prefect_redis"
_RULES = f"write all rules as {INGRESS}.spec.rules, which takes the place of the list"
_SUBCHART = "the image is PostgreSQL's own, postgres.image, and the role needs no initialisation"
_DUMPED = "a new password is generated; the data moves by a dump"
_DOCKET = "Docket's address is made of the keys of redis; set redis.docket_db"
_ASYNCPG = "PostgreSQL with asyncpg"


def _another_port(value: Any, _default: Any) -> Any:
    return [{"name": "http-more", "port": int(value), "targetPort": "http", "protocol": "TCP"}]


def _named_port(part: str) -> Write:
    """Return what says more of the port of the server."""
    return lambda value, _default: [{"name": "http", part: int(value) if str(value).isdecimal() else value}]


def _more_ports(value: Any, _default: Any) -> Any:
    ports = [item if isinstance(item, Mapping) else {"name": item} for item in value]
    return [{"protocol": "TCP", **{name: part for name, part in port.items() if part != ""}} for port in ports]


COMMON = [
    none("nameOverride", "", NAMES),
    none("fullnameOverride", "prefect-server", NAMES),
    together("namespaceOverride", "", "kubernetes.namespace"),
    key("commonLabels", {}, "kubernetes.labels"),
    key("commonAnnotations", {}, "kubernetes.annotations"),
]

_GLOBAL = [
    together("global.prefect.image.repository", "prefecthq/prefect", "image"),
    together("global.prefect.image.prefectTag", "3-latest", "version", "or image, if it is not Prefect's own"),
    key("global.prefect.image.pullPolicy", "IfNotPresent", "kubernetes.image_pull_policy"),
    key("global.prefect.image.pullSecrets", [], "kubernetes.image_pull_secrets"),
    together("global.prefect.env", [], "server.env", "secrets: server.secret_env"),
]

_SERVER = [
    together("server.basicAuth.enabled", False, "server.auth_string"),
    together("server.basicAuth.authString", "admin:pass", "server.auth_string"),
    together("server.basicAuth.existingSecret", "", "kubernetes.existing_secrets.auth_string"),
    together("server.apiBasePath", "/api", "public_url", "its path"),
    together("server.debug", False, "server.env", "PREFECT_DEBUG_MODE"),
    together("server.loggingLevel", "WARNING", "server.log_level"),
    together("server.uiConfig.prefectUiApiUrl", "http://localhost:4200/api", "public_url", "without /api"),
    none("server.uiConfig.prefectUiStaticDirectory", "/ui_build", "the folder is this collection's"),
    together("server.env", [], "server.env", "secrets: server.secret_env; valueFrom: kubernetes.server.container.env"),
    together("server.autoscaling.enabled", False, f"{SERVER}.autoscaling"),
    together("server.autoscaling.minReplicas", 1, f"{SERVER}.autoscaling.min_replicas"),
    together("server.autoscaling.maxReplicas", 100, f"{SERVER}.autoscaling.max_replicas"),
    together("server.autoscaling.targetCPU", 80, f"{SERVER}.autoscaling.cpu"),
    together("server.autoscaling.targetMemory", 80, f"{SERVER}.autoscaling.memory"),
    together("server.replicaCount", 1, "server.replicas", "several need Redis here, which is added"),
    *probe("server.startupProbe", f"{SERVER}.container.startupProbe", times(0, 30)),
    *probe("server.livenessProbe", f"{SERVER}.container.livenessProbe", times(10, 3)),
    key(
        "server.livenessProbe.path",
        "{{ .Values.server.apiBasePath }}/health",
        f"{SERVER}.container.livenessProbe.httpGet.path",
        switch="server.livenessProbe.enabled",
    ),
    *probe("server.readinessProbe", f"{SERVER}.container.readinessProbe", times(10, 3)),
    key(
        "server.readinessProbe.path",
        "{{ .Values.server.apiBasePath }}/ready",
        f"{SERVER}.container.readinessProbe.httpGet.path",
        switch="server.readinessProbe.enabled",
    ),
    together("server.updateStrategy", {"type": "RollingUpdate"}, f"{SERVER}.manifests.Deployment.spec.strategy"),
    *workload("server", SERVER, _RESOURCES, {**POD_SECURITY, **SECCOMP}),
    *lifetime("server", SERVER),
    none("server.extraArgs", [], ARGUMENTS.format(to=SERVER)),
]

_MIGRATIONS = [
    none("migrations.enabled", True, "every version migrates by a Job before the server is rolled out"),
    together("migrations.command", _MIGRATE, f"{MIGRATION}.container.args"),
    together("migrations.entrypoint", ["/bin/sh", "-c"], f"{MIGRATION}.container.command"),
    kept("migrations.resources", _MIGRATION_RESOURCES, f"{MIGRATION}.resources"),
    key("migrations.podSecurityContext", POD_SECURITY, f"{MIGRATION}.pod.securityContext", changed),
    key("migrations.securityContext", CONTAINER_SECURITY, f"{MIGRATION}.container.securityContext", changed),
    key("migrations.timeoutSeconds", 300, f"{MIGRATION}.manifests.Job.spec.activeDeadlineSeconds"),
    key("migrations.backoffLimit", 5, f"{MIGRATION}.manifests.Job.spec.backoffLimit"),
    key("migrations.restartPolicy", "Never", f"{MIGRATION}.pod.restartPolicy"),
    key("migrations.env", [], f"{MIGRATION}.container.env"),
    *volumes("migrations", MIGRATION),
    *placing("migrations", MIGRATION),
]

_BACKGROUND = [
    together(SEPARATE, False, "server.background_services.separate", "with redis.enabled"),
    key("backgroundServices.replicaCount", 1, "server.background_services.replicas", switch=SEPARATE),
    together("backgroundServices.debug", False, f"{SERVICES}.container.env", "PREFECT_DEBUG_MODE", SEPARATE),
    together(
        "backgroundServices.loggingLevel",
        "WARNING",
        f"{SERVICES}.container.env",
        "PREFECT_SERVER_LOGGING_LEVEL",
        SEPARATE,
    ),
    key("backgroundServices.env", [], f"{SERVICES}.container.env", switch=SEPARATE),
    *workload("backgroundServices", SERVICES, _RESOURCES, POD_SECURITY, SEPARATE),
    *lifetime("backgroundServices", SERVICES, SEPARATE),
    *account("backgroundServices.serviceAccount", SERVICES, SEPARATE),
    none("backgroundServices.serviceAccount.automountServiceAccountToken", True, TOKEN, False, switch=SEPARATE),
    none("backgroundServices.messaging.broker", "prefect_redis.messaging", _CLASSES, switch=SEPARATE),
    none("backgroundServices.messaging.cache", "prefect_redis.messaging", _CLASSES, switch=SEPARATE),
    together(f"{REDIS}.host", "", "redis.host", switch=SEPARATE),
    key(f"{REDIS}.port", 6379, "redis.port", switch=SEPARATE),
    key(f"{REDIS}.db", 0, "redis.db", switch=SEPARATE),
    key(f"{REDIS}.username", "", "redis.user", switch=SEPARATE),
    together(f"{REDIS}.password", "", "redis.password", switch=SEPARATE),
    key(f"{REDIS}.ssl", False, "redis.tls", switch=SEPARATE),
    together(f"{REDIS}.existingSecret", "", "kubernetes.existing_secrets.redis_password", switch=SEPARATE),
    together(
        f"{REDIS}.existingSecretPasswordKey",
        "redis-password",
        "kubernetes.existing_secrets.redis_password.key",
        switch=SEPARATE,
    ),
    together(f"{DOCKET}.url", "", "redis.docket_db", "on the same Redis", SEPARATE),
    none(f"{DOCKET}.existingSecret", "", _DOCKET, switch=SEPARATE),
    none(f"{DOCKET}.existingSecretKey", "docket-url", _DOCKET, switch=SEPARATE),
]

_SERVICE = [
    *account("serviceAccount", SERVER),
    none("serviceAccount.automountServiceAccountToken", True, TOKEN, False),
    none("service.portName", "server-svc-port", "the port is called http"),
    key("service.port", 4200, f"{SERVICE}.spec.ports", _another_port, "beside 4200, which the workers use"),
    none("service.targetPort", 4200, "the server listens on 4200 in its pod"),
    key("service.appProtocol", "", f"{SERVICE}.spec.ports", _named_port("appProtocol")),
    key("service.nodePort", "", f"{SERVICE}.spec.ports", _named_port("nodePort")),
    key("service.extraPorts", [], f"{SERVICE}.spec.ports", _more_ports),
    key("service.type", "ClusterIP", f"{SERVICE}.spec.type"),
    key("service.clusterIP", "", f"{SERVICE}.spec.clusterIP"),
    key("service.externalTrafficPolicy", "Cluster", f"{SERVICE}.spec.externalTrafficPolicy"),
    key("service.ipFamilyPolicy", "", f"{SERVICE}.spec.ipFamilyPolicy"),
    key("service.ipFamilies", [], f"{SERVICE}.spec.ipFamilies"),
    key("service.annotations", {}, f"{SERVICE}.metadata.annotations"),
]

_BY_INGRESS = "ingress.enabled"
_INGRESS = [
    together(_BY_INGRESS, False, "kubernetes.ingress.enabled"),
    none("ingress.servicePort", "server-svc-port", "the way in leads to the port of the server", switch=_BY_INGRESS),
    key("ingress.className", "", "kubernetes.ingress.class_name", switch=_BY_INGRESS),
    together("ingress.host.hostname", "prefect.local", "public_url", "its host", _BY_INGRESS),
    together("ingress.host.path", "/", "public_url", "its path is server.apiBasePath without /api", _BY_INGRESS),
    none("ingress.host.pathType", "ImplementationSpecific", _RULES, "Prefix", switch=_BY_INGRESS),
    key("ingress.annotations", {}, "kubernetes.ingress.annotations", switch=_BY_INGRESS),
    together("ingress.tls", False, "kubernetes.ingress.tls", "Secret HOST-tls", _BY_INGRESS),
    none(
        "ingress.selfSigned",
        False,
        "give it a certificate: by an annotation of cert-manager, or a Secret of kubernetes.ingress.tls.secret_name",
        switch=_BY_INGRESS,
    ),
    none("ingress.extraHosts", [], _RULES, switch=_BY_INGRESS),
    none("ingress.extraPaths", [], _RULES, switch=_BY_INGRESS),
    together("ingress.extraTls", [], "kubernetes.ingress.tls.secret_name", f"or {INGRESS}.spec.tls", _BY_INGRESS),
    none("ingress.extraRules", [], _RULES, switch=_BY_INGRESS),
]

_BY_GATEWAY = "gateway.enabled"
_REDIRECT = "a Gateway that is made with a certificate redirects by itself; another one needs an HTTPRoute that does"
_GATEWAY = [
    together(_BY_GATEWAY, False, "kubernetes.gateway.enabled"),
    together("gateway.create", True, "kubernetes.gateway.parents", "without one of its own", _BY_GATEWAY),
    together("gateway.className", "", "kubernetes.gateway.class_name", switch=_BY_GATEWAY),
    none("gateway.name", "", NAMES, switch=_BY_GATEWAY),
    key("gateway.labels", {}, f"{GATEWAY}.metadata.labels", switch=_BY_GATEWAY),
    key("gateway.annotations", {}, f"{GATEWAY}.metadata.annotations", switch=_BY_GATEWAY),
    together(
        "gateway.listeners",
        LISTENERS,
        "kubernetes.gateway.tls_secret_name",
        f"or {GATEWAY}.spec.listeners",
        _BY_GATEWAY,
    ),
    key("gateway.infrastructure", {}, f"{GATEWAY}.spec.infrastructure", switch=_BY_GATEWAY),
    together("httproute.enabled", True, ROUTE, "null where it is off", _BY_GATEWAY),
    none("httproute.name", "", NAMES, switch=_BY_GATEWAY),
    key("httproute.labels", {}, f"{ROUTE}.metadata.labels", switch=_BY_GATEWAY),
    key("httproute.annotations", {}, "kubernetes.gateway.annotations", switch=_BY_GATEWAY),
    together("httproute.hostnames", [], "public_url", f"its host; more of them: {ROUTE}.spec.hostnames", _BY_GATEWAY),
    together("httproute.path", "/", "public_url", "its path is server.apiBasePath without /api", _BY_GATEWAY),
    together("httproute.parentRefs", PARENTS, "kubernetes.gateway.parents", switch=_BY_GATEWAY),
    none("httproute.extraRules", [], f"write all rules as {ROUTE}.spec.rules", switch=_BY_GATEWAY),
    none("httproute.tls.redirect", False, _REDIRECT, switch=_BY_GATEWAY),
    none("httproute.tls.redirectPort", 443, _REDIRECT, switch=_BY_GATEWAY),
]

_DATABASE = [
    together("externalDatabase.existingSecret", "", "kubernetes.existing_secrets.postgres_password"),
    together("externalDatabase.connectionString", "", "postgres", "host, port, user, password, name, tls"),
    together("externalDatabase.connectionStringSecretKey", "", "postgres", "as variables: nobody reads the Secret"),
    together("externalDatabase.driver", "", "postgres", _ASYNCPG),
    together("externalDatabase.driverSecretKey", "", "postgres", _ASYNCPG),
    together("externalDatabase.username", "", "postgres.user"),
    together("externalDatabase.usernameSecretKey", "", "postgres.user", "as a variable"),
    together("externalDatabase.password", "", "postgres.password"),
    together("externalDatabase.passwordSecretKey", "", "kubernetes.existing_secrets.postgres_password.key"),
    together("externalDatabase.host", "", "postgres.host"),
    together("externalDatabase.hostSecretKey", "", "postgres.host", "as a variable"),
    together("externalDatabase.port", "", "postgres.port"),
    together("externalDatabase.portSecretKey", "", "postgres.port", "as a variable"),
    together("externalDatabase.name", "", "postgres.name"),
    together("externalDatabase.nameSecretKey", "", "postgres.name", "as a variable"),
    together("secret.create", True, "postgres", "without it as variables: nobody reads the Secret"),
    together("secret.name", "", "postgres", "as variables, with secret.create: false"),
    together("secret.username", "", "postgres.user"),
    together("secret.password", "", "postgres.password"),
    together("secret.host", "", "postgres.host"),
    together("secret.port", "", "postgres.port"),
    together("secret.database", "", "postgres.name"),
    together("sqlite.enabled", False, "postgres", "left out, so that SQLite is used"),
    none("sqlite.persistence.enabled", True, "the file is always in a volume", switch="sqlite.enabled"),
    key("sqlite.persistence.size", "1Gi", f"{SERVER}.storage.size", switch="sqlite.enabled"),
    key("sqlite.persistence.storageClassName", "", f"{SERVER}.storage.storage_class", switch="sqlite.enabled"),
]

_OWN = "postgresql.enabled"
_STORAGE = "postgresql.primary.persistence"
_OWN_POSTGRES = [
    together(_OWN, True, "postgres.enabled", "a StatefulSet of its own; the data moves by a dump"),
    together("postgresql.auth.username", "prefect", "postgres.user", switch=_OWN),
    together("postgresql.auth.database", "server", "postgres.name", switch=_OWN),
    none("postgresql.auth.password", "prefect-rocks", _DUMPED, switch=_OWN),
    none("postgresql.auth.existingSecret", "", _DUMPED, switch=_OWN),
    none("postgresql.auth.enablePostgresUser", False, _SUBCHART, switch=_OWN),
    none("postgresql.primary.initdb.user", "postgres", _SUBCHART, switch=_OWN),
    none(f"{_STORAGE}.enabled", False, "the data is always in a volume", True, switch=_OWN),
    key(f"{_STORAGE}.size", None, "kubernetes.postgres.storage.size", switch=_OWN),
    key(f"{_STORAGE}.storageClass", None, "kubernetes.postgres.storage.storage_class", switch=_OWN),
    key("postgresql.primary.resources", {}, "kubernetes.postgres.resources", switch=_OWN),
    none("postgresql.image.repository", "bitnamilegacy/postgresql", _SUBCHART, switch=_OWN),
    none("postgresql.image.tag", "14.13.0", _SUBCHART, switch=_OWN),
]

_REDIS_IMAGE = "the image is Redis's own, redis.image"
_OWN_REDIS = [
    together("redis.enabled", False, "redis.enabled", switch=SEPARATE),
    none("redis.architecture", "standalone", "one Redis; name another one with redis.host", switch="redis.enabled"),
    none("redis.image.repository", "bitnamilegacy/redis", _REDIS_IMAGE, switch="redis.enabled"),
    none("redis.image.tag", "8.2.1", _REDIS_IMAGE, switch="redis.enabled"),
]

ROWS: list[Row] = [
    *COMMON,
    *_GLOBAL,
    *_SERVER,
    *_MIGRATIONS,
    *_BACKGROUND,
    *_SERVICE,
    *_INGRESS,
    *_GATEWAY,
    *_DATABASE,
    *_OWN_POSTGRES,
    *_OWN_REDIS,
]

# Charts inside of this chart, whose other values are theirs.
SUBCHARTS = {
    "postgresql": "of the chart bitnami/postgresql, which is not used here",
    "redis": "of the chart bitnami/redis, which is not used here",
}
# What older releases of the chart called it.
OLD_NAMES = {
    "server.image": "global.prefect.image",
    "server.prefectApiUrl": "server.uiConfig.prefectUiApiUrl",
    "global.prefect.prefectApiUrl": "server.uiConfig.prefectUiApiUrl",
}
