# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables: which old names live on, and which ones the collection sets itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .problems import Path, Problems, found

CONTEXT_SECRET = "PREFECT__CONTEXT__SECRETS__"
AGENT_TOKEN = "PREFECT__CLOUD__AGENT__AUTH_TOKEN"
AGENT_LABELS = "PREFECT__CLOUD__AGENT__LABELS"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Prefect 2's PREFECT_ORION_X that live on as PREFECT_SERVER_X.
_LIVE_ON = (
    "ANALYTICS_ENABLED",
    "API_DEFAULT_LIMIT",
    "API_HOST",
    "API_KEEPALIVE_TIMEOUT",
    "API_PORT",
    "DATABASE_CONNECTION_TIMEOUT",
    "DATABASE_CONNECTION_URL",
    "DATABASE_ECHO",
    "DATABASE_MIGRATE_ON_START",
    "DATABASE_TIMEOUT",
    "SERVICES_CANCELLATION_CLEANUP_ENABLED",
    "SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS",
    "SERVICES_LATE_RUNS_AFTER_SECONDS",
    "SERVICES_LATE_RUNS_ENABLED",
    "SERVICES_LATE_RUNS_LOOP_SECONDS",
    "SERVICES_PAUSE_EXPIRATIONS_ENABLED",
    "SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS",
    "SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE",
    "SERVICES_SCHEDULER_ENABLED",
    "SERVICES_SCHEDULER_INSERT_BATCH_SIZE",
    "SERVICES_SCHEDULER_LOOP_SECONDS",
    "SERVICES_SCHEDULER_MAX_RUNS",
    "SERVICES_SCHEDULER_MAX_SCHEDULED_TIME",
    "SERVICES_SCHEDULER_MIN_RUNS",
    "SERVICES_SCHEDULER_MIN_SCHEDULED_TIME",
    "UI_API_URL",
    "UI_ENABLED",
)
_RENAMED = {
    **{f"PREFECT_ORION_{name}": f"PREFECT_SERVER_{name}" for name in _LIVE_ON},
    "PREFECT_ORION_BLOCKS_REGISTER_ON_START": "PREFECT_SERVER_REGISTER_BLOCKS_ON_START",
    "PREFECT_ORION_TASK_CACHE_KEY_MAX_LENGTH": "PREFECT_SERVER_TASKS_MAX_CACHE_KEY_LENGTH",
}

# Names that Prefect 3 reads and the collection sets, and the option to use instead.
_DATABASE_OPTIONS = {
    f"{prefix}{part}": f"prefect.postgres.{option}" if option else "prefect.postgres"
    for prefix in ("PREFECT_SERVER_DATABASE_", "PREFECT_API_DATABASE_")
    for part, option in {
        "CONNECTION_URL": "",
        "DRIVER": "enabled",
        "HOST": "host",
        "PORT": "port",
        "USER": "user",
        "NAME": "name",
        "PASSWORD": "password",
    }.items()
}
_TLS_OPTIONS = {
    f"PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_TLS_{part}": f"prefect.postgres.tls.{option}"
    for part, option in {"ENABLED": "enabled", "CA_FILE": "ca_file", "CHECK_HOSTNAME": "check_hostname"}.items()
}
_CONNECTION_OPTIONS = {
    "PREFECT_API_URL": "prefect.api_url",
    "PREFECT_API_KEY": "prefect.token",
    "PREFECT_API_AUTH_STRING": "prefect.server.auth_string",
    "PREFECT_HOME": "prefect.root",
}
_SERVER_OPTIONS = {
    **_CONNECTION_OPTIONS,
    **_DATABASE_OPTIONS,
    **_TLS_OPTIONS,
    "PREFECT_SERVER_API_HOST": "prefect.server.host",
    "PREFECT_SERVER_API_PORT": "prefect.server.port",
    "PREFECT_SERVER_API_AUTH_STRING": "prefect.server.auth_string",
    "PREFECT_SERVER_API_BASE_PATH": "prefect.public_url",
    "PREFECT_SERVER_UI_SERVE_BASE": "prefect.public_url",
    "PREFECT_SERVER_UI_API_URL": "prefect.public_url",
    "PREFECT_UI_SERVE_BASE": "prefect.public_url",
    "PREFECT_UI_API_URL": "prefect.public_url",
    "PREFECT_UI_URL": "prefect.public_url",
    "PREFECT_SERVER_UI_ENABLED": "prefect.server.ui",
    "PREFECT_UI_ENABLED": "prefect.server.ui",
    "PREFECT_SERVER_UI_STATIC_DIRECTORY": "prefect.root",
    "PREFECT_UI_STATIC_DIRECTORY": "prefect.root",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "prefect.server.analytics",
    "PREFECT_SERVER_LOGGING_LEVEL": "prefect.server.log_level",
    "PREFECT_LOGGING_SERVER_LEVEL": "prefect.server.log_level",
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "prefect.server.retention.events_days",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "prefect.server.retention",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "prefect.server.retention.flow_runs_days",
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": None,
    "PREFECT_API_DATABASE_MIGRATE_ON_START": None,
}
_WORKER_OPTIONS = {
    **_CONNECTION_OPTIONS,
    "PREFECT_WORKER_QUERY_SECONDS": "prefect.workers[].query_seconds",
    "PREFECT_WORKER_WEBSERVER_HOST": None,
    "PREFECT_WORKER_WEBSERVER_PORT": "prefect.workers[].health_port",
}


def modern_name(name: str) -> str:
    """Return what Prefect 3 calls a variable of Prefect 2, or the name itself."""
    return _RENAMED.get(name, name)


def check_server(variables: Mapping[Any, Any], path: Path, problems: Problems) -> dict[str, str]:
    """Return the environment of a server as text; note every variable that cannot be part of it."""
    return _checked(variables, path, problems, _SERVER_OPTIONS, context_secrets=False)


def check_worker(variables: Mapping[Any, Any], path: Path, problems: Problems) -> dict[str, str]:
    """Return the environment of workers as text; note every variable that cannot be part of it."""
    return _checked(variables, path, problems, _WORKER_OPTIONS, context_secrets=True)


def _checked(
    variables: Mapping[Any, Any],
    path: Path,
    problems: Problems,
    taken: Mapping[str, str | None],
    context_secrets: bool,
) -> dict[str, str]:
    secret = str(path[-1]).startswith("secret")
    result: dict[str, str] = {}
    for name, value in variables.items():
        here = (*path, str(name))
        reason = _refusal(name, taken, context_secrets)
        text = environment_text(value)
        if reason:
            problems.add(here, reason)
        elif secret and value == "":
            problems.add(here, "secret is empty; give it a value or leave the key out")
        elif value is None:
            # A fragment's null clears the variable.
            continue
        elif text is None:
            problems.add(here, f"expected str without a NUL character, found {found(value, secret=True)}")
        else:
            result[name] = text
    return result


def _refusal(name: object, taken: Mapping[str, str | None], context_secrets: bool) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "not the name of an environment variable; allowed: letters, digits and _, no digit first"
    if name in taken:
        option = taken[name]
        return f"is set by the collection; use {option} instead" if option else "is set by the collection, always"
    if name.startswith("PREFECT_ORION_"):
        return "Prefect 3 ignores this name of Prefect 2, and has no setting that does the same"
    if name.startswith(CONTEXT_SECRET) and context_secrets:
        return "" if len(name) > len(CONTEXT_SECRET) else "names no secret; expected a name after the two underscores"
    if name == AGENT_TOKEN:
        return "Prefect 3 ignores this name of Prefect 1; use prefect.token instead"
    if name == AGENT_LABELS:
        return "Prefect 3 ignores this name of Prefect 1; use prefect.workers[].work_queues instead"
    if name.startswith("PREFECT__"):
        return "Prefect 3 ignores this name of Prefect 1, and has no setting that does the same"
    return ""


def environment_text(value: Any) -> str | None:
    """Return a value as the environment holds it; nothing when it cannot."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and "\0" not in value else None
