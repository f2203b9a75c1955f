"""What runs in a cluster, from the document to the objects: servers, database, Redis, workers, and what ties them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import kubernetes_validate
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.plugin_utils import landscape
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import (
    cluster_server,
    cluster_worker,
    postgres,
    redis,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.manifests import (
    foundation_manifests,
    job_manifests,
    service_manifests,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.questions import cluster_questions
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.render import secrets_file, service_files
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved
from kubernetes_validate.utils import all_versions

Resolve = Callable[..., Resolved]
Roles = dict[str, Any]

ROLES = Path(__file__).resolve().parents[3] / "roles"
TAKEN = yaml.safe_load((ROLES / "prefect_service/meta/argument_specs.yml").read_text())["argument_specs"]["main"][
    "options"
]
HUSH = "p@:/%# $(X)\"'é\\`"
ONE = {"platform": "kubernetes", "server": {"auth_string": "admin:hush"}}
MANY: dict[str, Any] = {
    **ONE,
    "server": {"auth_string": "admin:hush", "replicas": 2},
    "postgres": {"enabled": True, "password": HUSH},
    "redis": {"enabled": True, "password": HUSH},
}


def kept_in(secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a document that says which Secrets of somebody else hold what."""
    return {"existing_secrets": {name: {"name": secret, "key": "k"} for name, secret in secrets.items()}}


def host_of(roles: Roles) -> dict[str, Any]:
    cluster = roles["prefect_kubernetes"]
    return {
        "platform": "kubernetes",
        "root": "/opt/prefect",
        "namespace": cluster["namespace"],
        "image": cluster["image"],
        "environment": "",
        "cluster_uid": "uid-1",
        "apis": [],
        "secret_salts": {},
        "user": "prefect",
    }


def taken(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification that role prefect_service takes."""
    assert ArgumentSpecValidator(TAKEN).validate({"prefect_service": spec}).error_messages == []
    return spec


def servers(roles: Roles) -> list[dict[str, Any]]:
    inputs = (host_of(roles), roles["prefect_kubernetes"], roles["prefect_redis"])
    return [taken(spec) for spec in cluster_server.cluster_services(roles["prefect_server"], *inputs)]


def migration(roles: Roles) -> dict[str, Any]:
    inputs = (host_of(roles), roles["prefect_kubernetes"], roles["prefect_redis"])
    return taken(cluster_server.cluster_migration(roles["prefect_server"], *inputs))


def workers(roles: Roles, *pools: dict[str, Any]) -> list[dict[str, Any]]:
    inputs = (roles["prefect_api"], host_of(roles), pools, roles["prefect_kubernetes"])
    return [taken(spec) for spec in cluster_worker.cluster_workers(roles["prefect_workers"], *inputs)]


def pools(roles: Roles, *declared: dict[str, Any]) -> list[dict[str, Any]]:
    given = declared or roles["prefect_resources"]["work_pools"]
    inputs = (roles["prefect_docker"], host_of(roles), roles["prefect_api"], roles["prefect_kubernetes"])
    return landscape.complete_pools(given, roles["prefect_workers"], *inputs)


def made(spec: dict[str, Any], roles: Roles, kind: str) -> list[dict[str, Any]]:
    """Return the objects of a kind that a specification becomes."""
    objects = service_manifests(spec, host_of(roles), roles["prefect_kubernetes"])
    return [item for item in objects if item["kind"] == kind]


def pod(spec: dict[str, Any], roles: Roles, kind: str = "Deployment") -> dict[str, Any]:
    found: dict[str, Any] = made(spec, roles, kind)[0]["spec"]["template"]["spec"]
    return found


def values(container: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


def test_one_server_prepares_the_file_that_is_its_database(resolve: Resolve) -> None:
    roles = resolve(ONE).roles
    (server,) = servers(roles)
    assert "--no-services" not in server["command"]
    assert (server["replicas"], server["update"]) == (1, "recreate")
    whole = pod(server, roles, "StatefulSet")
    (first,) = whole["initContainers"]
    (container,) = whole["containers"]
    assert first["args"] == ["prefect", "server", "database", "upgrade", "-y"]
    assert first["env"] == container["env"]
    assert first["volumeMounts"] == container["volumeMounts"]
    assert "startupProbe" not in first
    home = values(container)["PREFECT_HOME"]
    assert {"name": "data", "mountPath": home} in container["volumeMounts"]
    # What was registered in a database that is gone is registered anew by the next pod.
    assert not values(container)["PREFECT_SERVER_MEMO_STORE_PATH"].startswith(home)


def test_a_pod_listens_for_others_and_says_when_its_database_is_away(resolve: Resolve) -> None:
    roles = resolve(ONE | {"public_url": "https://x.example.org/flows"}).roles
    (server,) = servers(roles)
    assert server["command"][-4:] == ["--host", "0.0.0.0", "--port", "4200"]
    (container,) = pod(server, roles, "StatefulSet")["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/flows/api/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/flows/api/ready"
    assert values(container)["PREFECT_API_URL"] == "http://127.0.0.1:4200/flows/api"
    assert [port["port"] for port in made(server, roles, "Service")[-1]["spec"]["ports"]] == [4200]
    assert values(container)["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"


def test_servers_behind_a_way_in_believe_it_the_scheme(resolve: Resolve) -> None:
    def env(cluster: dict[str, Any]) -> dict[str, str]:
        roles = resolve(ONE | {"public_url": "https://x.example.org", "kubernetes": cluster}).roles
        return dict(servers(roles)[0]["env"])

    assert env({"ingress": {"enabled": True}})["FORWARDED_ALLOW_IPS"] == "*"
    assert env({"gateway": {"enabled": True, "class_name": "x"}})["FORWARDED_ALLOW_IPS"] == "*"
    assert "FORWARDED_ALLOW_IPS" not in env({})


def test_several_servers_share_all_they_know_through_redis(resolve: Resolve) -> None:
    server, services = servers(resolve(MANY).roles)
    for spec in (server, services):
        env, secret = spec["env"], spec["secret_env"]
        assert env["PREFECT_SERVER_EVENTS_MESSAGING_BROKER"] == "prefect_redis.messaging"
        assert env["PREFECT_SERVER_EVENTS_MESSAGING_CACHE"] == "prefect_redis.messaging"
        assert env["PREFECT_SERVER_EVENTS_CAUSAL_ORDERING"] == "prefect_redis.ordering"
        assert env["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"] == "prefect_redis.lease_storage"
        assert env["PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE"] == "prefect_redis.cleanup_queue"
        for prefix in ("PREFECT_REDIS_MESSAGING_", "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_"):
            assert {key.removeprefix(prefix): value for key, value in env.items() if key.startswith(prefix)} == {
                "HOST": "prefect-redis", "PORT": "6379", "DB": "0", "SSL": "false",
            }  # fmt: skip
            assert secret[f"{prefix}PASSWORD"] == HUSH
        url = urlsplit(secret["PREFECT_SERVER_DOCKET_URL"])
        assert (url.scheme, url.username, url.hostname, url.port) == ("redis", "default", "prefect-redis", 6379)
        assert (unquote(str(url.password)), url.path) == (HUSH, "/1")
        assert HUSH not in str({**spec, "secret_env": None})
    assert server["command"][-1] == "--no-services"
    assert services["command"] == ["prefect", "server", "services", "start"]
    assert (server["replicas"], services["replicas"], services["ports"]) == (2, 1, [])


def test_background_services_prove_themselves_by_staying(resolve: Resolve) -> None:
    roles = resolve(MANY).roles
    server, services = servers(roles)
    assert made(services, roles, "Deployment")[0]["spec"]["minReadySeconds"] > 0
    assert "minReadySeconds" not in made(server, roles, "Deployment")[0]["spec"]
    assert made(services, roles, "Service") == []


def test_an_external_redis_over_tls_without_a_password(resolve: Resolve) -> None:
    document = {**MANY, "redis": {"enabled": True, "host": "2001:db8::1", "port": 6380, "tls": True, "user": "me"}}
    roles = resolve(document).roles
    env = servers(roles)[0]["env"]
    assert env["PREFECT_SERVER_DOCKET_URL"] == "rediss://me@[2001:db8::1]:6380/1"
    assert env["PREFECT_REDIS_MESSAGING_SSL"] == "true"
    assert not roles["prefect_redis"]["install"]


def test_the_users_own_settings_count_more(resolve: Resolve) -> None:
    document = {
        **MANY,
        "server": {**MANY["server"], "env": {"PREFECT_SERVER_DOCKET_URL": "redis://other/3"}},
    }
    roles = resolve(document).roles
    (container,) = pod(servers(roles)[0], roles)["containers"]
    assert values(container)["PREFECT_SERVER_DOCKET_URL"] == "redis://other/3"


def test_secrets_of_somebody_else_are_only_named(resolve: Resolve) -> None:
    secrets = {"auth_string": "a", "postgres_password": "p", "redis_password": "r"}
    document = {
        "platform": "kubernetes",
        "server": {"replicas": 2},
        "postgres": {"enabled": True},
        "redis": {"enabled": True},
        "kubernetes": kept_in(secrets),
    }
    roles = resolve(document).roles
    server, services = servers(roles)
    for spec in (server, services, migration(roles)):
        assert spec["secret_env"] == {}
        assert {key: item["name"] for key, item in spec["secret_refs"].items()} == {
            "PREFECT_SERVER_API_AUTH_STRING": "a",
            "PREFECT_API_AUTH_STRING": "a",
            "PREFECT_SERVER_DATABASE_PASSWORD": "p",
            "PREFECT_REDIS_MESSAGING_PASSWORD": "r",
            "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_PASSWORD": "r",
        }
    database = postgres.cluster_postgres_service(roles["prefect_postgres"], "", roles["prefect_kubernetes"])
    assert database["secret_refs"] == {"POSTGRES_PASSWORD": {"name": "p", "key": "k"}}
    assert "POSTGRES_PASSWORD_FILE" not in database["env"]
    assert database["files"] == []
    store = redis.redis_service(roles["prefect_redis"], None, roles["prefect_kubernetes"])
    assert (store["secret_env"], store["secret_refs"]["REDISCLI_AUTH"]["name"]) == ({}, "r")


def test_a_process_completes_its_address_of_redis_where_only_the_cluster_knows_the_password(resolve: Resolve) -> None:
    document = {**MANY, "redis": {"enabled": True}, "kubernetes": kept_in({"redis_password": "r"})}
    server = servers(resolve(document).roles)[0]
    assert server["command"][:2] == ["python", "-c"]
    assert server["command"][3:6] == ["prefect", "server", "start"]
    show = [sys.executable, "-c", "import os; print(os.environ['PREFECT_SERVER_DOCKET_URL'])"]
    done = subprocess.run(
        [sys.executable, "-c", server["command"][2], *show],
        env={**server["env"], "PREFECT_REDIS_MESSAGING_PASSWORD": HUSH},
        capture_output=True,
        text=True,
        check=True,
    )
    url = urlsplit(done.stdout.strip())
    assert (unquote(str(url.password)), url.hostname, url.path) == (HUSH, "prefect-redis", "/1")


def test_the_certificate_of_the_database_is_a_file_in_every_pod(
    resolve: Resolve, inventory: Callable[..., Context]
) -> None:
    document = {**MANY, "postgres": {"host": "db", "password": "p", "tls": {"enabled": True, "ca_file": "/etc/ca.pem"}}}
    context = replace(inventory(), read_file=lambda _name: "-----BEGIN")
    roles = resolve(document, context=context).roles
    for spec in (*servers(roles), migration(roles)):
        path = spec["env"]["PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CA_FILE"]
        assert spec["files"] == [{"path": path, "content": "-----BEGIN", "secret": False}]


def test_the_job_sees_the_database_as_the_server_does(resolve: Resolve) -> None:
    roles = resolve(MANY).roles
    job, server = migration(roles), servers(roles)[0]
    assert job["command"] == ["prefect", "server", "database", "upgrade", "-y"]
    for part in ("env", "secret_env", "files", "directories"):
        assert job[part] == server[part]
    (whole,) = [
        item for item in job_manifests(job, host_of(roles), roles["prefect_kubernetes"]) if item["kind"] == "Job"
    ]
    assert whole["metadata"]["name"] == "prefect-migration"
    assert "could not be prepared" in job["failure"]


def test_a_database_is_prepared_once_for_each_release_and_place(resolve: Resolve) -> None:
    def mark(**changes: Any) -> str:
        roles = resolve({**MANY, **changes}).roles
        return servers(roles)[0]["env"]["FLOWOPS_DATABASE"]

    assert mark() == mark(server={"auth_string": "a:b", "replicas": 3})
    assert mark(postgres={"enabled": True, "password": "other"}) == mark()
    assert mark(version="3.7.8") != mark()
    assert mark(postgres={"host": "db", "password": HUSH}) != mark()


def test_postgresql_keeps_its_data_and_looks_at_it_first(resolve: Resolve) -> None:
    roles = resolve(MANY).roles
    spec = postgres.cluster_postgres_service(roles["prefect_postgres"], HUSH, roles["prefect_kubernetes"])
    whole = pod(spec, roles, "StatefulSet")
    (guard,) = whole["initContainers"]
    assert guard["command"] == ["/bin/sh"]
    assert guard["args"][0] == "-c"
    assert whole["securityContext"]["runAsUser"] == 999
    mounted = {item["mountPath"] for item in whole["containers"][0]["volumeMounts"]}
    assert {"/tmp", "/var/run/postgresql", postgres.VOLUME, postgres.PASSWORD_FILE} <= mounted
    assert values(whole["containers"][0])["PGDATA"].startswith(postgres.VOLUME)
    (claim,) = made(spec, roles, "StatefulSet")[0]["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"]["requests"]["storage"] == "10Gi"
    assert HUSH not in str({**spec, "files": None})


def test_redis_is_told_its_password_by_nothing_that_others_see(resolve: Resolve, tmp_path: Path) -> None:
    roles = resolve(MANY).roles
    spec = redis.redis_service(roles["prefect_redis"], HUSH, roles["prefect_kubernetes"])
    assert HUSH not in str({**spec, "secret_env": None})
    (tmp_path / "redis-server").write_text('#!/bin/sh\necho "$@"\ncat\n')
    (tmp_path / "redis-server").chmod(0o755)
    done = subprocess.run(
        [*spec["entrypoint"], *spec["command"]],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "REDISCLI_AUTH": HUSH},
        capture_output=True,
        text=True,
        check=True,
    )
    arguments, *lines = done.stdout.splitlines()
    assert arguments == "-"
    assert lines[:3] == ["port 6379", "dir /data", "appendonly yes"]
    digest = subprocess.run(["sha256sum"], input=HUSH, capture_output=True, text=True, check=True).stdout.split()[0]
    assert lines[3] == f"user default on #{digest} ~* &* +@all"
    whole = pod(spec, roles, "StatefulSet")
    assert values(whole["containers"][0])["REDISCLI_AUTH"]["secretKeyRef"]["name"] == "prefect-redis"


def test_a_worker_has_rights_to_jobs_in_their_namespace_and_no_other(resolve: Resolve) -> None:
    roles = resolve(ONE | {"kubernetes": {"job_namespace": "jobs"}}).roles
    (worker,) = workers(roles)
    (role,) = made(worker, roles, "Role")
    assert role["metadata"]["namespace"] == "jobs"
    assert {marks.HOME: "prefect"}.items() <= role["metadata"]["labels"].items()
    allowed = {
        (group, resource): sorted(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    reading = ["get", "list", "watch"]
    assert allowed == {
        ("batch", "jobs"): ["create", "delete", "get", "list", "patch", "watch"],
        ("", "pods"): reading,
        ("", "pods/log"): reading,
        ("", "pods/status"): reading,
        ("", "events"): reading,
    }
    assert made(worker, roles, "ClusterRole") == []
    env = worker["env"]
    assert env["PREFECT_INTEGRATIONS_KUBERNETES_CLUSTER_UID"] == "uid-1"
    assert env["PREFECT_INTEGRATIONS_KUBERNETES_OBSERVER_NAMESPACES"] == "jobs"
    assert pod(worker, roles)["automountServiceAccountToken"] is True


def test_flow_runs_have_an_account_without_rights(resolve: Resolve) -> None:
    roles = resolve(ONE | {"kubernetes": {"job_namespace": "jobs"}}).roles
    (worker,) = workers(roles)
    (pool,) = pools(roles)
    accounts = {item["metadata"]["name"]: item for item in made(worker, roles, "ServiceAccount")}
    account = accounts[pool["job_variables"]["service_account_name"]]
    assert (account["metadata"]["namespace"], account["automountServiceAccountToken"]) == ("jobs", False)
    (binding,) = made(worker, roles, "RoleBinding")
    assert [item["name"] for item in binding["subjects"]] == ["prefect-worker-default"]


def test_the_secrets_of_jobs_are_where_the_jobs_are(resolve: Resolve) -> None:
    document = ONE | {
        "kubernetes": {"job_namespace": "jobs"},
        "workers": [{"name": "default", "secret_env": {"S": HUSH}}],
    }
    roles = resolve(document).roles
    (worker,) = workers(roles)
    (pool,) = pools(roles)
    secrets = {
        (item["metadata"]["namespace"], item["metadata"]["name"]): item["data"]
        for item in made(worker, roles, "Secret")
    }
    assert set(secrets) == {("prefect", "prefect-worker-default"), ("jobs", "prefect-prefect-worker-default")}
    assert len({json.dumps(data, sort_keys=True) for data in secrets.values()}) == 1
    named = {item["name"]: item["valueFrom"]["secretKeyRef"] for item in pool["job_variables"]["secret_env"]}
    assert named == {
        name: {"name": "prefect-prefect-worker-default", "key": name} for name in ("PREFECT_API_AUTH_STRING", "S")
    }


def test_secrets_of_somebody_else_are_needed_where_the_jobs_are_too(resolve: Resolve) -> None:
    cluster = {"job_namespace": "jobs", "image_pull_secrets": ["r"], **kept_in({"auth_string": "theirs"})}
    roles = resolve({"platform": "kubernetes", "kubernetes": cluster}).roles
    (worker,) = workers(roles, *pools(roles))
    page = secrets_file(service_files(worker, roles["prefect_kubernetes"]).values())
    assert "| r | jobs | .dockerconfigjson | flow runs |" in page
    assert "| theirs | jobs | k | flow runs |" in page

    def asked(*declared: dict[str, Any], key: str | None = None) -> list[dict[str, str]]:
        given = {"workers": roles["prefect_workers"], "pools": declared, "api": {"api_key": key}}
        found = cluster_questions(roles["prefect_kubernetes"], given)["secrets"]
        return [item for item in found if item.get("namespace") == "jobs"]

    theirs, registry = asked(*roles["prefect_resources"]["work_pools"])
    at = "prefect.kubernetes"
    assert theirs == {
        "setting": f"{at}.existing_secrets.auth_string", "name": "theirs", "key": "k", "namespace": "jobs",
    }  # fmt: skip
    assert registry == {"setting": f"{at}.image_pull_secrets[0]", "name": "r", "namespace": "jobs"}
    own = {"name": "default", "job_variables": {"image_pull_secrets": [{"name": "own"}]}}
    assert asked(own) == [theirs]
    # Jobs of Prefect Cloud read a Secret of ours.
    assert asked(own, key="pnu_x") == []


def test_a_pool_says_what_its_workers_mean_and_holds_no_secret(resolve: Resolve) -> None:
    document = {
        **ONE,
        "overrides": {
            "envVars": {"A": "1"},
            "secretEnvVars": {"S": HUSH, "T": "x"},
            "prefect_agent": {
                "job": {
                    "imagePullSecrets": ["r"],
                    "imagePullPolicy": "Always",
                    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
                }
            },
        },
    }
    roles = resolve(document).roles
    (pool,) = pools(roles)
    variables = pool["job_variables"]
    assert HUSH not in json.dumps(pool)
    assert "admin:hush" not in json.dumps(pool)
    assert variables["namespace"] == "prefect"
    assert variables["image"] == roles["prefect_kubernetes"]["image"]
    assert variables["image_pull_policy"] == "Always"
    assert variables["image_pull_secrets"] == [{"name": "r"}]
    assert (variables["cpu_request"], variables["memory_limit"]) == ("100m", "1Gi")
    assert {"cpu_limit", "memory_request"}.isdisjoint(variables)
    assert variables["env"]["A"] == "1"
    assert variables["env"]["JOB_CPU_REQUEST"] == "100m"
    # The worker's own values are taken away, or they would be readable in every Job.
    assert {name for name, value in variables["env"].items() if value is None} == {"S", "T", "PREFECT_API_AUTH_STRING"}
    assert variables["security_context"] == {"allowPrivilegeEscalation": False}
    assert set(variables) <= set(pool["base_job_template"]["variables"]["properties"])


def test_dollar_signs_reach_flow_runs_as_they_reach_the_worker(resolve: Resolve) -> None:
    given = {"A": "a$$b", "B": "$(HOME)", "C": "$"}
    roles = resolve(ONE | {"workers": [{"name": "default", "env": given}]}).roles
    (container,) = pod(workers(roles)[0], roles)["containers"]
    env = pools(roles)[0]["job_variables"]["env"]
    # The kubelet expands both.
    assert {key: env[key] for key in given} == {key: values(container)[key] for key in given}
    assert (env["A"], env["B"], env["C"]) == ("a$$$$b", "$$(HOME)", "$")


def test_what_a_pool_was_given_stays(resolve: Resolve) -> None:
    roles = resolve(ONE).roles
    given, own, other = pools(
        roles,
        {
            "name": "default",
            "type": "kubernetes",
            "job_variables": {"image": "mine:1", "env": {"B": "2"}, "secret_env": [{"name": "C", "valueFrom": {}}]},
        },
        {"name": "default", "base_job_template": {"job_configuration": {}, "variables": {}}},
        {"name": "other", "type": "kubernetes"},
    )
    assert given["job_variables"]["image"] == "mine:1"
    assert {"B", "PREFECT_HOME"} <= set(given["job_variables"]["env"])
    assert [item["name"] for item in given["job_variables"]["secret_env"]] == ["PREFECT_API_AUTH_STRING", "C"]
    assert "job_variables" not in own
    assert other == {"name": "other", "type": "kubernetes"}


@pytest.mark.parametrize("existing", [False, True])
def test_a_template_of_ones_own_gets_credentials_by_reference_too(resolve: Resolve, existing: bool) -> None:
    kept = {"kubernetes": kept_in({"auth_string": "theirs"})} if existing else {}
    document = {"platform": "kubernetes", **kept} if existing else ONE
    (worker,) = workers(resolve(document).roles)
    prefix = "PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_AUTH_STRING_SECRET_"
    found = (worker["env"][f"{prefix}NAME"], worker["env"][f"{prefix}KEY"])
    assert found == (("theirs", "k") if existing else ("prefect-worker-default", "PREFECT_API_AUTH_STRING"))
    assert ("PREFECT_API_AUTH_STRING" in worker["secret_env"]) is not existing


def test_an_api_key_of_prefect_cloud_is_handed_on_by_reference(resolve: Resolve) -> None:
    url = f"https://api.prefect.cloud/api/accounts/{'a' * 36}/workspaces/{'b' * 36}"
    roles = resolve({"platform": "kubernetes", "api_url": url, "token": "pnu_hush"}).roles
    (worker,) = workers(roles)
    assert worker["secret_env"] == {"PREFECT_API_KEY": "pnu_hush"}
    assert worker["env"]["PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_KEY_SECRET_KEY"] == "PREFECT_API_KEY"
    (pool,) = pools(roles)
    assert [item["name"] for item in pool["job_variables"]["secret_env"]] == ["PREFECT_API_KEY"]
    assert "pnu_hush" not in json.dumps(pool)


def test_who_speaks_with_prefect_cloud_has_one_kind_of_credentials(resolve: Resolve) -> None:
    url = f"https://api.prefect.cloud/api/accounts/{'a' * 36}/workspaces/{'b' * 36}"
    kept = kept_in({"auth_string": "theirs"})
    roles = resolve({"platform": "kubernetes", "api_url": url, "token": "pnu_hush", "kubernetes": kept}).roles
    (worker,) = workers(roles)
    # The auth string would count more than the key.
    assert (list(worker["secret_env"]), worker.get("secret_refs", {})) == (["PREFECT_API_KEY"], {})
    assert [item["name"] for item in pools(roles)[0]["job_variables"]["secret_env"]] == ["PREFECT_API_KEY"]


def test_the_cluster_asks_a_worker_how_it_does(resolve: Resolve) -> None:
    roles = resolve(ONE | {"workers": [{"name": "default", "type": "process", "replicas": 2}]}).roles
    (worker,) = workers(roles)
    (container,) = pod(worker, roles)["containers"]
    assert "--with-healthcheck" in container["args"]
    assert container["livenessProbe"]["httpGet"]["port"] == 8080
    assert values(container)["PREFECT_WORKER_WEBSERVER_HOST"] == "0.0.0.0"
    assert made(worker, roles, "Deployment")[0]["spec"]["replicas"] == 2
    assert made(worker, roles, "Role") == []
    assert pod(worker, roles)["automountServiceAccountToken"] is False


def test_a_worker_is_started_anew_for_another_template_of_its_pool(resolve: Resolve) -> None:
    roles = resolve(ONE).roles

    def digest(document: dict[str, Any]) -> str:
        other = resolve(document).roles
        return str(workers(other, *pools(other))[0]["env"]["FLOWOPS_WORK_POOL_DIGEST"])

    # YAML's null is a text among the keys of JSON.
    mixed = {"name": "default", "type": "kubernetes", "job_variables": {"labels": {None: "x", "a": "b"}}}
    assert digest(ONE | {"resources": {"work_pools": [mixed]}}) != digest(ONE)
    assert digest(ONE) == workers(roles, *pools(roles))[0]["env"]["FLOWOPS_WORK_POOL_DIGEST"]
    assert digest(ONE | {"kubernetes": {"image_pull_secrets": ["r"]}}) != digest(ONE)


def test_a_run_in_a_pod_brings_the_canary(resolve: Resolve, tmp_path: Path) -> None:
    roles = resolve(ONE).roles
    code = "print('é {{ x }} $HOME')\n"
    (canary,) = landscape.canary_deployments(roles["prefect_verify"], host_of(roles), code)
    write, go = canary["pull_steps"]
    folder = go["prefect.deployments.steps.set_working_directory"]["directory"]
    script = write["prefect.deployments.steps.run_shell_script"]["script"]
    # Prefect runs each line without a shell, after putting values into double braces.
    assert "\n" not in script
    assert "{{" not in script
    words = [word.replace(folder, str(tmp_path / "f")) for word in shlex.split(script)]
    for _time in range(2):
        subprocess.run([sys.executable, *words[1:]], check=True)
    assert [path.name for path in (tmp_path / "f").iterdir()] == ["canary.py"]
    assert (tmp_path / "f" / "canary.py").read_text() == code
    assert roles["prefect_kubernetes"]["image"] in canary["parameters"]["fingerprint"]


def test_the_last_word_names_what_a_person_types(resolve: Resolve) -> None:
    roles = resolve(ONE).roles
    inputs = (roles["prefect_server"], roles["prefect_api"], host_of(roles), [])
    text = "\n".join(landscape.summary(roles["prefect_runtime"], *inputs))
    assert "Prefect 3.8.8 in namespace prefect" in text
    assert "http://127.0.0.1:4200 (while kubectl --namespace prefect port-forward service/prefect-server 4200" in text
    assert "kubectl --namespace prefect exec service/prefect-server -- prefect flow-run ls" in text
    assert "app.kubernetes.io/managed-by=flowops.prefect" in text
    assert "hush" not in text
    public = resolve(ONE | {"public_url": "https://x.example.org", "kubernetes": {"ingress": {"enabled": True}}}).roles
    inputs = (public["prefect_server"], public["prefect_api"], host_of(public), [])
    assert "UI:       https://x.example.org\n" in "\n".join(landscape.summary(public["prefect_runtime"], *inputs))


@pytest.mark.parametrize("version", [all_versions()[0], all_versions()[-1]])
@pytest.mark.parametrize("document", [ONE, MANY | {"kubernetes": {"job_namespace": "jobs", "network_policies": True}}])
def test_all_that_runs_fits_the_schemas(resolve: Resolve, document: dict[str, Any], version: str) -> None:
    roles = resolve(document).roles
    cluster = roles["prefect_kubernetes"]
    services = [*servers(roles), *workers(roles, *pools(roles))]
    if roles["prefect_redis"]["install"]:
        services.append(redis.redis_service(roles["prefect_redis"], HUSH, cluster))
        services.append(postgres.cluster_postgres_service(roles["prefect_postgres"], HUSH, cluster))
    objects = [item for spec in services for item in service_manifests(spec, host_of(roles), cluster)]
    objects += job_manifests(migration(roles), host_of(roles), cluster)
    for item in objects:
        kubernetes_validate.validate(item, version, strict=True)
    # No object is made by two of them, or each would undo the other's.
    keys = [(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in objects]
    assert len(set(keys)) == len(keys)


def test_pods_of_flow_runs_are_not_shut_in_with_ours(resolve: Resolve) -> None:
    roles = resolve(ONE | {"kubernetes": {"network_policies": True}}).roles
    objects = foundation_manifests(roles["prefect_kubernetes"], host_of(roles))
    (closed,) = [item["spec"]["podSelector"]["matchLabels"] for item in objects if item["kind"] == "NetworkPolicy"]
    # What Prefect's worker writes on its Jobs.
    theirs = {"app.kubernetes.io/managed-by": "prefect", "app.kubernetes.io/part-of": "prefect"}
    ours = made(servers(roles)[0], roles, "StatefulSet")[0]["spec"]["template"]["metadata"]["labels"]
    assert closed.items() <= ours.items()
    assert not closed.items() <= theirs.items()
