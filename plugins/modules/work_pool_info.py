#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: work_pool_info
short_description: See work pools
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists work pools, with the fields that M(flowops.prefect.work_pool) takes and returns.
  - Workers of pools are told by M(flowops.prefect.server_info).
options:
  name:
    description: Names of work pools.
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
  - module: flowops.prefect.work_pool
  - module: flowops.prefect.server_info
"""

EXAMPLES = r"""
- name: Look at a pool
  flowops.prefect.work_pool_info:
    name: example
  register: found

- name: Tell whether a worker is there
  ansible.builtin.debug:
    msg: "{{ found.work_pools | map(attribute='status') | first | default('no such pool') }}"
"""

RETURN = r"""
work_pools:
  description: The work pools that were found, in the order of their names, with the fields of
    M(flowops.prefect.work_pool), too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the pool.
      type: str
    status:
      description: C(READY) when a worker is there, C(NOT_READY) or C(PAUSED).
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_pool import WorkPool


def main() -> None:
    run(WorkPool, facts=("status",), secrets=True)


if __name__ == "__main__":
    main()
