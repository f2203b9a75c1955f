# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the document says in Kubernetes' own words, looked at before a cluster is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..kubernetes.merge import merged
from ..kubernetes.names import name_problems, object_name
from ..kubernetes.options import workload_options
from ..kubernetes.problems import annotation_problems, label_problems, workload_problems
from .problems import Path, Problems

AT: Path = ("prefect", "kubernetes")
# The options of a workload, by whose they are.
WORKLOADS = ("server", "background_services", "migration", "postgres", "redis", "workers")
STATEFUL = ("postgres", "redis")


def check_workloads(section: Mapping[str, Any], problems: Problems) -> None:
    """Note what is wrong with the options of the workloads, and with what all objects get."""
    for name in ("defaults", *WORKLOADS):
        below = section["defaults"] if name != "defaults" else None
        check_options(section[name], (*AT, name), below, problems, stateful=name in STATEFUL)
    _add(label_problems(section["labels"], (*AT, "labels")), problems)
    _add(annotation_problems(section["annotations"], (*AT, "annotations")), problems)
    for way in ("ingress", "gateway"):
        _add(annotation_problems(section[way]["annotations"], (*AT, way, "annotations")), problems)


def check_options(
    options: Mapping[str, Any],
    path: Path,
    below: Mapping[str, Any] | None,
    problems: Problems,
    *,
    stateful: bool = False,
) -> None:
    """Note what is wrong with the options of one workload, which are laid over those below."""
    # What has the wrong type was told already.
    if not problems.at_or_below(path):
        _add(workload_problems(options, path, stateful=stateful, below=below), problems)


def check_service_names(workers: Iterable[Mapping[str, Any]], problems: Problems) -> None:
    """Note the workers whose services cannot be named so in a cluster."""
    by_service = {worker["service"]: index for index, worker in reversed(list(enumerate(workers)))}
    for service, message in name_problems(reversed(by_service)):
        problems.add(("prefect", "workers", by_service[service], "name"), f"its service {service!r} {message}")


def check_accounts(
    services: Iterable[str], workers: Iterable[Mapping[str, Any]], cluster: Mapping[str, Any], problems: Problems
) -> None:
    """Note ServiceAccounts that two of the services would make, of which each would undo the other's."""
    declared = list(workers)
    first = {
        f"{object_name(worker['service'])}-runs": f"the flow runs of {worker['service']}"
        for worker in declared
        if worker["type"] == "kubernetes"
        and (worker["job_namespace"] or cluster["job_namespace"]) == cluster["namespace"]
    }
    for service, index, workload, options in _parts(services, declared, cluster):
        account = options.get("service_account") or {}
        if account.get("create") is False:
            continue
        name = str(account.get("name") or object_name(service))
        other = first.setdefault(name, service)
        path = _account_path(workload, index, account.get("name"), cluster)
        # Workers whose names are alike as objects were told already.
        if other == service or problems.at_or_below(path):
            continue
        problems.add(
            path,
            f"the ServiceAccount {name!r} of {service} would be that of {other} too; each makes its own: give them "
            "different names, or set create: false for one that is there",
        )


def check_autoscaling(
    services: Iterable[str], workers: Iterable[Mapping[str, Any]], cluster: Mapping[str, Any], problems: Problems
) -> None:
    """Note autoscaling by what the pods do not request: it would never scale."""
    by_all_workers = workload_options(cluster, "workers").get("autoscaling") or {}
    for _service, index, workload, options in _parts(services, workers, cluster):
        scaling = options.get("autoscaling") or {}
        if not scaling.get("max_replicas") or workload in (*STATEFUL, "migration"):
            continue
        at: Path = (*AT, workload)
        if index is not None and not by_all_workers.get("max_replicas"):
            at = ("prefect", "workers", index, "kubernetes")
        for metric in [name for name in ("cpu", "memory") if scaling.get(name)] or ["cpu"]:
            if metric not in requested(options):
                message = "missing; autoscaling aims at a percentage of it, and never scales without it"
                problems.add((*at, "resources", "requests", metric), message)


def _parts(
    services: Iterable[str], workers: Iterable[Mapping[str, Any]], cluster: Mapping[str, Any]
) -> Iterator[tuple[str, int | None, str, Mapping[str, Any]]]:
    """Yield each service with its place among the workers, the name of its options, and all of them."""
    by_service = {worker["service"]: (index, worker) for index, worker in enumerate(workers)}
    for service in services:
        index, worker = by_service.get(service, (None, {}))
        workload = "workers" if worker else service.removeprefix("prefect-").replace("-", "_")
        yield service, index, workload, worker["kubernetes"] if worker else workload_options(cluster, workload)


def requested(options: Mapping[str, Any]) -> set[str]:
    """Return what the pods request; what is limited only is requested in full."""
    resources = merged(options.get("resources") or {}, (options.get("container") or {}).get("resources") or {})
    found = [resources.get(kind) for kind in ("requests", "limits")] if isinstance(resources, Mapping) else []
    return {name for amounts in found if isinstance(amounts, Mapping) for name, amount in amounts.items() if amount}


def _account_path(workload: str, index: int | None, name: str | None, cluster: Mapping[str, Any]) -> Path:
    """Return where an account is named, by a name of its own or by that of its service."""
    if name is None and index is not None:
        return ("prefect", "workers", index, "name")
    at: Path = (*AT, workload) if index is None else ("prefect", "workers", index, "kubernetes")
    for level in ("defaults", workload):
        if name is not None and (cluster[level].get("service_account") or {}).get("name") == name:
            at = (*AT, level)
    return (*at, "service_account", "name")


def _add(found: Iterable[tuple[Path, str]], problems: Problems) -> None:
    for path, message in found:
        problems.add(path, message)
