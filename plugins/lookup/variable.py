# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: variable
short_description: Read variables of Prefect
description:
  - Returns the value of each variable, with its type.
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
options:
  _terms:
    description: Names of variables.
    type: list
    elements: str
    required: true
  default:
    description: What to return for a variable that does not exist, V(null) included. Without it that is an error.
    type: raw
extends_documentation_fragment:
  - flowops.prefect.connection.variables
notes:
  - Runs on the controller. Connection settings that several tasks share are written once, as variables
    C(ansible_prefect_api_url) and so on.
  - With Ansible's own C(errors=warn) or C(errors=ignore) an error is not fatal.
seealso:
  - module: flowops.prefect.variable
"""

EXAMPLES = r"""
- name: Provide a variable
  flowops.prefect.variable:
    name: stage
    value: {name: production, hosts: 3}

- name: Read it
  ansible.builtin.debug:
    msg: "{{ lookup('flowops.prefect.variable', 'stage').hosts }}"

- name: Read one that may be missing
  ansible.builtin.debug:
    msg: "{{ lookup('flowops.prefect.variable', 'colour', default='blue') }}"
"""

RETURN = r"""
_list:
  description: The values, in the order of the names.
  type: list
  elements: raw
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client, encoded
from ansible_collections.flowops.prefect.plugins.module_utils.errors import PrefectError
from ansible_collections.flowops.prefect.plugins.module_utils.suggest import nearest
from ansible_collections.flowops.prefect.plugins.plugin_utils.api import reader, telling


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[Any]:
        with telling():
            client = reader(self, variables, kwargs)
            return [_value(client, str(name), kwargs) for name in terms]


def _value(client: Client, name: str, options: dict[str, Any]) -> Any:
    found = client.find(encoded("variables", "name", name))
    if found is not None:
        return found["value"]
    if "default" in options:
        return options["default"]
    known = [other["name"] for other in client.filter("/variables")]
    raise PrefectError(f"no variable '{name}'; {nearest(name, known)}")
