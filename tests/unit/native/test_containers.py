"""What a specification becomes as a container, and which image it runs from."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import containers, images

HOST: dict[str, Any] = {
    "platform": "docker", "root": "/opt/prefect", "is_root": True, "user": "prefect", "uid": 900, "gid": 901,
    "user_exists": True, "needs_engine": False, "needs_requests": False,
    "image": "prefect:1", "environment": "prefect:1", "images": {"prefect:1": "sha256:1"},
    "engine": {"name": "docker", "api_version": "1.41", "architecture": "amd64"},
    "networks": {"app": {"id": "n1", "subnets": ["10.0.0.0/24"], "internal": False, "is_ours": True}}, "running": {},
}  # fmt: skip
SPEC: dict[str, Any] = {
    "name": "prefect-server",
    "description": "Server",
    "command": ["prefect", "server", "start"],
    "env": {"A": "1"},
    "secret_env": {"PASSWORD": "s3cr3t"},
    "directories": ["/opt/prefect/data/server"],
    "files": [{"path": "/etc/x/y.conf", "content": "c", "secret": True}],
    "ports": [{"host": "127.0.0.1", "port": 4201, "container_port": 4200}, {"host": "::1", "port": 9}],
    "health": {"url": "http://127.0.0.1:4200/api/health", "timeout": 60},
    "stop_timeout": 30,
    "resources": {"cpu_limit": 2, "memory_limit": 1024},
    "networks": ["app"],
    "volumes": [{"name": "v", "path": "/v"}, {"name": "/srv/v", "path": "/w"}],
}
DOCKER: dict[str, Any] = {
    "image": "prefect:1", "version": "3.8.8", "packages": [], "pull": "missing", "images": [], "zones": [],
    "build": {
        "dockerfile_extra": None, "python_packages_file": None, "repository": "r/p", "push": False, "builder": True,
    },
}  # fmt: skip


def test_a_service_is_confined() -> None:
    made = containers.container_arguments(SPEC, HOST, {"log": {"max_size": "1m", "max_files": 2}})
    assert made["user"] == "900:901"
    assert (made["cap_drop"], made["capabilities"]) == (["ALL"], None)
    assert made["security_opts"] == ["no-new-privileges:true"]
    assert made["read_only"] is True
    assert made["log_options"] == {"max-size": "1m", "max-file": "2"}
    assert made["published_ports"] == ["127.0.0.1:4201:4200", "[::1]:9:9"]
    assert made["networks"] == [{"name": "app", "aliases": ["prefect-server"]}]
    assert (made["memory"], made["cpus"], made["stop_timeout"]) == ("1024B", 2, 30)
    assert made["healthcheck"]["test"][-3:] == ["127.0.0.1", "4200", "/api/health"]
    assert made["env"] == {"HOME": "/opt/prefect/data/server", "LANG": "C.UTF-8", "USER": "prefect", "A": "1"}


def test_secrets_are_in_mounted_files_only() -> None:
    made = containers.container_arguments(SPEC, HOST)
    assert "s3cr3t" not in str(made)
    assert made["command"][:2] == ["/bin/sh", "-c"]
    assert made["command"][-3:] == ["prefect", "server", "start"]
    by_target = {item["target"]: item for item in made["mounts"]}
    assert by_target["/run/secrets/environment"]["source"] == "/opt/prefect/etc/prefect-server.secret.env"
    assert by_target["/etc/x/y.conf"]["read_only"]
    assert by_target["/v"]["type"] == "volume"
    assert by_target["/w"]["type"] == "bind"
    assert containers.container_files(SPEC, HOST)[0]["mode"] == "0600"
    assert containers.container_files(SPEC, HOST)[0]["owner"] == 900


@pytest.mark.parametrize(
    ("run_as", "is_root", "expected"),
    [
        ("service", True, {"owner": 900, "mode": "0600"}),
        ("image", True, {"owner": 0, "mode": "0600"}),
        ("70:70", True, {"owner": "70", "mode": "0600"}),
        ("service", False, {"owner": None, "mode": "0600"}),
        ("image", False, {"owner": None, "mode": "0644"}),
    ],
)
def test_who_runs_may_read_the_secrets(run_as: str, is_root: bool, expected: dict[str, Any]) -> None:
    assert containers.file_owner({**SPEC, "run_as": run_as}, {**HOST, "is_root": is_root}) == expected


def test_a_job_is_not_restarted() -> None:
    made = containers.job_arguments({"name": "j", "command": ["x"]}, HOST)
    assert made["restart_policy"] == "no"
    assert made["healthcheck"] == {"test": ["NONE"]}
    assert made["command"] == ["x"]
    outcome = containers.job_outcome({"status": 3, "msg": "bad"})
    assert outcome == {"rc": 3, "stdout": "bad", "stderr": ""}


def test_the_engine_asks_seldom() -> None:
    # A check is a process of its own; a deployment does not wait for the engine's.
    check = containers.container_arguments(SPEC, HOST)["healthcheck"]
    assert check["interval"] == "15s"
    assert "start_interval" not in check


def test_a_container_is_current_by_its_labels_alone() -> None:
    made = containers.container_arguments(SPEC, HOST)
    labels = made["labels"]
    running = {
        "digest": labels["flowops.prefect.digest"], "arguments": labels["flowops.prefect.arguments"], "healthy": True,
    }  # fmt: skip
    host = {**HOST, "running": {"prefect-server": running}}
    assert containers.container_is_current(made, host)
    running["healthy"] = False
    assert not containers.container_is_current(made, host)
    again = {**HOST, "networks": {"app": {**HOST["networks"]["app"], "id": "n2"}}}
    assert containers.container_arguments(SPEC, again)["labels"] != labels
    assert containers.container_arguments(SPEC, HOST, {"log": {"max_size": "1g"}})["labels"] != labels
    assert not containers.container_can_run(made, {**HOST, "networks": {}})


def test_the_tag_of_a_derived_image_is_what_it_is_made_of() -> None:
    assert images.derived_image(DOCKER, "c") == "prefect:1"
    more = {**DOCKER, "packages": ["s3fs"]}
    tag = images.derived_image(more, "c", "")
    assert tag.startswith("r/p:3.8.8-")
    assert images.derived_image(more, "d", "") != tag
    assert images.derived_image({**more, "image": "prefect:2"}, "c", "") != tag


def test_what_an_image_is_built_from() -> None:
    more = {**DOCKER, "packages": ["s3fs"], "build": {**DOCKER["build"], "dockerfile_extra": "ENV A=1\n"}}
    files = {item["name"]: item["content"] for item in images.build_context(more, "a==1\n", "b\n")}
    assert files["requirements.txt"] == "s3fs\nb\n"
    assert files["constraints.txt"] == "a==1\nprefect==3.8.8\n"
    assert files["Dockerfile"].startswith("FROM prefect:1\nCOPY requirements.txt constraints.txt /tmp/build/\nRUN ")
    assert files["Dockerfile"].endswith("ENV A=1\n")


def test_only_what_is_missing_is_pulled_or_built() -> None:
    docker = {**DOCKER, "images": [{"setting": "prefect.postgres.image", "image": "postgres:17"}]}
    host = {**HOST, "images": {"prefect:1": "sha256:1", "postgres:17": None}}
    assert images.images_to_pull(docker, host) == docker["images"]
    assert images.is_stale(host, docker)
    assert not images.is_stale(HOST, DOCKER)
    derived = {**DOCKER, "packages": ["s3fs"]}
    host = {**HOST, "image": "r/p:x", "images": {"r/p:x": None}}
    assert images.has_to_build(derived, host)
    assert images.images_to_pull(derived, host) == []
    other = {**derived, "build": {**derived["build"], "push": True, "builder": False}}
    assert images.images_to_pull(other, host) == [{"setting": "prefect.build.repository", "image": "r/p:x"}]


def test_a_network_that_differs_is_made_anew() -> None:
    zone = {"setting": "s", "name": "app", "subnet": "10.0.0.0/24", "internal": False}
    assert images.missing_networks({**DOCKER, "zones": [zone]}, HOST) == []
    for changed in ({"subnet": "10.1.0.0/24"}, {"internal": True}, {"name": "edge"}):
        assert images.missing_networks({**DOCKER, "zones": [{**zone, **changed}]}, HOST) == [{**zone, **changed}]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("manifest for postgres:99 not found: manifest unknown", "check its name and tag"),
        ("pull access denied for x, repository does not exist", "prefect.docker.registries"),
        ("no matching manifest for linux/arm64 in the manifest list", "not made for amd64 machines"),
        ("write /var/lib/docker/x: no space left on device", "make room"),
        ("dial tcp: lookup registry.invalid: no such host", "cannot reach the registry"),
    ],
)
def test_the_words_of_a_registry(said: str, told: str) -> None:
    message = f'Error pulling image x:1 - 404 Client Error for http+docker://localhost/y: Not Found ("{said}")'
    item = {"setting": "prefect.postgres.image", "image": "x:1"}
    (why,) = images.pull_failures([{"item": item, "msg": message}, {"item": item, "changed": True}], HOST)
    assert why.startswith(f"prefect.postgres.image: the image x:1 is not to be had: {said}")
    assert told in why
    assert "http+docker" not in why


def test_a_build_that_failed_says_why() -> None:
    logs = ["Step 2/3 : RUN pip\\n", "ERROR: No matching distribution found for s3fsx\\n"]
    message = f"Error building r/p - code: 1, message: The command returned 1, logs: {logs}"
    assert "No matching distribution found for s3fsx" in images.build_reason({"msg": message})
