# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is configured by: its Secret, its ConfigMap, and the mark of both on its pods."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

from .part import Manifest, Part


def file_key(path: str) -> str:
    """Return the key of a file."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", path.strip("/"))


def _files(part: Part, secret: bool) -> dict[str, str]:
    files = part.spec.get("files") or ()
    return {file_key(item["path"]): str(item["content"]) for item in files if bool(item.get("secret")) is secret}


def _secrets(part: Part) -> dict[str, str]:
    return {key: str(value) for key, value in (part.spec.get("secret_env") or {}).items()} | _files(part, True)


def configuration(part: Part) -> list[Manifest]:
    """Return the ConfigMap and the Secret, as far as there is something in them."""
    objects = []
    files, secrets = _files(part, False), _secrets(part)
    if files:
        objects.append(part.manifest("ConfigMap", data=files))
    if secrets:
        values = {**secrets, marks.SALT: _salt(part, secrets)}
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        objects.append(part.manifest("Secret", type="Opaque", data=data))
        objects += [
            part.manifest("Secret", item["name"], item["namespace"], type="Opaque", data=data)
            for item in part.spec.get("copies") or ()
        ]
    return objects


def configuration_mark(part: Part) -> str:
    """Return what changes whenever the pods have to be replaced for what is not in their template.

    Manifests that are written to files tell nothing of a secret.
    """
    files, secrets = _files(part, False), _secrets(part)
    mark = [hashlib.sha256(_text(files).encode()).hexdigest()[:16]] if files else []
    if secrets and not part.settings.get("render_dir"):
        key = _salt(part, secrets).encode()
        mark.append(hmac.new(key, _text(secrets).encode(), hashlib.sha256).hexdigest()[:16])
    theirs = part.host.get("values_of_others") or {}
    names = {f"{item['name']}/{item['key']}" for item in (part.spec.get("secret_refs") or {}).values()}
    mark += sorted({theirs[name] for name in names if name in theirs})
    return "-".join(mark)


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)


def _salt(part: Part, secrets: Mapping[str, str]) -> str:
    """Return the value that the digest of the secrets is made with: the one in the cluster, or a new one."""
    known = (part.host.get("secret_salts") or {}).get(part.name) or part.host.get("salt")
    return str(known or _slow_digest(_text(secrets), f"{part.host.get('cluster_uid')}/{part.namespace}/{part.name}"))


@lru_cache(maxsize=256)
def _slow_digest(text: str, salt: str) -> str:
    """Return a digest that is the same in every task of a play and tells nothing of a weak password."""
    return hashlib.scrypt(text.encode(), salt=salt.encode(), n=2**13, r=8, p=1, dklen=16).hex()
