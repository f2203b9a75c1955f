"""Workers of type docker: the way to an engine, and the defaults of their pool."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.templates import DOCKER
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import docker_worker as worker

NO_TLS = {"ca_file": None, "cert_file": None, "key_file": None}
TLS = {"ca_file": "/tls/a", "cert_file": "/tls/b", "key_file": "/tls/c"}
HOST = {"socket": "unix:///run/user/1000/podman.sock", "socket_gid": 994}
REMOTE = {"socket": False, "host": "tcp://10.0.0.9:2376", "tls": TLS}


def of(**changes: Any) -> dict[str, Any]:
    docker = {"socket": False, "host": None, "tls": NO_TLS, **changes.pop("docker", {})}
    return {
        "type": "docker", "zones": ["prefect-app"], "networks": ["dask-network"], "env": {"A": 1}, "docker": docker,
        "writable_paths": ["/srv/data"], "volumes": [{"name": "cache", "path": "/cache"}],
        "resources": {"cpu_limit": None, "memory_limit": None}, **changes,
    }  # fmt: skip


def test_the_socket_is_mounted_only_when_it_was_asked_for() -> None:
    nothing = {"mounts": [], "groups": [], "env": {}}
    assert worker.docker_worker(of(), HOST) == nothing
    assert worker.docker_worker(of(type="process", docker={"socket": True}), HOST) == nothing
    given = worker.docker_worker(of(docker={"socket": True}), HOST)
    assert given["mounts"] == [
        {"source": "/run/user/1000/podman.sock", "target": "/var/run/docker.sock", "read_only": False}
    ]
    assert given["groups"] == [994]


def test_asking_for_it_earns_a_warning() -> None:
    warning = worker.docker_worker_warning(of(docker={"socket": True}))
    assert warning is not None
    assert "rights of root" in warning
    assert worker.docker_worker_warning(of(docker=REMOTE)) is None
    assert worker.docker_worker_warning(of(type="process", docker={"socket": True})) is None


def test_a_remote_engine_is_reached_with_certificates() -> None:
    given = worker.docker_worker(of(docker=REMOTE), HOST)
    assert [(item["source"], item["target"], item["read_only"]) for item in given["mounts"]] == [
        ("/tls/a", "/run/docker-certificates/ca.pem", True),
        ("/tls/b", "/run/docker-certificates/cert.pem", True),
        ("/tls/c", "/run/docker-certificates/key.pem", True),
    ]
    assert given["env"] == {
        "DOCKER_HOST": "tcp://10.0.0.9:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/run/docker-certificates",
    }  # fmt: skip
    assert given["groups"] == []


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({}, ("docker",), "type docker needs an engine: name a remote one"),
        ({"type": "process", "docker": {"socket": True}}, ("docker",), "has no effect; set type: docker"),
        ({"docker": {**REMOTE, "socket": True}}, ("docker", "socket"), "is true, and docker.host names an engine too"),
        ({"docker": {**REMOTE, "tls": NO_TLS}}, ("docker", "tls"), "ca_file, cert_file, key_file missing"),
        ({"docker": {**REMOTE, "tls": {**TLS, "key_file": None}}}, ("docker", "tls"), "key_file missing"),
        ({"docker": {"socket": True, "tls": TLS}}, ("docker", "tls"), "has no effect"),
        ({"docker": {"host": "10.0.0.9"}}, ("docker", "host"), "expected an address such as tcp://"),
    ],
)
def test_bad_input(changes: dict[str, Any], path: tuple[str, ...], message: str) -> None:
    ((found, said),) = worker.docker_worker_problems(of(**changes), True)
    assert found == path
    assert said.startswith(message)


def test_good_input() -> None:
    assert worker.docker_worker_problems(of(docker=REMOTE), True) == []
    assert worker.docker_worker_problems(of(docker={"socket": True}), True) == []
    assert worker.docker_worker_problems(of(type="process"), False) == []
    ((path, _said),) = worker.docker_worker_problems(of(docker={"socket": True}), False)
    assert path == ("type",)


def test_flow_runs_join_the_network_where_the_server_has_its_name() -> None:
    variables = worker.docker_pool_variables(of(docker={"socket": True}), "flowops/prefect:1", ["/opt/prefect/canary"])
    assert variables["image"] == "flowops/prefect:1"
    assert variables["networks"] == ["prefect-app", "dask-network"]
    assert variables["volumes"] == ["/opt/prefect/canary:/opt/prefect/canary:ro", "/srv/data:/srv/data", "cache:/cache"]
    assert variables["auto_remove"] is True
    assert variables["env"]["A"] == "1"
    assert set(variables) <= set(DOCKER["variables"]["properties"])


def test_an_image_that_no_registry_has_is_never_asked_for() -> None:
    def policy(docker: dict[str, Any], is_built_here: bool) -> str:
        return str(worker.docker_pool_variables(of(docker=docker), "i", ["/c"], is_built_here)["image_pull_policy"])

    assert policy({"socket": True}, True) == "Never"
    assert policy({"socket": True}, False) == "IfNotPresent"
    assert policy(REMOTE, True) == "IfNotPresent"


def test_another_engine_has_neither_our_networks_nor_our_folders() -> None:
    variables = worker.docker_pool_variables(of(docker=REMOTE), "i", ["/c"])
    assert (variables["networks"], variables["volumes"]) == ([], [])


def test_limits_reach_the_containers() -> None:
    variables = worker.docker_pool_variables(of(resources={"cpu_limit": 1.5, "memory_limit": 1024}), "i", ["/c"])
    assert variables["mem_limit"] == "1024"
    assert variables["container_create_kwargs"]["nano_cpus"] == 1_500_000_000


def test_what_the_document_says_of_a_pool_stays() -> None:
    defaults = {"a": {"image": "i", "networks": ["n"], "env": {"A": "1", "B": "2"}}}
    own = {"name": "a", "base_job_template": {"variables": {}}}
    pools: list[dict[str, Any]] = [
        {"name": "a", "job_variables": {"image": "mine", "env": {"A": "3"}}}, {"name": "b"}, own, {"name": "a"},
    ]  # fmt: skip
    completed = worker.with_docker_defaults(pools, defaults)
    assert completed[0]["job_variables"] == {"image": "mine", "networks": ["n"], "env": {"A": "3", "B": "2"}}
    assert completed[1:3] == [{"name": "b"}, own]
    assert completed[3]["job_variables"] == defaults["a"]
