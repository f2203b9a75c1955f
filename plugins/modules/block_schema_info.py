#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block_schema_info
short_description: See schemas of blocks
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists schemas of blocks, with the fields that M(flowops.prefect.block_schema) takes and returns.
options:
  block_type_slug:
    description: Types of the schemas.
    type: list
    elements: str
  version:
    description: Versions of schemas.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.block_schema
"""

EXAMPLES = r"""
- name: See which fields blocks for AWS have
  flowops.prefect.block_schema_info:
    block_type_slug: aws-credentials
  register: found

- name: Tell them by version
  ansible.builtin.debug:
    msg: "{{ found.block_schemas | items2dict(key_name='version', value_name='fields') }}"
"""

RETURN = r"""
block_schemas:
  description: The schemas of blocks that were found, in the order of their names, with the fields of
    M(flowops.prefect.block_schema), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the schema.
      type: str
    checksum:
      description: By what the server tells schemas apart.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block_schema import BlockSchema


def main() -> None:
    run(BlockSchema, facts=("checksum",))


if __name__ == "__main__":
    main()
