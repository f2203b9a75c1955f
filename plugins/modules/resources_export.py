#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resources_export
short_description: Write the objects of a server as a document
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Reads the objects of a running server and writes them into a file on the controller, as module
    M(flowops.prefect.resources) and role C(prefect_settings) take them. Applied to the same server the document changes
    nothing, and an empty server gets the same objects by it.
  - Objects are known by their names, never by ids. What need not be said is left out, such as defaults, what Prefect
    makes for itself, the parts of a job template that a new pool has anyway, and flows that come with a deployment.
  - No secret is in the file. Each is a reference to a variable, which O(vault_dest) or you provide. Secret is what the
    type of a block or the name of a field or variable says, and a text with a URL that has a password in it.
  - What is meant for Prefect and looks like a template to Ansible, such as in job templates, is marked C(!unsafe).
  - An object that cannot be declared is left out, and told of in RV(left_out) and by a warning.
  - The server is only read, by lists of 200 objects.
options:
  dest:
    description:
      - File on the controller, which only its owner may read. It holds the variable C(prefect__exported), so that it
        can be put among the variables of an inventory as it is. A relative path is relative to the playbook.
    type: path
    required: true
  vault_dest:
    description:
      - File on the controller for the variables with the secrets, encrypted with the vault password that the run was
        given. Without this option only their names are told, in RV(variables) and at the top of O(dest).
    type: path
  include:
    description:
      - What is written, as patterns of names such as V(team-a-*) in lists by section of module
        M(flowops.prefect.resources). By default everything is.
      - A name is that of the object behind the names that it needs to be found, such as V(secret/team-a-*) for blocks.
    type: dict
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.connection
attributes:
  check_mode:
    support: full
    details: Says whether the files would change, and writes none.
  diff_mode:
    support: full
    details: Shows the document, and of the file with the secrets nothing.
  idempotent:
    support: full
notes:
  - The lists of a document fragment such as C(prefect__exported) take the place of those in C(prefect.resources).
seealso:
  - module: flowops.prefect.resources
"""

EXAMPLES = r"""
- name: Write down what is there
  flowops.prefect.resources_export:
    dest: exported.yml

- name: Write down what a team has
  flowops.prefect.resources_export:
    dest: exported_of_team_a.yml
    include:
      blocks: ["*/team-a-*"]
      deployments: ["team-a/*"]
      variables: ["team_a_*"]
  register: exported

- name: Tell which secrets have to be provided
  ansible.builtin.debug:
    var: exported.variables
"""

RETURN = r"""
dest:
  description: The file.
  returned: success
  type: str
counts:
  description: How many objects are in it, by section.
  returned: success
  type: dict
  sample:
    work_pools: 2
    deployments: 14
variables:
  description: The variables that the file refers to.
  returned: success
  type: list
  elements: dict
  contains:
    variable:
      description: Name of the variable.
      type: str
      sample: vault_prefect_block_secret_example_value
    kind:
      description: Kind of the object.
      type: str
      sample: block
    name:
      description: Name of the object.
      type: str
      sample: secret/example
    option:
      description: Where the secret is in the options of the object.
      type: str
      sample: data.value
left_out:
  description: Objects that cannot be declared.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      sample: automation
    name:
      description: Name of the object.
      type: str
    ids:
      description: Its id, or those of all that are called the same.
      type: list
      elements: str
    reason:
      description: Why it cannot be declared.
      type: str
notes:
  description: What would not be the same on another server, such as ids in texts.
  returned: success
  type: list
  elements: str
diff:
  description: The file before and after, which holds no secrets.
  returned: success
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import export
from ansible_collections.flowops.prefect.plugins.module_utils.connection import connect
from ansible_collections.flowops.prefect.plugins.module_utils.module import PrefectModule, guarded

OPTIONS: dict[str, dict[str, Any]] = {
    "dest": {"type": "path", "required": True},
    "vault_dest": {"type": "path"},
    "include": {"type": "dict"},
}


def main() -> None:
    module = PrefectModule(OPTIONS, lambda options: options)
    guarded(module, lambda: export.run(module, connect(module.params, module.check_mode)))


if __name__ == "__main__":
    main()
