#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: log_info
short_description: Read the logs of a flow run
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Returns lines of the log of one flow run, those of its task runs included.
  - The list is empty for a run that does not exist. Lines arrive at the server some seconds later than the state of the
    run.
options:
  flow_run:
    description: Id of the flow run, or its name. Of several runs of one name the newest counts.
    type: str
    required: true
  level:
    description: Only lines of this level, and above.
    type: str
    choices: [DEBUG, INFO, WARNING, ERROR, CRITICAL]
    default: DEBUG
  since:
    description: Only lines of this time and later, such as V(2026-01-31T06:00:00Z). Without a time zone it is UTC.
    type: str
  before:
    description: Only lines of this time and earlier.
    type: str
  limit:
    description: How many lines are returned. Of more the newest are.
    type: int
    default: 200
  order:
    description: Which line comes first.
    type: str
    choices: [oldest_first, newest_first]
    default: oldest_first
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
notes:
  - Passwords in addresses are masked. Whatever else a flow writes to its log is shown.
seealso:
  - module: flowops.prefect.flow_run
  - module: flowops.prefect.flow_run_info
"""

EXAMPLES = r"""
- name: Find the last run of a deployment
  flowops.prefect.flow_run_info:
    deployment: example-flow/daily
    states: []
    limit: 1
  register: last

- name: Read what went wrong in it
  flowops.prefect.log_info:
    flow_run: "{{ last.flow_runs[0].id }}"
    level: WARNING
  register: log
  when: last.flow_runs | length > 0

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ log.logs | default([]) | map(attribute='message') }}"
"""

RETURN = r"""
logs:
  description: The lines that were found.
  returned: always
  type: list
  elements: dict
  contains:
    timestamp:
      description: When the line was written.
      type: str
      sample: "2026-01-31T06:00:00.123456Z"
    level:
      description: Level of the line, as number if it has no name.
      type: str
      sample: INFO
    logger:
      description: Name of the logger.
      type: str
      sample: prefect.flow_runs
    message:
      description: The text.
      type: str
    flow_run_id:
      description: Id of the flow run.
      type: str
    task_run_id:
      description: Id of the task run, null for a line of the flow itself.
      type: str
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import logs
from ansible_collections.flowops.prefect.plugins.module_utils.flow_runs import LEVELS
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "flow_run": {"type": "str", "required": True},
    "level": {"type": "str", "choices": list(LEVELS.values()), "default": "DEBUG"},
    "since": {"type": "str"},
    "before": {"type": "str"},
    "limit": {"type": "int", "default": 200},
    "order": {"type": "str", "choices": ["oldest_first", "newest_first"], "default": "oldest_first"},
}


def main() -> None:
    module = PrefectModule(OPTIONS, lambda options: options)
    guarded(module, lambda: logs.run(module.params, module.connect()))


if __name__ == "__main__":
    main()
