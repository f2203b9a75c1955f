#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: work_queue_info
short_description: See work queues
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists work queues, with the fields that M(flowops.prefect.work_queue) takes and returns.
options:
  work_pool_name:
    description: Names of the pools that the queues belong to.
    type: list
    elements: str
    aliases: [work_pool]
  name:
    description: Names of work queues.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.work_queue
"""

EXAMPLES = r"""
- name: See the queues of a pool
  flowops.prefect.work_queue_info:
    work_pool_name: example
  register: found

- name: Tell their priorities
  ansible.builtin.debug:
    msg: "{{ found.work_queues | items2dict(key_name='name', value_name='priority') }}"
"""

RETURN = r"""
work_queues:
  description: The work queues that were found, in the order of their names, with the fields of
    M(flowops.prefect.work_queue), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the queue.
      type: str
    status:
      description: C(READY) when a worker polls it, C(NOT_READY) or C(PAUSED).
      type: str
    last_polled:
      description: When a worker last asked for work, null if none ever did.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_queue import WorkQueue


def main() -> None:
    run(WorkQueue, facts=("status", "last_polled"))


if __name__ == "__main__":
    main()
