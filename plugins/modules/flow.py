#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: flow
short_description: Manage a flow
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a flow of Prefect. A deployment makes its flow by itself, so this is for tags of a flow
    and for removing one.
options:
  name:
    description: Name of the flow.
    type: str
    required: true
  tags:
    description: Tags of the flow, in any order. C([]) or C(null) removes them all.
    type: list
    elements: str
  force:
    description: Remove the flow although deployments of it would go with it.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.flow_info
"""

EXAMPLES = r"""
- name: Tag a flow
  flowops.prefect.flow:
    name: example-tagged
    tags:
      - example

- name: Remove the flow and its deployments
  flowops.prefect.flow:
    name: example-tagged
    state: absent
    force: true
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
flow:
  description: The flow as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the flow, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the flow.
      type: str
    tags:
      description: Tags of the flow.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.flow import Flow
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Flow)


if __name__ == "__main__":
    main()
