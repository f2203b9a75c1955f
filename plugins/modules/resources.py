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
  - Brings work pools, queues, variables, blocks and their types, limits, flows, deployments, schedules and automations
    into the declared state, in the order of their dependencies. Items with C(state=absent) come last, in the opposite
    order.
  - An item takes the options of the module of its kind and means the same, but for those of the connection.
  - Everything is checked and compared before anything is written, and all that is wrong is told at once, by the path
    of the item.
  - The server is read by lists of 200 objects, and objects that do not need each other are written at the same time.
  - When writing an object fails, all that does not need it is written all the same. The module then fails with what
    went wrong, and the next run goes on from there.
  - Two runs of one document at the same time make each object once.
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
      webhooks:
        description: Options of M(flowops.prefect.webhook), for Prefect Cloud only.
        type: list
        elements: dict
        version_added: 1.2.0
  ownership_tag:
    description:
      - A tag that says whose objects these are, such as C(owner:team-a). All objects that can have tags get it,
        beside their own - variables, flows, deployments and automations.
      - Documents that share a server need a tag each.
    type: str
    version_added: 1.2.0
  prune:
    description:
      - Whether objects are removed that carry O(ownership_tag), or that are named in O(prune_scope), and that
        O(resources) no longer declares. Nothing else is ever removed, and nothing that Prefect makes for itself.
      - Blocks that other blocks refer to, and flows that still have deployments, are not removed; that is an error.
    type: bool
    default: false
    version_added: 1.2.0
  prune_scope:
    description:
      - Names of objects that this document owns whatever their tags, as patterns such as V(team-a-*), in lists by the
        sections of O(resources). This is the only way for objects without tags, such as blocks and work pools.
      - A name is what RV(results[].name) shows, such as V(secret/team-a-*) for blocks.
    type: dict
    version_added: 1.2.0
  prune_limit:
    description: Most objects to remove, in percent of those that this document owns. More than that is an error.
    type: int
    default: 50
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

- name: Have exactly these variables, and none that an earlier document of this team had
  flowops.prefect.resources:
    ownership_tag: owner:example-team
    prune: true
    resources:
      variables:
        - name: example_bucket
          value: raw
        - name: example_stage
          value: test

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
  description:
    - The managed fields before and after, without secrets, of each object that differs. C(before_header) and
      C(after_header) name it.
  returned: success, and when writing an item failed
  type: list
  elements: dict
counts:
  description: How many objects were C(created), C(updated), C(deleted), C(unchanged), C(failed) or C(not_tried).
  returned: success, and when writing an item failed
  type: dict
  sample:
    created: 3
    updated: 1
    deleted: 0
    unchanged: 996
    failed: 0
    not_tried: 0
results:
  description: What happened to each item, in the order of their dependencies.
  returned: success, and when writing an item failed
  type: list
  elements: dict
  contains:
    item:
      description: Path of the item. One that O(prune) removes has none, but section and name.
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
      description:
        - What was done, or would be done in check mode - V(created), V(updated), V(deleted) or V(unchanged).
        - V(failed) is one that could not be written, V(not_tried) one that needs such a one.
      type: str
    changed:
      description: Whether anything was done.
      type: bool
    error:
      description: Why it was not written.
      returned: when it was not
      type: str
problems:
  description: All that is wrong with the items, each with C(path) and C(message).
  returned: when items are wrong
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import bulk, ownership
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "resources": {
        "type": "dict",
        "required": True,
        "no_log": True,
        "options": {section: {"type": "list", "elements": "dict"} for section in bulk.KINDS},
    },
    **ownership.OPTIONS,
}


def main() -> None:
    module = PrefectModule(OPTIONS, bulk.invocation)
    guarded(module, lambda: bulk.run(module, module.connect()))


if __name__ == "__main__":
    main()
