# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answers are worth another try, and when."""

from __future__ import annotations

import math
import random
import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Mapping

from .answers import Answer
from .transport import only_reads

_LONGEST = 30.0
# Nothing was done: the server was asked too often, or it is not there.
_NOT_DONE = (429, 503)
# A proxy got no answer: what was asked for may have been done.
NO_ANSWER = (502, 504)


def worth_another_try(method: str, path: str, answer: Answer) -> bool:
    return answer.status in _NOT_DONE or (answer.status in NO_ANSWER and only_reads(method, path))


def pause(answer: Answer, attempt: int) -> float:
    """Return how long to wait: what the server asks for, within bounds, or longer and longer."""
    wanted = _asked_for(answer.headers)
    if wanted is None:
        wanted = 0.5 * 2**attempt * random.uniform(1, 1.5)
    return min(max(wanted, 0.0), _LONGEST)


def _asked_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which may also be a date."""
    asked = headers.get("retry-after", "")
    try:
        seconds = float(asked)
        return None if math.isnan(seconds) else seconds
    except ValueError:
        until = _seconds(asked)
    if until is None:
        return None
    # By the server's clock, where it tells it.
    now = _seconds(headers.get("date", ""))
    return until - (time.time() if now is None else now)


def _seconds(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    # A date without a zone is one of UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
