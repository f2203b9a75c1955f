#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: See deployments
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists deployments, with the fields that M(flowops.prefect.deployment) takes and returns.
options:
  flow_name:
    description: Names of flows.
    type: list
    elements: str
  name:
    description: Names of deployments.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
  - flowops.prefect.lists.secrets
  - flowops.prefect.lists.tags
seealso:
  - module: flowops.prefect.deployment
"""

EXAMPLES = r"""
- name: See the deployments of a flow
  flowops.prefect.deployment_info:
    flow_name: example-flow
  register: found

- name: Tell which of them nobody would run
  ansible.builtin.debug:
    msg: "{{ found.deployments | rejectattr('status', 'eq', 'READY') | map(attribute='name') }}"
"""

RETURN = r"""
deployments:
  description: The deployments that were found, in the order of their names, with the fields of
    M(flowops.prefect.deployment), too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the deployment.
      type: str
    flow_id:
      description: Id of the flow.
      type: str
    status:
      description: C(READY) when a worker polls its queue, or C(NOT_READY).
      type: str
    last_polled:
      description: When a worker last asked for its runs, null if none ever did.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.deployment import Deployment


def main() -> None:
    run(Deployment, facts=("flow_id", "status", "last_polled"), secrets=True)


if __name__ == "__main__":
    main()
