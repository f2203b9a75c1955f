#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webhook_info
short_description: See webhooks of Prefect Cloud
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Lists webhooks of Prefect Cloud, with the fields that M(flowops.prefect.webhook) takes and returns.
  - A server of one's own has none. Like M(flowops.prefect.webhook) the module was never tested against Prefect Cloud
    itself.
  - Prefect Cloud allows several of one name. All are returned.
options:
  name:
    description: Names of webhooks.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
  - flowops.prefect.lists
seealso:
  - module: flowops.prefect.webhook
"""

EXAMPLES = r"""
- name: See all webhooks
  flowops.prefect.webhook_info:
  register: found

- name: Tell which take no requests
  ansible.builtin.debug:
    msg: "{{ found.webhooks | rejectattr('enabled') | map(attribute='name') }}"
"""

RETURN = r"""
webhooks:
  description: The webhooks of Prefect Cloud that were found, in the order of their names, with the fields of
    M(flowops.prefect.webhook), too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the webhook.
      type: str
    slug:
      description: Last part of its address, behind C(https://api.prefect.cloud/hooks/).
      type: str
    created:
      description: When it was made.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.info import run
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.webhook import Webhook


def main() -> None:
    run(Webhook, facts=("slug",), listed=Webhook.every)


if __name__ == "__main__":
    main()
