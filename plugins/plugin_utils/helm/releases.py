# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the values of a release come from: a file of values, or the Secret that Helm keeps."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..settings.merge import copied, merged
from ..settings.problems import found

SERVER = "prefect-server"
WORKER = "prefect-worker"

_KEYS = {
    WORKER: ("worker", "role", "rolebinding"),
    SERVER: (
        "server", "migrations", "backgroundServices", "service", "ingress", "gateway", "httproute", "externalDatabase",
        "secret", "sqlite", "postgresql", "redis", "global",
    ),
}  # fmt: skip
# Charts that are not for this, by a key that only they have.
_OTHERS = {
    "agent": "a chart with an agent, of Prefect 2 or older: agents and their flows do not work with Prefect 3",
    "hasura": "the chart of Prefect 1, which has no way to Prefect 3",
    "graphql": "the chart of Prefect 1, which has no way to Prefect 3",
    "prefectApiUrl": "chart prometheus-prefect-exporter, which is not deployed here",
}
# What the command prints above the values unless it is asked for YAML.
_HEADINGS = ("USER-SUPPLIED VALUES", "COMPUTED VALUES")
_WANTED = f"expected the values of a release of chart {SERVER} or {WORKER}"
_UNREADABLE = (
    binascii.Error, OSError, EOFError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError,
)  # fmt: skip


class HelmError(Exception):
    """Values that no release has, with all that is wrong with them."""


@dataclass(frozen=True)
class Release:
    """A release: its chart, and the values that were given or differ from the chart's own."""

    chart: str
    source: str
    values: dict[str, Any] = field(repr=False)
    name: str | None = None
    namespace: str | None = None
    # Whether the values hold the defaults of the charts inside.
    computed: bool = False


def of_text(text: str, source: str) -> Release:
    """Return the release of a file, as C(helm get values) writes it."""
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise HelmError(f"{source}: is not valid YAML{where}") from None
    if values is None:
        raise HelmError(f"{source}: holds no values; {_WANTED}, with --all if none were given")
    if not isinstance(values, Mapping):
        raise HelmError(f"{source}: {_WANTED}, found {found(values, secret=True)}")
    values = {str(name): copied(value) for name, value in values.items() if name not in _HEADINGS}
    return Release(_chart_of(values, source), source, values, computed="common" in values)


def _chart_of(values: Mapping[str, Any], source: str) -> str:
    if "apiVersion" in values and "kind" in values:
        kept = values["kind"] in ("ConfigMap", "Secret")
        hint = "; name the release with prefect_helm_release" if kept else ""
        raise HelmError(f"{source}: {_WANTED}, found an object of kind {found(values['kind'])}{hint}")
    for name, what in _OTHERS.items():
        if name in values:
            raise HelmError(f"{source}: {_WANTED}, found values of {what}")
    for chart, keys in _KEYS.items():
        if any(name in values for name in keys):
            return chart
    raise HelmError(f"{source}: {_WANTED}, found the keys {', '.join(values) or 'of none'}")


def newest(secrets: Sequence[Any]) -> list[str]:
    """Return what is in the last of the Secrets that Helm keeps of each release."""
    last: dict[Any, tuple[int, str]] = {}
    try:
        for secret in secrets:
            labels = secret["metadata"]["labels"]
            name = (secret["metadata"].get("namespace"), labels["name"])
            last[name] = max(last.get(name, (0, "")), (int(labels["version"]), str(secret["data"]["release"])))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise HelmError("secrets: expected Secrets of Helm, with labels name and version and data release") from None
    return [data for _version, data in last.values()]


def of_secret(data: str) -> Release:
    """Return the release that is in a Secret of Helm; its chart tells the defaults that it had."""
    try:
        packed = base64.b64decode(base64.b64decode(data, validate=True), validate=True)
        content = json.loads(gzip.decompress(packed) if packed.startswith(b"\x1f\x8b\x08") else packed)
        chart, values = content["chart"], content.get("config") or {}
        name, namespace = str(content["name"]), str(content["namespace"])
        called = str(chart["metadata"]["name"])
        whole = merged(chart.get("values") or {}, values)
    except _UNREADABLE:
        raise HelmError("the Secret holds no release of Helm 3 or 4; write its values into a file instead") from None
    source = f"release {name} in namespace {namespace}"
    if called not in _KEYS or not isinstance(whole, dict):
        raise HelmError(f"{source}: {_WANTED}, found chart {called}")
    return Release(called, source, whole, name, namespace)
