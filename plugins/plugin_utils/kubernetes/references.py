# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets that manifests refer to, as a page for whoever has to make them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

# Name and key.
Reference = tuple[str, str]

# An annotation, in files only.
COPIES = "flowops.prefect/secrets-elsewhere"

HEAD = """\
# Secrets

The manifests in this folder hold no secret. They refer to the Secrets below, in the namespace of what uses them.
Make them by the means of your choice, such as External Secrets, Sealed Secrets or
`kubectl create secret generic NAME --namespace NAMESPACE --from-file=KEY=FILE`, before the manifests are applied.
Pods read them when they start: restart what uses a Secret after a change of it.

| Secret | Namespace | Keys | Used by |
|---|---|---|---|
"""
NONE = "# Secrets\n\nThe manifests in this folder refer to no Secret.\n"
# What Kubernetes itself says about the keys of these.
TLS_KEYS = "tls.crt, tls.key"
PULL_KEYS = ".dockerconfigjson"
ALL_KEYS = "(all)"


def secrets_page(objects: Iterable[Mapping[str, Any]]) -> str:
    """Return the page: each Secret once, with its keys and what uses it."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for item in objects:
        metadata = item["metadata"]
        user = f"{item['kind']} {metadata['name']}"
        here = metadata.get("namespace", "")
        used = [(name, here, key, user) for name, key in _references(item)]
        for name, namespace, key, by in [*used, *_elsewhere(metadata)]:
            keys, users = found.setdefault((name, namespace), (set(), set()))
            keys.add(key)
            users.add(by)
    rows = [
        f"| {name} | {namespace} | {', '.join(sorted(keys))} | {', '.join(sorted(users))} |\n"
        for (name, namespace), (keys, users) in sorted(found.items())
    ]
    return HEAD + "".join(rows) if rows else NONE


def copies_note(secrets: Iterable[Mapping[str, Any]], namespace: str, more: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return the Secrets that are needed in other namespaces, where nothing in these files refers to them."""
    notes = [
        {"name": item["metadata"]["name"], "namespace": item["metadata"]["namespace"], "keys": _keys(item)}
        for item in secrets
        if item["metadata"]["namespace"] != namespace
    ]
    notes += [dict(item) for item in more]
    return json.dumps(notes, sort_keys=True) if notes else ""


def _keys(secret: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in secret["data"] if key != marks.SALT)


def _elsewhere(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    note = (metadata.get("annotations") or {}).get(COPIES)
    for item in json.loads(note) if note else ():
        for key in item["keys"]:
            yield item["name"], item["namespace"], key, "flow runs"


def _references(value: Any) -> Iterator[Reference]:
    """Yield the references below a value, in whatever container or object they are."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _of_map(str(key), item)
        elif isinstance(item, list):
            yield from _of_list(str(key), item)
        yield from _references(item)


def _of_map(key: str, item: Mapping[str, Any]) -> Iterator[Reference]:
    if key == "secretKeyRef":
        yield item["name"], item["key"]
    elif key == "secretRef":
        yield item["name"], ALL_KEYS
    elif key == "secret" and ("secretName" in item or "name" in item):
        name = item.get("secretName") or item["name"]
        for part in item.get("items") or [{"key": ALL_KEYS}]:
            yield name, part["key"]


def _of_list(key: str, items: list[Any]) -> Iterator[Reference]:
    for item in items:
        if key == "imagePullSecrets":
            yield item["name"], PULL_KEYS
        elif key == "certificateRefs":
            yield item["name"], TLS_KEYS
        elif key == "tls" and item.get("secretName"):
            yield item["secretName"], TLS_KEYS
