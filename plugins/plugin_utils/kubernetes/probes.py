# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Kubernetes sees whether a service has started, can be asked, and still works."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Any

from .expansion import literals

START_PERIOD = 2
START_SECONDS = 60
ANSWER_SECONDS = 10
READY_PERIOD = 5
LIVE_PERIOD = 15
FAILURES = 3


def probes(health: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the probes of a container; a service that may start for long is asked often, and given up late."""
    if not health or not (health.get("url") or health.get("command")):
        return {}
    live = _check(health, health.get("url"))
    ready = _check(health, health.get("ready_url") or health.get("url"))
    seconds = int(health.get("timeout") or START_SECONDS)
    start = {"periodSeconds": START_PERIOD, "failureThreshold": max(1, -(-seconds // START_PERIOD))}
    return {
        "startupProbe": {**ready, **start, "timeoutSeconds": ANSWER_SECONDS},
        "readinessProbe": {**ready, **_asked(READY_PERIOD)},
        "livenessProbe": {**live, **_asked(LIVE_PERIOD)},
    }


def _asked(period: int) -> dict[str, int]:
    return {"periodSeconds": period, "timeoutSeconds": ANSWER_SECONDS, "failureThreshold": FAILURES}


def _check(health: Mapping[str, Any], url: str | None) -> dict[str, Any]:
    if health.get("command"):
        return {"exec": {"command": literals(health["command"])}}
    parts = urllib.parse.urlsplit(str(url))
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return {
        "httpGet": {
            "path": path,
            "port": parts.port or (443 if secure else 80),
            "scheme": "HTTPS" if secure else "HTTP",
        }
    }
