#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block_type
short_description: Manage a type of blocks
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a type of blocks, for blocks that flows of one's own define. What fields such a block
    has is said by M(flowops.prefect.block_schema).
  - The types that Prefect protects are its own, they are neither changed nor removed. The types of its integrations can
    be changed, but a server writes them anew when it is upgraded.
options:
  slug:
    description: Name of the type in O(flowops.prefect.block#module:block_type_slug) and in code - the
      C(_block_type_slug) of the class, or its name in lower case with dashes.
    type: str
    required: true
  name:
    description: Name of the type as the UI shows it, which no other type may have. Default of a new type is its
      O(slug). It cannot change later.
    type: str
  logo_url:
    description: Address of a picture.
    type: str
  documentation_url:
    description: Address of the type's documentation.
    type: str
  description:
    description: What blocks of the type are for.
    type: str
  code_example:
    description: Code that shows how to use a block, in Markdown.
    type: str
  force:
    description: Whether to remove the type together with all blocks of it.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.block_type_info
"""

EXAMPLES = r"""
- name: Have a type of blocks for a database of one's own
  flowops.prefect.block_type:
    slug: example-database
    name: Example Database
    description: Where the example keeps its data.

- name: Remove the type
  flowops.prefect.block_type:
    slug: example-database
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
block_type:
  description: The type as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the type, null in check mode when it does not exist yet.
      type: str
    slug:
      description: Slug of the type.
      type: str
    name:
      description: Name of the type.
      type: str
    logo_url:
      description: Address of its picture.
      type: str
    documentation_url:
      description: Address of its documentation.
      type: str
    description:
      description: What its blocks are for.
      type: str
    code_example:
      description: Code that shows how to use it.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block_type import BlockType
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(BlockType)


if __name__ == "__main__":
    main()
