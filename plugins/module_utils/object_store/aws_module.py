# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module of S3: options in, one result out."""

from __future__ import annotations

from typing import Any, Callable, List

from ansible.module_utils.basic import missing_required_lib

from ..difference import Json
from ..errors import InvalidError, Problem
from ..module import PrefectModule, guarded
from ..resource import Options
from .aws import HAS_BOTO3, AwsClient
from .aws_connection import CONNECTION, check

Check = Callable[[Json], List[Problem]]
Work = Callable[[Any, Json], Json]


class S3Module(PrefectModule):
    connection: Options = CONNECTION


def run(options: Options, check_options: Check, work: Work, in_check_mode: bool = True) -> None:
    """Be a module that does one thing with the client and its options."""
    module = S3Module(options, dict)

    def guarded_work() -> Json:
        problems = check(module.params) + check_options(module.params)
        if problems:
            raise InvalidError(*problems)
        if module.check_mode and not in_check_mode:
            return {"changed": False, "skipped": True, "msg": "does nothing in check mode"}
        if not HAS_BOTO3:
            module.fail_json(missing_required_lib("boto3", reason="to talk to S3 and IAM"))
        return work(AwsClient(module.params, module.check_mode), module.params)

    guarded(module, guarded_work)
