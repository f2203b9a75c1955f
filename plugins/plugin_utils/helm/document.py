# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one function: releases in, a document and what has no counterpart out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import server_chart, server_parts, worker_chart, worker_parts
from .database import put_database
from .draft import Draft, Finding, Variable
from .releases import SERVER, HelmError, Release
from .values import Values
from .ways_in import put_ways_in

NAMESPACE = "prefect"

# In the order in which people read a document.
_ORDER = (
    "platform", "version", "image", "public_url", "api_url", "cloud", "token", "server", "postgres", "redis", "workers",
    "kubernetes", "resources",
)  # fmt: skip
_DEFAULTS = "the subchart's own defaults are among them; read the values without --all to have yours named"


@dataclass(frozen=True)
class Adopted:
    """A document, what it refers to, and what of the values is not in it."""

    document: dict[str, Any] = field(repr=False)
    findings: list[Finding]
    variables: list[Variable]
    releases: list[Release]
    namespace: str
    # What the server keeps its data in: postgresql (of the release itself), sqlite, or nothing that has to move.
    data: str


def adopt(releases: Sequence[Release], supported: Sequence[str], namespace: str | None = None) -> Adopted:
    """Return the document of some releases; `supported` are the versions of Prefect that can be deployed."""
    servers = [release for release in releases if release.chart == SERVER]
    if len(servers) > 1:
        sources = " and ".join(release.source for release in servers)
        raise HelmError(f"{sources} are two servers; a document has one, read each by itself")
    draft = Draft({"platform": "kubernetes"})
    server = None
    workers: list[dict[str, Any]] = []
    for release in [*servers, *(release for release in releases if release not in servers)]:
        draft.source = f"{release.source}: " if len(releases) > 1 else ""
        draft.worker = {}
        if release.chart == SERVER:
            server = Values(release, server_chart.ROWS, server_chart.OLD_NAMES, draft)
            _put_server(server, draft, supported, others=len(releases) > 1)
        elif _put_worker(release, draft, server, supported, [worker["name"] for worker in workers]):
            worker_parts.note_pool(draft, workers)
            workers.append(draft.worker)
    draft.source = ""
    where = _put_namespace(releases, namespace, draft)
    document = draft.document | {"workers": workers}
    ordered = {key: document[key] for key in _ORDER if key in document}
    return Adopted(ordered, draft.findings, draft.variables, list(releases), where, _data(draft, server))


def _data(draft: Draft, server: Values | None) -> str:
    if server is None:
        return ""
    if draft.server_kind == "StatefulSet":
        return "sqlite"
    return "postgresql" if draft.document["postgres"].get("enabled") else ""


def _put_server(values: Values, draft: Draft, supported: Sequence[str], others: bool) -> None:
    put_database(values, draft)
    server_parts.put_image(values, draft, supported, others)
    server_parts.put_credentials(values, draft)
    server_parts.put_environments(values, draft)
    server_parts.put_scale(values, draft)
    put_ways_in(values, draft)
    _put_migration(values, draft)
    _put_rows(values, draft, server_chart.SUBCHARTS)


def _put_migration(values: Values, draft: Draft) -> None:
    """Write another command of the migration: the shell and what it runs belong together."""
    command, shell = "migrations.command", "migrations.entrypoint"
    if values.differs(command) or values.differs(shell):
        options = f"{server_chart.MIGRATION}.container"
        draft.put(f"{options}.command", values[shell], shell)
        draft.put(f"{options}.args", [values.text(command)], command)


def _put_worker(
    release: Release, draft: Draft, server: Values | None, supported: Sequence[str], taken: Sequence[str]
) -> bool:
    """Write a worker; return whether it is part of the document."""
    values = Values(release, worker_chart.ROWS, worker_chart.OLD_NAMES, draft)
    if not worker_parts.runs_here(values, draft) or not worker_parts.put_api(values, draft, server):
        return False
    worker_parts.put_name(values, draft, taken)
    worker_parts.put_image(values, draft, supported)
    worker_parts.put_environments(values, draft)
    worker_parts.put_scale(values, draft)
    worker_parts.put_jobs(values, draft)
    _put_rows(values, draft, worker_chart.SUBCHARTS)
    return True


def _put_rows(values: Values, draft: Draft, subcharts: Mapping[str, str]) -> None:
    """Write what has a key of its own, and note what has none or is not known."""
    for path, row in values.rows.items():
        given = values.differs(path)
        if not given and not (row.kept and (not row.switch or values[row.switch])):
            continue
        value = values[path]
        if row.switch and not values[row.switch]:
            draft.none(path, f"has no effect in the release, since {row.switch} is off", value)
        elif row.write:
            draft.put(row.to, row.write(value, row.default), path)
        elif not row.to and value not in row.always:
            draft.none(path, row.note, value)
    _note_unknown(values, draft, subcharts)


def _note_unknown(values: Values, draft: Draft, subcharts: Mapping[str, str]) -> None:
    computed: Counter[str] = Counter()
    for path, value in values.unknown():
        chart = path.partition(".")[0]
        if values.release.computed and chart in ("common", "global"):
            continue
        if values.release.computed and chart in subcharts:
            computed[chart] += 1
        elif chart in subcharts:
            draft.none(path, f"is {subcharts[chart]}", value)
        else:
            draft.none(path, f"is no value of the chart that is known here{values.near(path)}", value)
    for chart, count in computed.items():
        draft.none(chart, f"{count} values {subcharts[chart]}; {_DEFAULTS}")


def _put_namespace(releases: Sequence[Release], given: str | None, draft: Draft) -> str:
    """Write the namespace, and return it."""
    named = [str(release.values.get("namespaceOverride") or release.namespace or "") for release in releases]
    chosen = given or next((name for name in named if name), "")
    others = sorted({*named} - {chosen, ""})
    if others:
        reason = f"a document has one namespace, which is {chosen}; its workers may start jobs in others"
        draft.none("namespaceOverride", reason, ", ".join(others))
    if chosen:
        draft.document["kubernetes"] = {"namespace": chosen, **draft.document.get("kubernetes", {})}
    return chosen or NAMESPACE
