# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster means for the document: its names, what cannot run there, and what several replicas need."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kubernetes.options import workload_options
from . import addresses
from .containers import REPOSITORY, official_image
from .context import GROUPS, Context
from .image import parsed
from .problems import Path, Problems, found
from .schema import Options, checked, section_of
from .stack import DATABASE, SERVER, Stack
from .workloads import AT, check_options, check_workloads

NAMESPACE = "prefect"
REDIS = "prefect-redis"
# The official image counts them from 0 to this one.
LAST_DATABASE = 15
MIGRATION = "prefect-migration"
BACKGROUND_SERVICES = "prefect-background-services"
# Of the official images, the one with prefect-kubernetes.
FLAVOUR = "-kubernetes"
# The prefix of QHub's domain under which a server of one's own is opened.
HOST = "prefect"

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

# What needs a host, and what does the same on a cluster.
_HOST_ONLY = {
    ("storage", "minio", "enabled"): "runs on hosts of platform docker; name its buckets' blocks in prefect.resources",
    ("storage", "s3", "enabled"): "needs a host that keeps its keys; name its buckets' blocks in prefect.resources",
    ("dask", "enabled"): "runs on hosts; name a cluster that is there with prefect.dask.address",
    ("cli", "enabled"): "is installed on hosts; use kubectl exec deploy/prefect-server -- prefect",
    ("proxy", "enabled"): "runs on hosts; the way in is prefect.kubernetes.ingress or prefect.kubernetes.gateway",
    ("authelia", "enabled"): "runs on hosts; prefect.kubernetes.ingress.forward_auth names a login that is there",
    ("docker", "install"): "is for hosts of platform docker",
}  # fmt: skip


def with_cluster(document: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return a document with what a qhub-config.yaml says of the project, where the document leaves it open."""
    if document["platform"] != "kubernetes":
        return dict(document)
    cluster = dict(document["kubernetes"])
    cluster["namespace"] = cluster["namespace"] or context.project.get("namespace") or NAMESPACE
    cluster["job_namespace"] = cluster["job_namespace"] or cluster["namespace"]
    domain = context.project.get("domain")
    public_url = document["public_url"]
    if public_url is None and domain and (cluster["ingress"]["enabled"] or cluster["gateway"]["enabled"]):
        public_url = f"https://{HOST}.{domain}"
    return {**document, "kubernetes": cluster, "public_url": public_url}


def resolve_kubernetes(stack: Stack, version: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the inputs of role prefect_kubernetes."""
    return {
        **stack.document["kubernetes"],
        "enabled": stack.is_kubernetes,
        "image": str(stack.document["image"] or official_image(version, FLAVOUR)),
        "version": version,
        "render_dir": stack.context.render_dir,
        "names": list(names),
        "public_url": stack.document["public_url"],
        "existing_secrets": _existing_secrets(stack.document),
    }


def flavour(document: Mapping[str, Any]) -> str:
    """Return what the tag of an official image ends with that has all that is needed."""
    return FLAVOUR if document["platform"] == "kubernetes" else ""


def has_separate_services(document: Mapping[str, Any]) -> bool:
    """Tell whether what schedules and cleans up runs apart from the server: several servers would each do it."""
    asked = document["server"]["background_services"]["separate"]
    several = (document["server"]["replicas"] or 1) > 1 or _most_replicas(document) > 1
    return bool(document["platform"] == "kubernetes" and (several if asked is None else asked))


def _most_replicas(document: Mapping[str, Any]) -> int:
    scaling = workload_options(document["kubernetes"], "server").get("autoscaling") or {}
    return int(scaling.get("max_replicas") or 1)


def service_names(stack: Stack, components: Mapping[str, Mapping[str, Any]], workers: Sequence[str]) -> list[str]:
    """Return the names of the services and jobs that run on the cluster."""
    there = {
        DATABASE: components["postgres"]["install"],
        REDIS: components["redis"]["install"],
        MIGRATION: stack.deployed and components["postgres"]["enabled"],
        SERVER: stack.deployed,
        BACKGROUND_SERVICES: stack.deployed and has_separate_services(stack.document),
    }
    return [*(name for name, is_there in there.items() if is_there), *workers] if stack.is_kubernetes else []


def check_cluster(
    stack: Stack,
    components: Mapping[str, Mapping[str, Any]],
    workers: Sequence[Mapping[str, Any]],
    problems: Problems,
) -> None:
    """Note what a cluster cannot do, or elsewhere what only a cluster can."""
    if not stack.is_kubernetes:
        _only_there(stack, workers, problems)
        return
    _check_inventory(stack.context, problems)
    _check_names(stack.document["kubernetes"], problems)
    _check_secrets(stack.document["kubernetes"], problems)
    check_workloads(stack.document["kubernetes"], problems)
    _check_host_only(stack.document, problems)
    _check_replicas(stack, bool(components["postgres"]["enabled"]), problems)
    _check_pools(stack.document, workers, problems)
    _check_way_in(stack, problems)


def check_image(
    document: Mapping[str, Any], version: str, workers: Sequence[Mapping[str, Any]], problems: Problems
) -> None:
    """Note an official image that cannot run a worker which starts Jobs."""
    image = parsed(document["image"] or "") if flavour(document) else None
    if image is None or not image.repository.endswith(REPOSITORY) or FLAVOUR[1:] in (image.tag or FLAVOUR):
        return
    for worker in workers:
        options = workload_options(document["kubernetes"], "workers", worker["kubernetes"] or {})
        if worker["type"] == "kubernetes" and not (options.get("container") or {}).get("image"):
            problems.add(
                ("prefect", "image"),
                f"{document['image']} has no prefect-kubernetes, which worker {worker['name']} needs; "
                f"use {official_image(version, FLAVOUR, image.repository)}",
            )
            return


def _existing_secrets(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return which Secrets of somebody else are read; CloudNativePG keeps the password in one."""
    secrets = dict(document["kubernetes"]["existing_secrets"])
    cluster, postgres = document["postgres"]["cloudnative_pg"], document["postgres"]
    if cluster and not postgres["password"] and not secrets["postgres_password"]:
        secrets["postgres_password"] = {"name": f"{cluster}-app", "key": "password"}
    return secrets


def worker_options(
    worker: Mapping[str, Any], index: int, cluster: Mapping[str, Any], options: Options, problems: Problems
) -> dict[str, Any]:
    """Return the workload options of one worker: its own over those of all workers."""
    path: Path = ("prefect", "workers", index, "kubernetes")
    own = checked(worker["kubernetes"] or {}, options["workers"]["options"], path, problems)
    check_options(own, path, workload_options(cluster, "workers"), problems)
    return workload_options(cluster, "workers", own)


def _only_there(stack: Stack, workers: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Note what only a cluster can do."""
    document = stack.document
    if document["redis"]["enabled"]:
        problems.add(("prefect", "redis", "enabled"), _needs("serves several servers"))
    if document["postgres"]["cloudnative_pg"] is not None:
        problems.add(("prefect", "postgres", "cloudnative_pg"), _needs("is a cluster's own"))
    if document["server"]["replicas"] not in (None, 1):
        problems.add(("prefect", "server", "replicas"), _needs("several servers share one address"))
    if document["server"]["background_services"]["separate"]:
        problems.add(("prefect", "server", "background_services", "separate"), _needs("runs beside the server"))
    for name in ("ingress", "gateway"):
        if document["kubernetes"][name]["enabled"]:
            problems.add((*AT, name, "enabled"), _needs("is a cluster's own"))
    for index, worker in enumerate(workers):
        if worker["kubernetes"]:
            problems.add(("prefect", "workers", index, "kubernetes"), _needs("is a cluster's own"))
        if worker["type"] == "kubernetes":
            problems.add(("prefect", "workers", index, "type"), "kubernetes needs prefect.platform: kubernetes")


def _needs(what: str) -> str:
    return f"{what}; set prefect.platform: kubernetes"


def _check_inventory(context: Context, problems: Problems) -> None:
    """Note an inventory with more than the one host that stands for the cluster."""
    others = {host for group in GROUPS for host in context.hosts(group)} - {context.inventory_hostname}
    if others:
        names = ", ".join(sorted(others))
        problems.add(
            ("prefect", "platform"),
            f"kubernetes needs an inventory with one host, which stands for the cluster; it has {names} too",
        )


def _check_names(section: Mapping[str, Any], problems: Problems) -> None:
    for key in ("namespace", "job_namespace"):
        name = section[key]
        # Unless it is another one, the first message is enough.
        if problems.at_or_below((*AT, "namespace")):
            break
        if not _LABEL.fullmatch(name):
            expected = "1 to 63 lowercase letters, digits and -, with a letter or digit at both ends"
            problems.add((*AT, key), f"expected {expected}, found {found(name)}")


def _check_secrets(section: Mapping[str, Any], problems: Problems) -> None:
    for key, secret in section["existing_secrets"].items():
        for part, value in (secret or {}).items():
            if value == "":
                problems.add((*AT, "existing_secrets", key, part), "is empty; name it, or leave out what has no Secret")


def _check_host_only(document: Mapping[str, Any], problems: Problems) -> None:
    for path, reason in _HOST_ONLY.items():
        *section, key = path
        value = section_of(document, ".".join(section))[key]
        if value and not (path == ("dask", "enabled") and document["dask"]["address"]):
            problems.add(("prefect", *path), f"{reason} (prefect.platform is kubernetes)")
    if document["firewall"]["backend"] not in (None, "none"):
        problems.add(("prefect", "firewall", "backend"), "is for hosts; set prefect.kubernetes.network_policies: true")
    if any(document["extra_packages"]):
        problems.add(
            ("prefect", "extra_packages"),
            "a cluster builds no image; build one with these packages and set prefect.image (and prefect.version)",
        )
    if document["projects"]:
        problems.add(
            ("prefect", "projects"),
            "are delivered to hosts; put the code into prefect.image, or name pull_steps in prefect.resources",
        )
    for index, worker in enumerate(document["workers"]):
        for key in ("networks", "volumes", "writable_paths"):
            if worker[key]:
                problems.add(
                    ("prefect", "workers", index, key),
                    f"is for hosts; set volumes and mounts with prefect.workers[{index}].kubernetes.pod and container",
                )


def _check_replicas(stack: Stack, has_postgres: bool, problems: Problems) -> None:
    server, document = stack.document["server"], stack.document
    replicas = server["replicas"] or 1
    most = _most_replicas(document)
    scaled_by = "server" if document["kubernetes"]["server"]["autoscaling"]["max_replicas"] else "defaults"
    services = server["background_services"]
    if replicas < 1:
        problems.add(("prefect", "server", "replicas"), f"expected 1 or more, found {found(replicas)}")
    if not stack.deployed:
        return
    asked = {
        ("server", "replicas"): f"{replicas} servers need" if replicas > 1 else "",
        ("kubernetes", scaled_by, "autoscaling"): f"up to {most} servers need" if most > 1 else "",
        ("server", "background_services", "separate"): "services beside the server need"
        if services["separate"]
        else "",
    }
    missing = [
        name
        for name, there in (
            ("prefect.postgres.enabled: true", has_postgres),
            ("prefect.redis.enabled: true", document["redis"]["enabled"]),
        )
        if not there
    ]
    for path, need in asked.items():
        if need and missing:
            reason = "" if has_postgres else "; SQLite is one file of one server"
            problems.add(("prefect", *path), f"{need} {' and '.join(missing)}{reason}")
    if (services["replicas"] or 1) > 1 and not document["redis"]["enabled"]:
        problems.add(
            ("prefect", "server", "background_services", "replicas"),
            f"{services['replicas']} of them need prefect.redis.enabled: true; "
            "without it each one makes every scheduled run",
        )


def _check_pools(document: Mapping[str, Any], workers: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Note workers of one pool that mean different Jobs: a pool has one template for them."""
    of_their_own = {pool.get("name") for pool in document["resources"]["work_pools"] if pool.get("base_job_template")}
    first: dict[str, int] = {}
    for index, worker in enumerate(workers):
        pool = worker["work_pool"]
        if worker["type"] != "kubernetes" or pool in of_their_own:
            continue
        other = first.setdefault(pool, index)
        here, there = _meant_for_jobs(worker, document), _meant_for_jobs(workers[other], document)
        differing = sorted(key for key in {*here, *there} if here.get(key) != there.get(key))
        if differing:
            problems.add(
                ("prefect", "workers", index, "work_pool"),
                f"{pool!r} is the pool of prefect.workers[{other}] too, which says something else of "
                f"{', '.join(differing)}; a pool has one template for its Jobs: let both say the same, or give each "
                "its own pool",
            )


def _meant_for_jobs(worker: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    variables = {f"{key}.{name}": value for key in ("env", "secret_env") for name, value in worker[key].items()}
    return {"job_namespace": worker["job_namespace"] or document["kubernetes"]["job_namespace"], **variables}


def _check_way_in(stack: Stack, problems: Problems) -> None:
    cluster, document = stack.document["kubernetes"], stack.document
    ingress, gateway = cluster["ingress"], cluster["gateway"]
    ways = [name for name, way in (("ingress", ingress), ("gateway", gateway)) if way["enabled"]]
    if len(ways) > 1:
        problems.add((*AT, "gateway", "enabled"), "prefect.kubernetes.ingress is enabled too; keep one of them")
    if not ways:
        return
    at_way = (*AT, ways[0], "enabled")
    if not stack.deployed:
        problems.add(at_way, "has no effect, since no server is deployed")
        return
    if document["public_url"] is None:
        problems.add(at_way, "needs prefect.public_url, the address that people open")
    _check_public_host(document["public_url"], f"prefect.kubernetes.{ways[0]}", problems)
    if document["server"]["auth_string"] is None and not cluster["existing_secrets"]["auth_string"]:
        problems.add(
            at_way,
            "opens the server to the network, that needs prefect.server.auth_string: 'user:password' "
            "or prefect.kubernetes.existing_secrets.auth_string",
        )
    if gateway["enabled"] and not gateway["class_name"] and not gateway["parents"]:
        problems.add((*AT, "gateway"), "needs parents (Gateways that are there) or class_name (one is made)")


def _check_public_host(public_url: str | None, way: str, problems: Problems) -> None:
    """Note a host that browsers take and Kubernetes does not."""
    url = addresses.parsed(public_url or "")
    # What is no address at all was told already.
    if isinstance(url, str):
        return
    host = addresses.host_of(url)
    if not addresses.is_address(host) and not all(_LABEL.fullmatch(label) for label in host.split(".")):
        allowed = "letters, digits and - between dots, with a letter or digit at both ends"
        problems.add(("prefect", "public_url"), f"{way} takes a host of {allowed}; found {found(host)}")


def resolve_redis(stack: Stack, problems: Problems) -> dict[str, Any]:
    """Return the inputs of role prefect_redis."""
    section = stack.document["redis"]
    enabled = bool(section["enabled"] and stack.deployed and stack.is_kubernetes)
    own = section["host"] is None
    if enabled and section["db"] == section["docket_db"]:
        problems.add(
            ("prefect", "redis", "docket_db"), f"{section['docket_db']} is prefect.redis.db too; each needs its own"
        )
    if enabled and own:
        _check_own_redis(section, problems)
    return {
        **section,
        "enabled": enabled,
        "install": enabled and own,
        "host": REDIS if own else section["host"],
    }


def _check_own_redis(section: Mapping[str, Any], problems: Problems) -> None:
    """Note what only a Redis of somebody else has."""
    for key in ("user", "tls"):
        if section[key]:
            problems.add(("prefect", "redis", key), "is for an external Redis; leave it out, or set prefect.redis.host")
    for key in ("db", "docket_db"):
        if section[key] > LAST_DATABASE:
            problems.add(
                ("prefect", "redis", key),
                f"expected a number from 0 to {LAST_DATABASE}, found {section[key]}; more need a prefect.redis.host",
            )
