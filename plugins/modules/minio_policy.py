#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_policy
short_description: Manage a policy of MinIO
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a policy that can be attached to users and groups.
  - Policies are compared by what they mean. The order of statements, actions and resources does not count, and one
    value is the same as a list of one.
  - A policy that is attached to a user or a group is not removed.
options:
  name:
    description: Name of the policy.
    type: str
    required: true
  policy:
    description:
      - The policy as S3 writes it, with C(Version) and C(Statement). At most 20 KiB as JSON. A new policy needs one.
      - A key that MinIO would ignore is an error.
    type: dict
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.minio
  - flowops.prefect.minio.object
  - flowops.prefect.state
"""

EXAMPLES = r"""
- name: Allow to read one folder of one bucket
  flowops.prefect.minio_policy:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: reports-readonly
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action:
            - s3:GetBucketLocation
            - s3:ListBucket
          Resource: arn:aws:s3:::reports
        - Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::reports/public/*

- name: Remove the policy
  flowops.prefect.minio_policy:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: reports-readonly
    state: absent
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
policy:
  description: The policy as it is, or in check mode as it would be.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Name of the policy.
      type: str
    policy:
      description: The policy, in one form for all that mean the same.
      type: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.module import run
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.policy import MinioPolicy


def main() -> None:
    run(MinioPolicy)


if __name__ == "__main__":
    main()
