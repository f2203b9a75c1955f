"""What the document means for a cluster: what a cluster adds, what it refuses, and what it takes from QHub's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]
Problems = Callable[..., list[str]]

CLUSTER = {"platform": "kubernetes"}
SAFE = {"server": {"auth_string": "admin:hush"}}
WORKSPACE = dict.fromkeys(("account_id", "workspace_id"), "0a1b2c3d-0000-4000-8000-0123456789ab")
TEMPLATE = {"job_configuration": {}, "variables": {}}
HIGH = {"postgres": {"enabled": True}, "redis": {"enabled": True}}


def test_a_cluster_is_given_what_hosts_are_not(resolve: Resolve) -> None:
    roles = resolve(CLUSTER | SAFE | HIGH).roles
    cluster = roles["prefect_kubernetes"]
    assert (cluster["enabled"], cluster["namespace"], cluster["job_namespace"]) == (True, "prefect", "prefect")
    assert cluster["image"] == "prefecthq/prefect:3.8.8-python3.12-kubernetes"
    assert roles["prefect_server"]["database"]["host"] == "prefect-postgres"
    assert (roles["prefect_redis"]["install"], roles["prefect_redis"]["host"]) == (True, "prefect-redis")
    assert roles["prefect_workers"][0]["type"] == "kubernetes"
    assert roles["prefect_resources"]["work_pools"] == [{"name": "default", "type": "kubernetes"}]
    assert roles["prefect_api"]["url"] == "http://127.0.0.1:4200/api"
    assert roles["prefect_api"]["service_url"] == "http://prefect-server.prefect.svc.cluster.local:4200/api"
    assert not roles["prefect_docker"]["enabled"]
    assert roles["prefect_runtime"]["ports"] == []


def test_a_public_address_with_a_path_is_the_path_inside_too(resolve: Resolve) -> None:
    document = {"public_url": "https://x.example.org/flows", "kubernetes": {"ingress": {"enabled": True}}}
    roles = resolve(CLUSTER | SAFE | document).roles
    assert roles["prefect_api"]["service_url"].endswith(":4200/flows/api")
    assert roles["prefect_server"]["ui_api_url"] == "https://x.example.org/flows/api"
    assert roles["prefect_kubernetes"]["public_url"] == "https://x.example.org/flows"
    # What flow runs print for people.
    assert roles["prefect_api"]["ui_url"] == "https://x.example.org/flows"


def test_an_official_image_has_what_the_workers_need(resolve: Resolve, problems: Callable[..., list[str]]) -> None:
    plain = {"image": "mirror.example.org/prefecthq/prefect:3.8-python3.11"}
    assert problems(CLUSTER | SAFE | plain) == [
        "prefect.image: mirror.example.org/prefecthq/prefect:3.8-python3.11 has no prefect-kubernetes, which worker "
        "default needs; use mirror.example.org/prefecthq/prefect:3.8.8-python3.12-kubernetes"
    ]
    own = {
        "workers": [
            {"name": "a", "kubernetes": {"container": {"image": "w:1"}}},
            {"name": "b", "type": "process", "work_pool": "b"},
        ]
    }
    assert resolve(CLUSTER | SAFE | plain | own).roles["prefect_kubernetes"]["image"] == plain["image"]
    (old,) = problems(CLUSTER | SAFE | {"image": "prefecthq/prefect:0.14.22"})
    assert "nearest supported tag: prefecthq/prefect:3.8.8-python3.12-kubernetes; to use it" in old
    assert resolve(CLUSTER | SAFE | {"image": "registry.example.org/team/flows:3.8.8"}).roles["prefect_kubernetes"]


def test_qhubs_file_names_namespace_and_domain(resolve: Resolve, inventory: Callable[..., Context]) -> None:
    context = replace(inventory(), project={"namespace": "dev", "domain": "research.example.org"})
    roles = resolve(CLUSTER | SAFE, context=context).roles
    assert roles["prefect_kubernetes"]["namespace"] == "dev"
    assert roles["prefect_api"]["service_url"] == "http://prefect-server.dev.svc.cluster.local:4200/api"
    open_ = CLUSTER | SAFE | {"kubernetes": {"ingress": {"enabled": True}, "namespace": "own"}}
    roles = resolve(open_, context=context).roles
    assert roles["prefect_kubernetes"]["namespace"] == "own"
    assert roles["prefect_server"]["ui_url"] == "https://prefect.research.example.org"


def test_workers_of_one_are_replicas_and_not_several(resolve: Resolve) -> None:
    workers = [{"name": "a", "replicas": 3, "kubernetes": {"resources": {"limits": {"cpu": "1"}}}}]
    cluster = {
        "workers": {"resources": {"requests": {"cpu": "100m"}}, "pod": {"priorityClassName": "low"}},
        "defaults": {"resources": {"limits": {"cpu": "2"}}},
    }
    roles = resolve(CLUSTER | SAFE | {"workers": workers, "kubernetes": cluster}).roles
    (worker,) = roles["prefect_workers"]
    assert (worker["service"], worker["replicas"]) == ("prefect-worker-a", 3)
    assert worker["kubernetes"]["resources"] == {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}
    assert worker["kubernetes"]["pod"] == {"priorityClassName": "low"}


def test_cloudnative_pg_is_found_by_its_names(resolve: Resolve) -> None:
    roles = resolve(CLUSTER | SAFE | {"postgres": {"cloudnative_pg": "main"}}).roles
    database = roles["prefect_server"]["database"]
    assert [database[key] for key in ("kind", "host", "user", "name")] == ["postgres", "main-rw", "app", "app"]
    assert roles["prefect_kubernetes"]["existing_secrets"]["postgres_password"] == {
        "name": "main-app",
        "key": "password",
    }
    assert not roles["prefect_postgres"]["install"]


def test_certificates_of_the_database_are_read_on_the_controller(
    resolve: Resolve, problems: Problems, inventory: Callable[..., Context]
) -> None:
    document = (
        CLUSTER | SAFE | {"postgres": {"host": "db", "password": "x", "tls": {"enabled": True, "ca_file": "/ca"}}}
    )
    context = replace(inventory(), read_file={"/ca": "PEM"}.get)
    assert resolve(document, context=context).roles["prefect_server"]["database"]["tls"]["ca_content"] == "PEM"
    assert problems(document) == ["prefect.postgres.tls.ca_file: there is no file '/ca' (str) on the controller"]


def test_manifests_are_written_without_asking_an_api(resolve: Resolve, inventory: Callable[..., Context]) -> None:
    roles = resolve(CLUSTER | SAFE, context=replace(inventory(), render_dir="/out")).roles
    assert roles["prefect_kubernetes"]["render_dir"] == "/out"
    # SQLite's one pod prepares it itself, before it starts.
    assert "prefect-migration" not in roles["prefect_kubernetes"]["names"]
    assert "prefect-migration" in resolve(CLUSTER | SAFE | HIGH).roles["prefect_kubernetes"]["names"]
    assert not roles["prefect_resources"]["enabled"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (
            {"server": {"replicas": 2}},
            "prefect.server.replicas: 2 servers need prefect.postgres.enabled: true and prefect.redis.enabled: true; "
            "SQLite is one file of one server",
        ),
        (
            {"server": {"replicas": 2}, "postgres": {"enabled": False, "host": "db"}, "redis": {"enabled": True}},
            "prefect.server.replicas: 2 servers need prefect.postgres.enabled: true; SQLite is one file of one server",
        ),
        (
            {"server": {"replicas": 2}, "postgres": {"enabled": True}},
            "prefect.server.replicas: 2 servers need prefect.redis.enabled: true",
        ),
        (
            {"kubernetes": {"server": {"autoscaling": {"max_replicas": 4}}}, "postgres": {"enabled": True}},
            "prefect.kubernetes.server.autoscaling: up to 4 servers need prefect.redis.enabled: true",
        ),
        (
            {"kubernetes": {"defaults": {"autoscaling": {"max_replicas": 3}}}, "postgres": {"enabled": True}},
            "prefect.kubernetes.defaults.autoscaling: up to 3 servers need prefect.redis.enabled: true",
        ),
        (
            {"server": {"background_services": {"separate": True}}, "postgres": {"enabled": True}},
            "prefect.server.background_services.separate: services beside the server need prefect.redis.enabled: true",
        ),
        (
            {"server": {"background_services": {"replicas": 2}}},
            "prefect.server.background_services.replicas: 2 of them need prefect.redis.enabled: true; "
            "without it each one makes every scheduled run",
        ),
        (
            {"kubernetes": {"ingress": {"enabled": True}}, "public_url": "https://my_host.example.org"},
            "prefect.public_url: prefect.kubernetes.ingress takes a host of letters, digits and - between dots, with "
            "a letter or digit at both ends; found 'my_host.example.org' (str)",
        ),
        (
            {
                "kubernetes": {"gateway": {"enabled": True, "class_name": "g"}},
                "public_url": "http://X.example.org.:80/a",
            },
            "prefect.public_url: prefect.kubernetes.gateway takes a host of letters, digits and - between dots, with "
            "a letter or digit at both ends; found 'x.example.org.' (str)",
        ),
        (
            {"kubernetes": {"namespace": "Not_a_label"}},
            "prefect.kubernetes.namespace: expected 1 to 63 lowercase letters, digits and -, "
            "with a letter or digit at both ends, found 'Not_a_label' (str)",
        ),
        (
            {"extra_packages": ["pandas"]},
            "prefect.extra_packages: a cluster builds no image; build one with these packages and set prefect.image "
            "(and prefect.version)",
        ),
        (
            {"storage": {"minio": {"enabled": True}}},
            "prefect.storage.minio.enabled: runs on hosts of platform docker; name its buckets' blocks in "
            "prefect.resources (prefect.platform is kubernetes)",
        ),
        (
            {"workers": [{"name": "a", "writable_paths": ["/srv"]}]},
            "prefect.workers[0].writable_paths: is for hosts; set volumes and mounts with "
            "prefect.workers[0].kubernetes.pod and container",
        ),
        (
            {"kubernetes": {"ingress": {"enabled": True}}},
            "prefect.kubernetes.ingress.enabled: needs prefect.public_url, the address that people open",
        ),
        (
            {
                "server": {"auth_string": None},
                "public_url": "https://x.org",
                "kubernetes": {"gateway": {"enabled": True, "class_name": "x"}},
            },
            "prefect.kubernetes.gateway.enabled: opens the server to the network, that needs "
            "prefect.server.auth_string: 'user:password' or prefect.kubernetes.existing_secrets.auth_string",
        ),
        (
            {"public_url": "https://x.org", "kubernetes": {"gateway": {"enabled": True}}},
            "prefect.kubernetes.gateway: needs parents (Gateways that are there) or class_name (one is made)",
        ),
        (
            {"redis": {"enabled": True, "docket_db": 0}, "postgres": {"enabled": True}},
            "prefect.redis.docket_db: 0 is prefect.redis.db too; each needs its own",
        ),
        (
            {"redis": {"enabled": True, "tls": True}, "postgres": {"enabled": True}},
            "prefect.redis.tls: is for an external Redis; leave it out, or set prefect.redis.host",
        ),
        (
            {"redis": {"enabled": True, "user": "me"}, "postgres": {"enabled": True}},
            "prefect.redis.user: is for an external Redis; leave it out, or set prefect.redis.host",
        ),
        (
            {"redis": {"enabled": True, "db": 99}, "postgres": {"enabled": True}},
            "prefect.redis.db: expected a number from 0 to 15, found 99; more need a prefect.redis.host",
        ),
        (
            {"redis": {"enabled": True, "host": "r", "port": 70000}, "postgres": {"enabled": True}},
            "prefect.redis.port: expected a number from 1 to 65535, found 70000",
        ),
        (
            {"workers": [{"name": "a", "kubernetes": {"resource": {}}}]},
            "prefect.workers[0].kubernetes.resource: unknown key; allowed: resources, autoscaling, "
            "disruption_budget, storage, service_account, "
            "pod_labels, pod_annotations, pod, container, manifests; did you mean 'resources'?",
        ),
        (
            {"kubernetes": {"defaults": {"resources": {"requests": {"memory": "1GB"}}}}},
            "prefect.kubernetes.defaults.resources.requests.memory: expected a quantity of Kubernetes above zero, "
            "such as 500m, 2 or 1Gi; found '1GB' (str)",
        ),
        (
            {"kubernetes": {"postgres": {"autoscaling": {"max_replicas": 2}}}},
            "prefect.kubernetes.postgres.autoscaling: keeps data of its own, of which there is one pod only",
        ),
        (
            {"kubernetes": {"labels": {"app.kubernetes.io/name": "mine"}}},
            "prefect.kubernetes.labels.app.kubernetes.io/name: is set by this collection, "
            "which finds its objects by it",
        ),
        (
            {"workers": [{"name": "a", "kubernetes": {"pod": {"toleration": []}}}]},
            "prefect.workers[0].kubernetes.pod.toleration: unknown field of a PodSpec; did you mean 'tolerations'?",
        ),
        (
            {"resources": {"work_pools": [{"name": "default", "job_variables": {"env": "A=1"}}]}},
            "prefect.resources.work_pools[0].job_variables.env: expected a map whose keys are texts, "
            "found a str of length 3",
        ),
        (
            {"resources": {"work_pools": [{"name": "default", "job_variables": {"env": {1: "a", "b": "c"}}}]}},
            "prefect.resources.work_pools[0].job_variables.env: expected a map whose keys are texts, "
            "found a dict of length 2",
        ),
        (
            {"resources": {"work_pools": [{"name": "default", "job_variables": {"secret_env": {"A": "x"}}}]}},
            "prefect.resources.work_pools[0].job_variables.secret_env: expected a list of maps with name and "
            "valueFrom, found a dict of length 1",
        ),
        (
            {"workers": [{"name": "a", "env": {"A": "1"}}, {"name": "b", "secret_env": {"B": "2"}}]},
            "prefect.workers[1].work_pool: 'default' is the pool of prefect.workers[0] too, which says something else "
            "of env.A, secret_env.B; a pool has one template for its Jobs: let both say the same, or give each its own "
            "pool",
        ),
        (
            {"workers": [{"name": "a"}, {"name": "b", "job_namespace": "jobs"}]},
            "prefect.workers[1].work_pool: 'default' is the pool of prefect.workers[0] too, which says something else "
            "of job_namespace; a pool has one template for its Jobs: let both say the same, or give each its own pool",
        ),
        (
            {"kubernetes": {"defaults": {"service_account": {"name": "prefect"}}}},
            "prefect.kubernetes.defaults.service_account.name: the ServiceAccount 'prefect' of prefect-worker-default "
            "would be that of prefect-server too; each makes its own: give them different names, or set create: false "
            "for one that is there",
        ),
        (
            {"workers": [{"name": "x", "work_pool": "a"}, {"name": "x-runs", "work_pool": "b"}]},
            "prefect.workers[1].name: the ServiceAccount 'prefect-worker-x-runs' of prefect-worker-x-runs would be "
            "that of the flow runs of prefect-worker-x too; each makes its own: give them different names, or set "
            "create: false for one that is there",
        ),
        (
            {"kubernetes": {"workers": {"autoscaling": {"max_replicas": 4}}}},
            "prefect.kubernetes.workers.resources.requests.cpu: missing; autoscaling aims at a percentage of it, and "
            "never scales without it",
        ),
        (
            {"workers": [{"name": "a", "kubernetes": {"autoscaling": {"max_replicas": 4, "memory": 80}}}]},
            "prefect.workers[0].kubernetes.resources.requests.memory: missing; autoscaling aims at a percentage of it, "
            "and never scales without it",
        ),
        (
            {"kubernetes": {"existing_secrets": {"auth_string": {"name": "", "key": "x"}}}},
            "prefect.kubernetes.existing_secrets.auth_string.name: is empty; name it, or leave out what has no Secret",
        ),
        (
            {"kubernetes": {"existing_secrets": {"redis_password": {"name": "x", "key": ""}}}},
            "prefect.kubernetes.existing_secrets.redis_password.key: is empty; name it, or leave out what has no "
            "Secret",
        ),
        (
            {"workers": [{"name": "a_b"}, {"name": "a.b"}]},
            "prefect.workers[1].name: its service 'prefect-worker-a.b' would be the object 'prefect-worker-a-b' in "
            "Kubernetes, as 'prefect-worker-a_b' is; rename one of them",
        ),
        (
            {"workers": [{"name": "a" * 49}]},
            f"prefect.workers[0].name: its service 'prefect-worker-{'a' * 49}' has 64 characters; "
            "Kubernetes allows 63 here",
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else value.split(":")[0].removeprefix("prefect."),
)
def test_what_a_cluster_refuses(problems: Problems, document: dict[str, Any], problem: str) -> None:
    server = {**SAFE["server"], **document.get("server", {})}
    assert problems(CLUSTER | document | {"server": server}) == [problem]


@pytest.mark.parametrize("where", [{"cloud": WORKSPACE}, {"api_url": "https://api.prefect.cloud/api"}])
def test_a_key_that_only_pods_read_is_not_enough(
    resolve: Resolve, problems: Problems, inventory: Callable[..., Context], where: dict[str, Any]
) -> None:
    kept = {"existing_secrets": {"api_key": {"name": "s", "key": "k"}}}
    document = CLUSTER | where | {"kubernetes": kept}
    assert problems(document) == [
        "prefect.token: missing; prefect.kubernetes.existing_secrets.api_key is for pods only, and the controller "
        "needs the key too, here or in the environment as PREFECT_API_KEY"
    ]
    assert resolve(document | {"token": "pnu_x"}).enabled
    # Whoever only writes files asks no API.
    rendering = replace(inventory(), render_dir="/out")
    assert "cloud" in where or resolve(document, context=rendering).enabled


@pytest.mark.parametrize(
    "document",
    [
        {"kubernetes": {"defaults": {"service_account": {"name": "prefect", "create": False}}}},
        {
            "kubernetes": {
                "defaults": {"autoscaling": {"max_replicas": 4}, "resources": {"limits": {"cpu": "1"}}},
                "server": {"autoscaling": {"max_replicas": 1}},
            },
            "postgres": {"enabled": True},
            "redis": {"enabled": True},
        },
        {"workers": [{"name": "x", "job_namespace": "jobs"}, {"name": "x-runs", "work_pool": "b"}]},
        {
            "workers": [{"name": "a"}, {"name": "b", "env": {"A": "1"}}],
            "resources": {"work_pools": [{"name": "default", "base_job_template": TEMPLATE}]},
        },
    ],
    ids=[
        "somebody else makes the account",
        "what is limited is requested",
        "flow runs elsewhere",
        "a template of one's own",
    ],
)
def test_what_a_cluster_takes(resolve: Resolve, document: dict[str, Any]) -> None:
    assert resolve(CLUSTER | SAFE | document).enabled


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"redis": {"enabled": True}}, "prefect.redis.enabled"),
        ({"server": {"replicas": 2}}, "prefect.server.replicas"),
        ({"postgres": {"cloudnative_pg": "x"}}, "prefect.postgres.cloudnative_pg"),
        ({"workers": [{"name": "a", "type": "kubernetes"}]}, "prefect.workers[0].type"),
        ({"workers": [{"name": "a", "kubernetes": {"pod": {"x": 1}}}]}, "prefect.workers[0].kubernetes"),
        ({"kubernetes": {"ingress": {"enabled": True}}}, "prefect.kubernetes.ingress.enabled"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_only_a_cluster_can_do(problems: Problems, document: dict[str, Any], path: str) -> None:
    (problem,) = problems(document)
    assert problem.startswith(f"{path}: ")
    assert "prefect.platform: kubernetes" in problem


def test_one_name_stands_for_the_cluster(problems: Problems, inventory: Callable[..., Context]) -> None:
    context = inventory(workers=["here", "w2"])
    assert problems(CLUSTER | SAFE, context=context) == [
        "prefect.platform: kubernetes needs an inventory with one host, which stands for the cluster; it has w2 too"
    ]
