#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block
short_description: Manage a block
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a block (a block document) of a type that the server knows.
  - The data is checked against the newest schema of the type, because the server takes any data and the mistake
    would show in a flow run only.
options:
  name:
    description: Name of the block - lower case letters, digits and dashes.
    type: str
    required: true
  block_type_slug:
    description: Type of the block, such as V(secret), V(aws-credentials) or V(s3-bucket).
    type: str
    required: true
  data:
    description:
      - All fields of the block. A field that is left out gets the default of the type. Leaving out O(data) itself
        leaves a block as it is.
      - Another block is referred to by C($ref) with C(block_type_slug) and C(name), or with C(block_document_id), in
        a field of
        O(data) itself. It is compared by the id of the other block, not by what is in it.
      - What the type marks as secret, or what is named like a secret, is masked in all output. An empty secret is an
        error.
      - An object as the value of a block of type V(secret) is saved as JSON, which the block turns into the object
        again when a flow asks for its value. Prefect's server would show an object to everybody.
    type: dict
  update_secrets:
    description:
      - With V(always) a secret that differs is changed.
      - With V(on_create) a block that is there keeps the secrets that it has, for example when somebody else rotates
        them.
    type: str
    choices: [always, on_create]
    default: always
  force:
    description: Whether a block is removed even though other blocks refer to it. They lose the reference.
    type: bool
    default: false
notes:
  - Secrets are read from the server to be compared, so the credentials have to allow it.
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.block_info
"""

EXAMPLES = r"""
- name: Keep the credentials of an object storage
  flowops.prefect.block:
    block_type_slug: minio-credentials
    name: example
    data:
      minio_root_user: example
      minio_root_password: "{{ lookup('ansible.builtin.password', '/dev/null') }}"
    update_secrets: on_create

- name: Refer to them from a bucket
  flowops.prefect.block:
    block_type_slug: s3-bucket
    name: example
    data:
      bucket_name: raw
      credentials:
        $ref:
          block_type_slug: minio-credentials
          name: example

- name: Keep a secret with several parts
  flowops.prefect.block:
    block_type_slug: secret
    name: example
    data:
      value:
        user: example
        password: not-a-real-one

- name: Remove the blocks, those that refer to others first
  flowops.prefect.block:
    block_type_slug: "{{ item }}"
    name: example
    state: absent
  loop:
    - s3-bucket
    - minio-credentials
    - secret
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
block:
  description: The block as it is, or in check mode as it would be. Secrets are masked.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the block, null in check mode when it does not exist yet.
      type: str
    name:
      description: Name of the block.
      type: str
    block_type_slug:
      description: Type of the block.
      type: str
    data:
      description: Fields of the block without those that equal the defaults of the type. A reference has slug, name
        and id of the other block.
      type: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block import Block
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(Block)


if __name__ == "__main__":
    main()
