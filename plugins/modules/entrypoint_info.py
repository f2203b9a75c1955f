#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entrypoint_info
short_description: Read flows from their code
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Imports flows where they are to run, with Prefect's own functions, and returns what C(prefect deploy) would say of
    them - name, description, version and the schema of the parameters.
  - Nothing of the code or of what it depends on is needed on the controller. Each flow is imported in a process of
    its own.
options:
  folder:
    description: Folder that holds the code. It is the working folder of the import, as it is of a flow run.
    type: path
    required: true
  entrypoints:
    description: Where the flows are in it, V(etl.py:main) or V(package.module.main).
    type: list
    elements: str
    required: true
  command:
    description:
      - Command that starts a Python which has Prefect and what the flows import, such as
        V(/opt/prefect/current/bin/python).
      - Default is the Python that runs this module.
    type: list
    elements: str
  lenient:
    description:
      - Whether a flow whose imports are missing here is read from its text, as C(prefect deploy) does. Parameters lose
        the types and defaults that cannot be evaluated, and the flow has no version.
    type: bool
    default: false
  required:
    description: Whether a flow that cannot be read is an error. Without, it has C(error) in its place.
    type: bool
    default: true
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
"""

EXAMPLES = r"""
- name: Read the flow where it will run
  flowops.prefect.entrypoint_info:
    folder: /srv/flows
    entrypoints: [etl.py:main]
    command: [/opt/prefect/current/bin/python]
  register: code

- name: Deploy it as it is
  flowops.prefect.deployment:
    name: example
    entrypoint: etl.py:main
    flow_name: "{{ code.flows[0].flow_name }}"
    description: "{{ code.flows[0].description }}"
    version: "{{ code.flows[0].version }}"
    parameter_openapi_schema: "{{ code.flows[0].parameter_openapi_schema }}"
    pull_steps:
      - prefect.deployments.steps.set_working_directory:
          directory: /srv/flows
"""

RETURN = r"""
flows:
  description: The flows, in the order of O(entrypoints).
  returned: success
  type: list
  elements: dict
  contains:
    entrypoint:
      description: The entrypoint.
      type: str
    flow_name:
      description: Name of the flow.
      type: str
      sample: etl
    description:
      description: What the flow or the docstring of its function says.
      type: str
    version:
      description: Version that the flow is given, or else a hash of its file.
      type: str
    parameter_openapi_schema:
      description: Schema of the parameters.
      type: dict
    warning:
      description: What is missing here, with O(lenient=true).
      type: str
    error:
      description: Why the flow cannot be read, with O(required=false).
      type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import entrypoints
from ansible_collections.flowops.prefect.plugins.module_utils.module import guarded

OPTIONS = {
    "folder": {"type": "path", "required": True},
    "entrypoints": {"type": "list", "elements": "str", "required": True},
    "command": {"type": "list", "elements": "str"},
    "lenient": {"type": "bool", "default": False},
    "required": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    guarded(module, lambda: entrypoints.run(module.params))


if __name__ == "__main__":
    main()
