#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: webhook
short_description: Manage a webhook of Prefect Cloud
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a webhook of Prefect Cloud, which turns requests of other systems into events. A server
    of one's own has none, and the module says so.
  - The module is made after what Prefect's own command C(prefect cloud webhook) sends. It was tested on answers of that
    form, and never against Prefect Cloud itself.
options:
  name:
    description: Name of the webhook. Prefect Cloud allows several of one name, the module does not.
    type: str
    required: true
  template:
    description: What makes an event of a request, as text or as an object with C(event) and C(resource), with templates
      written raw. A new webhook needs it.
    type: raw
  description:
    description: What the webhook is for.
    type: str
  enabled:
    description: Whether the webhook takes requests. A new one does.
    type: bool
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.webhook_info
"""

EXAMPLES = r"""
- name: Make an event of what another system tells
  flowops.prefect.webhook:
    api_url: https://api.prefect.cloud/api/accounts/{{ account_id }}/workspaces/{{ workspace_id }}
    api_key: "{{ prefect_api_key }}"
    name: model-refreshed
    template:
      event: model.refreshed
      resource:
        prefect.resource.id: product.models.{% raw %}{{ body.model }}{% endraw %}

- name: Remove the webhook
  flowops.prefect.webhook:
    api_url: https://api.prefect.cloud/api/accounts/{{ account_id }}/workspaces/{{ workspace_id }}
    api_key: "{{ prefect_api_key }}"
    name: model-refreshed
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
webhook:
  description: The webhook as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the webhook, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the webhook.
      type: str
    template:
      description: What makes an event of a request, as an object where it is one.
      type: raw
    description:
      description: What the webhook is for.
      type: str
    enabled:
      description: Whether it takes requests.
      type: bool
    endpoint:
      description: Address that takes the requests, null in check mode when it does not exist yet. Whoever knows it can
        send some.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.webhook import Webhook
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Webhook)


if __name__ == "__main__":
    main()
