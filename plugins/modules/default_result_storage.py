#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: default_result_storage
short_description: Manage where a server keeps the results of flows
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Sets or clears the block in which flows keep their results when they name none themselves.
  - There is one such setting for a server. Prefect has it since version 3.7.
options:
  block_type_slug:
    description: Type of the block, such as V(s3-bucket). Required with O(state=present).
    type: str
  name:
    description: Name of the block. Required with O(state=present).
    type: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.default_result_storage_info
"""

EXAMPLES = r"""
- name: Keep results where every worker finds them
  flowops.prefect.block:
    block_type_slug: remote-file-system
    name: example
    data:
      basepath: s3://results

- name: Make this the default
  flowops.prefect.default_result_storage:
    block_type_slug: remote-file-system
    name: example

- name: Leave it to the flows again
  flowops.prefect.default_result_storage:
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after.
  returned: always
  type: dict
default_result_storage:
  description: The setting as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the block, null in check mode when it does not exist yet.
      type: str
    block_type_slug:
      description: Type of the block.
      type: str
    name:
      description: Name of the block.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.default_result_storage import DefaultResultStorage
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(DefaultResultStorage)


if __name__ == "__main__":
    main()
