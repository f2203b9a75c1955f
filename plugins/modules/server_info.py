#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: server_info
short_description: See how a Prefect server does
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Asks a server for its health, its versions, its database, its work pools and their workers, and says in one word
    how it does.
  - Can wait until the server is ready.
options:
  required:
    description: Whether the module fails unless the server is ready. With V(false) it never fails because of the
      server.
    type: bool
    default: true
  wait:
    description: Seconds to wait for the server to be ready. Wrong credentials are not waited for.
    type: int
    default: 0
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
"""

EXAMPLES = r"""
- name: Wait until the server is ready
  flowops.prefect.server_info:
    wait: 60

- name: See whether there is a server
  flowops.prefect.server_info:
    required: false
  register: server

- name: Tell its version
  ansible.builtin.debug:
    msg: "Prefect {{ server.version }}, {{ server.work_pools | length }} work pools"
  when: server.status == 'ready'
"""

RETURN = r"""
status:
  description:
    - V(ready) - it works.
    - V(unreachable) - nobody answers.
    - V(wrong_address) - somebody else answers, such as a proxy or the UI.
    - V(unauthorized) - it does not take the credentials.
    - V(unhealthy) - it answers with errors.
    - V(database_down) - it does not reach its database.
    - V(no_tables) - it cannot read its tables, such as before a migration.
    - V(no_block_types) - its database lost its contents.
  returned: always
  type: str
message:
  description: The same in a sentence, with what to do.
  returned: always
  type: str
version:
  description: Version of Prefect, null when it is not known.
  returned: always
  type: str
  sample: 3.8.8
api_version:
  description: Version of the API, null when it is not known.
  returned: always
  type: str
  sample: 0.8.4
block_types:
  description: How many types of blocks the server knows, null when it is not known.
  returned: always
  type: int
work_pools:
  description: The work pools.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the pool.
      type: str
    type:
      description: Type of its workers.
      type: str
    status:
      description: Status of the pool.
      type: str
      sample: READY
    is_paused:
      description: Whether the pool hands out no flow runs.
      type: bool
    workers:
      description: Its workers, those that are gone too, each with C(name), C(status) and C(last_heartbeat).
      type: list
      elements: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils import server
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS = {
    "required": {"type": "bool", "default": True},
    "wait": {"type": "int", "default": 0},
}


def main() -> None:
    module = PrefectModule(OPTIONS, lambda options: options)
    guarded(module, lambda: server.run(module.params, module.connect(retries=0)))


if __name__ == "__main__":
    main()
