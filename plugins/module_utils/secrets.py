# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values are secret, and how they are shown."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, Tuple

Path = Tuple[Any, ...]
IsSecret = Callable[[Path], bool]

SECRET = "<secret>"
CHANGED = "<secret: changed>"
_MISSING: Any = object()
# Shorter values are left out of Ansible's own censoring: it would hide their letters everywhere.
_SHORTEST_CENSORED = 5

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    [
        "apikey",
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "credential",
        "credentials",
        "passphrase",
        "passwd",
        "password",
        "pw",
        "pwd",
        "secret",
        "secrets",
        "token",
    ]
)
_SECRET_PAIRS = (
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("auth", "string"),
    ("connection", "string"),
    ("encryption", "key"),
    ("private", "key"),
    ("signing", "key"),
)
# What is told of a secret, such as the name of the file it is in, is none itself.
_ABOUT = frozenset(["file", "files", "name", "path", "ref", "type", "url", "uri", "ttl", "expiry", "slug", "schema"])
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):([^\s/@]+)(?=@)")
_REFERENCE = re.compile(r"\{\{[^{}]*\}\}|\$\w+|\$\{\w+\}")


def secret_name(name: Any) -> bool:
    """Return whether a field of this name holds a secret."""
    if not isinstance(name, str):
        return False
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return False
    return not _SECRET_WORDS.isdisjoint(words) or any(pair in _SECRET_PAIRS for pair in zip(words, words[1:]))


def by_name(path: Path) -> bool:
    return bool(path) and secret_name(path[-1])


def in_schema(path: Path) -> bool:
    """Return whether a place in a JSON schema is secret: what it says of a field is not, only its default may be."""
    at = path.index("default") if "default" in path else 0
    return at > 0 and (by_name(path[:at]) or (path[-1] != "default" and by_name(path)))


def shown(value: Any, is_secret: IsSecret = by_name, other: Any = _MISSING, path: Path = ()) -> Any:
    """Return a copy to show. Compared with another value, a secret tells whether it has changed."""
    if path and is_secret(path) and not _harmless(value):
        return SECRET if other is _MISSING or other == value else CHANGED
    if isinstance(value, dict):
        others = other if isinstance(other, dict) else {}
        return {key: shown(part, is_secret, others.get(key, _MISSING), (*path, key)) for key, part in value.items()}
    if isinstance(value, list):
        rest = other if isinstance(other, list) else []
        return [
            shown(part, is_secret, rest[at] if at < len(rest) else _MISSING, (*path, at))
            for at, part in enumerate(value)
        ]
    if isinstance(value, str):
        changed = other is not _MISSING and other != value and isinstance(other, str) and _plain(other) == _plain(value)
        return _URL_PASSWORD.sub(rf"\1:{CHANGED if changed else SECRET}", value)
    return value


def hidden(value: Any) -> Any:
    """Return the shape of a value whose secrets are not known."""
    if isinstance(value, dict):
        return {key: hidden(part) for key, part in value.items()}
    if isinstance(value, list):
        return [hidden(part) for part in value]
    return value if _harmless(value) else SECRET


def secret_strings(value: Any, is_secret: IsSecret = by_name, path: Path = (), inside: bool = False) -> Iterator[str]:
    """Yield the secrets in a value, for Ansible to censor wherever else they turn up."""
    if _refers(value):
        return
    inside = inside or (bool(path) and is_secret(path))
    if isinstance(value, dict):
        for key, part in value.items():
            yield from secret_strings(part, is_secret, (*path, key), inside)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from secret_strings(part, is_secret, (*path, at), inside)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and inside:
        if len(str(value)) >= _SHORTEST_CENSORED and not _harmless(value):
            yield str(value)
    elif isinstance(value, str):
        yield from (
            match.group(2) for match in _URL_PASSWORD.finditer(value) if len(match.group(2)) >= _SHORTEST_CENSORED
        )


def secret_places(value: Any, is_secret: IsSecret = by_name, path: Path = ()) -> Iterator[Path]:
    """Yield where the secrets in a value are; a text that holds one counts as a whole."""
    if path and is_secret(path):
        # Unlike in what is shown, a word that looks like the name of a variable may be the secret itself.
        if not _harmless(value) or (isinstance(value, str) and value.startswith("$")):
            yield path
    elif isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from secret_places(part, is_secret, (*path, key))
    elif isinstance(value, str) and _URL_PASSWORD.search(value):
        yield path


def censorable(values: Any) -> Iterator[str]:
    return (value for value in values if len(value) >= _SHORTEST_CENSORED)


def _harmless(value: Any) -> bool:
    """Return whether a value says nothing: empty, a switch, or only the name of where the secret is."""
    return (
        value is None
        or isinstance(value, bool)
        or value in ("", [], {})
        or _refers(value)
        or (isinstance(value, str) and _REFERENCE.fullmatch(value) is not None)
    )


def _refers(value: Any) -> bool:
    """Return whether a value is an environment of Kubernetes that names the Secrets, and holds none."""
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(item, dict) and set(item) == {"name", "valueFrom"} for item in value)
    )


def _plain(text: str) -> str:
    return _URL_PASSWORD.sub(r"\1:", text)
