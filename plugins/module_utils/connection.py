# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that all modules of the API share."""

from __future__ import annotations

from typing import Any, Mapping

from ansible.module_utils.basic import env_fallback

from .client import Client
from .transport import Transport

CONNECTION: dict[str, dict[str, Any]] = {
    "api_url": {
        "type": "str",
        "default": "http://127.0.0.1:4200/api",
        "fallback": (env_fallback, ["PREFECT_API_URL"]),
    },
    "auth_string": {"type": "str", "no_log": True, "fallback": (env_fallback, ["PREFECT_API_AUTH_STRING"])},
    "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["PREFECT_API_KEY"])},
    "headers": {"type": "dict", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "int", "default": 30},
}


def connect(params: Mapping[str, Any], check_mode: bool, retries: int = 4) -> Client:
    """Return a client; nothing is sent yet."""
    transport = Transport(params["api_url"], params["validate_certs"], params["ca_path"], params["timeout"])
    return Client(transport, params["auth_string"], params["api_key"], params["headers"], check_mode, retries)
