"""What a right document becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]
Inventory = Callable[..., Context]
Problems = Callable[..., list[str]]


def test_the_empty_document_is_a_server_and_a_worker_on_loopback(resolve: Resolve) -> None:
    result = resolve()
    assert (result.enabled, result.warnings) == (True, [])
    around = ("docker", "kubernetes", "redis", "minio", "s3", "dask", "cli", "proxy", "authelia", "firewall")
    assert not any(result.roles[f"prefect_{name}"].get("install") for name in around)
    assert {name: value for name, value in result.roles.items() if name.removeprefix("prefect_") not in around} == {
        "prefect_runtime": {
            "platform": "native",
            "version": "3.8.8",
            "extra_packages": [],
            "packages": ["prefect==3.8.8"],
            "root": None,
            "enabled": True,
            "ports": [
                {"setting": "prefect.server.port", "host": "127.0.0.1", "port": 4200},
                {"setting": "prefect.workers[0].health_port", "host": "127.0.0.1", "port": 8080},
            ],
        },
        "prefect_server": {
            "host": "127.0.0.1",
            "port": 4200,
            "auth_string": None,
            "log_level": "INFO",
            "analytics": False,
            "ui": True,
            "retention": {"flow_runs_days": None, "events_days": 7},
            "env": {},
            "secret_env": {},
            "start_timeout": 180,
            "stop_timeout": 30,
            "networks": [],
            "replicas": 1,
            "background_services": {"separate": False, "replicas": 1},
            "zones": [],
            "proxied": False,
            "enabled": True,
            "api_url": "http://127.0.0.1:4200/api",
            "ui_url": "http://127.0.0.1:4200",
            "ui_api_url": "http://127.0.0.1:4200/api",
            "base_path": "",
            "health_url": "http://127.0.0.1:4200/api/health",
            "database": {
                **dict.fromkeys(("host", "port", "user", "password", "name")),
                "kind": "sqlite",
                "tls": {"enabled": False, "ca_file": None, "check_hostname": True, "ca_content": None},
            },
        },
        "prefect_postgres": {
            "enabled": False,
            "host": None,
            "cloudnative_pg": None,
            "port": 5432,
            "user": "prefect",
            "password": None,
            "name": "prefect",
            "tls": {"enabled": False, "ca_file": None, "check_hostname": True},
            "image": "postgres:17",
            "volume": "prefect-postgres",
            "networks": [],
            "platform": "native",
            "install": False,
            "listen_addresses": ["localhost"],
            "clients": [],
            "published": [],
            "zones": [],
        },
        "prefect_workers": [
            {
                "name": "default",
                "work_pool": "default",
                "type": "process",
                "docker": {"socket": False, "host": None, "tls": dict.fromkeys(("ca_file", "cert_file", "key_file"))},
                "networks": [],
                "volumes": [],
                "zones": [],
                "work_queues": [],
                "limit": None,
                "replicas": 1,
                "query_seconds": 5,
                "env": {},
                "secret_env": {},
                "writable_paths": [],
                "health_port": 8080,
                "projects": False,
                "service": "prefect-worker-default",
                "job_namespace": None,
                "kubernetes": None,
                "job": {"image_pull_policy": None, "image_pull_secrets": [], "resources": {}},
                "resources": dict.fromkeys(("cpu_limit", "memory_limit", "cpu_request", "memory_request")),
            }
        ],
        "prefect_projects": [],
        "prefect_resources": {
            "work_pools": [{"name": "default", "type": "process"}],
            "work_queues": [],
            "variables": [],
            "block_types": [],
            "block_schemas": [],
            "blocks": [],
            "default_result_storage": [],
            "global_concurrency_limits": [],
            "concurrency_limits": [],
            "flows": [],
            "deployments": [],
            "deployment_schedules": [],
            "automations": [],
            "webhooks": [],
            "ownership_tag": None,
            "prune": False,
            "prune_scope": {},
            "prune_limit": 50,
            "enabled": True,
        },
        "prefect_verify": {
            "enabled": True,
            "timeout": 120,
            "deployments": [],
            "public_url": None,
            "has_own_authority": False,
            "pools": [{"name": "default", "work_queue": None, "environment": []}],
            "fingerprint": result.roles["prefect_verify"]["fingerprint"],
        },
        "prefect_api": {
            "url": "http://127.0.0.1:4200/api",
            "service_url": "http://127.0.0.1:4200/api",
            "ui_url": None,
            "auth_string": None,
            "api_key": None,
        },
    }


def test_disabled_means_that_no_role_does_anything(resolve: Resolve) -> None:
    result = resolve({"enabled": False, "image": "prefecthq/prefect:0.14.22", "workers": [{"name": "a"}]})
    roles = result.roles
    assert not result.enabled
    assert [name for name in roles if isinstance(roles[name], dict) and roles[name].get("enabled", False)] == []
    assert roles["prefect_workers"] == []
    assert roles["prefect_verify"]["pools"] == []


def test_values_as_the_command_line_gives_them(resolve: Resolve) -> None:
    server = resolve({"enabled": "yes", "server": {"port": " 4300 ", "ui": "off", "log_level": "debug"}}).roles[
        "prefect_server"
    ]
    assert (server["port"], server["ui"], server["log_level"]) == (4300, False, "DEBUG")


def test_fragments_are_laid_over_the_document_in_alphabetical_order(resolve: Resolve) -> None:
    fragments = {
        "prefect__b": {"server": {"port": 2}, "extra_packages": ["b"]},
        "prefect__a": {"server": {"port": 1, "log_level": "DEBUG"}, "extra_packages": ["a", "a2"]},
    }
    roles = resolve({"server": {"port": 3, "start_timeout": 9}}, fragments=fragments).roles
    assert {key: roles["prefect_server"][key] for key in ("port", "log_level", "start_timeout")} == {
        "port": 2,
        "log_level": "DEBUG",
        "start_timeout": 9,
    }
    assert roles["prefect_runtime"]["packages"] == ["prefect==3.8.8", "b"]


def test_a_null_in_a_fragment_clears(resolve: Resolve) -> None:
    document = {"server": {"port": 4300, "env": {"A": "1", "B": "2"}}}
    roles = resolve(document, fragments={"prefect__a": {"server": {"port": None, "env": {"A": None}}}}).roles
    assert (roles["prefect_server"]["port"], roles["prefect_server"]["env"]) == (4200, {"B": "2"})


def test_a_file_lies_between_document_and_fragments(resolve: Resolve) -> None:
    roles = resolve(
        {"server": {"port": 1, "log_level": "DEBUG", "stop_timeout": 7}},
        file=("qhub-config.yaml", {"server": {"port": 2, "log_level": "ERROR"}}),
        fragments={"prefect__a": {"server": {"port": 3}}},
    ).roles
    assert [roles["prefect_server"][key] for key in ("port", "log_level", "stop_timeout")] == [3, "ERROR", 7]


# Addresses


def addresses(roles: dict[str, Any]) -> list[str]:
    return [roles["prefect_server"][key] for key in ("api_url", "ui_url", "ui_api_url", "base_path", "health_url")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"public_url": "https://prefect.example.org/"},
            [
                "http://127.0.0.1:4200/api",
                "https://prefect.example.org",
                "https://prefect.example.org/api",
                "",
                "http://127.0.0.1:4200/api/health",
            ],
        ),
        (
            {"public_url": "https://example.org:8443/orch//prefect/"},
            [
                "http://127.0.0.1:4200/orch/prefect/api",
                "https://example.org:8443/orch/prefect",
                "https://example.org:8443/orch/prefect/api",
                "/orch/prefect",
                "http://127.0.0.1:4200/orch/prefect/api/health",
            ],
        ),
        (
            {"server": {"host": "0.0.0.0", "auth_string": "a:b", "port": 80}},
            [
                "http://127.0.0.1:80/api",
                "http://10.0.0.1:80",
                "http://10.0.0.1:80/api",
                "",
                "http://127.0.0.1:80/api/health",
            ],
        ),
        (
            {"server": {"host": "::", "auth_string": "a:b"}},
            [
                "http://[::1]:4200/api",
                "http://10.0.0.1:4200",
                "http://10.0.0.1:4200/api",
                "",
                "http://[::1]:4200/api/health",
            ],
        ),
        (
            {"server": {"host": "10.9.9.9", "auth_string": "a:b"}},
            [
                "http://10.9.9.9:4200/api",
                "http://10.9.9.9:4200",
                "http://10.9.9.9:4200/api",
                "",
                "http://10.9.9.9:4200/api/health",
            ],
        ),
        (
            {"server": {"host": "localhost"}},
            [
                "http://127.0.0.1:4200/api",
                "http://127.0.0.1:4200",
                "http://127.0.0.1:4200/api",
                "",
                "http://127.0.0.1:4200/api/health",
            ],
        ),
    ],
)
def test_addresses_of_ones_own_server(
    resolve: Resolve, inventory: Inventory, document: dict[str, Any], expected: list[str]
) -> None:
    assert addresses(resolve(document, context=inventory(addresses={"here": "10.0.0.1"})).roles) == expected


def test_an_existing_api_means_no_server(resolve: Resolve) -> None:
    document = {
        "api_url": "https://api.example.org/x/api/",
        "server": {"auth_string": "a:b", "port": 1},
        "postgres": {"enabled": True},
    }
    result = resolve(document)
    roles = result.roles
    assert (roles["prefect_server"]["enabled"], roles["prefect_postgres"]["enabled"]) == (False, False)
    assert roles["prefect_server"]["ui_url"] == "https://api.example.org/x"
    url = "https://api.example.org/x/api"
    assert roles["prefect_api"] == {
        "url": url, "service_url": url, "ui_url": None, "auth_string": "a:b", "api_key": None,
    }  # fmt: skip
    assert [port["setting"] for port in roles["prefect_runtime"]["ports"]] == ["prefect.workers[0].health_port"]
    assert result.warnings == [
        "prefect.server: port without effect, since no server is deployed",
        "prefect.postgres: enabled without effect, since no server is deployed",
    ]


# Several hosts

THREE = {
    "servers": ["s"],
    "workers": ["w1", "w2"],
    "database": ["d"],
    "addresses": {"s": "10.0.0.1", "d": "db.internal"},
}
OPEN = {"host": "0.0.0.0", "auth_string": "a:b"}


def test_workers_of_several_hosts_have_names_of_their_own(resolve: Resolve, inventory: Inventory) -> None:
    document = {"server": OPEN, "workers": [{"name": "etl", "replicas": 2}, {"name": "gpu"}]}
    workers = resolve(document, context=inventory("w2", **THREE)).roles["prefect_workers"]
    assert [(worker["name"], worker["service"], worker["health_port"]) for worker in workers] == [
        ("etl-w2-1", "prefect-worker-etl-1", 8080),
        ("etl-w2-2", "prefect-worker-etl-2", 8081),
        ("gpu-w2", "prefect-worker-gpu", 8082),
    ]


def test_hosts_reach_the_server_at_its_address(resolve: Resolve, inventory: Inventory) -> None:
    seen = {host: resolve({"server": OPEN}, context=inventory(host, **THREE)).roles for host in ("s", "w1", "d")}
    assert [roles["prefect_api"]["url"] for roles in seen.values()] == [
        "http://127.0.0.1:4200/api",
        "http://10.0.0.1:4200/api",
        "http://10.0.0.1:4200/api",
    ]
    assert [roles["prefect_runtime"]["enabled"] for roles in seen.values()] == [True, True, False]
    assert [len(roles["prefect_workers"]) for roles in seen.values()] == [0, 1, 0]
    assert seen["d"]["prefect_runtime"]["ports"] == []


def test_a_loopback_server_is_out_of_reach_for_others(problems: Problems, inventory: Inventory) -> None:
    assert problems({}, context=inventory("s", **THREE)) == [
        "prefect.server.host: 127.0.0.1 is loopback, w1, w2 cannot reach it; "
        "set prefect.server.host to an address of the server, or 0.0.0.0, and prefect.server.auth_string"
    ]


def test_an_inventory_address_on_loopback_is_out_of_reach_for_others(problems: Problems, inventory: Inventory) -> None:
    context = inventory("w", servers=["s"], workers=["w"], addresses={"s": "127.0.0.1"})
    assert problems({"server": OPEN}, context=context) == [
        "prefect.server.host: the inventory knows the server s as 127.0.0.1, which other hosts cannot reach; "
        "set ansible_host or prefect_settings_address of s"
    ]


def test_groups_without_hosts(resolve: Resolve, problems: Problems, inventory: Inventory) -> None:
    assert problems({}, context=inventory(servers=[])) == [
        "prefect: the inventory has no host in group prefect_servers; "
        "add one, or set prefect.api_url to an existing API"
    ]
    assert problems({"workers": [{"name": "a"}]}, context=inventory(workers=[])) == [
        "prefect.workers: the inventory has no host in group prefect_workers; add one"
    ]
    assert problems({"postgres": {"enabled": True}}, context=inventory(database=[])) == [
        "prefect.postgres.enabled: the inventory has no host in group prefect_database, expected one; "
        "or set prefect.postgres.host to an external server"
    ]
    result = resolve({}, context=inventory(workers=[]))
    assert result.warnings == ["the inventory has no host in group prefect_workers: no worker runs"]
    assert result.roles["prefect_resources"]["work_pools"] == []
    assert result.roles["prefect_verify"]["pools"] == []


# Database


def test_postgres_is_installed_beside_the_server(resolve: Resolve) -> None:
    roles = resolve({"postgres": {"enabled": True, "password": "p"}}).roles
    postgres, database = roles["prefect_postgres"], roles["prefect_server"]["database"]
    assert {key: postgres[key] for key in ("enabled", "install", "host", "listen_addresses", "clients")} == {
        "enabled": True,
        "install": True,
        "host": "127.0.0.1",
        "listen_addresses": ["localhost"],
        "clients": [],
    }
    assert [database[key] for key in ("kind", "host", "port", "user", "password", "name")] == [
        "postgres", "127.0.0.1", 5432, "prefect", "p", "prefect",
    ]  # fmt: skip


def test_postgres_on_a_host_of_its_own(resolve: Resolve, inventory: Inventory) -> None:
    def roles(host: str, address: str = "10.0.0.1") -> dict[str, Any]:
        groups = {**THREE, "servers": ["s"], "addresses": {"s": address, "d": "10.0.0.9"}}
        return dict(resolve({"server": OPEN, "postgres": {"enabled": True}}, context=inventory(host, **groups)).roles)

    assert roles("d")["prefect_postgres"]["clients"] == ["10.0.0.1/32"]
    assert roles("d", "s.internal")["prefect_postgres"]["clients"] == ["s.internal"]
    assert roles("d")["prefect_postgres"]["listen_addresses"] == ["*"]
    assert [roles(host)["prefect_postgres"]["install"] for host in ("d", "s")] == [True, False]
    assert [roles(host)["prefect_server"]["database"]["host"] for host in ("d", "s")] == ["127.0.0.1", "10.0.0.9"]


def test_an_external_postgres(resolve: Resolve) -> None:
    roles = resolve({"postgres": {"host": "db.example.org", "tls": {"enabled": True}}}).roles
    assert (roles["prefect_postgres"]["enabled"], roles["prefect_postgres"]["install"]) == (True, False)
    assert roles["prefect_server"]["database"] == {
        "kind": "postgres",
        "host": "db.example.org",
        "port": 5432,
        "user": "prefect",
        "password": None,
        "name": "prefect",
        "tls": {"enabled": True, "ca_file": None, "check_hostname": True, "ca_content": None},
    }
    off = resolve({"postgres": {"enabled": False, "host": "db.example.org"}}).roles
    assert off["prefect_server"]["database"]["kind"] == "sqlite"


def test_several_servers_or_databases_are_refused(problems: Problems, inventory: Inventory) -> None:
    context = inventory("a", servers=["a", "b"], workers=["a"], database=["a"])
    for document in ({}, {"postgres": {"enabled": True}}):
        assert problems(document, context=context) == [
            "prefect.server: the inventory has 2 hosts (a, b) in group prefect_servers, expected one: "
            "several servers without Redis run every schedule and automation several times"
        ]
    assert problems({"postgres": {"enabled": True}}, context=inventory(database=["a", "b"]))[0].startswith(
        "prefect.postgres.enabled: the inventory has 2 hosts (a, b) in group prefect_database, expected one"
    )


# Objects and proof


def test_declared_pools_are_kept_and_missing_ones_added(resolve: Resolve) -> None:
    document = {
        "workers": [
            {"name": "a", "work_pool": "p", "work_queues": ["default", "fast"]},
            {"name": "b", "work_pool": "q"},
        ],
        "resources": {
            "work_pools": [{"name": "p", "concurrency_limit": 3}, {"name": "other", "type": "docker"}],
            "work_queues": [{"name": "slow", "work_pool": "p", "priority": 9}],
        },
    }
    resources = resolve(document).roles["prefect_resources"]
    assert resources["work_pools"] == [
        {"name": "p", "concurrency_limit": 3, "type": "process"},
        {"name": "other", "type": "docker"},
        {"name": "q", "type": "process"},
    ]
    assert resources["work_queues"] == [
        {"name": "slow", "work_pool": "p", "priority": 9},
        {"name": "fast", "work_pool": "p"},
    ]
    assert "type" not in document["resources"]["work_pools"][0]  # type: ignore[index]


def test_the_proof_goes_through_a_queue_that_is_polled(resolve: Resolve) -> None:
    document = {
        "workers": [
            {"name": "a", "work_pool": "p", "work_queues": ["fast"], "env": {"A": "1", "B": "1"}},
            {"name": "b", "work_pool": "p", "work_queues": ["slow"], "env": {"B": "1"}, "secret_env": {"S": "1"}},
            {"name": "c", "work_pool": "q", "work_queues": ["x", "default"]},
        ]
    }
    assert resolve(document).roles["prefect_verify"]["pools"] == [
        {"name": "p", "work_queue": "fast", "environment": ["B"]},
        {"name": "q", "work_queue": None, "environment": []},
    ]


def test_the_fingerprint_follows_what_matters_and_no_secret(resolve: Resolve) -> None:
    def fingerprint(**document: Any) -> str:
        return str(resolve(document).roles["prefect_verify"]["fingerprint"])

    base = fingerprint()
    assert fingerprint(verify={"timeout": 5}) == base
    worker = {"name": "default", "secret_env": {"A": "1"}}
    assert fingerprint(workers=[worker]) == fingerprint(workers=[{**worker, "secret_env": {"A": "2"}}]) != base
    assert (
        len({base, fingerprint(version="3.7.8"), fingerprint(server={"port": 1}), fingerprint(workers=[{"name": "x"}])})
        == 4
    )
