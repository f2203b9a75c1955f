#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: default_result_storage_info
short_description: See the default result storage
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Tells which block is the default result storage, with the fields that M(flowops.prefect.default_result_storage)
    takes and returns.
  - The list is empty where nothing is set, and on servers before Prefect 3.7, which have no such setting.
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
seealso:
  - module: flowops.prefect.default_result_storage
"""

EXAMPLES = r"""
- name: See where results go
  flowops.prefect.default_result_storage_info:
  register: found

- name: Tell the block
  ansible.builtin.debug:
    msg: "{{ found.default_result_storage }}"
"""

RETURN = r"""
default_result_storage:
  description: The setting as M(flowops.prefect.default_result_storage) returns it, if there is one.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the block.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.default_result_storage import DefaultResultStorage


def main() -> None:
    run(DefaultResultStorage)


if __name__ == "__main__":
    main()
