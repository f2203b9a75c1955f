# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API key of Prefect Cloud: from the document, or from the controller's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The names that QHub and Nebari documented, and the one that Prefect itself reads, in the order they count.
QHUB_NAMES = (
    "TF_VAR_prefect_token",
    "QHUB_SECRET_PREFECT_TOKEN",
    "QHUB_SECRET_prefect_token",
    "NEBARI_SECRET__prefect__token",
)
PREFECTS_NAME = "PREFECT_API_KEY"


@dataclass(frozen=True)
class Token:
    """An API key and where it came from."""

    value: str
    source: str

    def __repr__(self) -> str:
        """Show the source alone."""
        return f"Token(source={self.source!r})"


def is_cloud(document: Mapping[str, Any]) -> bool:
    """Tell whether the document names a workspace of Prefect Cloud."""
    return any(value is not None for value in document["cloud"].values())


def find_token(document: Mapping[str, Any], environ: Mapping[str, str], warnings: list[str]) -> Token | None:
    """Return the token that counts, if there is one."""
    if document["token"] is not None:
        return Token(document["token"], "prefect.token")
    for name in QHUB_NAMES:
        if environ.get(name):
            return Token(environ[name], f"the environment variable {name}")
    if environ.get(PREFECTS_NAME):
        if document["api_url"] is not None or is_cloud(document):
            return Token(environ[PREFECTS_NAME], f"the environment variable {PREFECTS_NAME}")
        warnings.append(
            f"the environment variable {PREFECTS_NAME} is ignored and a server is deployed; "
            "to use Prefect Cloud set prefect.cloud or prefect.api_url"
        )
    return None
