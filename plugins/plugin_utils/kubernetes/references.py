# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets that manifests refer to, as a page for whoever has to make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Name, key (none: whatever the kind of Secret has), what refers to it.
Reference = tuple[str, str, str]

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
        for name, key, user in _references(item, f"{item['kind']} {metadata['name']}"):
            keys, users = found.setdefault((name, metadata.get("namespace", "")), (set(), set()))
            keys.add(key)
            users.add(user)
    rows = [
        f"| {name} | {namespace} | {', '.join(sorted(keys))} | {', '.join(sorted(users))} |\n"
        for (name, namespace), (keys, users) in sorted(found.items())
    ]
    return HEAD + "".join(rows) if rows else NONE


def _references(value: Any, user: str) -> Iterator[Reference]:
    """Yield the references below a value, in whatever container or object they are."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item, user)
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _of_map(str(key), item, user)
        elif isinstance(item, list):
            yield from _of_list(str(key), item, user)
        yield from _references(item, user)


def _of_map(key: str, item: Mapping[str, Any], user: str) -> Iterator[Reference]:
    if key == "secretKeyRef":
        yield item["name"], item["key"], user
    elif key == "secretRef":
        yield item["name"], ALL_KEYS, user
    elif key == "secret" and ("secretName" in item or "name" in item):
        name = item.get("secretName") or item["name"]
        for part in item.get("items") or [{"key": ALL_KEYS}]:
            yield name, part["key"], user


def _of_list(key: str, items: list[Any], user: str) -> Iterator[Reference]:
    for item in items:
        if key == "imagePullSecrets":
            yield item["name"], PULL_KEYS, user
        elif key == "certificateRefs":
            yield item["name"], TLS_KEYS, user
        elif key == "tls" and item.get("secretName"):
            yield item["secretName"], TLS_KEYS, user
