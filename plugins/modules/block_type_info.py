#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block_type_info
short_description: See types of blocks
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists types of blocks, with the fields that M(flowops.prefect.block_type) takes and returns.
options:
  slug:
    description: Slugs of types.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.block_type
"""

EXAMPLES = r"""
- name: See which types of blocks the server knows
  flowops.prefect.block_type_info:
  register: known

- name: Tell them
  ansible.builtin.debug:
    msg: "{{ known.block_types | map(attribute='slug') }}"
"""

RETURN = r"""
block_types:
  description: The types of blocks that were found, in the order of their names, with the fields of
    M(flowops.prefect.block_type), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the type.
      type: str
    is_protected:
      description: Whether Prefect keeps the type for itself.
      type: bool
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block_type import BlockType


def main() -> None:
    run(BlockType, facts=("is_protected",))


if __name__ == "__main__":
    main()
