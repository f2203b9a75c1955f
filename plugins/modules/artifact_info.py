#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: artifact_info
short_description: Read artifacts of flow runs
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Returns what flow runs have published - tables, texts, links, progress and results.
  - Without options, the latest artifact of each key. What does not exist is left out of the list, and no error.
options:
  key:
    description: Keys of artifacts. C([]) chooses none.
    type: list
    elements: str
  type:
    description: Types of artifacts, such as V(table), V(markdown), V(progress), V(image) or V(result).
    type: list
    elements: str
  flow_run:
    description: Id of a flow run, or its name, for all that it has made, without a key too. Of several runs of one name
      the newest counts.
    type: str
  history:
    description: Return all artifacts of a key, the newest first, and those that have no key.
    type: bool
    default: false
  limit:
    description: How many artifacts are returned. Default is all.
    type: int
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.info
  - flowops.prefect.connection
notes:
  - Fields that are named like a secret are masked, and passwords in addresses are.
seealso:
  - module: flowops.prefect.flow_run
  - module: flowops.prefect.flow_run_info
"""

EXAMPLES = r"""
- name: Read the latest report
  flowops.prefect.artifact_info:
    key: example-report
  register: report

- name: Tell its rows
  ansible.builtin.debug:
    msg: "{{ report.artifacts | map(attribute='data') }}"

- name: Read how it has changed
  flowops.prefect.artifact_info:
    key: example-report
    history: true
    limit: 10
"""

RETURN = r"""
artifacts:
  description: The artifacts that were found, by key, or the newest first where there may be several of one key.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Id of the artifact.
      type: str
    key:
      description: Key of the artifact, null if it has none.
      type: str
    type:
      description: Type of the artifact.
      type: str
      sample: table
    description:
      description: What the artifact is about.
      type: str
    data:
      description: Its data. Those of a table are a list of rows, or a dictionary of columns.
      type: raw
    metadata:
      description: What else was said of it.
      type: dict
    flow_run_id:
      description: Id of the flow run that made it.
      type: str
    task_run_id:
      description: Id of the task run that made it, null if none did.
      type: str
    created:
      description: When it was made. In the list of the latest, when its key was first used.
      type: str
    updated:
      description: When it was last changed.
      type: str
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import artifacts
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "key": {"type": "list", "elements": "str", "no_log": False},
    "type": {"type": "list", "elements": "str"},
    "flow_run": {"type": "str"},
    "history": {"type": "bool", "default": False},
    "limit": {"type": "int"},
}


def main() -> None:
    module = PrefectModule(OPTIONS, lambda options: options)
    guarded(module, lambda: artifacts.run(module.params, module.connect()))


if __name__ == "__main__":
    main()
