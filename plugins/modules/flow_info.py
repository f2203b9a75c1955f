#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: flow_info
short_description: See flows
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists flows, with the fields that M(flowops.prefect.flow) takes and returns.
options:
  name:
    description: Names of flows.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
  - flowops.prefect.lists.tags
seealso:
  - module: flowops.prefect.flow
"""

EXAMPLES = r"""
- name: See all flows
  flowops.prefect.flow_info:
  register: known

- name: Tell their names
  ansible.builtin.debug:
    msg: "{{ known.flows | map(attribute='name') }}"
"""

RETURN = r"""
flows:
  description: The flows that were found, in the order of their names, with the fields of M(flowops.prefect.flow),
    too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the flow.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.flow import Flow


def main() -> None:
    run(Flow)


if __name__ == "__main__":
    main()
