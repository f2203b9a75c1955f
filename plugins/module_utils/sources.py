# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where connection settings come from: options, then the environment, then Prefect's profile, then the defaults.

The source of the address decides: what a less explicit source says was meant for its own address, and goes to no other.
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Mapping, NamedTuple
from urllib.parse import urlsplit

from ansible.module_utils.parsing.convert_bool import boolean

from . import profiles
from .errors import InvalidError, Problem, invalid

DEFAULT_URL = "http://127.0.0.1:4200/api"
DEFAULT_TIMEOUT = 30
OPTIONS = (
    "api_url",
    "auth_string",
    "api_key",
    "headers",
    "validate_certs",
    "ca_path",
    "client_cert",
    "client_key",
    "timeout",
)
_CREDENTIALS = ("auth_string", "api_key", "headers")


class Source(NamedTuple):
    name: str  # for messages, empty for options
    values: Mapping[str, Any]  # by option, without those that are not set

    def authorizes(self) -> bool:
        return "auth_string" in self.values or "api_key" in self.values or bool(self.authorization())

    def authorization(self) -> list[str]:
        return [name for name in self.values.get("headers", {}) if str(name).lower() == "authorization"]

    def says(self, option: str) -> str:
        """Return what the source calls an option."""
        return f"{_NAMES[option]} of {self.name}" if self.name else option


class Settings(NamedTuple):
    values: Mapping[str, Any]  # every option, None where nobody set it
    source: str  # of the address, empty for options
    withheld: tuple[str, ...]  # credentials that were meant for another address

    def secrets(self) -> list[str]:
        headers = (self.values["headers"] or {}).values()
        return [str(value) for value in (self.values["auth_string"], self.values["api_key"], *headers) if value]


def resolve(options: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a connection; raises InvalidError."""
    environment = os.environ if environment is None else environment
    sources = _sources(options, environment)
    at = next((at for at, source in enumerate(sources) if "api_url" in source.values), len(sources))
    url = sources[at].values["api_url"] if at < len(sources) else DEFAULT_URL
    if options.get("profile") and at == len(sources):
        raise invalid("profile", f"profile '{options['profile']}' has no PREFECT_API_URL; give api_url, too")
    trusted, withheld = [], []
    for place, source in enumerate(sources):
        if place <= at or _same_server(source.values.get("api_url"), url):
            trusted.append(_read(source) if source.name else source)
        else:
            withheld += [source.says(name) for name in _CREDENTIALS if name in source.values]
    values = {name: next((one.values[name] for one in trusted if name in one.values), None) for name in OPTIONS}
    values.update(_authorization(trusted, values["headers"]), api_url=url)
    return Settings(values, sources[at].name if 0 < at < len(sources) else "", tuple(withheld))


def _sources(options: Mapping[str, Any], environment: Mapping[str, str]) -> list[Source]:
    """Return the sources, the most explicit one first."""
    given = {name: options[name] for name in OPTIONS if options.get(name) is not None}
    sources = [Source("", given)]
    if options.get("profile"):
        sources.append(_of_profile(profiles.named(options["profile"], environment)))
    sources.append(_settings("the environment", environment))
    # Who says all that is needed does not depend on a file that happens to be there.
    if not options.get("profile") and "api_url" not in given:
        sources.append(_of_profile(profiles.active(environment)))
    return sources


def _of_profile(profile: profiles.Profile) -> Source:
    return _settings(f"profile '{profile.name}'", profile.settings)


def _authorization(sources: list[Source], headers: Any) -> dict[str, Any]:
    """Return the credentials of one source: one header can carry only one."""
    source = next((source for source in sources if source.authorizes()), None)
    if source is None:
        return {}
    found = {name: source.values.get(name) for name in ("auth_string", "api_key")}
    if source.authorization() and any(found.values()):
        if not source.name:
            given = next(name for name in found if found[name])
            raise invalid(
                f"headers.{source.authorization()[0]}",
                f"{given} needs this header for itself; give one of them, or let the proxy read another header",
            )
        # Prefect itself sends the header.
        found = dict.fromkeys(found)
    others = {name: value for name, value in (headers or {}).items() if str(name).lower() != "authorization"}
    return {**found, "headers": {**others, **{name: source.values["headers"][name] for name in source.authorization()}}}


def _same_server(one: Any, other: str) -> bool:
    try:
        return bool(one) and _server(str(one)) == _server(other)
    except ValueError:
        return False


def _server(url: str) -> tuple[Any, ...]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


# What Prefect calls the options


def _text(value: Any) -> str:
    return str(value)


def _switched_off(value: Any) -> bool:
    return not boolean(value)


def _headers(value: Any) -> dict[str, str]:
    headers = json.loads(value)
    if not isinstance(headers, dict):
        raise TypeError
    return {str(name): str(text) for name, text in headers.items()}


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 < seconds < float("inf"):
        raise ValueError
    return seconds


_READ: Mapping[str, tuple[str, Callable[[Any], Any], str]] = {
    "api_url": ("PREFECT_API_URL", _text, "an address"),
    "auth_string": ("PREFECT_API_AUTH_STRING", _text, "a text"),
    "api_key": ("PREFECT_API_KEY", _text, "a text"),
    "headers": ("PREFECT_CLIENT_CUSTOM_HEADERS", _headers, "a JSON object"),
    "validate_certs": ("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", _switched_off, "true or false"),
    "ca_path": ("PREFECT_API_SSL_CERT_FILE", os.path.expanduser, "a path"),
    "timeout": ("PREFECT_API_REQUEST_TIMEOUT", _seconds, "a number of seconds above 0"),
}
_NAMES = {option: name for option, (name, _convert, _expected) in _READ.items()}


def _settings(name: str, settings: Mapping[str, Any]) -> Source:
    found = {option: settings.get(key) for option, key in _NAMES.items()}
    return Source(name, {option: value for option, value in found.items() if value not in (None, "")})


def _read(source: Source) -> Source:
    """Return a source with its texts as values."""
    values, problems = {}, []
    for option, text in source.values.items():
        _name, convert, expected = _READ[option]
        try:
            values[option] = convert(text)
        except (TypeError, ValueError):
            # The text may be a secret.
            problems.append(Problem(source.says(option), f"expected {expected}"))
    if problems:
        raise InvalidError(*problems)
    return Source(source.name, values)
