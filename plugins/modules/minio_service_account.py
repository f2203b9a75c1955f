#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_service_account
short_description: Manage a service account of MinIO
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a service account, which is one more access key of a user. It may do what the user may,
    or less.
  - A secret key cannot be read back. Whether it is still the one declared is found out by a harmless call that is
    signed with it.
  - What MinIO cannot take away from an account, such as its policy, is taken away by making the account again with the
    same keys.
options:
  name:
    description: Name of the account, which is its access key. 3 to 20 characters.
    type: str
    required: true
  user:
    description:
      - Name of the user that the account belongs to. A new account needs one, and it stays with it.
      - An account of somebody else is not removed.
    type: str
  account_secret_key:
    description:
      - Secret key of the account, 8 to 40 characters. A new account needs one.
      - That of a disabled account cannot be tried; it is written when the account is enabled again.
    type: str
  update_secret:
    description: Whether a secret key that differs is replaced, or only given to a new account.
    type: str
    choices: [always, on_create]
    default: always
  policy:
    description:
      - The policy of the account as S3 writes it, with C(Version) and C(Statement). The account may do what both this
        policy and those of its user allow.
      - Policies are compared by what they mean. A key that MinIO would ignore is an error.
      - C(null) gives it all that the user may. Taking a policy away needs O(account_secret_key).
    type: dict
  status:
    description: Whether the account may log in. A new account may.
    type: str
    choices: [enabled, disabled]
  description:
    description:
      - What the account is for, at most 256 characters. Needs a MinIO of 2023 or newer.
      - An empty one or C(null) takes it away, which needs O(account_secret_key).
    type: str
  expiration:
    description:
      - When the account ends, as a time with its zone such as V(2026-12-31T00:00:00Z). MinIO removes it then. Needs a
        MinIO of 2023 or newer.
      - C(null) takes it away, which needs O(account_secret_key).
    type: str
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.minio
  - flowops.prefect.minio.object
  - flowops.prefect.state
seealso:
  - module: flowops.prefect.minio_user
"""

EXAMPLES = r"""
- name: Provide an access key that may only read one folder
  flowops.prefect.minio_service_account:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: flows-reports
    user: flows
    account_secret_key: "{{ vault_reports_secret_key }}"
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: s3:GetBucketLocation
          Resource: arn:aws:s3:::flows
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::flows/reports/*

- name: Remove it
  flowops.prefect.minio_service_account:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: flows-reports
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
service_account:
  description: The account as it is, or in check mode as it would be, without its secret key.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Name of the account, which is its access key.
      type: str
    user:
      description: Name of the user that it belongs to.
      type: str
    policy:
      description: Its policy, in one form for all that mean the same. V(null) if it may do all that its user may.
      type: dict
    status:
      description: Whether the account may log in, V(enabled) or V(disabled).
      type: str
    description:
      description: What the account is for.
      type: str
    expiration:
      description: When the account ends, in UTC. V(null) if it does not.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.module import run
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.service_account import MinioServiceAccount


def main() -> None:
    run(MinioServiceAccount)


if __name__ == "__main__":
    main()
