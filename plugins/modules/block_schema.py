#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: block_schema
short_description: Manage a schema of a type of blocks
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates or removes a version of the schema of a type of blocks, which says what fields a block has.
  - Prefect never changes a schema, as blocks rest on it. What is new gets another O(version). Blocks that are written
    from then on use the highest version.
options:
  block_type_slug:
    description: Type that the schema belongs to. It has to exist, or to be declared in the same call of
      M(flowops.prefect.resources).
    type: str
    required: true
  version:
    description: Version of the schema, such as V(1.0). Versions are compared by their numbers.
    type: str
    required: true
  fields:
    description:
      - JSON schema of a block's data, as C(model_json_schema(\)) of the class prints it. A new schema needs it.
      - C(secret_fields) in it names the fields that the server hides. A field of format C(password) has to be
        among them.
    type: dict
  capabilities:
    description: What blocks of the type can do, such as V(read-path), in any order.
    type: list
    elements: str
  force:
    description: Whether to remove the schema together with all blocks that rest on it.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.actiongroup_prefect
  - flowops.prefect.attributes.object
  - flowops.prefect.connection
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.block_schema_info
"""

EXAMPLES = r"""
- name: Have a type of blocks for a database of one's own
  flowops.prefect.block_type:
    slug: example-database

- name: Say what its blocks hold
  flowops.prefect.block_schema:
    block_type_slug: example-database
    version: "1.0"
    fields:
      title: ExampleDatabase
      type: object
      properties:
        host:
          title: Host
          type: string
        password:
          title: Password
          type: string
          format: password
      required: [host]
      secret_fields: [password]

- name: Have a block of the type
  flowops.prefect.block:
    block_type_slug: example-database
    name: example
    data:
      host: db.example.com
      password: not-a-real-one

- name: Remove the type, its schema and its blocks
  flowops.prefect.block_type:
    slug: example-database
    state: absent
    force: true
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
block_schema:
  description: The schema as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    id:
      description: Id of the schema, null in check mode when it does not exist yet.
      type: str
    block_type_slug:
      description: Type of the schema.
      type: str
    version:
      description: Version of the schema.
      type: str
    fields:
      description: The JSON schema, without what the server adds.
      type: dict
    capabilities:
      description: What blocks of the type can do.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block_schema import BlockSchema
from ansible_collections.flowops.prefect.plugins.module_utils.module import run


def main() -> None:
    run(BlockSchema)


if __name__ == "__main__":
    main()
