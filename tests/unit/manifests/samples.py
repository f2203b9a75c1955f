"""Specifications and settings as the roles make them, one of each kind."""

from __future__ import annotations

import base64
from typing import Any

Map = dict[str, Any]

SECRET_VALUES = ("s3cr3t-word", "pg-s3cr3t", "admin:s3cr3t")

HOST: Map = {
    "platform": "kubernetes",
    "root": "/opt/prefect",
    "namespace": "flows",
    "namespace_state": "active",
    "version": [1, 31],
    "apis": ["v1", "apps/v1", "autoscaling/v2", "policy/v1", "networking.k8s.io/v1", "gateway.networking.k8s.io/v1"],
    "secret_salts": {"prefect-server": "salt"},
    "cluster_uid": "uid",
    "image": "prefect:1",
}
SETTINGS: Map = {
    "enabled": True,
    "image": "prefecthq/prefect:3.8.8-python3.12-kubernetes",
    "version": "3.8.8",
    "namespace": None,
    "create_namespace": True,
    "public_url": "https://flows.example.org/prefect",
    "timeout": 300,
    "image_pull_policy": "IfNotPresent",
    "image_pull_secrets": ["registry"],
    "labels": {"team": "data"},
    "annotations": {"example.org/owner": "data"},
    "storage_class": "fast",
    "network_policies": True,
    "ingress": {
        "enabled": True,
        "class_name": "nginx",
        "annotations": {"cert-manager.io/cluster-issuer": "ca", "kubernetes.io/tls-acme": "true", "example.org/a": "b"},
        "tls": {"enabled": True, "secret_name": "prefect-tls"},
        "forward_auth": {
            "auth_url": "http://login.example.org/verify",
            "signin_url": "https://login.example.org",
            "response_headers": ["Remote-User", "Remote-Groups"],
        },
    },
    "gateway": {"enabled": False, "class_name": None, "parents": [], "annotations": {}, "tls_secret_name": None},
    "defaults": {"resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {}}},
    "server": {
        "autoscaling": {"min_replicas": 2, "max_replicas": 5, "cpu": 70, "memory": None},
        "disruption_budget": {"min_available": 1, "max_unavailable": None},
        "service_account": {"create": True, "name": None, "annotations": {"eks.amazonaws.com/role-arn": "arn"}},
        "pod_labels": {"tier": "api"},
        "pod_annotations": {"example.org/scrape": "true"},
        "pod": {
            "priorityClassName": "high",
            "tolerations": [{"key": "flows", "operator": "Exists"}],
            "nodeSelector": {"disk": "fast"},
            "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
            "topologySpreadConstraints": [
                {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {}}
            ],
            "containers": [{"name": "sidecar", "image": "busybox:1", "command": ["sleep", "1"]}],
            "initContainers": [{"name": "wait", "image": "busybox:1"}],
            "volumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        },
        "container": {
            "env": [{"name": "EXTRA", "value": "1"}],
            "envFrom": [{"configMapRef": {"name": "more"}}],
            "volumeMounts": [{"name": "ca", "mountPath": "/etc/ca", "readOnly": True}],
            "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
        },
        "manifests": {"Service": {"spec": {"type": "LoadBalancer"}}},
    },
    "postgres": {"storage": {"size": "20Gi", "storage_class": None, "access_modes": None}},
}
SERVER: Map = {
    "name": "prefect-server",
    "description": "Prefect server",
    "command": ["prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200"],
    "env": {"PREFECT_HOME": "/opt/prefect/data/server", "PRICE": "$(echo 5)$"},
    "secret_env": {"PREFECT_SERVER_API_AUTH_STRING": SECRET_VALUES[2], "PREFECT_X": SECRET_VALUES[0]},
    "secret_refs": {"PREFECT_SERVER_DATABASE_PASSWORD": {"name": "pg-app", "key": "password"}},
    "directories": ["/opt/prefect/data/server"],
    "files": [],
    "ports": [{"host": "0.0.0.0", "port": 4200}],
    "health": {
        "url": "http://127.0.0.1:4200/prefect/api/health",
        "ready_url": "http://127.0.0.1:4200/prefect/api/ready",
        "timeout": 61,
    },
    "stop_timeout": 40,
    "resources": {"cpu_limit": None, "memory_limit": None},
    "workload": "server",
    "replicas": 2,
    "way_in": True,
    "network": {"to": ["prefect-postgres", {"ipBlock": {"cidr": "10.0.0.0/8"}}]},
}
POSTGRES: Map = {
    "name": "prefect-postgres",
    "description": "PostgreSQL",
    "image": "postgres:17",
    "command": ["postgres"],
    "env": {"PGPORT": "5432"},
    "secret_env": {},
    "run_as": "image",
    "volumes": [{"name": "data", "path": "/var/lib/postgresql/data", "size": "8Gi"}],
    "tmpfs": ["/var/run/postgresql"],
    "capabilities": ["CHOWN", "SETUID"],
    "directories": ["/var/lib/postgresql/data/pgdata"],
    "files": [
        {"path": "/run/secrets/postgres_password", "content": SECRET_VALUES[1], "secret": True},
        {"path": "/etc/postgresql/extra.conf", "content": "log_statement=none"},
    ],
    "ports": [{"host": "0.0.0.0", "port": 5432}],
    "health": {"url": None, "command": ["pg_isready", "--port", "5432"], "timeout": 120},
    "stop_timeout": 60,
    "resources": {"cpu_limit": 0.5, "memory_limit": 1073741824},
    "workload": "postgres",
    "network": {"from": ["prefect-server", "prefect-migration"], "to": []},
}
WORKER: Map = {
    "name": "prefect-worker-Team_A.1",
    "description": "Worker",
    "command": ["prefect", "worker", "start"],
    "env": {},
    "secret_env": {"PREFECT_API_AUTH_STRING": SECRET_VALUES[2]},
    "directories": ["/opt/prefect/data/prefect-worker-Team_A.1"],
    "files": [],
    "ports": [],
    "health": {"url": "http://127.0.0.1:8080/health", "timeout": 60},
    "stop_timeout": 30,
    "resources": {"cpu_limit": 2, "memory_limit": None},
    "workload": "workers",
    "options": {"autoscaling": {"min_replicas": None, "max_replicas": 3, "cpu": None, "memory": 80}},
    "update": "recreate",
    "rules": [
        {"namespace": "jobs", "rules": [{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get"]}]},
        {"namespace": None, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    ],
}
MIGRATION: Map = {
    "name": "prefect-migration",
    "description": "Migration",
    "command": ["prefect", "server", "database", "upgrade", "-y"],
    "env": {},
    "secret_env": {"PREFECT_SERVER_DATABASE_PASSWORD": SECRET_VALUES[1]},
    "directories": ["/opt/prefect/data/server"],
    "files": [],
    "ports": [],
    "workload": "migration",
    "failure": "the database could not be prepared",
    "network": {"to": ["prefect-postgres"]},
}
# As little as a component may say.
BARE: Map = {"name": "prefect-bare", "command": ["sleep"], "env": {}, "secret_env": {}, "ports": []}


def only(manifests: list[Map], kind: str, name: str | None = None) -> Map:
    """Return the one object of a kind."""
    found = [item for item in manifests if item["kind"] == kind and name in (None, item["metadata"]["name"])]
    assert len(found) == 1, [(item["kind"], item["metadata"]["name"]) for item in manifests]
    return found[0]


def kinds(manifests: list[Map]) -> list[str]:
    return [item["kind"] for item in manifests]


def pod(manifests: list[Map]) -> Map:
    """Return the one pod template."""
    found = [item["spec"]["template"] for item in manifests if "template" in item.get("spec", {})]
    assert len(found) == 1
    return dict(found[0])


def container(manifests: list[Map]) -> Map:
    return dict(pod(manifests)["spec"]["containers"][0])


def decoded(secret: Map) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
