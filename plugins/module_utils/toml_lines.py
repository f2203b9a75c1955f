# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of TOML that Prefect writes into its file of profiles, for a Python older than 3.11.

Tables and keys, bare or quoted, with texts on one line, numbers and booleans; the rest is an error, never a guess.
"""

from __future__ import annotations

import re
from typing import Any

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEYS = re.compile(rf"[ \t]*({_KEY})[ \t]*(\.|$)")
_TABLE = re.compile(rf"\[[ \t]*({_KEY}(?:[ \t]*\.[ \t]*{_KEY})*)[ \t]*\]")
_PAIR = re.compile(rf"({_KEY}(?:[ \t]*\.[ \t]*{_KEY})*)[ \t]*=[ \t]*")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"(?!")')
_LITERAL = re.compile(r"'([^']*)'(?!')")
_WORD = re.compile(r"true|false|[+-]?\d+(?:\.\d+)?")
_REST = re.compile(r"[ \t]*(?:#.*)?")
_ESCAPE = re.compile(r'\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[btnfr"\\])|\\.')
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def loads(text: str) -> dict[str, Any]:
    """Return the content; raises ValueError that names the line, and nothing of what is in it."""
    content: dict[str, Any] = {}
    table = content
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        try:
            table = _read(line.strip(" \t"), content, table)
        except ValueError as error:
            raise ValueError(f"{error} (at line {number})") from None
    return content


def _read(line: str, content: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """Add a line to the content, and return the table that the next one belongs to."""
    if not line or line.startswith("#"):
        return table
    found = _TABLE.match(line)
    if found:
        _nothing_after(line, found.end())
        return _inside(content, _keys(found.group(1)))
    found = _PAIR.match(line)
    if not found:
        raise ValueError("neither a table nor a key with a value")
    *outer, name = _keys(found.group(1))
    place = _inside(table, outer)
    if name in place:
        raise ValueError("a key is there twice")
    place[name] = _value(line, found.end())
    return table


def _inside(table: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    for key in keys:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise ValueError("a table has the name of a value")
    return table


def _keys(text: str) -> list[str]:
    keys, at = [], 0
    while True:
        found = _KEYS.match(text, at)
        if not found:
            raise ValueError("not a key")
        key = found.group(1)
        keys.append(_unescaped(key[1:-1]) if key[0] == '"' else key[1:-1] if key[0] == "'" else key)
        if not found.group(2):
            return keys
        at = found.end()


def _value(line: str, at: int) -> Any:
    for pattern in (_TEXT, _LITERAL, _WORD):
        found = pattern.match(line, at)
        if found:
            _nothing_after(line, found.end())
            if pattern is _WORD:
                word = found.group()
                return word == "true" if word in ("true", "false") else float(word) if "." in word else int(word)
            return _unescaped(found.group(1)) if pattern is _TEXT else found.group(1)
    raise ValueError("the value is neither a text on one line, nor a number or boolean: that needs Python 3.11")


def _nothing_after(line: str, at: int) -> None:
    if not _REST.fullmatch(line, at):
        raise ValueError("something follows the value: that needs Python 3.11")


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found.group(1)
        if not escape:
            raise ValueError("unknown escape in a text; a backslash is written twice")
        if escape[0] not in "uU":
            return _ESCAPES[escape]
        code = int(escape[1:], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise ValueError("unknown character in a text")
        return chr(code)

    return _ESCAPE.sub(character, text)
