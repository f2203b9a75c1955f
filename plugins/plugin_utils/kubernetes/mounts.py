# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes of a pod, and where its container has them."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable
from typing import Any

from .configuration import file_key
from .names import LONGEST, object_name
from .part import Manifest, Part

CONFIGURATION = "configuration"
SECRETS = "secrets"
# Readable for the container's group, which is the volume's.
SECRET_MODE = 0o440
PLAIN_MODE = 0o444
DEFAULT_SIZE = "1Gi"


def mounts(part: Part) -> tuple[list[Manifest], list[Manifest]]:
    """Return the volumes of the pod and the mounts of its container."""
    kept = [(item["path"], object_name(item["name"])) for item in part.spec.get("volumes") or ()]
    volumes, mounted = [], [{"name": name, "mountPath": path} for path, name in kept]
    for path in _scratch(part, [path for path, _name in kept]):
        volumes.append({"name": _volume_name(path), "emptyDir": {}})
        mounted.append({"name": _volume_name(path), "mountPath": path})
    for secret in (False, True):
        paths = [item["path"] for item in part.spec.get("files") or () if bool(item.get("secret")) is secret]
        if paths:
            volumes.append(_files(part.name, paths, secret))
            mounted += _file_mounts(paths, SECRETS if secret else CONFIGURATION)
    return volumes, mounted


def _scratch(part: Part, kept: Iterable[str]) -> list[str]:
    """Return the folders that are made for the pod and go with it."""
    tmpfs = [path.partition(":")[0] for path in part.spec.get("tmpfs") or ()]
    folders = [posixpath.normpath(path) for path in ("/tmp", *tmpfs, *(part.spec.get("directories") or ()))]
    covered = [posixpath.normpath(path) for path in kept]
    return [
        path
        for path in dict.fromkeys(folders)
        if not any(path == other or path.startswith(f"{other}/") for other in covered)
    ]


def _volume_name(path: str) -> str:
    name = object_name(path)
    if len(name) <= LONGEST:
        return name
    return f"{hashlib.sha256(path.encode()).hexdigest()[:8]}-{name[-50:].strip('-')}"


def _files(name: str, paths: Iterable[str], secret: bool) -> Manifest:
    items = [{"key": file_key(path), "path": file_key(path)} for path in paths]
    if secret:
        return {"name": SECRETS, "secret": {"secretName": name, "items": items, "defaultMode": SECRET_MODE}}
    return {"name": CONFIGURATION, "configMap": {"name": name, "items": items, "defaultMode": PLAIN_MODE}}


def _file_mounts(paths: Iterable[str], volume: str) -> list[Manifest]:
    """Return a mount for each file: that of a folder would hide what the image has there."""
    return [{"name": volume, "mountPath": path, "subPath": file_key(path), "readOnly": True} for path in paths]


def claims(part: Part) -> list[Manifest]:
    """Return the claims of what outlives the pods; nothing about them can change, except their size in the cluster."""
    storage: dict[str, Any] = part.options.get("storage") or {}
    storage_class = storage.get("storage_class") or part.settings.get("storage_class")
    return [
        {
            "metadata": {"name": object_name(item["name"]), "labels": part.lasting_labels},
            "spec": {
                "accessModes": storage.get("access_modes") or ["ReadWriteOnce"],
                "resources": {"requests": {"storage": str(storage.get("size") or item.get("size") or DEFAULT_SIZE)}},
                **({"storageClassName": storage_class} if storage_class else {}),
            },
        }
        for item in part.spec.get("volumes") or ()
    ]
