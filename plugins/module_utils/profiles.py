# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prefect's profiles: named sets of settings in one file, one of them active."""

from __future__ import annotations

import os
from typing import Any, Mapping, NamedTuple

from .errors import invalid
from .suggest import nearest

try:
    from tomllib import loads
except ImportError:
    from .toml_lines import loads  # type: ignore[assignment]

# Prefect knows these without a file.
_BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "ephemeral": {},
    "local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"},
    "test": {},
    "cloud": {},
}


class Profile(NamedTuple):
    name: str
    settings: Mapping[str, Any]


def named(name: str, environment: Mapping[str, str]) -> Profile:
    """Return the profile that an option names."""
    return _choose(name, "profile", _path(environment), _read(_path(environment)))


def active(environment: Mapping[str, str]) -> Profile:
    """Return the profile that is active, which may be one without any settings."""
    path = _path(environment)
    content = _read(path)
    if environment.get("PREFECT_PROFILE"):
        return _choose(environment["PREFECT_PROFILE"], "PREFECT_PROFILE", path, content)
    if content.get("active"):
        return _choose(str(content["active"]), f"active in {path}", path, content)
    return Profile("ephemeral", {})


def _choose(name: str, where: str, path: str, content: Mapping[str, Any]) -> Profile:
    profiles = content.get("profiles", {})
    known = {**_BUILT_IN, **(profiles if isinstance(profiles, dict) else {})}
    if name not in known:
        raise invalid(where, f"no profile '{name}' in {path}; {nearest(name, known)}")
    settings = known[name]
    if not isinstance(settings, dict):
        raise invalid(where, f"profile '{name}' in {path} is no table")
    return Profile(name, {**_BUILT_IN.get(name, {}), **settings})


def _path(environment: Mapping[str, str]) -> str:
    """Return where Prefect keeps its profiles."""
    if environment.get("PREFECT_PROFILES_PATH"):
        return os.path.expanduser(environment["PREFECT_PROFILES_PATH"])
    return os.path.join(os.path.expanduser(environment.get("PREFECT_HOME") or "~/.prefect"), "profiles.toml")


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            return loads(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except UnicodeDecodeError:
        raise invalid(path, "Prefect's profiles cannot be read: not UTF-8") from None
    except OSError as error:
        raise invalid(path, f"Prefect's profiles cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise invalid(path, f"Prefect's profiles cannot be read: {error}; or give api_url") from None
