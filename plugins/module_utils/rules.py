# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the rule of a schedule for certain; whatever is in doubt is left to the server."""

from __future__ import annotations

import functools
import math
import re
import time
from typing import NamedTuple, Sequence

from .difference import Json
from .errors import Problem
from .suggest import closest

try:
    import zoneinfo
except ImportError:  # Python 3.8
    zoneinfo = None  # type: ignore[assignment]

_ALIASES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_LONGEST_RRULE = 6500
# Shorter ones are none for the server, and with a longer one its calendar ends.
_SHORTEST_INTERVAL = 1e-6
_LONGEST_INTERVAL = 2.5e11
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# A database without the old names does not tell which zones the server knows.
_OLD_ZONE = "US/Eastern"

_ITEM = re.compile(r"(?P<low>\*|\w+)(?:-(?P<high>\w+))?(?:/(?P<step>\d+))?")
_UTC_END = re.compile(r"UNTIL=\w+Z", re.IGNORECASE)
_ZONED_START = re.compile(r"DTSTART(;TZID=|:\w+Z)", re.IGNORECASE)
_FREQUENCY = re.compile(r"(?:^|[\s;:])FREQ=([^\s;]*)", re.IGNORECASE)


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: Sequence[str] = ()

    @property
    def allowed(self) -> str:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}"


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 7, _WEEKDAYS),
    _Field("second", 0, 59),
    _Field("year", 1970, 2099),
)


def check_rule(schedule: Json) -> list[Problem]:
    """Return what is wrong with the values of a schedule's rule, at most one problem each."""
    problems = []
    for name, check in (("cron", _cron), ("interval", _interval), ("rrule", _rrule), ("timezone", _timezone)):
        value = schedule.get(name)
        message = None if value is None else check(value)
        if not message and name == "cron" and value is not None:
            message = _never(value, schedule.get("day_or"))
        if message:
            problems.append(Problem(name, message))
    return problems


def _interval(value: float) -> str | None:
    if not math.isfinite(value) or value < _SHORTEST_INTERVAL:
        return f"expected more than 0 seconds, found {value:g}"
    return None if value <= _LONGEST_INTERVAL else f"expected at most {_LONGEST_INTERVAL:g} seconds, found {value:g}"


def _cron(text: str) -> str | None:
    if text.startswith("@"):
        if text.lower() in _ALIASES:
            return None
        near = closest(text, _ALIASES)
        return f"expected five fields or one of {', '.join(_ALIASES)}, found '{text}'{near}"
    fields = text.lower().split()
    if not 5 <= len(fields) <= len(_FIELDS):
        return (
            "expected five fields (minute, hour, day, month and weekday; then second and year if need be) "
            f"or an alias such as @daily, found {len(fields)} in '{text}'"
        )
    for field, written in zip(_FIELDS, fields):
        wrong = next(
            (item for item in written.split(",") if not _is_possible(item, written, _lenient(field, len(fields)))), None
        )
        if wrong is not None:
            part = "nothing between commas" if not wrong else f"'{wrong}'"
            return f"expected {field.allowed}, *, lists, ranges or steps as {field.name}, found {part} in '{text}'"
    return None


def _never(text: str, day_or: bool | None) -> str | None:
    """Return why a rule has no next run. The server takes it, and then schedules nothing of the deployment."""
    fields = text.lower().split()
    if len(fields) < 5:
        return None
    days, months, years = (_members(fields, name) for name in ("day", "month", "year"))
    # Either of day and weekday is enough, unless both are asked for.
    if days and months and (fields[4] in ("*", "?") or day_or is False):
        longest = max((_DAYS[month - 1] for month in months if 1 <= month <= len(_DAYS)), default=0)
        if min(days) > longest:
            return f"never comes: no month of '{fields[3]}' has a day {fields[2]}, found '{text}'"
    if years and max(years) < time.gmtime().tm_year:
        return f"never comes again: the last year is {max(years)}, found '{text}'"
    return None


def _members(fields: list[str], name: str) -> list[int]:
    """Return the numbers that a field lists; nothing of one with anything else in it."""
    at = next(at for at, field in enumerate(_FIELDS) if field.name == name)
    items = [_ITEM.fullmatch(item) for item in fields[at].split(",")] if at < len(fields) else []
    result: list[int] = []
    for item in items:
        low = _number(item.group("low"), _FIELDS[at]) if item else None
        high = _number(item.group("high"), _FIELDS[at]) if item and item.group("high") else low
        if item is None or low is None or high is None or item.group("step"):
            return []
        result += range(low, high + 1)
    return result


def _lenient(field: _Field, count: int) -> _Field:
    """Return a field as Prefect takes it: with seconds it takes 0 for the first day and month too."""
    return field._replace(low=0) if count > 5 and field.low == 1 else field


def _is_possible(item: str, written: str, field: _Field) -> bool:
    """Return False for what no version of Prefect takes."""
    if field.name in ("day", "weekday") and (written == "?" or "l" in item.replace("jul", "") or "#" in item):
        return True
    # Random values are Prefect's to judge.
    if item.startswith("r") and item[1:2] in ("(", "/"):
        return True
    match = _ITEM.fullmatch(item)
    if match is None or not item.isascii():
        return False
    low, high, step = match.group("low", "high", "step")
    if step is not None and int(step) == 0:
        return False
    if low == "*":
        return high is None
    ends = [_number(end, field) for end in (low, high) if end is not None]
    # The lower end of a range may be below the field.
    least = field.low if high is None and step is None else min(field.low, 0)
    return all(end is not None and least <= end <= field.high for end in ends)


def _number(text: str, field: _Field) -> int | None:
    if text.isdigit():
        return int(text)
    return field.names.index(text) + (field.name == "month") if text in field.names else None


def _rrule(text: str) -> str | None:
    if len(text) > _LONGEST_RRULE:
        return f"expected at most {_LONGEST_RRULE} characters, found {len(text)}"
    frequencies = _FREQUENCY.findall(text)
    if not frequencies and "RDATE" not in text.upper():
        return f"expected a rule of RFC 5545 such as FREQ=DAILY or RRULE:FREQ=DAILY, found '{_short(text)}'"
    for frequency in frequencies:
        if frequency.upper() not in _FREQUENCIES:
            near = closest(frequency, _FREQUENCIES)
            return f"expected FREQ to be one of {', '.join(_FREQUENCIES)}, found '{_short(frequency)}'{near}"
    if _UTC_END.search(text) and not _ZONED_START.search(text):
        # The server takes it, and then fails to schedule any of the deployment's runs.
        return f"expected UNTIL without Z, or DTSTART with Z too, found '{_short(text)}'"
    return None


def _timezone(name: str) -> str | None:
    zones = _zones()
    if not name or not zones or name in zones:
        return None
    return f"expected a time zone such as Europe/Vienna or UTC, found '{_short(name)}'{closest(name, zones)}"


@functools.lru_cache(maxsize=None)
def _zones() -> frozenset[str]:
    """Return all time zones, none where their database is missing or not complete."""
    zones = frozenset(zoneinfo.available_timezones()) if zoneinfo else frozenset()
    return zones if _OLD_ZONE in zones else frozenset()


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "..."
