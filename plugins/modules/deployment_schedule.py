#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_schedule
short_description: Manage one schedule of a deployment
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes one schedule of a deployment, and leaves its others alone. For schedules of deployments
    that others make, such as C(prefect deploy); all schedules of a deployment are managed by
    O(flowops.prefect.deployment#module:schedules).
  - A schedule that is there is changed in place and keeps its id. With every change the server makes the runs that lie
    ahead anew, within a minute.
options:
  flow_name:
    description: Name of the flow.
    type: str
    required: true
  deployment_name:
    description: Name of the deployment. It has to exist, or to be declared in the same call of
      M(flowops.prefect.resources).
    type: str
    required: true
    aliases: [deployment]
  slug:
    description: Name of the schedule in its deployment.
    type: str
    required: true
  cron:
    description: Rule as of cron, such as V(0 6 * * *). A new schedule needs one of O(cron), O(interval) and O(rrule).
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
    description: Whether a O(cron) with day of month and day of week runs on either of them. It does in a new schedule.
    type: bool
  anchor_date:
    description: Time from which O(interval) counts, such as V(2026-01-01T00:00:00Z). Default is when the schedule was
      created.
    type: str
  active:
    description: Whether the schedule makes runs. A new one does.
    type: bool
  max_scheduled_runs:
    description: How many runs are scheduled ahead. Default is the server's setting.
    type: int
  parameters:
    description: Parameters of the schedule's runs, over those of the deployment. Those that are named like a secret are
      masked in all output.
    type: dict
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.deployment_schedule_info
"""

EXAMPLES = r"""
- name: Have a deployment
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily

- name: Run it every morning
  flowops.prefect.deployment_schedule:
    flow_name: example-flow
    deployment_name: daily
    slug: morning
    cron: 0 6 * * *
    timezone: Europe/Vienna

- name: Switch the schedule off
  flowops.prefect.deployment_schedule:
    flow_name: example-flow
    deployment_name: daily
    slug: morning
    active: false

- name: Remove the schedule
  flowops.prefect.deployment_schedule:
    flow_name: example-flow
    deployment_name: daily
    slug: morning
    state: absent

- name: Remove the deployment
  flowops.prefect.deployment:
    flow_name: example-flow
    name: daily
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
deployment_schedule:
  description: The schedule as it is, or in check mode as it would be, with the fields of the options. Secrets are
    masked.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the schedule, null in check mode when it does not exist yet.
      type: str
    flow_name:
      description: Name of the flow.
      type: str
    deployment_name:
      description: Name of the deployment.
      type: str
    slug:
      description: Name of the schedule.
      type: str
    cron:
      description: Rule as of cron, null where there is another.
      type: str
    interval:
      description: Seconds between two runs, null where there is another rule.
      type: float
    rrule:
      description: Rule as of iCalendar, null where there is another.
      type: str
    timezone:
      description: Time zone of the rule, null for UTC.
      type: str
    day_or:
      description: Whether day of month or day of week is enough, null where nothing was said of it.
      type: bool
    anchor_date:
      description: Time from which the interval counts.
      type: str
    active:
      description: Whether the schedule makes runs.
      type: bool
    max_scheduled_runs:
      description: How many runs are scheduled ahead, null for the server's setting.
      type: int
    parameters:
      description: Parameters of its runs.
      type: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.deployment_schedule import DeploymentSchedule
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(DeploymentSchedule)


if __name__ == "__main__":
    main()
