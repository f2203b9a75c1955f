# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What prefect.yaml writes as {{ ... }}: what is known when it is deployed, and what is left to the worker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .problems import Path, Problems, meant, texts

PLACEHOLDER = re.compile(r"{{\s*([\w.\-\[\]$]+)\s*}}")
BLOCK, VARIABLE = "prefect.blocks.", "prefect.variables."
# Prefect fills these in when a run starts.
_AT_RUN = ("ctx.",)
_KEEP = object()


@dataclass(frozen=True)
class Values:
    """What placeholders can stand for: the controller's environment, and the variables of the document."""

    environ: Mapping[str, str]
    variables: Mapping[str, Any]

    def filled(self, value: Any, path: Path, problems: Problems) -> Any:
        """Return a value without placeholders; note those that nothing is known for."""

        def known(name: str, at: Path) -> Any:
            if name.startswith(BLOCK):
                problems.add(at, f"{{{{ {name} }}}} would be copied into the deployment; refer to blocks in pull steps "
                             "and job variables, where a worker reads them")  # fmt: skip
                return _KEEP
            found = self._known(name)
            if found is _KEEP:
                problems.add(at, self._unknown(name))
            return found

        return _replaced(value, path, known)

    def filled_where_known(self, value: Any, path: Path) -> Any:
        """Return a value without the placeholders that are known; a worker reads blocks, and what is left."""
        return _replaced(value, path, lambda name, _at: _KEEP if name.startswith(BLOCK) else self._known(name))

    def _known(self, name: str) -> Any:
        if name.startswith("$"):
            return self.environ.get(name[1:], _KEEP)
        if name.startswith(VARIABLE):
            return self.variables.get(name[len(VARIABLE) :], _KEEP)
        return _KEEP if not name.startswith(_AT_RUN) else f"{{{{ {name} }}}}"

    def _unknown(self, name: str) -> str:
        if name.startswith("$"):
            return f"the environment variable {name[1:]} is not set on the controller"
        if name.startswith(VARIABLE):
            wanted = name[len(VARIABLE) :]
            return f"the variable {wanted} is not among prefect.resources.variables{meant(wanted, self.variables)}"
        return step_is_not_run(name)


def step_is_not_run(name: str) -> str:
    return f"{{{{ {name} }}}} is the outcome of a build or push step, and those are not run"


def outcomes(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the placeholders that only a build or push step could fill in, and where they are."""
    for at, text in texts(value, path):
        for name in PLACEHOLDER.findall(text):
            if not name.startswith((BLOCK, VARIABLE, "$", *_AT_RUN)):
                yield at, name


def _replaced(value: Any, path: Path, known: Callable[[str, Path], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(item, (*path, str(key)), known) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, (*path, index), known) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    whole = PLACEHOLDER.fullmatch(value.strip())
    if whole and whole[1].startswith(VARIABLE):
        # A value of its own keeps its type.
        found = known(whole[1], path)
        return value if found is _KEEP else found

    def text(match: re.Match[str]) -> str:
        found = known(match[1], path)
        return match[0] if found is _KEEP else str(found)

    return PLACEHOLDER.sub(text, value)
