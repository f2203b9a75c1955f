#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: automation_info
short_description: See automations
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists automations, with the fields that M(flowops.prefect.automation) takes and returns.
  - The server allows several of one name. All are returned, and M(flowops.prefect.automation) can manage none of
    them.
options:
  name:
    description: Names of automations.
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
  - module: flowops.prefect.automation
"""

EXAMPLES = r"""
- name: See all automations
  flowops.prefect.automation_info:
  register: found

- name: Tell which are off
  ansible.builtin.debug:
    msg: "{{ found.automations | rejectattr('enabled') | map(attribute='name') }}"
"""

RETURN = r"""
automations:
  description: The automations that were found, in the order of their names, with the fields of
    M(flowops.prefect.automation), too. Secrets are masked, unless O(secrets=true).
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the automation.
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.automation import Automation


def main() -> None:
    run(Automation, secrets=True, listed=Automation.every)


if __name__ == "__main__":
    main()
