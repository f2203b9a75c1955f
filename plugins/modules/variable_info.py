#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: variable_info
short_description: See variables
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists variables, with the fields that M(flowops.prefect.variable) takes and returns.
  - A value is masked when the name of the variable tells that it is secret, and so are fields of it that are named
    like a secret.
options:
  name:
    description: Names of variables.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
  - flowops.prefect.lists.secrets
  - flowops.prefect.lists.tags
seealso:
  - module: flowops.prefect.variable
"""

EXAMPLES = r"""
- name: Read all variables of a team
  flowops.prefect.variable_info:
    tags:
      - example
  register: team

- name: Read one that may be missing
  flowops.prefect.variable_info:
    name: example_settings
  register: found

- name: Tell its value
  ansible.builtin.debug:
    msg: "{{ (found.variables | first | default({'value': 'not there'})).value }}"
"""

RETURN = r"""
variables:
  description: The variables that were found, in the order of their names, with the fields of
    M(flowops.prefect.variable), too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the variable.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.variable import Variable


def main() -> None:
    run(Variable, secrets=True)


if __name__ == "__main__":
    main()
