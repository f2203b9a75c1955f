#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: concurrency_limit
short_description: Manage how many task runs with a tag run at a time
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes the concurrency limit of a tag. Task runs with several such tags need a slot of each.
  - For limits that flows and tasks ask for by name see M(flowops.prefect.global_concurrency_limit).
options:
  tag:
    description: The tag.
    type: str
    required: true
  limit:
    description: How many task runs with the tag run at the same time, V(0) holds everything back. A new limit needs it.
    type: int
    aliases: [concurrency_limit]
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.concurrency_limit_info
"""

EXAMPLES = r"""
- name: Let two task runs use the database at a time
  flowops.prefect.concurrency_limit:
    tag: example-database
    limit: 2

- name: Take the limit away
  flowops.prefect.concurrency_limit:
    tag: example-database
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
concurrency_limit:
  description: The limit as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the limit, null in check mode when it does not exist yet.
      type: str
    tag:
      description: The tag.
      type: str
    limit:
      description: How many task runs with the tag run at the same time.
      type: int
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.concurrency_limit import ConcurrencyLimit
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(ConcurrencyLimit)


if __name__ == "__main__":
    main()
