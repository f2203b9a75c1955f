#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_schedule_info
short_description: See schedules of deployments
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists schedules of deployments, with the fields that M(flowops.prefect.deployment_schedule) takes and returns.
  - Schedules without a slug are told by M(flowops.prefect.deployment_info) only.
options:
  flow_name:
    description: Names of flows.
    type: list
    elements: str
  deployment_name:
    description: Names of deployments.
    type: list
    elements: str
    aliases: [deployment]
  slug:
    description: Names of schedules.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
  - flowops.prefect.lists.secrets
seealso:
  - module: flowops.prefect.deployment_schedule
  - module: flowops.prefect.deployment_info
"""

EXAMPLES = r"""
- name: See when the deployments of a flow run
  flowops.prefect.deployment_schedule_info:
    flow_name: example-flow
  register: found

- name: Tell which schedules are off
  ansible.builtin.debug:
    msg: "{{ found.deployment_schedules | rejectattr('active') | map(attribute='slug') }}"
"""

RETURN = r"""
deployment_schedules:
  description: The schedules of deployments that were found, in the order of their names, with the fields of
    M(flowops.prefect.deployment_schedule), too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the schedule.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.deployment_schedule import DeploymentSchedule


def main() -> None:
    run(DeploymentSchedule, secrets=True)


if __name__ == "__main__":
    main()
