#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resources
short_description: Manage many objects of Prefect at once
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Brings work pools, queues, variables, blocks, limits, flows, deployments and automations into the declared state, in
    the order of their dependencies. Items with C(state=absent) come last, in the opposite order.
  - An item takes the options of the module of its kind and means the same, but for those of the connection.
  - Everything is checked and compared before anything is written, and all that is wrong is told at once, by the path
    of the item.
  - The priorities of the queues of a pool are settled together.
options:
  resources:
    description: The objects. What is not declared is left alone.
    type: dict
    required: true
    suboptions:
      work_pools:
        description: Options of M(flowops.prefect.work_pool).
        type: list
        elements: dict
      work_queues:
        description: Options of M(flowops.prefect.work_queue).
        type: list
        elements: dict
      variables:
        description: Options of M(flowops.prefect.variable).
        type: list
        elements: dict
      block_types:
        description: Options of M(flowops.prefect.block_type).
        type: list
        elements: dict
        version_added: 1.2.0
      block_schemas:
        description: Options of M(flowops.prefect.block_schema).
        type: list
        elements: dict
        version_added: 1.2.0
      blocks:
        description: Options of M(flowops.prefect.block). One that refers to another may come before it.
        type: list
        elements: dict
      default_result_storage:
        description: Options of M(flowops.prefect.default_result_storage). There is one at most.
        type: list
        elements: dict
        version_added: 1.2.0
      global_concurrency_limits:
        description: Options of M(flowops.prefect.global_concurrency_limit).
        type: list
        elements: dict
        version_added: 1.2.0
      concurrency_limits:
        description: Options of M(flowops.prefect.concurrency_limit).
        type: list
        elements: dict
        version_added: 1.2.0
      flows:
        description: Options of M(flowops.prefect.flow).
        type: list
        elements: dict
        version_added: 1.2.0
      deployments:
        description: Options of M(flowops.prefect.deployment).
        type: list
        elements: dict
      deployment_schedules:
        description: Options of M(flowops.prefect.deployment_schedule).
        type: list
        elements: dict
        version_added: 1.2.0
      automations:
        description: Options of M(flowops.prefect.automation). One that pauses another may come before it.
        type: list
        elements: dict
        version_added: 1.2.0
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
"""

EXAMPLES = r"""
- name: Have everything that the example needs
  flowops.prefect.resources:
    resources:
      work_pools:
        - name: example
          concurrency_limit: 4
      work_queues:
        - work_pool_name: example
          name: urgent
          priority: 1
        - work_pool_name: example
          name: default
          priority: 2
      variables:
        - name: example_bucket
          value: raw
      blocks:
        - block_type_slug: secret
          name: example
          data:
            value: not-a-real-one
      deployments:
        - flow_name: example-flow
          name: urgent
          work_pool_name: example
          work_queue_name: urgent
          entrypoint: flows.py:hello
          path: /opt/flows

- name: Remove some of it
  flowops.prefect.resources:
    resources:
      deployments:
        - flow_name: example-flow
          name: urgent
          state: absent
      work_pools:
        - name: example
          state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
results:
  description: What happened to each item, in the order in which it did. After a failure those that were done.
  returned: success, and when writing an item failed
  type: list
  elements: dict
  contains:
    item:
      description: Path of the item.
      type: str
      sample: resources.work_pools[0]
    kind:
      description: Kind of the object.
      type: str
      sample: work_pool
    name:
      description: Name of the object, behind the names that it needs to be found.
      type: str
      sample: secret/example
    id:
      description: Id of the object, null when there is none.
      type: str
    action:
      description: What was done, or would be done in check mode - V(created), V(updated), V(deleted) or V(unchanged).
      type: str
    changed:
      description: Whether anything was done.
      type: bool
problems:
  description: All that is wrong with the items, each with C(path) and C(message).
  returned: when items are wrong
  type: list
  elements: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils import bulk
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS = {
    "resources": {
        "type": "dict",
        "required": True,
        "no_log": True,
        "options": {section: {"type": "list", "elements": "dict"} for section in bulk.KINDS},
    }
}


def main() -> None:
    module = PrefectModule(OPTIONS, bulk.invocation)
    guarded(module, lambda: bulk.run(module, module.connect()))


if __name__ == "__main__":
    main()
