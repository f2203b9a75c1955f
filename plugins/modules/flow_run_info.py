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
  - Lists flow runs, those that start last first. Of options that are given together all have to hold.
  - Can wait until those that were found have ended, whatever the end; runs that begin meanwhile are not waited for.
options:
  states:
    description: Types of states that are looked for. C([]) stands for any.
    type: list
    elements: str
    choices: [SCHEDULED, PENDING, RUNNING, PAUSED, CANCELLING, COMPLETED, FAILED, CRASHED, CANCELLED]
    default: [PENDING, RUNNING, CANCELLING]
  name:
    description: Names of flow runs.
    type: list
    elements: str
  deployment:
    description: The deployment of the runs, C(FLOW/DEPLOYMENT) or its id.
    type: str
  flow_name:
    description: The flow of the runs. O(deployment) says it, too.
    type: str
  tags:
    description: Only runs that have all these tags.
    type: list
    elements: str
  limit:
    description: How many runs are returned. Default is all.
    type: int
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
seealso:
  - module: flowops.prefect.flow_run
  - module: flowops.prefect.log_info
  - module: flowops.prefect.artifact_info
"""

EXAMPLES = r"""
- name: Wait up to a minute for the flow runs that are under way
  flowops.prefect.flow_run_info:
    wait_timeout: 60
  register: under_way

- name: Tell which of them go on
  ansible.builtin.debug:
    var: under_way.unfinished

- name: See how the last runs of a deployment have ended
  flowops.prefect.flow_run_info:
    deployment: example-flow/daily
    states: [COMPLETED, FAILED, CRASHED, CANCELLED]
    limit: 5
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
    state_name:
      description: Name of its state.
      type: str
      sample: AwaitingRetry
    state_message:
      description: What is said of its state.
      type: str
    flow_id:
      description: Id of its flow.
      type: str
    deployment_id:
      description: Id of its deployment, null when it has none.
      type: str
    parameters:
      description: Its parameters. Secrets are masked.
      type: dict
    tags:
      description: Its tags.
      type: list
      elements: str
    work_pool_name:
      description: Work pool that runs it, null when none does.
      type: str
    work_queue_name:
      description: Queue that it waits in, or came from.
      type: str
    start_time:
      description: When it started, null when it has not yet.
      type: str
    end_time:
      description: When it ended, null when it has not yet.
      type: str
    total_run_time:
      description: Seconds that it has run.
      type: float
unfinished:
  description: Names of the runs that had not ended after O(wait_timeout).
  returned: always
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import flow_run_lists
from ansible_collections.flowops.prefect.plugins.module_utils.flow_runs import STATES
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "states": {
        "type": "list",
        "elements": "str",
        "choices": list(STATES),
        "default": ["PENDING", "RUNNING", "CANCELLING"],
    },
    "name": {"type": "list", "elements": "str"},
    "deployment": {"type": "str"},
    "flow_name": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "limit": {"type": "int"},
    "wait_timeout": {"type": "float", "default": 0},
    "poll_interval": {"type": "float", "default": 2},
}


def main() -> None:
    exclusive = [("deployment", "flow_name")]
    module = PrefectModule(OPTIONS, lambda options: options, mutually_exclusive=exclusive)
    guarded(module, lambda: flow_run_lists.run(module.params, module.connect()))


if __name__ == "__main__":
    main()
