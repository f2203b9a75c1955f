#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_user
short_description: Manage a user of MinIO
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a user, and attaches policies to it.
  - A secret key cannot be read back. Whether it is still the one declared is found out by a harmless call that is
    signed with it.
options:
  name:
    description: Name of the user, which is its access key. At least 3 characters.
    type: str
    required: true
  user_secret_key:
    description:
      - Secret key of the user, at least 8 characters. A new user needs one.
      - That of a disabled user cannot be tried; it is written when the user is enabled again.
    type: str
  update_secret:
    description: Whether a secret key that differs is replaced, or only given to a new user.
    type: str
    choices: [always, on_create]
    default: always
  status:
    description: Whether the user may log in. A new user may.
    type: str
    choices: [enabled, disabled]
  policies:
    description:
      - Names of the policies that are attached to the user, all of them and in any order.
      - C([]) or C(null) detaches them all.
      - In check mode a policy may be missing, since a task before may be going to make it. The module warns of it.
    type: list
    elements: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.minio
  - flowops.prefect.minio.object
  - flowops.prefect.state
"""

EXAMPLES = r"""
- name: Provide a user of one policy
  flowops.prefect.minio_user:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: flows
    user_secret_key: "{{ vault_flows_secret_key }}"
    policies:
      - flows-readwrite

- name: Lock the user out for a while
  flowops.prefect.minio_user:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: flows
    status: disabled
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
user:
  description: The user as it is, or in check mode as it would be, without its secret key.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Name of the user.
      type: str
    status:
      description: Whether the user may log in, V(enabled) or V(disabled).
      type: str
    policies:
      description: Names of the attached policies.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.module import run
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.user import MinioUser


def main() -> None:
    run(MinioUser)


if __name__ == "__main__":
    main()
