# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between an option and the API, each with a message that says how to mend it."""

from __future__ import annotations

from typing import Any, NamedTuple


class PrefectError(Exception):
    """The message is for the user, and so is what else the module returns."""

    def __init__(self, text: str, /, **result: Any) -> None:
        super().__init__(text)
        self.result = result


class UnreachableError(PrefectError):
    """Nobody answers at the address."""


class WrongAddressError(PrefectError):
    """Somebody answers, but not Prefect's API."""


class UnauthorizedError(PrefectError):
    """The API does not take the credentials."""


class WriteInCheckModeError(PrefectError):
    """A mistake of this collection: check mode was about to write."""


class RefusedError(PrefectError):
    """The API answered with an error."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Problem(NamedTuple):
    """Something wrong with one option."""

    path: str
    message: str


class InvalidError(PrefectError):
    """Options that cannot be applied, all of them at once."""

    def __init__(self, *problems: Problem) -> None:
        text = "\n".join(f"{path}: {message}" for path, message in problems)
        super().__init__(text, problems=[problem._asdict() for problem in problems])
        self.problems: list[Problem] = list(problems)


def invalid(path: str, message: str) -> InvalidError:
    return InvalidError(Problem(path, message))
