#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: concurrency_limit_info
short_description: See concurrency limits of tags
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists concurrency limits of tags, with the fields that M(flowops.prefect.concurrency_limit) takes and returns.
options:
  tag:
    description: Tags with a limit.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.concurrency_limit
"""

EXAMPLES = r"""
- name: See which tags are limited
  flowops.prefect.concurrency_limit_info:
  register: found

- name: Tell how
  ansible.builtin.debug:
    msg: "{{ found.concurrency_limits | items2dict(key_name='tag', value_name='limit') }}"
"""

RETURN = r"""
concurrency_limits:
  description: The concurrency limits of tags that were found, in the order of their names, with the fields of
    M(flowops.prefect.concurrency_limit), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the limit.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.concurrency_limit import ConcurrencyLimit


def main() -> None:
    run(ConcurrencyLimit)


if __name__ == "__main__":
    main()
