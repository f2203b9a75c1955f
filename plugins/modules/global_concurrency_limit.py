#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: global_concurrency_limit
short_description: Manage a global concurrency limit
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a limit that flows and tasks ask for by its name, as a number of slots or as a rate.
  - How many slots are taken is left to those who take them.
  - The limits of tags are managed by M(flowops.prefect.concurrency_limit), and those of deployments by
    M(flowops.prefect.deployment).
options:
  name:
    description: Name of the limit.
    type: str
    required: true
  limit:
    description: How many slots there are, V(0) holds everything back. A new limit needs it.
    type: int
  active:
    description: Whether the limit is heeded. A new limit is, and C(null) is the same.
    type: bool
  slot_decay_per_second:
    description: How many slots become free again in a second, for a limit that is a rate. C(null) is the same as V(0),
      which leaves them taken until they are given back.
    type: float
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.global_concurrency_limit_info
"""

EXAMPLES = r"""
- name: Let ten queries run at a time
  flowops.prefect.global_concurrency_limit:
    name: example-database
    limit: 10

- name: Call an API once in two seconds at most
  flowops.prefect.global_concurrency_limit:
    name: example-api
    limit: 1
    slot_decay_per_second: 0.5

- name: Remove the limit of the database
  flowops.prefect.global_concurrency_limit:
    name: example-database
    state: absent

- name: Remove the limit of the API
  flowops.prefect.global_concurrency_limit:
    name: example-api
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
global_concurrency_limit:
  description: The limit as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the limit, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the limit.
      type: str
    limit:
      description: How many slots there are.
      type: int
    active:
      description: Whether the limit is heeded.
      type: bool
    slot_decay_per_second:
      description: How many slots become free again in a second.
      type: float
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.global_concurrency_limit import (
    GlobalConcurrencyLimit,
)
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(GlobalConcurrencyLimit)


if __name__ == "__main__":
    main()
