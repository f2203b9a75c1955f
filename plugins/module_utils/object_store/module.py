# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of MinIO: the same life as an object of Prefect has, on another server."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ..difference import Json
from ..errors import InvalidError
from ..module import PrefectModule, guarded
from ..resource import STATE, Options, Resource
from ..secrets import secret_strings, shown
from ..session import Session
from .client import HAS_MINIO, MinioClient
from .connection import CONNECTION, check


class MinioModule(PrefectModule):
    connection: Options = CONNECTION


class MinioResource(Resource):
    """An object that is known by its name."""

    client: Any

    def object(self) -> Json | None:
        after = self.difference.after
        return None if after is None else dict(shown(after, self.is_secret))

    def advice(self) -> list[str]:
        """Return what the user is to be warned of."""
        return []


def run(kind: type[MinioResource]) -> None:
    """Be the module of one kind."""
    module = MinioModule({**kind.options, **STATE}, kind.invocation)
    if not HAS_MINIO:
        module.fail_json(missing_required_lib("minio", reason="to talk to MinIO"))

    def work() -> Json:
        problems = check(module.params)
        if problems:
            raise InvalidError(*problems)
        client: Any = MinioClient(module.params, module.check_mode)
        resource = kind(Session(client), module.given)
        module.censor(secret_strings(resource.given, resource.is_secret))
        problems = resource.check()
        if problems:
            raise InvalidError(*problems)
        resource.plan()
        for text in resource.advice():
            module.warn(text)
        resource.apply()
        result: Json = {"changed": resource.changed, "diff": resource.difference.shown()}
        state = resource.object()
        return result if state is None else {**result, kind.kind.replace("minio_", ""): state}

    guarded(module, work)
