#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: variable
short_description: Manage a variable
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a variable of Prefect.
  - Prefect keeps variables in plain text, and everybody who may use the API can read them. A secret belongs into a
    block
    of type C(secret), see M(flowops.prefect.block).
options:
  name:
    description: Name of the variable - lower case letters, digits, dashes and underscores.
    type: str
    required: true
  value:
    description:
      - Any value that can be written as JSON, shorter than 5000 characters as such. A new variable needs one.
      - C(null) is a value, too. Text and numbers are not the same, V("1") is not V(1).
    type: raw
  tags:
    description: Tags of the variable, in any order. C([]) or C(null) removes them all.
    type: list
    elements: str
  sensitive:
    description:
      - Whether the value is kept out of all output of Ansible.
      - Unless given, it is when the name of the variable tells so, such as C(api_token).
      - Fields of the value that are named like a secret are masked in any case.
    type: bool
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.variable_info
"""

EXAMPLES = r"""
- name: Say where the data is
  flowops.prefect.variable:
    name: example_settings
    value:
      bucket: raw
      retries: 3
    tags:
      - example

- name: Change the value and leave the tags alone
  flowops.prefect.variable:
    name: example_settings
    value: just text

- name: Remove the variable
  flowops.prefect.variable:
    name: example_settings
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
variable:
  description: The variable as it is, or in check mode as it would be. Secrets are masked.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the variable, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the variable.
      type: str
    value:
      description: Value of the variable.
      type: raw
    tags:
      description: Tags of the variable.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.variable import Variable
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Variable)


if __name__ == "__main__":
    main()
