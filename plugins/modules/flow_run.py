#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: flow_run
short_description: Run a deployment and wait for the end
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates a run of a deployment and waits until it has ended.
  - Fails when the run ends in any state but C(COMPLETED), with the state's message and the last log lines.
  - Fails when the run has not ended in time, and says what it waits for, such as a worker that is not online.
options:
  deployment:
    description: The deployment, as C(FLOW/DEPLOYMENT) or by its id.
    type: str
    required: true
  parameters:
    description: Parameters of the run, over those of the deployment. One that the flow does not have, or that is of
      another type in its schema, is an error. Those that are named like a secret are masked in all output.
    type: dict
    default: {}
  name:
    description: Name of the run. Default is one that the server makes up.
    type: str
  tags:
    description: Tags of the run, besides those of the deployment.
    type: list
    elements: str
  job_variables:
    description: Values for the variables of the pool's base job template, over those of the deployment.
    type: dict
  idempotency_key:
    description: A run with this key is not created a second time, the first one is returned, and waited for.
    type: str
  once:
    description: Whether nothing is done when a run of the deployment with the very same parameters has completed
      before.
    type: bool
    default: false
  wait:
    description: Whether to wait for the end of the run.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait. The run goes on when the time is over.
    type: int
    default: 300
  poll_interval:
    description: Seconds between two looks at the run.
    type: float
    default: 2
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.connection
attributes:
  check_mode:
    support: full
    details: Says whether a run would be created.
  diff_mode:
    support: N/A
    details: A run is an event, there is nothing to compare.
  idempotent:
    support: partial
    details: With O(once=true), or with O(idempotency_key). Otherwise every call is a new run.
"""

EXAMPLES = r"""
- name: Have something to run
  flowops.prefect.resources:
    resources:
      work_pools:
        - name: example-runs
      deployments:
        - flow_name: example-flow
          name: on-demand
          work_pool_name: example-runs
          entrypoint: flows.py:hello
          pull_steps:
            - prefect.deployments.steps.set_working_directory:
                directory: /opt/flows

- name: Run it and wait for the end
  flowops.prefect.flow_run:
    deployment: example-flow/on-demand
    parameters:
      name: Ansible
    wait_timeout: 120

- name: Run it unless it has completed with these parameters before
  flowops.prefect.flow_run:
    deployment: example-flow/on-demand
    parameters:
      name: Ansible
    once: true

- name: Run it and go on
  flowops.prefect.flow_run:
    deployment: example-flow/on-demand
    name: from-ansible
    wait: false
"""

RETURN = r"""
flow_run:
  description: The run. In check mode, when one would be created, its C(id) and state are null.
  returned: success, and when the run itself failed
  type: dict
  contains:
    id:
      description: Id of the run.
      type: str
    name:
      description: Name of the run.
      type: str
    deployment_id:
      description: Id of its deployment.
      type: str
    flow_id:
      description: Id of its flow.
      type: str
    state_type:
      description: Type of its state.
      type: str
      sample: COMPLETED
    state_name:
      description: Name of its state.
      type: str
      sample: Completed
    state_message:
      description: Message of its state.
      type: str
    parameters:
      description: All its parameters. Secrets are masked.
      type: dict
    tags:
      description: All its tags.
      type: list
      elements: str
    work_pool_name:
      description: Work pool that it runs in.
      type: str
    work_queue_name:
      description: Queue that it was put in.
      type: str
    start_time:
      description: When it started.
      type: str
    end_time:
      description: When it ended.
      type: str
    total_run_time:
      description: Seconds that it took.
      type: float
logs:
  description: The last log lines of the run.
  returned: when the run itself failed
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import flow_runs
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import shown

OPTIONS: dict[str, dict[str, Any]] = {
    "deployment": {"type": "str", "required": True},
    "parameters": {"type": "dict", "default": {}},
    "name": {"type": "str"},
    "tags": {"type": "list", "elements": "str"},
    "job_variables": {"type": "dict"},
    "idempotency_key": {"type": "str", "no_log": False},
    "once": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 300},
    "poll_interval": {"type": "float", "default": 2},
}


def main() -> None:
    module = PrefectModule(OPTIONS, shown)
    guarded(module, lambda: flow_runs.run(module, module.connect()))


if __name__ == "__main__":
    main()
