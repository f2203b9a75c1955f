# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options that all modules of the API share."""

from __future__ import annotations

from typing import Any, Mapping

from .client import Client
from .errors import InvalidError, Problem, invalid
from .sources import DEFAULT_TIMEOUT, Settings, resolve
from .transport import Transport

# Without defaults: whether an option was given decides where the others come from.
CONNECTION: dict[str, dict[str, Any]] = {
    "api_url": {"type": "str"},
    "profile": {"type": "str"},
    "auth_string": {"type": "str", "no_log": True},
    "api_key": {"type": "str", "no_log": True},
    "headers": {"type": "dict", "no_log": True},
    "validate_certs": {"type": "bool"},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "int"},
}


def connect(params: Mapping[str, Any], check_mode: bool, retries: int = 4) -> Client:
    """Return a client; nothing is sent yet."""
    return connected(resolve(params), check_mode, retries)


def connected(settings: Settings, check_mode: bool, retries: int = 4) -> Client:
    """Return a client of these settings."""
    values = settings.values
    timeout = DEFAULT_TIMEOUT if values["timeout"] is None else values["timeout"]
    if timeout <= 0:
        raise invalid("timeout", f"expected more than 0 seconds, found {timeout}")
    try:
        transport = Transport(
            values["api_url"],
            values["validate_certs"] is not False,
            values["ca_path"],
            timeout,
            values["client_cert"],
            values["client_key"],
            settings.source,
        )
    except InvalidError as error:
        raise InvalidError(*(_located(problem, settings.source) for problem in error.problems)) from None
    return Client(
        transport,
        values["auth_string"],
        values["api_key"],
        values["headers"],
        check_mode,
        retries,
        settings.withheld,
    )


def _located(problem: Problem, source: str) -> Problem:
    return problem._replace(path=f"api_url of {source}") if source and problem.path == "api_url" else problem
