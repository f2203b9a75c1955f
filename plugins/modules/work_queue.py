#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: work_queue
short_description: Manage a queue of a work pool
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a queue of a work pool of Prefect.
  - Priorities are unique in a pool. A queue that gets a priority which another one has moves that one and those
    behind it
    by one, so queues with priorities that are managed one by one may move each other again and again.
    Manage all of a pool together with M(flowops.prefect.resources), which settles them in order.
options:
  name:
    description: Name of the queue. The queue V(default) comes and goes with its pool.
    type: str
    required: true
  work_pool_name:
    description: Name of the pool.
    type: str
    required: true
    aliases: [work_pool]
  description:
    description: What the queue is for.
    type: str
  priority:
    description: Priority of the queue, V(1) is the highest. A new queue gets the first free one. C(null) is the same
      as leaving it out.
    type: int
  concurrency_limit:
    description: How many flow runs of the queue run at the same time. C(null) takes the limit away, V(0) holds
      everything back.
    type: int
  is_paused:
    description: Whether the queue hands out no flow runs. A new queue does.
    type: bool
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.work_queue_info
"""

EXAMPLES = r"""
- name: Have a pool for the queues
  flowops.prefect.work_pool:
    name: example

- name: Have a queue that goes first and runs two flow runs at a time
  flowops.prefect.work_queue:
    work_pool_name: example
    name: urgent
    priority: 1
    concurrency_limit: 2

- name: Pause the queue that every pool has
  flowops.prefect.work_queue:
    work_pool_name: example
    name: default
    is_paused: true

- name: Remove the queue
  flowops.prefect.work_queue:
    work_pool_name: example
    name: urgent
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
work_queue:
  description: The queue as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the queue, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the queue.
      type: str
    work_pool_name:
      description: Name of its pool.
      type: str
    description:
      description: What the queue is for.
      type: str
    priority:
      description: Priority of the queue, null in check mode when the server would choose it.
      type: int
    concurrency_limit:
      description: How many flow runs run at the same time, null without a limit.
      type: int
    is_paused:
      description: Whether the queue hands out no flow runs.
      type: bool
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_queue import WorkQueue
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(WorkQueue)


if __name__ == "__main__":
    main()
