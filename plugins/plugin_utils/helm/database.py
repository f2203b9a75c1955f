# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a release: of its own, another one's by an address or its parts, or SQLite."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from .addresses import split
from .draft import Draft
from .values import Values

_EXTERNAL = "externalDatabase"
_ADDRESS = f"{_EXTERNAL}.connectionString"
# Part of a connection: its key here, and the chart's words for it.
_PARTS = {"host": "host", "port": "port", "user": "username", "password": "password", "name": "name"}
_OF_SECRET = {**_PARTS, "name": "database"}
_DRIVERS = ("", "postgresql", "postgresql+asyncpg")
_UNREAD = "nobody reads the Secret; put what is in it into the variables"
_ASYNCPG = "the database is PostgreSQL with asyncpg"


def put_database(values: Values, draft: Draft) -> None:
    """Write the database that the chart's order of precedence leads to."""
    used = _put(values, draft)
    for path in values.rows:
        section = path.partition(".")[0]
        if section in (_EXTERNAL, "secret") and section != used:
            values.leave(path, "another database counts before it in the release")
    if used != "postgresql" and values["postgresql.enabled"] and values.differs("sqlite.enabled"):
        draft.none("postgresql.enabled", "has no effect in the release, since sqlite.enabled is on", True)


def _put(values: Values, draft: Draft) -> str:
    """Write the database; return the section of the chart that says it."""
    if values["sqlite.enabled"]:
        draft.server_kind = "StatefulSet"
        return "sqlite"
    if values[_ADDRESS]:
        _put_address(values.text(_ADDRESS), draft)
        return _EXTERNAL
    if values[f"{_ADDRESS}SecretKey"]:
        _put_variables(f"{_ADDRESS}SecretKey", values, draft)
        return _EXTERNAL
    if any(values[path] for path in values.rows if path.startswith(_EXTERNAL) and not path.endswith("existingSecret")):
        _put_parts(values, draft)
        return _EXTERNAL
    if values["postgresql.enabled"]:
        _put_own(values, draft)
        return "postgresql"
    if not values["secret.create"]:
        _put_variables("secret.name", values, draft)
        return "secret"
    values.leave("secret.name", "the Secret with the password has a name of its own")
    for key, name in _OF_SECRET.items():
        _put_part(key, values.text(f"secret.{name}"), f"secret.{name}", draft)
    return "secret"


def _put_own(values: Values, draft: Draft) -> None:
    draft.put("postgres.enabled", True, "postgresql.enabled")
    for key, path in {"user": "postgresql.auth.username", "name": "postgresql.auth.database"}.items():
        if values.differs(path):
            draft.put(f"postgres.{key}", values[path], path)


def _put_part(key: str, text: str, path: str, draft: Draft) -> None:
    """Write a part of the connection, or a variable for one that is missing."""
    if key == "port" and not text:
        return
    if not text:
        draft.put(f"postgres.{key}", draft.secret(f"postgres {key}", path), path)
        draft.none(path, f"is missing; put it into {draft.variables[-1].name}")
    elif key == "password":
        draft.put("postgres.password", draft.secret("postgres password", path, text), path)
    else:
        draft.put(f"postgres.{key}", int(text) if key == "port" and text.isdecimal() else text, path)


def _put_variables(path: str, values: Values | None, draft: Draft) -> None:
    """Write variables for what is in one place as an address."""
    for key in ("host", "user", "password", "name"):
        draft.put(f"postgres.{key}", draft.secret(f"postgres {key}", path), path)
    if values is not None:
        draft.note(path, _UNREAD, values.text(path))


def _put_parts(values: Values, draft: Draft) -> None:
    if values.text(f"{_EXTERNAL}.driver") not in _DRIVERS:
        values.leave(f"{_EXTERNAL}.driver", _ASYNCPG)
    for key, name in _PARTS.items():
        path = f"{_EXTERNAL}.{name}"
        in_secret = values.text(f"{path}SecretKey")
        if in_secret and key == "password":
            reference = {"name": values.text(f"{_EXTERNAL}.existingSecret"), "key": in_secret}
            draft.put("kubernetes.existing_secrets.postgres_password", reference, f"{path}SecretKey")
        elif in_secret:
            draft.put(f"postgres.{key}", draft.secret(f"postgres {key}", f"{path}SecretKey"), f"{path}SecretKey")
            draft.note(f"{path}SecretKey", _UNREAD, in_secret)
        else:
            _put_part(key, values.text(path), path, draft)
            continue
        values.leave(path, f"has no effect in the release, since {path}SecretKey is set")


def _put_address(text: str, draft: Draft) -> None:
    """Write the parts of an address such as C(postgresql+asyncpg://user:password@host:5432/name?ssl=require)."""
    url = split(text)
    if text.startswith("sqlite"):
        draft.server_kind = "StatefulSet"
        draft.none(_ADDRESS, "the file of SQLite is this collection's")
        return
    if url.scheme not in _DRIVERS[1:]:
        _put_variables(_ADDRESS, None, draft)
        draft.none(_ADDRESS, "is no address of PostgreSQL; put its parts into the variables")
        return
    port = str(url.port or "")
    parts = {"host": url.hostname, "port": port, "user": url.username, "password": url.password}
    for key, part in {**parts, "name": url.path.strip("/")}.items():
        _put_part(key, unquote(part or ""), _ADDRESS, draft)
    for name, value in parse_qsl(url.query, keep_blank_values=True):
        _put_parameter(name, value, draft)


def _put_parameter(name: str, value: str, draft: Draft) -> None:
    if name not in ("ssl", "sslmode"):
        hint = "look for a setting PREFECT_SERVER_DATABASE_* for server.env"
        draft.none(_ADDRESS, f"its parameter {name} has no key; {hint}")
    elif value in ("require", "verify-ca", "verify-full", "true"):
        draft.put("postgres.tls", {"enabled": True, "check_hostname": value == "verify-full"}, _ADDRESS)
        draft.none(_ADDRESS, "its certificate is verified; set postgres.tls.ca_file if its authority is a private one")
    elif value not in ("disable", "false"):
        draft.none(_ADDRESS, f"{name}={value} is without TLS here; set postgres.tls.enabled")
