#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: flow_run_info
short_description: See flow runs, and wait for their end
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists flow runs by their state.
  - Can wait until those that were found have ended, whatever the end; runs that begin meanwhile are not waited for.
options:
  states:
    description: Types of states that are looked for.
    type: list
    elements: str
    choices: [SCHEDULED, PENDING, RUNNING, PAUSED, CANCELLING, COMPLETED, FAILED, CRASHED, CANCELLED]
    default: [PENDING, RUNNING, CANCELLING]
  wait_timeout:
    description: Seconds to wait for the end of the runs. Those that go on after that are returned, and no error.
    type: float
    default: 0
  poll_interval:
    description: Seconds between two looks.
    type: float
    default: 2
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
"""

EXAMPLES = r"""
- name: Wait up to a minute for the flow runs that are under way
  flowops.prefect.flow_run_info:
    wait_timeout: 60
  register: under_way

- name: Tell which of them go on
  ansible.builtin.debug:
    var: under_way.unfinished
"""

RETURN = r"""
flow_runs:
  description: The runs as they were found, those that start last first.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the run.
      type: str
    name:
      description: Name of the run.
      type: str
    state_type:
      description: Type of its state.
      type: str
      sample: RUNNING
    start_time:
      description: When it started, null when it has not yet.
      type: str
    deployment_id:
      description: Id of its deployment, null when it has none.
      type: str
unfinished:
  description: Names of the runs that had not ended after O(wait_timeout).
  returned: always
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import flow_runs
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "states": {
        "type": "list",
        "elements": "str",
        "choices": list(flow_runs.STATES),
        "default": ["PENDING", "RUNNING", "CANCELLING"],
    },
    "wait_timeout": {"type": "float", "default": 0},
    "poll_interval": {"type": "float", "default": 2},
}


def main() -> None:
    module = PrefectModule(OPTIONS, lambda options: options)
    guarded(module, lambda: flow_runs.look(module.params, module.connect()))


if __name__ == "__main__":
    main()
