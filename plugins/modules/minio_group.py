#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_group
short_description: Manage a group of MinIO
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a group of users, and attaches policies to it.
  - A group that is removed leaves its users as they are.
options:
  name:
    description: Name of the group.
    type: str
    required: true
  members:
    description:
      - Names of the users in the group, all of them and in any order. C([]) removes them all from it.
      - Without it, or with C(null), the members stay as they are, and a new group has none.
      - In check mode a user may be missing, since a task before may be going to make it. The module warns of it.
    type: list
    elements: str
  status:
    description: Whether the policies of the group count. Those of a new group do.
    type: str
    choices: [enabled, disabled]
  policies:
    description:
      - Names of the policies that are attached to the group, all of them and in any order.
      - C([]) or C(null) detaches them all.
      - A MinIO before 2023 does not tell those of a disabled group; they are written when the group is enabled again.
      - In check mode a policy may be missing, since a task before may be going to make it. The module warns of it.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.minio
  - flowops.prefect.minio.object
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.minio_user
  - module: flowops.prefect.minio_policy
"""

EXAMPLES = r"""
- name: Provide a group of two users and one policy
  flowops.prefect.minio_group:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: analysts
    members:
      - anna
      - bert
    policies:
      - reports-readonly

- name: Remove the group and keep its users
  flowops.prefect.minio_group:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: analysts
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
group:
  description: The group as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Name of the group.
      type: str
    members:
      description: Names of the users in the group.
      type: list
      elements: str
    status:
      description: Whether its policies count, V(enabled) or V(disabled).
      type: str
    policies:
      description: Names of the attached policies. Missing if the server does not tell those of a disabled group.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.group import MinioGroup
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.module import run


def main() -> None:
    run(MinioGroup)


if __name__ == "__main__":
    main()
