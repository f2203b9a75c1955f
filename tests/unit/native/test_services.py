"""The service specifications, and how they are spelled for systemd, supervisor and a shell."""

from __future__ import annotations

import copy
import shlex
import subprocess
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils import services
from hypothesis import given, settings
from hypothesis import strategies as st

HOST: dict[str, Any] = {
    "root": "/opt/prefect",
    "home": "/opt/prefect/data",
    "user": "prefect",
    "is_root": True,
    "environment": "/opt/prefect/venvs/3.8.8-0123abcd",
}
SQLITE = {"kind": "sqlite"}
POSTGRES = {
    "kind": "postgres", "host": "db", "port": 5433, "user": "u", "password": "p@:/%# $\"'é", "name": "n",
    "tls": {"enabled": True, "ca_file": "/ca.pem", "check_hostname": False},
}  # fmt: skip
SERVER: dict[str, Any] = {
    "api_url": "http://127.0.0.1:4200/api", "base_path": "", "ui": True, "ui_url": "http://h", "ui_api_url": "http://h/api",
    "analytics": False, "log_level": "INFO", "retention": {"flow_runs_days": None, "events_days": 7},
    "database": SQLITE, "env": {}, "secret_env": {}, "host": "127.0.0.1", "port": 4200, "auth_string": None,
    "health_url": "http://127.0.0.1:4200/api/health", "start_timeout": 180, "stop_timeout": 30,
    "zones": ["prefect-app"], "networks": ["caddy-network"], "proxied": False,
}  # fmt: skip
WORKER: dict[str, Any] = {
    "name": "etl", "service": "prefect-worker-etl", "work_pool": "pool", "type": "process", "work_queues": ["a", "b"],
    "limit": 3, "query_seconds": 5, "env": {"A": True}, "secret_env": {"S": "hush"}, "health_port": 8080,
    "projects": False,
    "writable_paths": ["/srv/data"], "resources": {"cpu_limit": 1.5, "memory_limit": 1024},
    "zones": ["prefect-app"], "networks": ["dask-network"], "volumes": [], "docker": None,
}  # fmt: skip
API = {
    "url": "http://127.0.0.1:4200/api",
    "service_url": "http://127.0.0.1:4200/api",
    "auth_string": "a:b",
    "api_key": None,
}
DOCKER: dict[str, Any] = {
    "platform": "docker",
    "root": "/opt/prefect",
    "image": "flowops/prefect:3.8.8-0123abcd",
    "images": {"flowops/prefect:3.8.8-0123abcd": "sha256:1", "postgres:17": "sha256:2"},
    "environment": "flowops/prefect:3.8.8-0123abcd",
}

# What a value of the environment may hold: anything but NUL.
VALUES = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=30)


def server(**changes: Any) -> services.Spec:
    return services.server_service({**SERVER, **changes}, HOST)


def worker(**changes: Any) -> services.Spec:
    return services.worker_service({**WORKER, **changes}, API, HOST, [{"name": "pool", "type": "process"}])


def test_server_binds_and_migrates_as_told() -> None:
    spec = server()
    assert spec["command"][-4:] == ["--host", "127.0.0.1", "--port", "4200"]
    assert spec["env"]["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] == "false"
    assert spec["env"]["PREFECT_SERVER_UI_STATIC_DIRECTORY"].startswith(spec["directories"][0])
    assert spec["secret_env"] == {}
    assert "PREFECT_SERVER_API_BASE_PATH" not in spec["env"]


def test_server_behind_a_path() -> None:
    env = server(base_path="/orch")["env"]
    assert env["PREFECT_SERVER_API_BASE_PATH"] == "/orch/api"
    assert env["PREFECT_SERVER_UI_SERVE_BASE"] == "/orch"


def test_database_is_given_by_its_components_with_the_raw_password() -> None:
    spec = server(database=POSTGRES, auth_string="a:b")
    assert spec["secret_env"] == {
        "PREFECT_SERVER_DATABASE_PASSWORD": POSTGRES["password"],
        "PREFECT_SERVER_API_AUTH_STRING": "a:b",
        "PREFECT_API_AUTH_STRING": "a:b",
    }
    assert spec["env"]["PREFECT_SERVER_DATABASE_PORT"] == "5433"
    assert spec["env"]["PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_CHECK_HOSTNAME"] == "false"
    assert not any("CONNECTION_URL" in key for key in spec["env"])


def test_generated_password_fills_in_only_where_none_was_given() -> None:
    asked = {**SERVER, "database": {**POSTGRES, "password": None}}
    before = copy.deepcopy(asked)
    assert services.with_password(asked, "made")["database"]["password"] == "made"
    assert (
        services.with_password({**SERVER, "database": POSTGRES}, "made")["database"]["password"] == POSTGRES["password"]
    )
    assert asked == before


@pytest.mark.parametrize(("days", "kinds", "seconds"), [(None, "events", None), (2, "events,flow_runs", "172800")])
def test_retention_names_what_is_vacuumed(days: int | None, kinds: str, seconds: str | None) -> None:
    env = server(retention={"flow_runs_days": days, "events_days": 9})["env"]
    assert env["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "P9D"
    assert env["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"] == kinds
    assert env.get("PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD") == seconds


def test_own_environment_wins_over_derived() -> None:
    assert server(env={"PREFECT_SERVER_LOGGING_LEVEL": "DEBUG"})["env"]["PREFECT_SERVER_LOGGING_LEVEL"] == "DEBUG"


def test_worker_never_creates_its_pool_and_says_its_type() -> None:
    command = worker()["command"]
    assert "--no-create-pool-if-not-found" in command
    assert command[command.index("--type") + 1] == "process"
    assert [command[i + 1] for i, word in enumerate(command) if word == "--work-queue"] == ["a", "b"]
    assert command[-2:] == ["--limit", "3"]


def test_worker_listens_on_loopback_and_keeps_secrets_apart() -> None:
    spec = worker()
    assert spec["env"]["PREFECT_WORKER_WEBSERVER_HOST"] == "127.0.0.1"
    assert spec["env"]["A"] == "true"
    assert spec["secret_env"] == {"PREFECT_API_AUTH_STRING": "a:b", "S": "hush"}
    assert "hush" not in str({**spec, "secret_env": None})
    assert "/srv/data" in spec["directories"]


def test_changed_pool_restarts_its_workers() -> None:
    other = services.worker_service(WORKER, API, HOST, [{"name": "pool", "type": "process", "job_variables": {"x": 1}}])
    assert services.service_digest(other, HOST) != services.service_digest(worker(), HOST)


def test_digest_follows_what_a_process_is_started_from() -> None:
    spec = worker()
    digest = services.service_digest(spec, HOST)
    assert digest == services.service_digest(copy.deepcopy(spec), HOST)
    assert digest != services.service_digest(worker(limit=4), HOST)
    assert digest != services.service_digest(spec, {**HOST, "environment": "/opt/prefect/venvs/3.9.0-0123abcd"})
    secret = services.service_digest(worker(secret_env={"S": "other"}), HOST)
    assert secret != digest
    assert secret.split("-")[0] == digest.split("-")[0]
    assert services.service_digest({**spec, "health": {"url": "x", "timeout": 1}}, HOST) == digest


def test_server_in_a_container_is_published_where_a_native_one_listens() -> None:
    spec = services.server_service({**SERVER, "port": 4201, "base_path": "/orch", "proxied": True}, DOCKER)
    assert spec["command"] == ["prefect", "server", "start", "--host", "0.0.0.0", "--port", "4200"]
    assert spec["ports"] == [{"host": "127.0.0.1", "port": 4201, "container_port": 4200}]
    assert spec["health"]["url"] == "http://127.0.0.1:4200/orch/api/health"
    assert spec["networks"] == ["prefect-app", "caddy-network"]
    assert spec["env"]["FORWARDED_ALLOW_IPS"] == "*"
    assert "FORWARDED_ALLOW_IPS" not in server()["env"]


def test_worker_in_a_container_has_its_port_to_itself() -> None:
    first, second = (services.worker_service({**WORKER, "health_port": port}, API, DOCKER, []) for port in (8080, 8081))
    assert first["ports"] == []
    assert first["health"] == second["health"]
    assert {"source": "/srv/data", "target": "/srv/data", "read_only": False} in first["mounts"]
    assert first["directories"] == ["/opt/prefect/data/prefect-worker-etl"]


def test_digest_of_a_container_follows_its_image_and_secret_files() -> None:
    spec = services.worker_service(WORKER, API, DOCKER, [])
    other = {**DOCKER, "images": {DOCKER["image"]: "sha256:9"}}
    assert services.service_digest(spec, DOCKER) != services.service_digest(spec, other)
    with_file = [{**spec, "files": [{"path": "/f", "content": text, "secret": True}]} for text in ("one", "two")]
    plain, secret = zip(*(services.service_digest(item, DOCKER).split("-") for item in with_file), strict=True)
    assert plain[0] == plain[1]
    assert secret[0] != secret[1]


def test_changed_containers_need_not_be_stopped_first() -> None:
    spec = services.worker_service(WORKER, API, DOCKER, [])
    assert services.outdated_services([spec], {**DOCKER, "running": {spec["name"]: {"digest": "old"}}}) == []


def test_environment_name_changes_with_packages_and_constraints() -> None:
    base = services.environment_name({"version": "3.8.8", "packages": ["prefect==3.8.8"]}, "a==1")
    assert base.startswith("3.8.8-")
    assert base != services.environment_name({"version": "3.8.8", "packages": ["prefect==3.8.8", "x"]}, "a==1")
    assert base != services.environment_name({"version": "3.8.8", "packages": ["prefect==3.8.8"]}, "a==2")


@settings(max_examples=60, deadline=None)
@given(values=st.dictionaries(st.from_regex(r"\A[A-Z_]{1,8}\Z"), VALUES, min_size=1, max_size=4))
def test_shell_reads_the_secret_file_as_written(
    values: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = {f"X_{key}": value for key, value in values.items()}
    path = tmp_path_factory.mktemp("secrets") / "s.env"
    path.write_bytes(services.secret_file({"secret_env": values}).encode())
    command = services.job_command(
        {"secret_env": values, "command": ["/usr/bin/env", "-0"]}, {"is_root": False}, str(path)
    )
    seen = subprocess.run(command, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}).stdout.decode()
    got = dict(line.split("=", 1) for line in seen.split("\0") if "=" in line)
    assert {key: got[key] for key in values} == values


def systemd_words(line: str) -> list[str]:
    """Undo the quoting of systemd.syntax(7): C escapes inside double quotes, specifiers with %."""
    words, rest = [], line
    while rest:
        assert rest[0] == '"'
        word, i = "", 1
        while rest[i] != '"':
            if rest[i] == "\\":
                i += 1
                word += {"n": "\n", "\\": "\\", '"': '"'}[rest[i]]
            elif rest[i] == "%":
                i += 1
                assert rest[i] == "%"
                word += "%"
            else:
                word += rest[i]
            i += 1
        words.append(word)
        rest = rest[i + 1 :].lstrip(" ")
    return words


@given(VALUES)
def test_unit_environment_survives_systemd_quoting(value: str) -> None:
    spec = {**worker(), "env": {"K": value}}
    words = [systemd_words(line) for line in services.unit_environment(spec, HOST)]
    assert [f"K={value}"] in words
    assert all("\n" not in line for line in services.unit_environment(spec, HOST))


@given(VALUES)
def test_unit_command_keeps_dollars_from_being_variables(value: str) -> None:
    line = services.unit_command({"command": ["/bin/x", value]})
    assert [word.replace("$$", "$") for word in systemd_words(line)] == ["/bin/x", value]
    assert line.count("$") == 2 * value.count("$")


@given(st.text(st.characters(blacklist_characters="\0\r\n", blacklist_categories=["Cs", "Cc"]), max_size=30))
def test_program_command_survives_supervisor(value: str) -> None:
    spec = {**worker(), "env": {"K": value}}
    line = services.program_command(spec, HOST, "/s.env")
    # supervisor ends a value at a comment sign behind white space, expands %(name)s and splits like a POSIX shell.
    assert not services.COMMENT.search(line)
    words = shlex.split(line.replace("%%", "%"))
    assert f"K={value}" in words
    assert words[words.index("--reuid") + 1] == "prefect"


def test_processes_start_from_nothing_of_the_deploying_shell() -> None:
    for command in (
        services.one_shot_command(server(), HOST, "/s.env"),
        shlex.split(services.program_command(server(), HOST, "/s.env")),
    ):
        assert command[:2] == ["/usr/bin/env", "-i"]
        assert "HOME=/opt/prefect/data" in command


def test_secrets_are_on_no_command_line_and_in_no_unit() -> None:
    spec = worker()
    shown = [
        services.unit_command(spec),
        *services.unit_environment(spec, HOST),
        services.program_command(spec, HOST, "/s.env"),
        *services.one_shot_command(spec, HOST, "/s.env"),
    ]
    assert not [text for text in shown if "hush" in text or "a:b" in text]


JOB = {"failure": "it failed", "failures": {"no revision": "too new"}, "secret_env": {"S": "hush"}}


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (
            {
                "rc": 1,
                "stderr": 'Traceback (most recent call last):\n  File "x", line 1\n    y()\nOSError: [Errno 111] no\n',
            },
            "OSError: [Errno 111] no",
        ),
        ({"rc": 1, "stdout": "one\ntwo\n", "stderr": ""}, "one / two"),
        ({"rc": 9, "stdout": "", "stderr": ""}, "it ended with status 9"),
    ],
)
def test_failure_reason_holds_no_traceback(result: dict[str, Any], why: str) -> None:
    assert services.failure_reason(result, JOB) == f"it failed: {why}"


def test_failure_reason_repeats_no_secret() -> None:
    text = (
        "pydantic.ValidationError: 1 error\ndefault_limit\nnot an integer [type=x, input_value='hush', input_type=str]"
    )
    why = services.failure_reason({"rc": 1, "stderr": text}, JOB)
    assert "hush" not in why
    assert "default_limit" in why
    assert services.failure_reason({"rc": 1, "stderr": "OSError: hush is down"}, JOB).endswith("<secret> is down")


def test_known_failure_has_words_of_its_own() -> None:
    assert services.failure_reason({"rc": 1, "stderr": "Error: no revision 5"}, JOB) == "too new"


@given(VALUES)
def test_no_value_breaks_a_line_of_a_unit_or_program(value: str) -> None:
    spec = worker(env={"K": value})
    assert {**spec["env"], **spec["secret_env"]}["K"] == value
    lines = [*services.unit_environment(spec, HOST), services.program_command(spec, HOST, "/s.env")]
    assert not [line for line in lines if services.CONTROL.search(line)]


def test_changing_services_are_those_that_run_from_something_else() -> None:
    same, other, new = worker(), {**worker(), "name": "other"}, {**worker(), "name": "new"}
    running = {"prefect-worker-etl": {"digest": services.service_digest(same, HOST)}, "other": {"digest": "old"}}
    assert services.outdated_services([same, other, new], {**HOST, "running": running}) == ["other"]


def test_settings_are_tried_with_the_environment_of_the_server() -> None:
    job = services.settings_job({**SERVER, "env": {"PREFECT_X": "1"}}, HOST)
    assert job["env"] == server(env={"PREFECT_X": "1"})["env"]
    assert job["command"][0] == "/opt/prefect/current/bin/python"
