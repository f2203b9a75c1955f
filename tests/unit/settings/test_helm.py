"""Releases of Prefect's Helm charts: every value is translated or named, and the document is one that resolves."""

from __future__ import annotations

import base64
import gzip
import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.export_file import Reference
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm import server_chart, worker_chart
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.document import Adopted, adopt
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.releases import (
    SERVER,
    WORKER,
    HelmError,
    Release,
    of_secret,
    of_text,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.rows import Row
from ansible_collections.flowops.prefect.plugins.plugin_utils.helm.steps import steps
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

HOUSE = Path(__file__).resolve().parents[3]
DATA = HOUSE / "tests" / "data" / "helm"
CANARY = "hush7f3a"
ROWS = {SERVER: server_chart.ROWS, WORKER: worker_chart.ROWS}
# Values that charts have without listing them.
UNLISTED = {
    SERVER: {
        "postgresql.auth.existingSecret",
        "postgresql.primary.persistence.size",
        "postgresql.primary.persistence.storageClass",
        "postgresql.primary.resources",
    },
    WORKER: {"worker.config.baseJobTemplate.name"},
}
RESOURCES = [row.default for rows in ROWS.values() for row in rows if row.kept]
ACCOUNT, WORKSPACE = "0a1b2c3d-0000-4000-8000-0123456789ab", "0a1b2c3d-0000-4000-8000-ba9876543210"
CLOUD = {"apiConfig": "cloud", "cloudApiConfig": {"accountId": ACCOUNT, "workspaceId": WORKSPACE}}
OWN = {
    "apiConfig": "selfHostedServer",
    "selfHostedServerApiConfig": {"apiUrl": "http://prefect-server.prefect.svc.cluster.local:4200/api"},
}


def keys(chart: str) -> list[str]:
    return (DATA / f"{chart}.keys").read_text().split()


def tree(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


def laid(*trees: Any) -> Any:
    """Return maps over one another; what is no map takes the place of what was there."""
    whole: Any = {}
    for over in trees:
        both = isinstance(over, Mapping) and isinstance(whole, Mapping)
        whole = {**whole, **{key: laid(whole.get(key), value) for key, value in over.items()}} if both else over
    return whole


def worker(pool: str = "k8s", **more: Any) -> dict[str, Any]:
    return {"worker": laid({"config": {"workPool": pool}}, OWN if "apiConfig" not in more else {}, more)}


def read_whole(*values: Any, names: tuple[str, ...] = ("a.yml", "b.yml", "c.yml")) -> Adopted:
    texts = [value if isinstance(value, str) else yaml.safe_dump(value) for value in values]
    return adopt([of_text(text, name) for text, name in zip(texts, names, strict=False)], ["3.7.8", "3.8.8"])


def read(*values: Any, names: tuple[str, ...] = ("a.yml", "b.yml", "c.yml")) -> Adopted:
    """Return what becomes of values, without the resources that every document takes over from its chart."""
    adopted = read_whole(*values, names=names)
    return replace(adopted, document=besides_resources(adopted.document))


def besides_resources(value: Any) -> Any:
    if isinstance(value, list):
        return [besides_resources(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    others = {key: item for key, item in value.items() if key != "resources" or item not in RESOURCES}
    rest = {key: besides_resources(item) for key, item in others.items()}
    return {key: item for key, item in rest.items() if item != {} or others[key] == {}}


def reasons(adopted: Adopted) -> dict[str, str]:
    return {finding.path: finding.reason for finding in adopted.findings}


def filled(value: Any) -> Any:
    """Return a document with something in the places of its variables."""
    if isinstance(value, Reference):
        return "user:password" if "auth_string" in value else "filled-in"
    if isinstance(value, Mapping):
        return {key: filled(item) for key, item in value.items()}
    return [filled(item) for item in value] if isinstance(value, list) else value


# The tables


@pytest.mark.parametrize("chart", ROWS)
def test_every_value_of_a_chart_has_one_row(chart: str) -> None:
    paths = [row.path for row in ROWS[chart]]
    assert sorted(paths) == sorted(set(paths))
    rows = {key: [path for path in paths if f"{key}.".startswith(f"{path}.")] for key in keys(chart)}
    assert {key: found for key, found in rows.items() if len(found) != 1} == {}
    used = {found[0] for found in rows.values()}
    assert set(paths) - used == UNLISTED[chart]


@pytest.mark.parametrize("row", [row for rows in ROWS.values() for row in rows], ids=lambda row: row.path)
def test_a_row_has_a_key_or_says_why(row: Row) -> None:
    assert row.to or row.note
    assert not (row.always and row.to)


SAMPLES: dict[str, Any] = {
    "service.nodePort": 30420,
    "worker.config.type": "process",
    "worker.config.baseJobTemplate.configuration": '{"variables": {"type": "object"}, "job_configuration": {}}',
    "worker.apiConfig": "selfHostedServer",
    "gateway.className": "envoy",
    "httproute.parentRefs": [{"name": "shared", "namespace": "infra", "sectionName": "web"}],
    "externalDatabase.connectionString": f"postgresql+asyncpg://me:{CANARY}@db:5433/flows?ssl=verify-full",
    "server.uiConfig.prefectUiApiUrl": "https://prefect.example.org/api",
    "server.apiBasePath": "/flows/api",
    "server.loggingLevel": "debug",
    "server.updateStrategy": {"type": "Recreate"},
    "backgroundServices.messaging.docket.url": "redis://cache:6379/3",
    "secret.create": False,
    "postgresql.enabled": False,
    "sqlite.enabled": True,
}
# What has to be on, so that a value counts.
NEEDS: dict[str, Any] = {
    "server.basicAuth.authString": {"server": {"basicAuth": {"enabled": True}}},
    "server.basicAuth.existingSecret": {"server": {"basicAuth": {"enabled": True}}},
    "server.autoscaling": {"server": {"autoscaling": {"enabled": True}}},
    "worker.autoscaling": {"worker": {"autoscaling": {"enabled": True}}},
    "backgroundServices": {
        "backgroundServices": {"runAsSeparateDeployment": True, "messaging": {"redis": {"host": "cache"}}}
    },
    "redis.enabled": {
        "backgroundServices": {"runAsSeparateDeployment": True, "messaging": {"redis": {"host": "cache"}}}
    },
    "redis": {"backgroundServices": {"runAsSeparateDeployment": True}, "redis": {"enabled": True}},
    "ingress": {"ingress": {"enabled": True}},
    "gateway": {"gateway": {"enabled": True, "className": "x"}},
    "httproute": {"gateway": {"enabled": True, "className": "x"}},
    "sqlite": {"sqlite": {"enabled": True}},
    "secret": {"postgresql": {"enabled": False}},
}


def sample(row: Row) -> Any:
    """Return another value than the default, of the kind that a row takes."""
    if row.path in SAMPLES:
        return SAMPLES[row.path]
    default = row.default
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1
    if isinstance(default, list):
        return [{"name": "x", "value": "y"}] if row.path.endswith(("env", "extraEnvVars")) else ["x"]
    return {"x": 1} if isinstance(default, Mapping) else "x"


def base(chart: str, path: str) -> dict[str, Any]:
    start: dict[str, Any] = {"server": {}} if chart == SERVER else worker(**cloud_or(path))
    for start_of, needed in NEEDS.items():
        if f"{path}.".startswith(f"{start_of}.") and plain_value(needed, path) is None:
            start = laid(start, needed)
    return start


def cloud_or(path: str) -> dict[str, Any]:
    """Return the section of the API that a value belongs to."""
    if path.startswith("worker.customerManagedCloudApiConfig"):
        section = {"apiUrl": "https://cloud.example.org/api", "accountId": ACCOUNT, "workspaceId": WORKSPACE}
        return {"apiConfig": "customerManagedCloud", "customerManagedCloudApiConfig": section}
    if path.startswith("worker.selfHostedServerApiConfig"):
        return {
            **OWN,
            "selfHostedServerApiConfig": {**OWN["selfHostedServerApiConfig"], "basicAuth": {"enabled": True}},
        }
    return {**CLOUD, "selfHostedServerApiConfig": OWN["selfHostedServerApiConfig"]}


@pytest.mark.parametrize(
    ("chart", "row"),
    [(chart, row) for chart, rows in ROWS.items() for row in rows],
    ids=lambda value: value.path if isinstance(value, Row) else value,
)
def test_no_value_is_lost_in_silence(chart: str, row: Row) -> None:
    start = base(chart, row.path)
    plain = read(start)
    value = sample(row)
    if value == plain_value(start, row.path):
        value = not value if isinstance(value, bool) else f"{value}x"
    other = read(laid(start, tree(row.path, value)))
    if value in row.always:
        assert (other.document, other.findings) == (plain.document, plain.findings)
        return
    new = [finding for finding in other.findings if finding not in plain.findings]
    written = (other.document, other.variables) != (plain.document, plain.variables)
    assert written or [finding for finding in new if row.path in finding.path]
    if not row.to:
        assert row.note in [finding.reason for finding in new]


def plain_value(values: Any, path: str) -> Any:
    for part in path.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


@pytest.mark.parametrize("chart", ROWS)
def test_a_releases_own_defaults_are_not_written(chart: str) -> None:
    whole: Any = {}
    for row in ROWS[chart]:
        whole = laid(whole, tree(row.path, row.default))
    if chart == WORKER:
        whole = laid(whole, worker(**CLOUD))
    adopted = read(whole)
    needed = {SERVER: [], WORKER: ["worker.cloudApiConfig.apiKeySecret.name"]}
    assert list(reasons(adopted)) == needed[chart]
    expected = {
        SERVER: {"platform": "kubernetes", "postgres": {"enabled": True}, "workers": []},
        WORKER: {
            "platform": "kubernetes",
            "cloud": {"account_id": ACCOUNT, "workspace_id": WORKSPACE},
            "token": "vault_prefect_api_key",
            "workers": [{"name": "k8s", "work_pool": "k8s"}],
            "kubernetes": {"existing_secrets": {"api_key": {"name": "prefect-api-key", "key": "key"}}},
        },
    }
    assert adopted.document == expected[chart]


@pytest.mark.parametrize(
    ("chart", "given"),
    [
        (WORKER, worker(config={"type": "kubernetes"})),
        (SERVER, {"ingress": {"enabled": True}}),
        (SERVER, {"gateway": {"enabled": True, "create": True}}),
        (SERVER, {"gateway": {"enabled": True}, "backgroundServices": {"runAsSeparateDeployment": True}}),
    ],
)
def test_every_other_value_can_be_null(chart: str, given: dict[str, Any]) -> None:
    values: Any = {}
    for row in ROWS[chart]:
        values = laid(values, tree(row.path, row.path.endswith("autoscaling.enabled") or None))
    part = "worker" if chart == WORKER else "server"
    assert "requests" in reasons(read(laid(values, given)))[f"{part}.autoscaling.enabled"]


# What it becomes


def test_image_and_pull_settings() -> None:
    image = {"prefectTag": "3.8.8-python3.11", "pullPolicy": "Always", "pullSecrets": ["registry"]}
    document = read({"global": {"prefect": {"image": image}}}).document
    assert document["version"] == "3.8.8"
    assert document["kubernetes"] == {"image_pull_policy": "Always", "image_pull_secrets": ["registry"]}
    own = read(
        {"global": {"prefect": {"image": {"repository": "registry.example.org/prefect", "prefectTag": "3.7.8"}}}}
    )
    assert (own.document["version"], own.document["image"]) == ("3.7.8", "registry.example.org/prefect:3.7.8")


def test_an_image_of_another_version_is_named_and_not_written() -> None:
    adopted = read({"global": {"prefect": {"image": {"prefectTag": "3.4.11-python3.11"}}}})
    assert "version" not in adopted.document
    assert [str(finding) for finding in adopted.findings] == [
        'global.prefect.image.prefectTag = "prefecthq/prefect:3.4.11-python3.11": no version of Prefect that is '
        "supported (3.7.8, 3.8.8); the newest of them is deployed"
    ]


def test_environment_by_its_kind() -> None:
    source = {"secretKeyRef": {"name": "s", "key": "k"}}
    env = [
        {"name": "PREFECT_SERVER_API_DEFAULT_LIMIT", "value": 100},
        {"name": "PREFECT_UI_ENABLED", "value": "false"},
        {"name": "MY_TOKEN", "value": CANARY},
        {"name": "FROM_SECRET", "valueFrom": source},
        {"name": "PREFECT_SERVER_API_AUTH_STRING", "valueFrom": source},
        {"name": "PREFECT_SERVER_API_PORT", "value": "4201"},
        {"name": "HELM", "value": "{{ .Release.Name }}"},
    ]
    adopted = read({"global": {"prefect": {"env": env[:1]}}, "server": {"env": env[1:]}})
    assert adopted.document["server"] == {
        "env": {"PREFECT_SERVER_API_DEFAULT_LIMIT": "100"},
        "ui": False,
        "secret_env": {"MY_TOKEN": "vault_prefect_my_token"},
    }
    assert adopted.document["kubernetes"] == {
        "server": {"container": {"env": [env[3]]}},
        "existing_secrets": {"auth_string": {"name": "s", "key": "k"}},
    }
    assert reasons(adopted) == {
        "server.env[PREFECT_SERVER_API_PORT]": "is set by the collection; use prefect.server.port instead",
        "server.env[HELM]": "is a template of Helm; write what it gives to server.env",
    }


def test_credentials() -> None:
    literal = read({"server": {"basicAuth": {"enabled": True, "authString": f"me:{CANARY}"}}})
    assert literal.document["server"] == {"auth_string": "vault_prefect_auth_string"}
    assert [(row.name, row.source, row.value) for row in literal.variables] == [
        ("vault_prefect_auth_string", "server.basicAuth.authString", f"me:{CANARY}")
    ]
    existing = read({"server": {"basicAuth": {"enabled": True, "existingSecret": "auth"}}})
    assert existing.document["kubernetes"]["existing_secrets"] == {
        "auth_string": {"name": "auth", "key": "auth-string"}
    }
    assert existing.variables == []


def test_scale_with_the_redis_that_it_needs() -> None:
    adopted = read({"server": {"replicaCount": 2}})
    assert (adopted.document["server"], adopted.document["redis"]) == ({"replicas": 2}, {"enabled": True})
    assert "several servers need Redis" in reasons(adopted)["server.replicaCount"]
    scale = {"enabled": True, "minReplicas": 2, "maxReplicas": 4}
    document = read({"server": {"autoscaling": scale}}).document
    expected = {"min_replicas": 2, "max_replicas": 4, "cpu": 80, "memory": 80}
    assert document["kubernetes"]["server"]["autoscaling"] == expected
    del expected["memory"]
    document = read({"server": {"autoscaling": {**scale, "targetMemory": None}}}).document
    assert document["kubernetes"]["server"]["autoscaling"] == expected
    scale = {"enabled": True, "maxReplicas": 3, "targetCPUUtilizationPercentage": None}
    [reader] = read(worker(autoscaling=scale)).document["workers"]
    assert reader["kubernetes"]["autoscaling"] == {"min_replicas": 1, "max_replicas": 3, "memory": 80}


def test_what_nothing_is_requested_of_cannot_be_aimed_at(resolve: Callable[..., Resolved]) -> None:
    resources: dict[str, Any] = {"requests": {"memory": None}, "limits": {"memory": None}}
    adopted = read_whole({"server": {"autoscaling": {"enabled": True}, "resources": resources}})
    assert adopted.document["kubernetes"]["server"]["autoscaling"] == {
        "min_replicas": 1,
        "max_replicas": 100,
        "cpu": 80,
    }
    told = reasons(adopted)["server.autoscaling.targetMemory"]
    assert told.endswith("set kubernetes.server.resources.requests and autoscaling")
    assert resolve(filled(adopted.document)).enabled


def test_probes_resources_and_security_say_only_what_differs() -> None:
    server = {
        "startupProbe": {"enabled": False},
        "livenessProbe": {"config": {"periodSeconds": 20}},
        "readinessProbe": {"path": "/api/health"},
        "resources": {"limits": {"memory": "2Gi", "cpu": None}},
        "podSecurityContext": {"fsGroup": 2000, "runAsUser": None},
        "containerSecurityContext": {"readOnlyRootFilesystem": False, "capabilities": {"drop": ["ALL"]}},
    }
    assert read({"server": server}).document["kubernetes"]["server"] == {
        "container": {
            "startupProbe": None,
            "livenessProbe": {"periodSeconds": 20},
            "readinessProbe": {"httpGet": {"path": "/api/health"}},
            "securityContext": {"readOnlyRootFilesystem": False, "capabilities": {"drop": ["ALL"]}},
        },
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
        "pod": {"securityContext": {"fsGroup": 2000, "runAsUser": None}},
    }


def test_the_resources_of_a_chart_stay_those_of_its_pods() -> None:
    document = read_whole({"server": {}}, worker()).document
    limits = {"cpu": "1", "memory": "1Gi"}
    assert document["kubernetes"]["server"]["resources"]["limits"] == limits
    assert document["kubernetes"]["migration"]["resources"]["limits"] == {"cpu": "500m", "memory": "256Mi"}
    assert "background_services" not in document["kubernetes"]
    (made,) = document["workers"]
    assert made["kubernetes"]["resources"]["requests"] == {"memory": "256Mi", "cpu": "100m"}
    separate = read_whole({"backgroundServices": {"runAsSeparateDeployment": True}}).document
    assert separate["kubernetes"]["background_services"]["resources"]["limits"] == limits


def test_what_is_beside_the_server() -> None:
    server = {
        "extraEnvVarsCM": "cm",
        "extraEnvVarsSecret": "sec",
        "extraVolumes": [{"name": "ca", "secret": {"secretName": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
        "extraContainers": [{"name": "side", "image": "x", "env": [{"name": "PASSWORD", "value": CANARY}]}],
        "extraInitContainers": [{"name": "first", "image": "y"}],
        "args": ["a"],
        "command": ["b"],
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "terminationGracePeriodSeconds": 60,
        "affinity": {"nodeAffinity": {}},
        "tolerations": [{"key": "x"}],
        "nodeSelector": {"disk": "ssd"},
        "priorityClassName": "high",
        "updateStrategy": {"type": "Recreate"},
    }
    adopted = read({"server": server})
    assert adopted.document["kubernetes"]["server"] == {
        "container": {
            "envFrom": [{"configMapRef": {"name": "cm"}}, {"secretRef": {"name": "sec"}}],
            "volumeMounts": [{"name": "ca", "mountPath": "/ca"}],
            "args": ["a"],
            "command": ["b"],
            "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        },
        "pod": {
            "volumes": [{"name": "ca", "secret": {"secretName": "ca"}}],
            "containers": [
                {
                    "name": "side",
                    "image": "x",
                    "env": [{"name": "PASSWORD", "value": "vault_prefect_server_pod_containers_env_password"}],
                }
            ],
            "initContainers": [{"name": "first", "image": "y"}],
            "terminationGracePeriodSeconds": 60,
            "affinity": {"nodeAffinity": {}},
            "tolerations": [{"key": "x"}],
            "nodeSelector": {"disk": "ssd"},
            "priorityClassName": "high",
        },
        "manifests": {"Deployment": {"spec": {"strategy": {"rollingUpdate": None, "type": "Recreate"}}}},
    }
    assert [variable.value for variable in adopted.variables] == [CANARY]


def test_services_apart_with_redis() -> None:
    redis = {"host": "cache", "db": 2, "username": "u", "password": CANARY, "ssl": True}
    services = {
        "runAsSeparateDeployment": True,
        "replicaCount": 2,
        "debug": True,
        "resources": {"limits": {"memory": "3Gi"}},
        "messaging": {"redis": redis, "docket": {"url": "redis://cache:6379/3"}},
    }
    document = read({"backgroundServices": services}).document
    assert document["server"] == {"background_services": {"separate": True, "replicas": 2}}
    assert document["redis"] == {
        "enabled": True,
        "host": "cache",
        "password": "vault_prefect_redis_password",
        "docket_db": 3,
        "db": 2,
        "user": "u",
        "tls": True,
    }
    options = document["kubernetes"]["background_services"]
    assert options["container"]["env"] == [{"name": "PREFECT_DEBUG_MODE", "value": "true"}]
    assert options["resources"]["limits"] == {"cpu": "1", "memory": "3Gi"}


def test_redis_by_a_secret_and_docket_by_a_secret() -> None:
    redis = {"host": "cache", "existingSecret": "r", "existingSecretPasswordKey": "pw"}
    messaging = {"redis": redis, "docket": {"existingSecret": "d"}}
    adopted = read({"backgroundServices": {"runAsSeparateDeployment": True, "messaging": messaging}})
    assert adopted.document["kubernetes"]["existing_secrets"] == {"redis_password": {"name": "r", "key": "pw"}}
    assert "redis.docket_db" in reasons(adopted)["backgroundServices.messaging.docket.existingSecret"]


def test_migrations_are_a_job() -> None:
    migrations = {"timeoutSeconds": 900, "backoffLimit": 1, "env": [{"name": "A", "value": "1"}]}
    assert read({"migrations": migrations}).document["kubernetes"]["migration"] == {
        "manifests": {"Job": {"spec": {"activeDeadlineSeconds": 900, "backoffLimit": 1}}},
        "container": {"env": [{"name": "A", "value": "1"}]},
    }
    assert list(reasons(read({"migrations": {"enabled": False}}))) == ["migrations.enabled"]


@pytest.mark.parametrize(
    ("query", "tls"),
    [
        ("", None),
        ("?ssl=verify-full", {"enabled": True, "check_hostname": True}),
        ("?ssl=verify-ca", {"enabled": True, "check_hostname": False}),
        ("?sslmode=disable", None),
    ],
)
def test_a_database_by_its_address(query: str, tls: Any) -> None:
    address = f"postgresql+asyncpg://me:{CANARY}%40@db.example.org:5433/flows{query}"
    adopted = read({"externalDatabase": {"connectionString": address}})
    expected = {"host": "db.example.org", "port": 5433, "user": "me", "name": "flows"}
    assert adopted.document["postgres"] == {
        **expected,
        "password": "vault_prefect_postgres_password",
        **({"tls": tls} if tls else {}),
    }
    assert [variable.value for variable in adopted.variables] == [f"{CANARY}@"]
    assert adopted.data == ""


def test_a_database_by_its_parts_and_secrets() -> None:
    database = {"existingSecret": "db", "passwordSecretKey": "pw", "host": "db", "username": "me", "nameSecretKey": "n"}
    adopted = read({"externalDatabase": database})
    assert adopted.document["postgres"] == {"host": "db", "user": "me", "name": "vault_prefect_postgres_name"}
    assert adopted.document["kubernetes"]["existing_secrets"] == {"postgres_password": {"name": "db", "key": "pw"}}
    assert [(variable.name, variable.value) for variable in adopted.variables] == [
        ("vault_prefect_postgres_name", None)
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"externalDatabase": {"existingSecret": "db", "connectionStringSecretKey": "url"}},
        {"postgresql": {"enabled": False}, "secret": {"create": False, "name": "db"}},
    ],
)
def test_a_database_that_only_a_secret_knows_is_never_sqlite(values: Any) -> None:
    adopted = read(values)
    assert set(adopted.document["postgres"]) == {"host", "user", "password", "name"}
    assert {variable.value for variable in adopted.variables} == {None}


def test_the_older_secret_of_the_database() -> None:
    secret = {"host": "db", "port": "5432", "username": "me", "password": CANARY, "database": "flows"}
    postgres = read({"postgresql": {"enabled": False}, "secret": secret}).document["postgres"]
    assert postgres == {
        "host": "db",
        "port": 5432,
        "user": "me",
        "password": "vault_prefect_postgres_password",
        "name": "flows",
    }


def test_the_releases_own_database() -> None:
    own = {
        "auth": {"password": CANARY, "database": "flows"},
        "primary": {"persistence": {"enabled": True, "size": "20Gi"}},
    }
    adopted = read({"postgresql": own})
    assert adopted.document["postgres"] == {"enabled": True, "name": "flows"}
    assert adopted.document["kubernetes"] == {"postgres": {"storage": {"size": "20Gi"}}}
    assert (adopted.data, adopted.variables) == ("postgresql", [])
    assert "by a dump" in reasons(adopted)["postgresql.auth.password"]


def test_sqlite_in_a_volume() -> None:
    values = {
        "sqlite": {"enabled": True, "persistence": {"size": "5Gi", "storageClassName": "fast"}},
        "server": {"replicaCount": 3, "revisionHistoryLimit": 2},
    }
    adopted = read(values)
    assert "postgres" not in adopted.document
    assert "redis" not in adopted.document
    assert adopted.document["kubernetes"]["server"] == {
        "storage": {"size": "5Gi", "storage_class": "fast"},
        "manifests": {"StatefulSet": {"spec": {"revisionHistoryLimit": 2}}},
    }
    assert reasons(adopted)["server.replicaCount"] == "SQLite is one file of one server"


def test_an_ingress_with_tls() -> None:
    ingress = {
        "enabled": True,
        "className": "nginx",
        "host": {"hostname": "prefect.example.org"},
        "annotations": {"cert-manager.io/cluster-issuer": "acme"},
        "tls": True,
        "extraHosts": [{"name": "other.example.org"}],
    }
    adopted = read({"ingress": ingress})
    assert adopted.document["public_url"] == "https://prefect.example.org"
    assert adopted.document["kubernetes"]["ingress"] == {
        "enabled": True,
        "class_name": "nginx",
        "annotations": {"cert-manager.io/cluster-issuer": "acme"},
        "tls": {"enabled": True, "secret_name": "prefect.example.org-tls"},
    }
    assert adopted.document["server"] == {"auth_string": "vault_prefect_auth_string"}
    assert set(reasons(adopted)) == {"ingress.enabled", "ingress.extraHosts"}


def test_a_path_before_the_server() -> None:
    values = {"server": {"apiBasePath": "/flows/api"}, "ingress": {"enabled": True, "host": {"path": "/flows"}}}
    adopted = read(values)
    assert adopted.document["public_url"] == "http://prefect.local/flows"
    assert adopted.document["kubernetes"]["ingress"] == {"enabled": True, "tls": {"enabled": False}}


def test_a_gateway_of_its_own_and_one_that_is_there() -> None:
    route = {"hostnames": ["prefect.example.org", "flows.example.org"], "annotations": {"a": "b"}}
    own = read({"gateway": {"enabled": True, "className": "envoy"}, "httproute": route}).document
    assert own["public_url"] == "https://prefect.example.org"
    assert own["kubernetes"] == {
        "gateway": {
            "enabled": True,
            "class_name": "envoy",
            "tls_secret_name": "prefect.example.org-tls",
            "annotations": {"a": "b"},
        },
        "server": {"manifests": {"HTTPRoute": {"spec": {"hostnames": route["hostnames"]}}}},
    }
    parents = [{"name": "shared", "namespace": "infra", "sectionName": "web"}]
    there = read({"gateway": {"enabled": True, "create": False}, "httproute": {"parentRefs": parents}}).document
    assert there["kubernetes"]["gateway"] == {
        "enabled": True,
        "parents": [{"name": "shared", "namespace": "infra", "section_name": "web"}],
    }


def test_services_of_another_type() -> None:
    extra = [{"name": "metrics", "port": 9000, "targetPort": 9000, "nodePort": ""}]
    service = {"type": "NodePort", "ipFamilyPolicy": "PreferDualStack", "annotations": {"a": "b"}, "port": 80}
    adopted = read({"service": {**service, "nodePort": "30420", "appProtocol": "http", "extraPorts": extra}})
    assert adopted.document["kubernetes"]["server"]["manifests"]["Service"] == {
        "spec": {
            "type": "NodePort",
            "ipFamilyPolicy": "PreferDualStack",
            "ports": [
                {"name": "http-more", "port": 80, "targetPort": "http", "protocol": "TCP"},
                {"name": "http", "appProtocol": "http", "nodePort": 30420},
                {"name": "metrics", "port": 9000, "targetPort": 9000, "protocol": "TCP"},
            ],
        },
        "metadata": {"annotations": {"a": "b"}},
    }
    assert adopted.findings == []
    # The cluster says best what is wrong with a port that no release can have.
    service = read({"service": {"nodePort": "abc"}}).document["kubernetes"]["server"]["manifests"]["Service"]
    assert service["spec"]["ports"] == [{"name": "http", "nodePort": "abc"}]


def test_a_worker_for_prefect_cloud() -> None:
    template = {"job_configuration": {"image": "{{ image }}"}, "variables": {"type": "object"}}
    config = {
        "workQueues": ["a"],
        "limit": 5,
        "name": "Etl",
        "queryInterval": 10,
        "prefetchSeconds": 30,
        "http2": False,
        "jobNamespace": "jobs",
        "baseJobTemplate": {"configuration": json.dumps(template)},
    }
    adopted = read(worker(**CLOUD, config=config, replicaCount=2, clusterUid="uid"))
    assert adopted.document == {
        "platform": "kubernetes",
        "cloud": {"account_id": ACCOUNT, "workspace_id": WORKSPACE},
        "token": "vault_prefect_api_key",
        "workers": [
            {
                "name": "etl",
                "work_pool": "k8s",
                "kubernetes": {
                    "container": {
                        "env": [
                            {"name": "PREFECT_WORKER_PREFETCH_SECONDS", "value": "30"},
                            {"name": "PREFECT_API_ENABLE_HTTP2", "value": "false"},
                        ]
                    }
                },
                "replicas": 2,
                "query_seconds": 10,
                "job_namespace": "jobs",
                "work_queues": ["a"],
                "limit": 5,
            }
        ],
        "kubernetes": {
            "existing_secrets": {"api_key": {"name": "prefect-api-key", "key": "key"}},
            "cluster_uid": "uid",
        },
        "resources": {"work_pools": [{"name": "k8s", "type": "kubernetes", "base_job_template": template}]},
    }
    assert list(reasons(adopted)) == ["worker.cloudApiConfig.apiKeySecret.name", "worker.config.name"]


def test_a_worker_for_another_cloud() -> None:
    section = {
        "apiUrl": "https://c.example.org/api",
        "accountId": ACCOUNT,
        "workspaceId": WORKSPACE,
        "cloudApiUrl": "u",
    }
    document = read(worker(apiConfig="customerManagedCloud", customerManagedCloudApiConfig=section)).document
    assert document["api_url"] == f"https://c.example.org/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"
    env = document["workers"][0]["kubernetes"]["container"]["env"]
    assert env == [{"name": "PREFECT_CLOUD_API_URL", "value": "u"}]


def test_a_worker_of_a_server_elsewhere() -> None:
    auth = {"enabled": True, "authString": f"me:{CANARY}"}
    adopted = read(worker(selfHostedServerApiConfig={"apiUrl": "https://p.example.org/api", "basicAuth": auth}))
    assert adopted.document["api_url"] == "https://p.example.org/api"
    assert adopted.document["server"] == {"auth_string": "vault_prefect_auth_string"}
    assert [variable.value for variable in adopted.variables] == [f"me:{CANARY}"]


def test_server_and_several_workers_in_one_document() -> None:
    auth = {"basicAuth": {"enabled": True, "authString": f"me:{CANARY}"}}
    first = worker("a", selfHostedServerApiConfig=auth)
    second = {**worker("b"), "fullnameOverride": "prefect-worker-gpu"}
    adopted = read({"server": auth}, first, second)
    assert [(item["name"], item["work_pool"]) for item in adopted.document["workers"]] == [("a", "a"), ("gpu", "b")]
    assert "api_url" not in adopted.document
    assert [variable.name for variable in adopted.variables] == ["vault_prefect_auth_string"]
    assert adopted.findings == []


def test_two_releases_that_differ_on_one_pool_are_told() -> None:
    first = worker("a", extraEnvVars=[{"name": "DB_PASSWORD", "value": CANARY}])
    found = reasons(read(first, {**worker("a"), "fullnameOverride": "prefect-worker-gpu"}))
    assert found["b.yml: worker.config.workPool"] == (
        "is the pool of a too; let both say the same of secret_env, or give each its own pool"
    )
    assert reasons(read(first, {**first, "fullnameOverride": "prefect-worker-gpu"})) == {}
    inside = [worker("a", config={"type": "process"}), laid(first, worker("a", config={"type": "process"}))]
    assert reasons(read(*inside)) == {}


def test_a_workers_pod_and_role() -> None:
    values = worker(
        autoscaling={"enabled": True, "maxReplicas": 3},
        podDisruptionBudget={"maxUnavailable": 1},
        extraEnvVars=[{"name": "A", "value": "1"}, {"name": "DB_PASSWORD", "value": CANARY}],
        extraEnvVarsCMs=["cm"],
        extraEnvVarsSecrets=["sec"],
        dnsPolicy="None",
        dnsConfig={"nameservers": ["10.0.0.1"]},
        image={"repository": "registry.example.org/prefect", "prefectTag": "3.8.8-etl"},
        livenessProbe={"enabled": True},
    )
    values |= {
        "serviceAccount": {"create": False, "name": "robot"},
        "role": {"create": False, "extraPermissions": [{"verbs": ["get"]}]},
        "rolebinding": {"create": False},
    }
    adopted = read(values)
    (found,) = adopted.document["workers"]
    assert found["secret_env"] == {"DB_PASSWORD": "vault_prefect_k8s_db_password"}
    assert found["kubernetes"] == {
        "container": {
            "image": "registry.example.org/prefect:3.8.8-etl",
            "env": [{"name": "A", "value": "1"}],
            "envFrom": [{"configMapRef": {"name": "cm"}}, {"secretRef": {"name": "sec"}}],
        },
        "autoscaling": {"min_replicas": 1, "max_replicas": 3, "cpu": 80, "memory": 80},
        "manifests": {"Role": None, "RoleBinding": None},
        "pod": {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.1"]}},
        "disruption_budget": {"max_unavailable": 1},
        "service_account": {"create": False, "name": "robot"},
    }
    assert list(reasons(adopted)) == ["role.extraPermissions"]


def test_a_worker_that_does_not_run_on_a_cluster_is_left_out() -> None:
    adopted = read({"server": {}}, worker(config={"type": "ecs"}))
    assert adopted.document["workers"] == []
    assert list(reasons(adopted)) == ["b.yml: worker.config.type"]


def test_old_spellings_of_the_charts() -> None:
    values = {"worker": {"config": {"workPool": "p"}, "apiConfig": "server", "basicAuth": {"enabled": True}}}
    values["worker"]["serverApiConfig"] = {"apiUrl": "https://p.example.org/api", "uiUrl": "x"}
    adopted = read(values)
    assert adopted.document["api_url"] == "https://p.example.org/api"
    assert reasons(adopted)["worker.serverApiConfig"] == "old spelling; read as worker.selfHostedServerApiConfig"
    assert "is no value of the chart" in reasons(adopted)["worker.selfHostedServerApiConfig.uiUrl"]


# What is not known, and what is wrong


def test_an_unknown_value_is_named_with_what_was_probably_meant() -> None:
    adopted = read({"server": {"replicas": 2}, "misc": [1], "redis": {"master": {"count": 2}}})
    assert reasons(adopted) == {
        "server.replicas": "is no value of the chart that is known here; did you mean 'server.replicaCount'?",
        "misc": "is no value of the chart that is known here",
        "redis.master.count": "is of the chart bitnami/redis, which is not used here",
    }


def test_computed_values_do_not_list_the_charts_inside() -> None:
    inside = {"common": {"exampleValue": "x", "global": {}}, "postgresql": {"architecture": "x", "metrics": {"a": 1}}}
    (finding,) = read({"server": {}, **inside}).findings
    assert (finding.path, finding.reason.partition(";")[0]) == (
        "postgresql",
        "2 values of the chart bitnami/postgresql, which is not used here",
    )


def test_no_secret_is_told() -> None:
    values = {
        "server": {
            "basicAuth": {"authString": CANARY},
            "env": [{"name": "PREFECT_API_KEY", "value": CANARY}, {"name": "X_TOKEN", "value": f"{{{{ {CANARY} }}}}"}],
            "extraArgs": [f"https://a:{CANARY}@b"],
        },
        "postgresql": {"auth": {"password": CANARY, "postgresPassword": CANARY}},
        "misc": {"password": CANARY, "env": [{"name": "MY_SECRET", "value": CANARY}]},
    }
    adopted = read(values, worker(extraEnvVars=[{"name": "API_TOKEN", "value": CANARY}]))
    assert len(adopted.findings) > 6
    assert CANARY not in "\n".join([*map(str, adopted.findings), json.dumps(adopted.document), repr(adopted)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "a.yml: expected the values of a release of chart prefect-server or prefect-worker, found a list"),
        ("a: [", "a.yml: is not valid YAML at line 1, column 5"),
        ("null", "a.yml: holds no values"),
        ("{other: 1}", "a.yml: expected .* found the keys other"),
        ("{agent: {}}", "a.yml: expected .* found values of a chart with an agent"),
        ("{apiVersion: v1, kind: ConfigMap, data: {}}", "found an object of kind 'ConfigMap' .*; name the release"),
        ("{server: 1}", "a.yml: server: expected a map, found an int"),
        ("{server: {replicaCount: two, env: {}}}", "2 problems\n- server.env: expected a list"),
        ("{server: {replicaCount: .inf}}", "a.yml: server.replicaCount: expected a number"),
        ("{worker: {apiConfig: cloud}}", "a.yml: worker.cloudApiConfig.accountId: missing"),
        ("{worker: {apiConfig: moon}}", "a.yml: worker.apiConfig: expected one of cloud, customerManagedCloud, "),
    ],
)
def test_wrong_values_are_one_error(text: str, message: str) -> None:
    with pytest.raises(HelmError, match=message):
        read(text)


def test_two_servers_are_an_error() -> None:
    with pytest.raises(HelmError, match=r"a\.yml and b\.yml are two servers"):
        read({"server": {}}, {"server": {}})


def packed(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.b64encode(base64.b64encode(gzip.compress(text, mtime=0))).decode()


def stored(chart: str = SERVER, **config: Any) -> dict[str, Any]:
    values = {"server": {"loggingLevel": "INFO"}}
    return {
        "name": "flows",
        "namespace": "data",
        "chart": {"metadata": {"name": chart}, "values": values},
        "config": config,
    }


def test_a_release_of_the_cluster() -> None:
    release = of_secret(packed(stored(server={"debug": True})))
    assert (release.chart, release.name, release.namespace) == (SERVER, "flows", "data")
    document = besides_resources(adopt([release], ["3.8.8"]).document)
    assert document["server"] == {"env": {"PREFECT_DEBUG_MODE": "true"}, "log_level": "INFO"}
    assert document["kubernetes"] == {"namespace": "data"}


@pytest.mark.parametrize("data", ["", "x", packed(b"\x0a\x07protobuf"), packed({"name": "x"}), packed([])])
def test_a_secret_that_is_no_release(data: str) -> None:
    with pytest.raises(HelmError, match="the Secret holds no release of Helm 3 or 4"):
        of_secret(data)


def test_a_release_of_another_chart() -> None:
    with pytest.raises(HelmError, match=r"release flows in namespace data: expected .*, found chart nginx"):
        of_secret(packed(stored("nginx")))


def test_a_release_shows_no_values() -> None:
    assert CANARY not in repr(Release(SERVER, "x", {"a": CANARY}))


# The document resolves

SERVER_IN_FULL: dict[str, Any] = {
    "commonLabels": {"team": "data"},
    "commonAnnotations": {"owner": "data"},
    "global": {"prefect": {"image": {"prefectTag": "3.8.8-python3.12", "pullPolicy": "Always", "pullSecrets": ["r"]}}},
    "server": {
        "basicAuth": {"enabled": True, "authString": f"me:{CANARY}"},
        "replicaCount": 2,
        "debug": True,
        "loggingLevel": "DEBUG",
        "uiConfig": {"prefectUiApiUrl": "https://prefect.example.org/api"},
        "env": [{"name": "PREFECT_SERVER_API_DEFAULT_LIMIT", "value": "100"}, {"name": "A_TOKEN", "value": CANARY}],
        "resources": {"limits": {"memory": "2Gi"}},
        "startupProbe": {"enabled": False},
        "livenessProbe": {"config": {"periodSeconds": 20}},
        "updateStrategy": {"type": "Recreate"},
        "podSecurityContext": {"fsGroup": None},
        "extraEnvVarsSecret": "more",
        "extraVolumes": [{"name": "ca", "secret": {"secretName": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
        "tolerations": [{"key": "a", "operator": "Exists"}],
    },
    "migrations": {"timeoutSeconds": 900},
    "backgroundServices": {
        "runAsSeparateDeployment": True,
        "replicaCount": 2,
        "loggingLevel": "INFO",
        "messaging": {"redis": {"host": "cache", "password": CANARY}, "docket": {"url": "redis://cache:6379/3"}},
    },
    "serviceAccount": {"create": False, "name": "robot"},
    "service": {"type": "LoadBalancer", "port": 80},
    "ingress": {"enabled": True, "className": "nginx", "host": {"hostname": "prefect.example.org"}, "tls": True},
    "externalDatabase": {
        "connectionString": f"postgresql+asyncpg://me:{CANARY}@db.example.org:5433/flows?ssl=verify-full"
    },
}
WORKER_IN_FULL = worker(
    config={
        "workQueues": ["a", "b"],
        "limit": 5,
        "queryInterval": 10,
        "prefetchSeconds": 30,
        "jobNamespace": "jobs",
        "baseJobTemplate": {
            "configuration": '{"variables": {"type": "object"}, "job_configuration": {"image": "{{ image }}"}}'
        },
    },
    selfHostedServerApiConfig={"basicAuth": {"enabled": True, "existingSecret": "auth"}},
    autoscaling={"enabled": True, "maxReplicas": 3},
    podDisruptionBudget={"maxUnavailable": 1},
    extraEnvVars=[{"name": "A", "value": "1"}, {"name": "DB_PASSWORD", "value": CANARY}],
    extraEnvVarsCMs=["cm"],
    clusterUid="uid",
    podSecurityContext={"runAsUser": None},
)
DOCUMENTS: dict[str, list[Any]] = {
    "defaults": [{"server": {}}],
    "server": [SERVER_IN_FULL],
    "worker": [WORKER_IN_FULL],
    "both": [SERVER_IN_FULL, WORKER_IN_FULL, worker("other")],
    "cloud": [worker(**CLOUD)],
    "process": [{"server": {}}, worker(config={"type": "process"})],
    "sqlite": [{"sqlite": {"enabled": True, "persistence": {"size": "5Gi"}}}],
    "replicas": [{"server": {"replicaCount": 3}}],
    "autoscaling": [{"server": {"autoscaling": {"enabled": True}}}],
    "unknown database": [{"externalDatabase": {"existingSecret": "db", "connectionStringSecretKey": "url"}}],
    "database in parts": [{"externalDatabase": {"existingSecret": "db", "passwordSecretKey": "p", "host": "db"}}],
    "own redis": [{"backgroundServices": {"runAsSeparateDeployment": True}, "redis": {"enabled": True}}],
    "gateway": [{"gateway": {"enabled": True, "className": "e"}, "httproute": {"hostnames": ["p.example.org"]}}],
    "gateway there": [
        {
            "gateway": {"enabled": True, "create": False},
            "httproute": {"parentRefs": [{"name": "shared"}], "hostnames": ["p.example.org"]},
        }
    ],
    "path": [{"server": {"apiBasePath": "/p/api"}, "ingress": {"enabled": True, "host": {"path": "/p"}}}],
    "own image": [{"global": {"prefect": {"image": {"repository": "r.example.org/prefect", "prefectTag": "3.8.8"}}}}],
    "old image": [{"global": {"prefect": {"image": {"prefectTag": "3.4.11"}}}}],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_resolves(resolve: Callable[..., Resolved], name: str) -> None:
    adopted = read_whole(*DOCUMENTS[name])
    text = json.dumps([adopted.document, [str(finding) for finding in adopted.findings]])
    assert CANARY not in text
    assert resolve(filled(adopted.document)).enabled


def test_nothing_is_lost_between_the_document_and_the_roles(resolve: Callable[..., Resolved]) -> None:
    roles = resolve(filled(read_whole(*DOCUMENTS["both"]).document)).roles
    cluster = roles["prefect_kubernetes"]
    assert (cluster["labels"], cluster["image_pull_secrets"], cluster["cluster_uid"]) == (
        {"team": "data"},
        ["r"],
        "uid",
    )
    assert (roles["prefect_server"]["replicas"], roles["prefect_redis"]["host"]) == (2, "cache")
    assert roles["prefect_postgres"]["port"] == 5433
    assert cluster["server"]["container"]["startupProbe"] is None
    first, second = roles["prefect_workers"]
    assert (first["name"], first["job_namespace"], second["work_pool"]) == ("k8s", "jobs", "other")
    assert first["kubernetes"]["autoscaling"]["max_replicas"] == 3
    assert first["kubernetes"]["pod"]["securityContext"] == {"runAsUser": None}


# The way there


def test_the_steps_keep_the_data_of_the_releases_own_database() -> None:
    found = "\n".join(steps(read({"server": {}, "fullnameOverride": "flows"}, worker()), "/a/dev/group_vars/all/p.yml"))
    order = [
        "uninstall WORKER",
        "scale deployment flows --replicas=0",
        "pg_dump -Fc -U prefect server",
        "uninstall SERVER",
        "deploy_prefect -i /a/dev.",
        "createdb -U prefect prefect",
        "pg_restore -U prefect -d prefect",
        "Deploy again",
    ]
    assert sorted(found.index(text) for text in order) == [found.index(text) for text in order]


def test_the_steps_say_what_helm_would_delete() -> None:
    found = "\n".join(steps(read({"sqlite": {"enabled": True}}), "prefect.yml"))
    assert "helm uninstall deletes the claim prefect-server-sqlite" in found
    assert "export_prefect" in found
    assert "pg_dump" not in found
    assert "deploy_prefect -i INVENTORY." in found


def test_secrets_that_were_written_are_no_step() -> None:
    basic = {"basicAuth": {"enabled": True, "authString": "a:b"}}
    adopted = read({"server": basic, "sqlite": {"enabled": True}})
    assert [row.value for row in adopted.variables] == ["a:b"]
    (step,) = [step for step in steps(adopted, "prefect.yml") if "into a vault" in step]
    assert step.endswith(f": {adopted.variables[0].name}.")
    assert not [step for step in steps(adopted, "prefect.yml", has_vault=True) if "into a vault" in step]


def test_a_database_of_somebody_else_stays_where_it_is() -> None:
    found = "\n".join(steps(read({"externalDatabase": {"connectionString": "postgresql://a:b@c/d"}}), "prefect.yml"))
    assert "nothing of it moves" in found
    assert "pg_dump" not in found


# The page


def the_page() -> Any:
    specification = importlib.util.spec_from_file_location("make_from_helm", HOUSE / "tools" / "make_from_helm.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_page_is_made_of_the_tables() -> None:
    assert the_page().PAGE.read_text() == the_page().page(), "run make from-helm"


def test_every_feature_names_tests_that_exist() -> None:
    features = the_page().FEATURES
    assert [number for number, *_rest in features] == [
        *(f"S{at}" for at in range(1, 23)),
        *(f"W{at}" for at in range(1, 13)),
    ]
    written = "\n".join(path.read_text() for path in (HOUSE / "tests").rglob("test_*.py"))
    named = {name for *_rest, tests in features for name in tests}
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
    assert [number for number, *_rest, tests in features if not tests] == []
