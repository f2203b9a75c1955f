#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: global_concurrency_limit_info
short_description: See global concurrency limits
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists global concurrency limits, with the fields that M(flowops.prefect.global_concurrency_limit) takes and
    returns.
  - Those are among them that the server keeps for tags (C(tag:)) and deployments (C(deployment:)).
options:
  name:
    description: Names of limits.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.global_concurrency_limit
"""

EXAMPLES = r"""
- name: Look at a limit
  flowops.prefect.global_concurrency_limit_info:
    name: example
  register: found

- name: Tell how many slots are taken
  ansible.builtin.debug:
    msg: "{{ found.global_concurrency_limits | map(attribute='active_slots') }}"
"""

RETURN = r"""
global_concurrency_limits:
  description: The global concurrency limits that were found, in the order of their names, with the fields of
    M(flowops.prefect.global_concurrency_limit), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the limit.
      type: str
    active_slots:
      description: How many slots are taken.
      type: int
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.global_concurrency_limit import (
    GlobalConcurrencyLimit,
)


def main() -> None:
    run(GlobalConcurrencyLimit, facts=("active_slots",))


if __name__ == "__main__":
    main()
