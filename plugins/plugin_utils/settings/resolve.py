# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one function: a document and its surroundings in, the inputs of the roles or all problems out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..components.docker_worker import docker_worker_problems, docker_worker_warning
from .api import Api, resolve_api
from .containers import resolve_docker
from .context import SERVER_GROUP, WORKER_GROUP, Context
from .database import database_of, resolve_postgres
from .image import resolved_version
from .items import check_items
from .kubernetes import (
    check_cluster,
    check_image,
    flavour,
    has_separate_services,
    resolve_kubernetes,
    resolve_redis,
    service_names,
    with_cluster,
    worker_options,
)
from .merge import merged
from .objects import resolve_resources
from .problems import Problems, SettingsError, dotted, found
from .projects import resolve_projects, with_sources
from .proof import resolve_verify
from .proxy import resolve_authelia, resolve_proxy
from .qhub import read_overrides, without_blanks
from .ranges import check_ranges
from .s3 import check_results, resolve_s3
from .schema import LISTS, RUNTIME_KEYS, SECTIONS, Options, blank, checked, document_options, section_of
from .spellings import Translation
from .stack import (
    Stack,
    edge_of,
    flow_environment,
    implied_packages,
    resolve_cli,
    resolve_dask,
    resolve_firewall,
    resolve_minio,
)
from .tokens import find_token
from .variables import check_server
from .workers import check_ports, check_unique_names, complete_workers, instances
from .workloads import check_accounts, check_autoscaling, check_service_names

_REQUIREMENT_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)")


@dataclass(frozen=True)
class Resolved:
    """The inputs of the roles, by the name of their variable, and what deserves a warning."""

    enabled: bool
    roles: dict[str, Any] = field(repr=False)
    warnings: list[str]


def resolve(
    document: Mapping[str, Any],
    *,
    fragments: Mapping[str, Any],
    specs: Options,
    environ: Mapping[str, str],
    context: Context,
    file: tuple[str, Mapping[str, Any]] | None = None,
) -> Resolved:
    """Resolve the settings of one host; raise SettingsError with everything that is wrong with them.

    `document` is the variable prefect, `file` the name and section of a qhub-config.yaml that is laid over it,
    `fragments` the variables prefect__*, laid over both in alphabetical order. `specs` are the options of the
    roles by the name of their variable. None of them is changed.
    """
    warnings: list[str] = []
    try:
        return _resolve(document, fragments, specs, environ, context, file, warnings)
    except SettingsError as error:
        # An error speaks of the new spellings: whoever wrote the old ones needs to know.
        error.warnings = warnings
        raise


def _resolve(
    document: Mapping[str, Any],
    fragments: Mapping[str, Any],
    specs: Options,
    environ: Mapping[str, str],
    context: Context,
    file: tuple[str, Mapping[str, Any]] | None,
    warnings: list[str],
) -> Resolved:
    problems = Problems()
    options = document_options(specs)
    files = {f"{file[0]}: prefect": file[1]} if file else {}
    sources = {"prefect": document, **files, **dict(sorted(fragments.items()))}
    whole = _merged_sources(sources, options, problems, warnings)
    complete = checked(whole, options, ("prefect",), problems)
    check_items(complete["resources"], problems)
    if not complete["enabled"]:
        problems.raise_if_any(whole)
        return Resolved(False, _nothing(complete, specs), warnings)
    roles = _resolved(complete, whole, specs, environ, context, problems, warnings)
    problems.raise_if_any(whole)
    return Resolved(True, roles, warnings)


def _merged_sources(
    sources: Mapping[str, Any], options: Options, problems: Problems, warnings: list[str]
) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    wrong = []
    for name, source in sources.items():
        if not isinstance(source, Mapping):
            wrong.append(f"{name}: expected dict, found {found(source, secret=True)}")
            continue
        translation = Translation(problems)
        whole = merged(whole, without_blanks(translation.document(source, options, name)))
        warnings += translation.warnings
    if wrong:
        raise SettingsError(wrong)
    return whole


def _nothing(document: Mapping[str, Any], specs: Options) -> dict[str, Any]:
    """Return the inputs that make every role do nothing, complete all the same."""
    given = {variable: section_of(document, section) for section, variable in SECTIONS.items() if section not in LISTS}
    given["prefect_runtime"] = {key: document[key] for key in RUNTIME_KEYS}
    roles = {variable: {**blank(specs[variable]["options"]), **section} for variable, section in given.items()}
    for variable, role in roles.items():
        role |= {"enabled": False} if "enabled" in specs[variable]["options"] else {}
    lists: dict[str, Any] = {SECTIONS[section]: [] for section in LISTS}
    return {**roles, **lists, "prefect_api": blank(specs["prefect_api"]["options"])}


def _resolved(
    document: dict[str, Any],
    given: Mapping[str, Any],
    specs: Options,
    environ: Mapping[str, str],
    context: Context,
    problems: Problems,
    warnings: list[str],
) -> dict[str, Any]:
    check_ranges(document, problems)
    document = with_cluster(document, context)
    overrides = read_overrides(document["overrides"], problems)
    options = specs["prefect_kubernetes"]["options"]
    version = resolved_version(
        document["image"], document["version"], context.supported_versions, problems, flavour(document)
    )
    token = find_token(document, environ, warnings)
    api = resolve_api(document, token, context, problems)
    workers = complete_workers(document, given.get("workers") is not None, overrides, context, problems)
    check_unique_names(workers, problems)
    projects = resolve_projects(document, workers, environ, context, problems, warnings)
    document = with_sources(document, projects)
    stack = Stack(document, context, api is None or api.deployed)
    ports = check_ports(document["server"], workers, stack, problems)
    components = _components(stack, _section(given, "postgres"), problems)
    server = _server(document["server"], api, stack, components, problems)
    server["database"] = database_of(components["postgres"], stack, problems)
    resources = resolve_resources(document["resources"], workers, overrides, problems)
    _check_packages(document["extra_packages"], problems)
    warnings += _check_engines(document, stack, problems)
    check_cluster(stack, components, workers, problems)
    if version is not None:
        check_image(document, version, workers, problems)
    if not context.hosts(WORKER_GROUP):
        warnings.append(f"the inventory has no host in group {WORKER_GROUP}: no worker runs")
    # From here on everything is known to be right.
    problems.raise_if_any(given)
    if not stack.deployed:
        warnings += _ignored(given)
    if api is None or version is None:
        raise SettingsError(["prefect: cannot be resolved"])
    copies = any(project["delivery"] == "copy" for project in projects)
    workers = [{**_with_surroundings(worker, stack, components["dask"]), "projects": copies} for worker in workers]
    if stack.is_kubernetes:
        workers = [
            {**worker, "kubernetes": worker_options(worker, index, document["kubernetes"], options, problems)}
            for index, worker in enumerate(workers)
        ]
    own_workers = instances(workers, context, stack.is_kubernetes)
    if stack.is_kubernetes:
        check_service_names(own_workers, problems)
    names = service_names(stack, components, [worker["service"] for worker in own_workers])
    if stack.is_kubernetes:
        check_accounts(names, own_workers, document["kubernetes"], problems)
        check_autoscaling(names, own_workers, document["kubernetes"], problems)
    extra = [*document["extra_packages"], *implied_packages(document)]
    docker = resolve_docker(stack, version, extra, server, workers, components, problems)
    problems.raise_if_any(given)
    native = stack.is_native
    uses_prefect = (stack.deployed and context.is_in(SERVER_GROUP)) or bool(workers and context.is_in(WORKER_GROUP))
    runtime = {
        "platform": document["platform"],
        "version": version,
        "extra_packages": document["extra_packages"],
        "packages": [f"prefect=={version}", *extra],
        "root": document["root"],
        "enabled": docker["enabled"]
        or stack.is_kubernetes
        or (native and (uses_prefect or components["dask"]["install"])),
        "ports": docker["ports"] if stack.is_docker else ports,
    }
    return {
        "prefect_runtime": runtime,
        "prefect_docker": docker,
        "prefect_kubernetes": resolve_kubernetes(stack, version, names),
        "prefect_server": server,
        **{SECTIONS[name]: section for name, section in components.items()},
        "prefect_firewall": resolve_firewall(stack, components),
        "prefect_workers": own_workers,
        "prefect_projects": projects,
        "prefect_resources": {**resources, "enabled": context.render_dir is None},
        "prefect_verify": resolve_verify(
            document["verify"], workers, context.hosts(WORKER_GROUP), runtime, api, components["proxy"]
        ),
        "prefect_api": {
            "url": api.url,
            "service_url": api.service_url,
            # Prefect Cloud's is known to every client.
            "ui_url": api.ui_url if document["public_url"] and token is None else None,
            "auth_string": document["server"]["auth_string"] if token is None else None,
            "api_key": token.value if token is not None else None,
        },
    }


def _components(stack: Stack, given_postgres: Mapping[str, Any], problems: Problems) -> dict[str, dict[str, Any]]:
    """Return the inputs of the roles that bring Prefect its surroundings, by their section."""
    proxy, dask = resolve_proxy(stack, problems), resolve_dask(stack, problems)
    check_results(stack.document, problems)
    return {
        "postgres": resolve_postgres(stack, given_postgres, problems),
        "redis": resolve_redis(stack, problems),
        "storage.minio": resolve_minio(stack, problems),
        "storage.s3": resolve_s3(stack, problems),
        "dask": dask,
        "cli": resolve_cli(stack, dask),
        "proxy": proxy,
        "authelia": resolve_authelia(stack, proxy, problems),
    }


def _with_surroundings(worker: Mapping[str, Any], stack: Stack, dask: Mapping[str, Any]) -> dict[str, Any]:
    """Return a worker with its networks and with what its flows compute on; its own variables count more."""
    own = {*worker["env"], *worker["secret_env"]}
    found = {name: value for name, value in flow_environment(stack, dask).items() if name not in own}
    return {**worker, "env": {**found, **worker["env"]}, "zones": stack.zones("app")}


def _check_engines(document: Mapping[str, Any], stack: Stack, problems: Problems) -> list[str]:
    """Note what is wrong with the engines of docker workers, return what deserves a warning."""
    warnings = []
    for index, worker in enumerate(document["workers"] if stack.context.is_in(WORKER_GROUP) else ()):
        path = ("prefect", "workers", index)
        for inside, message in docker_worker_problems(worker, stack.is_docker):
            problems.add((*path, *inside), message)
        warning = docker_worker_warning(worker)
        if warning:
            warnings.append(f"{dotted(path)}.{warning}")
    return warnings


def _section(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = given.get(name)
    return section if isinstance(section, Mapping) else {}


def _server(
    section: Mapping[str, Any],
    api: Api | None,
    stack: Stack,
    components: Mapping[str, Mapping[str, Any]],
    problems: Problems,
) -> dict[str, Any]:
    path = ("prefect", "server")
    server = {
        **section,
        "env": check_server(section["env"], (*path, "env"), problems),
        "secret_env": check_server(section["secret_env"], (*path, "secret_env"), problems),
    }
    for name in server["env"].keys() & server["secret_env"].keys():
        problems.add((*path, "env", name), "is in prefect.server.secret_env too; keep one of them")
    if api is None:
        return server
    return server | {
        "enabled": api.deployed,
        "api_url": api.url,
        "ui_url": api.ui_url,
        "ui_api_url": api.ui_api_url,
        "base_path": api.base_path,
        "health_url": api.health_url,
        "background_services": {
            **section["background_services"],
            "separate": has_separate_services(stack.document),
        },
        "zones": stack.zones(
            "app", *(["data"] if components["postgres"]["install"] else []), *edge_of(SERVER_GROUP, stack)
        ),
        "proxied": components["proxy"]["enabled"],
    }


def _check_packages(packages: list[str | None], problems: Problems) -> None:
    for index, package in enumerate(packages):
        path = ("prefect", "extra_packages", index)
        if package is None:
            continue
        match = _REQUIREMENT_NAME.fullmatch(package)
        if match is None:
            problems.add(path, "expected a Python requirement such as 'pandas>=2'")
        elif match[1].lower() == "prefect" and match[3]:
            problems.add(path, "the version of Prefect is prefect.version")


def _ignored(given: Mapping[str, Any]) -> list[str]:
    """Return warnings for what has no effect where no server is deployed."""
    server = [key for key, value in _section(given, "server").items() if key != "auth_string" and value is not None]
    postgres = [key for key, value in _section(given, "postgres").items() if value not in (None, False)]
    result = []
    if server:
        result.append(f"prefect.server: {', '.join(server)} without effect, since no server is deployed")
    if postgres:
        result.append(f"prefect.postgres: {', '.join(postgres)} without effect, since no server is deployed")
    return result
