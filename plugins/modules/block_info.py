#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block_info
short_description: See blocks
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists blocks, with the fields that M(flowops.prefect.block) takes and returns.
  - Blocks without a name, which Prefect makes for itself, are left out.
options:
  block_type_slug:
    description: Types of blocks.
    type: list
    elements: str
  name:
    description: Names of blocks.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
  - flowops.prefect.lists.secrets
seealso:
  - module: flowops.prefect.block
"""

EXAMPLES = r"""
- name: See which credentials of AWS there are
  flowops.prefect.block_info:
    block_type_slug: aws-credentials
  register: found

- name: Read a secret
  flowops.prefect.block_info:
    block_type_slug: secret
    name: example
    secrets: true
  register: secret
  no_log: true
"""

RETURN = r"""
blocks:
  description: The blocks that were found, in the order of their names, with the fields of M(flowops.prefect.block),
    too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the block.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block import Block


def main() -> None:
    run(Block, secrets=True)


if __name__ == "__main__":
    main()
