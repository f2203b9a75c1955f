# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the document says in Kubernetes' own words, looked at before a cluster is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..kubernetes.names import name_problems
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


def _add(found: Iterable[tuple[Path, str]], problems: Problems) -> None:
    for path, message in found:
        problems.add(path, message)
