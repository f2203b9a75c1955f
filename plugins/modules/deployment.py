#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment
short_description: Manage a deployment of a flow
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a deployment of a flow of Prefect. The flow is created where it is missing, and stays
    when the deployment is removed.
  - The code of the flow is not touched. It has to be where O(pull_steps), O(path) and O(entrypoint) say when a
    worker runs it.
  - A deployment that is there is changed in place, so that its schedules keep their runs.
options:
  name:
    description: Name of the deployment.
    type: str
    required: true
  flow_name:
    description: Name of the flow.
    type: str
    required: true
  entrypoint:
    description: Where the flow is in the code, such as V(flows/etl.py:main).
    type: str
  path:
    description: Folder that the code is in, on the worker's host.
    type: str
  pull_steps:
    description:
      - Steps by which a worker gets the code, compared as a whole, each with the step's name as its only key.
      - Fields that are named like a secret are masked in all output. Better refer to a block, C({{
        prefect.blocks.secret.NAME }}) written raw.
    type: list
    elements: dict
  parameters:
    description: Default parameters of runs, compared as a whole. One that the schema does not have, or that is of
      another type there, is an error unless O(enforce_parameter_schema=false). Those that are named like a secret are
      masked in all output.
    type: dict
  parameter_openapi_schema:
    description: Schema of the parameters, compared as a whole.
    type: dict
  enforce_parameter_schema:
    description: Whether the server checks parameters against the schema. It does for a new deployment.
    type: bool
  work_pool_name:
    description: Work pool whose workers run the deployment. It has to exist. C(null) takes the deployment out of its
      pool.
    type: str
    aliases: [work_pool]
  work_queue_name:
    description:
      - Queue of the pool. The server creates a queue that is missing.
      - Default is V(default) for a new deployment and for one that gets another pool.
    type: str
    aliases: [work_queue]
  job_variables:
    description:
      - Values for the variables of the pool's base job template, compared as a whole. One that the template does not
        have, or that is of another type there, is an error.
      - Those that are named like a secret are masked in all output. Anybody who may read the deployment can read them.
    type: dict
  schedules:
    description:
      - All schedules of the deployment, in any order. One that is not in the list is removed, C([]) or C(null)
        removes them all.
      - An item with O(schedules[].slug) is the schedule of that slug and is changed in place. An item without one is
        the schedule
        of the same rule.
      - What an item leaves out stays as it is, and is the default in a new schedule.
    type: list
    elements: dict
    suboptions:
      slug:
        description: Name of the schedule in its deployment.
        type: str
      cron:
        description: Rule as of cron, such as V(0 6 * * *). One of O(schedules[].cron), O(schedules[].interval) and
          O(schedules[].rrule) is needed.
        type: str
      interval:
        description: Seconds between two runs.
        type: float
      rrule:
        description: Rule as of iCalendar, such as V(FREQ=WEEKLY;BYDAY=MO).
        type: str
      timezone:
        description: Time zone of the rule, such as V(Europe/Vienna). Default is UTC.
        type: str
      day_or:
        description: Whether a O(schedules[].cron) with day of month and day of week runs on either of them. It does
          in a new schedule.
        type: bool
      anchor_date:
        description: Time from which O(schedules[].interval) counts, such as V(2026-01-01T00:00:00Z). Default is when
          the schedule was created.
        type: str
      active:
        description: Whether the schedule makes runs. A new one does.
        type: bool
      max_scheduled_runs:
        description: How many runs are scheduled ahead. Default is the server's setting.
        type: int
      parameters:
        description: Parameters of the schedule's runs, over those of the deployment.
        type: dict
  concurrency_limit:
    description: How many runs of the deployment run at the same time. C(null) takes the limit away.
    type: int
  global_concurrency_limit:
    description:
      - Name of a limit that the deployment shares with others, see M(flowops.prefect.global_concurrency_limit). C(null)
        takes the deployment from it.
      - It replaces O(concurrency_limit), and the other way round.
    type: str
    version_added: 1.2.0
  concurrency_options:
    description: What happens to a run that exceeds the limit. C(null) leaves it to the server, which lets it wait.
    type: dict
    version_added: 1.2.0
    suboptions:
      collision_strategy:
        description: Whether the run waits or is cancelled.
        type: str
        choices: [ENQUEUE, CANCEL_NEW]
        required: true
      grace_period_seconds:
        description: How long a run may take to start before its place is given to another, V(60) to V(86400). Default
          is the server's setting.
        type: int
  labels:
    description: Labels of a new deployment, each a text, a number or a switch. The server does not change them later.
    type: dict
    version_added: 1.2.0
  tags:
    description: Tags of the deployment and its runs, in any order.
    type: list
    elements: str
  description:
    description: What the deployment is for.
    type: str
  version:
    description: Version of the deployment.
    type: str
  paused:
    description: Whether the deployment's schedules are paused.
    type: bool
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.deployment_info
"""

EXAMPLES = r"""
- name: Have a pool for the deployment
  flowops.prefect.work_pool:
    name: example

- name: Run a flow from a folder of the worker's host every morning
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily
    work_pool_name: example
    entrypoint: flows.py:hello
    pull_steps:
      - prefect.deployments.steps.set_working_directory:
          directory: /opt/flows
    parameters:
      name: world
    schedules:
      - slug: morning
        cron: 0 6 * * *
        timezone: Europe/Vienna
    concurrency_limit: 1
    concurrency_options:
      collision_strategy: CANCEL_NEW
    tags:
      - example

- name: Switch the schedule off
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily
    schedules:
      - slug: morning
        cron: 0 6 * * *
        active: false

- name: Remove all schedules and the limit
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily
    schedules: []
    concurrency_limit: null

- name: Remove the deployment
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily
    state: absent

- name: Remove the pool
  flowops.prefect.work_pool:
    name: example
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
deployment:
  description: The deployment as it is, or in check mode as it would be, with the fields of the options. Secrets are
    masked.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the deployment, null in check mode when it does not exist yet.
      type: str
    flow_id:
      description: Id of the flow, null in check mode when the deployment does not exist yet.
      type: str
    name:
      description: Name of the deployment.
      type: str
    flow_name:
      description: Name of the flow.
      type: str
    work_pool_name:
      description: Work pool of the deployment.
      type: str
    work_queue_name:
      description: Queue of the deployment.
      type: str
    schedules:
      description: Schedules of the deployment. One that was there before has its C(id).
      type: list
      elements: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.deployment import Deployment
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Deployment)


if __name__ == "__main__":
    main()
