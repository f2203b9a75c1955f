# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service specifications: what Prefect's components run, said without a word on how.

A specification is a plain dict:

    name          unit, program or container name
    description   one line for people
    command       list of arguments, the first one a program of the installation
    env           environment that may be seen by anybody
    secret_env    environment that may not
    directories   folders that the service writes to, the same inside and outside of a container
    files         list of {path, content, secret}; whether nobody else may read it
    ports         list of {host, port, container_port} that it listens on; the last one only where it differs
    health        {url, timeout in seconds, command}; answers 200 when the service works (services only)
    stop_timeout  seconds between the request to stop and the kill (services only)
    resources     {cpu_limit in cores or null, memory_limit in bytes or null} (services only)
    failure       what to say before the reason when it fails (one-shot jobs only)
    failures      what to say instead when its output holds a text, by that text (one-shot jobs only)

Containers know more, all of it optional:

    image         the image; by default the installation's own
    entrypoint    what runs the command; by default the image's own
    run_as        service (the services' user, the default) or image (whatever the image says)
    networks      names of the networks; the service's name is its alias there
    volumes       list of {name, path}: a named volume, or a folder of the host, that outlives the container
    mounts        list of {source, target, read_only} of the host
    capabilities  those that are kept
    groups        more groups of the user, by number
    read_only     whether the root file system is, which is the default
    tmpfs         more folders in memory beside /tmp

Pods know these too, all of them optional; networks, mounts and groups of a host mean nothing to them:

    workload      name of the options of prefect.kubernetes that shape it, with `options` where they are merged already
    replicas      how many of it there are
    update        rolling (the default), or recreate for what cannot run twice
    before        list of {name, entrypoint, command} that have to end well in each pod before the service starts
    secret_refs   environment from Secrets of somebody else, {name, key} by variable
    copies        list of {name, namespace}: where its Secret is needed too
    secrets_elsewhere  list of {name, namespace, keys}: Secrets of somebody else that pods it makes need there
    accounts      list of {name, namespace}: users of the cluster without any right, for pods that it makes
    rules         list of {namespace, rules}: what it may do in the cluster
    way_in        whether the Ingress or the route leads here
    network       {from, to}: names of the services that it speaks with; without one of them whatever there is
    health.ready_url  answers 200 when it can do its work, where health.url only says that it lives

The names of Prefect's settings are those of its 3.x settings reference.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import output

from .components.docker_worker import docker_worker

Spec = dict[str, Any]

COMMENT = re.compile(r"(\s)([;#])")
# Pydantic repeats the value that it refuses.
PYDANTIC_INPUT = re.compile(r",? ?input_value=.*?, input_type=\w+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
SECONDS_PER_DAY = 86400
# Inside of containers, where nobody else wants them.
SERVER_PORT = 4200
WORKER_PORT = 8080


def is_docker(host: Mapping[str, Any]) -> bool:
    """Tell whether a host runs containers."""
    return host.get("platform") == "docker"


def is_kubernetes(host: Mapping[str, Any]) -> bool:
    """Tell whether a host stands for a cluster."""
    return host.get("platform") == "kubernetes"


def is_container(host: Mapping[str, Any]) -> bool:
    """Tell whether everything runs from images."""
    return is_docker(host) or is_kubernetes(host)


def program(host: Mapping[str, Any], name: str) -> str:
    """Return how a program of the installation is called."""
    return name if is_container(host) else f"{host['root']}/current/bin/{name}"


def environment_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as Prefect's settings read them from the environment; what is null is left out."""
    given = {key: value for key, value in values.items() if value is not None}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.items()}


def _environments(plain: Mapping[str, Any], secret: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return both environments of a specification.

    A value with control characters travels with the secrets, in the one file whose quotes hold any character.
    """
    open_ = environment_of(plain)
    awkward = {key: value for key, value in open_.items() if CONTROL.search(value)}
    return {
        "env": {key: value for key, value in open_.items() if key not in awkward},
        "secret_env": {**awkward, **environment_of(secret)},
    }


def database_environment(database: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the plain and the secret environment that point a server at its database.

    PostgreSQL is given by its components: only there may the password hold any character, unescaped.
    """
    if database["kind"] == "sqlite":
        return {}, {}
    prefix = "PREFECT_SERVER_DATABASE_"
    tls = database["tls"]
    plain: dict[str, Any] = {
        f"{prefix}DRIVER": "postgresql+asyncpg",
        f"{prefix}HOST": database["host"],
        f"{prefix}PORT": database["port"],
        f"{prefix}USER": database["user"],
        f"{prefix}NAME": database["name"],
    }
    if tls["enabled"]:
        args = f"{prefix}SQLALCHEMY_CONNECT_ARGS_TLS_"
        plain |= {
            f"{args}ENABLED": True,
            f"{args}CA_FILE": tls["ca_file"],
            f"{args}CHECK_HOSTNAME": tls["check_hostname"],
        }
    return environment_of(plain), environment_of({f"{prefix}PASSWORD": database["password"]})


def with_password(server: Mapping[str, Any], generated: str | None) -> dict[str, Any]:
    """Return the server's settings with the password that the database host generated, where none was given."""
    database = dict(server["database"])
    database["password"] = database["password"] or generated
    return {**server, "database": database}


def _retention(retention: Mapping[str, Any]) -> dict[str, Any]:
    runs_days = retention["flow_runs_days"]
    return {
        # Unlike the other periods this one is read as an ISO 8601 duration only.
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{retention['events_days']}D",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events" if runs_days is None else "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": None
        if runs_days is None
        else runs_days * SECONDS_PER_DAY,
    }


def server_service(server: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    """Return the specification of the API server on a host."""
    home = f"{host['root']}/data/server"
    database, database_secrets = database_environment(server["database"])
    listens = {"host": server["host"], "port": server["port"]}
    api_url, health_url = server["api_url"], server["health_url"]
    published = dict(listens)
    if is_container(host):
        listens = {"host": "0.0.0.0", "port": SERVER_PORT}
        published["container_port"] = SERVER_PORT
        api_url = f"http://127.0.0.1:{SERVER_PORT}{server['base_path']}/api"
        health_url = f"{api_url}/health"
    env = {
        "PREFECT_HOME": home,
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_API_BASE_PATH": f"{server['base_path']}/api" if server["base_path"] else None,
        "PREFECT_SERVER_UI_ENABLED": server["ui"],
        "PREFECT_SERVER_UI_API_URL": server["ui_api_url"],
        "PREFECT_SERVER_UI_SERVE_BASE": server["base_path"] or None,
        # The package's own folder belongs to another user: the server may not unpack its UI there.
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": f"{home}/ui",
        "PREFECT_UI_URL": server["ui_url"],
        "PREFECT_SERVER_ANALYTICS_ENABLED": server["analytics"],
        "PREFECT_SERVER_LOGGING_LEVEL": server["log_level"],
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": False,
        # Uvicorn believes a proxy's X-Forwarded-Proto only from addresses that it is told.
        "FORWARDED_ALLOW_IPS": "*" if server["proxied"] else None,
        **_retention(server["retention"]),
        **database,
        **server["env"],
    }
    auth = server["auth_string"]
    return {
        "name": "prefect-server",
        "description": "Prefect server",
        "command": [
            program(host, "prefect"), "server", "start",
            "--host", str(listens["host"]), "--port", str(listens["port"]),
        ],
        **_environments(
            env,
            {
                **database_secrets,
                "PREFECT_SERVER_API_AUTH_STRING": auth,
                "PREFECT_API_AUTH_STRING": auth,
                **server["secret_env"],
            },
        ),
        "directories": [home],
        "files": [],
        "ports": [published],
        "health": {"url": health_url, "timeout": server["start_timeout"]},
        "stop_timeout": server["stop_timeout"],
        "resources": {"cpu_limit": None, "memory_limit": None},
        "networks": [*server["zones"], *server["networks"]],
    }  # fmt: skip


def migration_job(server: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    """Return the specification of the one-shot job that brings the database to the server's schema."""
    service = server_service(server, host)
    return {
        **{key: service[key] for key in ("env", "secret_env", "directories", "files", "networks")},
        "name": "prefect-migration",
        "description": "Prefect database migration",
        "command": [program(host, "prefect"), "server", "database", "upgrade", "-y"],
        "ports": [],
        "failure": f"{_database_name(server['database'])} could not be prepared",
        "failures": {
            "Can't locate revision": f"{_database_name(server['database'])} was migrated by a newer Prefect; "
            "set prefect.version to that one, or restore a backup of the database from before"
        },
    }


def settings_job(server: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    """Return the specification of the one-shot job that reads the server's settings and does no more."""
    return {
        **migration_job(server, host),
        "name": "prefect-settings",
        "description": "Prefect settings",
        "command": [
            program(host, "python"),
            "-c",
            "import prefect.settings as s; s.get_current_settings()",
        ],
        "failure": "prefect.server.env: Prefect refuses its settings",
        "failures": {},
    }


def _database_name(database: Mapping[str, Any]) -> str:
    if database["kind"] == "sqlite":
        return "the SQLite database"
    return "prefect.postgres: the database {user}@{host}:{port}/{name}".format(**database)


def worker_service(
    worker: Mapping[str, Any], api: Mapping[str, Any], host: Mapping[str, Any], pools: Iterable[Mapping[str, Any]]
) -> Spec:
    """Return the specification of one worker on a host.

    A worker reads its pool once (PrefectHQ/prefect#22428): the declared pool is part of what it is started from.
    """
    pool = [item for item in pools if item["name"] == worker["work_pool"]]
    name = worker["service"]
    home = f"{host['root']}/data/{name}"
    port = WORKER_PORT if is_container(host) else worker["health_port"]
    command = [
        program(host, "prefect"), "worker", "start",
        "--name", worker["name"], "--pool", worker["work_pool"], "--type", worker["type"],
        "--no-create-pool-if-not-found", "--install-policy", "never", "--with-healthcheck",
    ]  # fmt: skip
    for queue in worker["work_queues"]:
        command += ["--work-queue", queue]
    if worker["limit"] is not None:
        command += ["--limit", str(worker["limit"])]
    resources = worker["resources"]
    service = {
        "name": name,
        "description": f"Prefect worker {worker['name']} of pool {worker['work_pool']}",
        "command": command,
        **_environments(
            {
                "PREFECT_HOME": home,
                "PREFECT_API_URL": api["service_url"],
                "PREFECT_UI_URL": api.get("ui_url"),
                "PREFECT_WORKER_QUERY_SECONDS": worker["query_seconds"],
                "PREFECT_WORKER_WEBSERVER_HOST": "127.0.0.1",
                "PREFECT_WORKER_WEBSERVER_PORT": port,
                # As JSON, where keys of several types can be sorted.
                "FLOWOPS_WORK_POOL_DIGEST": _digest(json.loads(json.dumps(pool))),
                **worker["env"],
            },
            {
                "PREFECT_API_AUTH_STRING": api["auth_string"],
                "PREFECT_API_KEY": api["api_key"],
                **worker["secret_env"],
            },
        ),
        "directories": [home],
        "files": [],
        "ports": [],
        "health": {"url": f"http://127.0.0.1:{port}/health", "timeout": 60},
        "stop_timeout": 30,
        "resources": {"cpu_limit": resources["cpu_limit"], "memory_limit": resources["memory_limit"]},
    }
    if is_kubernetes(host):
        return service
    return _contained(service, worker, host) if is_docker(host) else _confined(service, worker, port)


def _confined(service: Spec, worker: Mapping[str, Any], port: int) -> Spec:
    return service | {
        "directories": [*service["directories"], *worker["writable_paths"]],
        "ports": [{"host": "127.0.0.1", "port": port}],
    }


def _contained(service: Spec, worker: Mapping[str, Any], host: Mapping[str, Any]) -> Spec:
    writable = [{"source": path, "target": path, "read_only": False} for path in worker["writable_paths"]]
    folder = projects_folder(host)
    code = [{"source": folder, "target": folder, "read_only": True}] if worker["projects"] else []
    engine = docker_worker(worker, host)
    return service | {
        "env": {**service["env"], **engine["env"]},
        "networks": [*worker["zones"], *worker["networks"]],
        "volumes": list(worker["volumes"]),
        "mounts": [canary_mount(host), *code, *writable, *engine["mounts"]],
        "groups": engine["groups"],
    }


def canary_mount(host: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mount of the flow that proves an installation."""
    folder = canary_folder(host)
    return {"source": folder, "target": folder, "read_only": True}


def projects_folder(host: Mapping[str, Any]) -> str:
    """Return the folder of all projects, the same inside and outside of a container."""
    return f"{host['root']}/projects"


def canary_folder(host: Mapping[str, Any]) -> str:
    """Return the folder of the flow that proves an installation: the same everywhere, whoever takes the run."""
    return f"{host['root']}/current/canary"


def environment_name(runtime: Mapping[str, Any], *contents: str) -> str:
    """Return the name of the virtual environment that holds these packages and is made from these files.

    Another set of packages is another environment: an upgrade never touches what runs.
    """
    return f"{runtime['version']}-{_digest([runtime['packages'], *contents])[:8]}"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def outdated_services(specs: Iterable[Mapping[str, Any]], host: Mapping[str, Any]) -> list[str]:
    """Return the names of the running services that were started from something else than these specifications."""
    if is_container(host):
        # A container that changes is replaced in one step, and has its ports to itself.
        return []
    running = {name: service["digest"] for name, service in host["running"].items()}
    return [s["name"] for s in specs if s["name"] in running and running[s["name"]] != service_digest(s, host)]


def worker_services(
    workers: Iterable[Mapping[str, Any]],
    api: Mapping[str, Any],
    host: Mapping[str, Any],
    pools: Iterable[Mapping[str, Any]],
) -> list[Spec]:
    """Return the specifications of all workers of a host."""
    declared = list(pools)
    return [worker_service(worker, api, host, declared) for worker in workers]


def _release(spec: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return what tells one installed release from another."""
    if is_docker(host):
        return str(host["images"].get(spec.get("image") or host["image"]))
    return str(host["environment"]).rpartition("/")[2]


def _plain_mark(spec: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    untracked = ("secret_env", "health", "files")
    files = [[item["path"], None if item.get("secret") else item["content"]] for item in spec.get("files", ())]
    tracked = {key: value for key, value in spec.items() if key not in untracked and value not in (None, [], {})}
    return _digest([_release(spec, host), tracked, files])


@lru_cache(maxsize=256)
def _slow_digest(text: str) -> str:
    """Return a digest that tells nothing of a weak password to whoever can read it."""
    return hashlib.scrypt(text.encode(), salt=b"flowops.prefect", n=2**13, r=8, p=1, dklen=8).hex()


def _secret_mark(spec: Mapping[str, Any]) -> str:
    """Return the digest of what must not be seen; nothing where there is none."""
    files = [[item["path"], item["content"]] for item in spec.get("files", ()) if item.get("secret")]
    secret_env = spec.get("secret_env")
    if not files and not secret_env:
        return ""
    return _slow_digest(json.dumps([secret_env, files], sort_keys=True))


def service_digest(spec: Mapping[str, Any], host: Mapping[str, Any]) -> str:
    """Return the digest that a running service carries if it was started from this specification and release."""
    return "-".join(filter(None, [_plain_mark(spec, host), _secret_mark(spec)]))


def _base_environment(host: Mapping[str, Any]) -> dict[str, str]:
    """Return what every process on the host starts from: nothing of the shell that deploys."""
    path = f"{host['root']}/current/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"HOME": host["home"], "LANG": "C.UTF-8", "PATH": path}


def _marked(spec: Mapping[str, Any], host: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain environment with the marks by which a running service is known."""
    marks = {
        "FLOWOPS_SERVICE": f"{host['root']}:{spec['name']}",
        "FLOWOPS_SERVICE_DIGEST": _plain_mark(spec, host),
        "FLOWOPS_SERVICE_PORTS": " ".join(str(item["port"]) for item in spec["ports"]),
    }
    return dict(sorted({**_base_environment(host), **spec["env"], **marks}.items()))


def secret_file(spec: Mapping[str, Any]) -> str:
    """Return the secret environment as lines that systemd's EnvironmentFile and a POSIX shell read alike.

    The digest of the secrets stands with them, out of what anybody may read.
    """
    lines = []
    for key, value in sorted({**spec["secret_env"], "FLOWOPS_SECRETS_DIGEST": _secret_mark(spec)}.items()):
        for special in ("\\", '"', "$", "`"):
            value = value.replace(special, f"\\{special}")
        lines.append(f'{key}="{value}"\n')
    return "".join(lines)


def _quoted(value: str) -> str:
    for special, escaped in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%")):
        value = value.replace(special, escaped)
    return f'"{value}"'


def _unit_word(value: str) -> str:
    """Quote as systemd.syntax(7) says."""
    return _quoted(value).replace("\n", "\\n")


def unit_environment(spec: Mapping[str, Any], host: Mapping[str, Any]) -> list[str]:
    """Return the words of a unit's Environment settings."""
    return [_unit_word(f"{key}={value}") for key, value in _marked(spec, host).items()]


def unit_command(spec: Mapping[str, Any]) -> str:
    """Return a unit's ExecStart, where a dollar sign would start a variable."""
    return " ".join(_unit_word(word).replace("$", "$$") for word in spec["command"])


def job_command(spec: Mapping[str, Any], host: Mapping[str, Any], secrets: str) -> list[str]:
    """Return the arguments that run a specification's command as its user, with the secrets of a file.

    Root's shell reads the file before the rights are given up, so that the user of the services cannot read it.
    """
    command = list(spec["command"])
    if host["is_root"]:
        user = host["user"]
        drop = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"]
        command = [*drop, *command]
    if spec["secret_env"]:
        command = ["/bin/sh", "-c", 'set -a; . "$0"; exec "$@"', secrets, *command]
    return command


def _with_environment(environment: Mapping[str, str], host: Mapping[str, Any], command: list[str]) -> list[str]:
    """Return a command that starts in the data folder: Prefect reads prefect.toml and .env from where it starts."""
    return [
        "/usr/bin/env",
        "-i",
        f"--chdir={host['root']}/data",
        *(f"{key}={value}" for key, value in environment.items()),
        *command,
    ]


def one_shot_command(spec: Mapping[str, Any], host: Mapping[str, Any], secrets: str) -> list[str]:
    """Return the arguments that run a one-shot specification, its plain environment included."""
    return _with_environment({**_base_environment(host), **spec["env"]}, host, job_command(spec, host, secrets))


def program_command(spec: Mapping[str, Any], host: Mapping[str, Any], secrets: str) -> str:
    """Return the command of a supervisor program.

    The environment is part of it, since supervisor's own setting knows no escapes; a changed secret shows in it too,
    or supervisor would not restart the program.
    """
    environment = _marked(spec, host)
    # Below /tmp Prefect's folder belongs to whichever user came first.
    environment["TMPDIR"] = f"{host['root']}/data"
    if spec["secret_env"]:
        environment["FLOWOPS_SECRETS_DIGEST"] = _secret_mark(spec)
    line = " ".join(_quoted(word) for word in _with_environment(environment, host, job_command(spec, host, secrets)))
    # Behind white space these start a comment of the file; an empty pair of quotes between them prevents it.
    return COMMENT.sub(r'\1""\2', line)


def failure_reason(result: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """Return why a one-shot job failed, from its registered result: without traceback and without its secrets."""
    text = f"{result.get('stdout', '')}\n{result.get('stderr', '')}"
    for sign, meaning in spec["failures"].items():
        if sign in text:
            return str(meaning)
    why = output.reason(text.splitlines()) or f"it ended with status {result.get('rc')}"
    for value in sorted(spec["secret_env"].values(), key=len, reverse=True):
        why = why.replace(value, "<secret>") if value else why
    return f"{spec['failure']}: {PYDANTIC_INPUT.sub('', why)}"
