# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: block
short_description: Read blocks of Prefect
description:
  - Returns the data of each block, or one field of it.
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
options:
  _terms:
    description: Blocks, each C(TYPE-SLUG/NAME).
    type: list
    elements: str
    required: true
  field:
    description: Field of the data to return, instead of all of them.
    type: str
  secrets:
    description:
      - Whether secrets are read, too. Otherwise the fields that hold them are left out, and to ask for one is an error.
      - Ansible does not know which of the values are secret; put C(no_log) on every task that uses them.
    type: bool
    default: false
  default:
    description:
      - What to return for a block that does not exist, or has no such field, V(null) included.
      - Without it that is an error.
    type: raw
extends_documentation_fragment:
  - flowops.prefect.connection.variables
notes:
  - Runs on the controller. Connection settings that several tasks share are written once, as variables
    C(ansible_prefect_api_url) and so on.
  - A field that refers to another block is returned as C($ref) with C(block_type_slug), C(name) and
    C(block_document_id), as module M(flowops.prefect.block) takes it.
  - With Ansible's own C(errors=warn) or C(errors=ignore) an error is not fatal.
seealso:
  - module: flowops.prefect.block
"""

EXAMPLES = r"""
- name: Provide a block
  flowops.prefect.block:
    block_type_slug: aws-credentials
    name: lake
    data:
      aws_access_key_id: lake-reader
      aws_secret_access_key: "{{ vault_lake_key | default('example') }}"
      region_name: eu-central-1

- name: Read what is no secret
  ansible.builtin.debug:
    msg: "{{ lookup('flowops.prefect.block', 'aws-credentials/lake').region_name }}"

- name: Use a secret
  ansible.builtin.copy:
    content: "{{ lookup('flowops.prefect.block', block, field='aws_secret_access_key', secrets=true) }}"
    dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/lake.key"
    mode: "0600"
  vars:
    block: aws-credentials/lake
  no_log: true
"""

RETURN = r"""
_list:
  description: The data of the blocks, or the fields, in the order of the terms.
  type: list
  elements: raw
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.flowops.prefect.plugins.plugin_utils.api import reader, telling
from ansible_collections.flowops.prefect.plugins.plugin_utils.blocks import read_block


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[Any]:
        default = {"default": kwargs["default"]} if "default" in kwargs else {}
        with telling():
            client = reader(self, variables, kwargs)
            options = (self.get_option("field"), self.get_option("secrets"))
            return [read_block(client, str(term), *options, **default) for term in terms]
