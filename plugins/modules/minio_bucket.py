#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: minio_bucket
short_description: Manage a bucket of MinIO
version_added: 1.1.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Creates, changes or removes a bucket.
  - Works with every server that speaks S3; O(quota) needs the admin API of MinIO.
options:
  name:
    description: Name of the bucket, by the naming rules of S3.
    type: str
    required: true
  versioning:
    description: Whether old versions of objects are kept. V(false) suspends it and leaves the versions that there are.
    type: bool
  object_lock:
    description: Whether objects can be locked. Only a new bucket can get it, and it keeps versions.
    type: bool
  quota:
    description: How much may be in the bucket, such as V(10GiB). V(0) sets no limit.
    type: str
  tags:
    description: Tags of the bucket, all of them. C({}) or C(null) removes them all.
    type: dict
  force:
    description:
      - Whether the bucket is removed together with all objects and versions in it.
      - Without it, a bucket that holds objects stays.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.minio
  - flowops.prefect.minio.object
  - flowops.prefect.state
"""

EXAMPLES = r"""
- name: Provide a bucket that keeps old versions
  flowops.prefect.minio_bucket:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: flows
    versioning: true
    quota: 10GiB

- name: Remove a bucket with all that is in it
  flowops.prefect.minio_bucket:
    endpoint: http://127.0.0.1:9000
    access_key: prefect-admin
    secret_key: "{{ vault_minio_root_password }}"
    name: scratch
    state: absent
    force: true
"""

RETURN = r"""
diff:
  description: The managed fields before and after, without secrets.
  returned: always
  type: dict
bucket:
  description: The bucket as it is, or in check mode as it would be. Holds only the options that were given.
  returned: when O(state=present)
  type: dict
  contains:
    name:
      description: Name of the bucket.
      type: str
    versioning:
      description: Whether old versions are kept.
      type: bool
    object_lock:
      description: Whether objects can be locked.
      type: bool
    quota:
      description: How many bytes may be in the bucket, 0 for no limit.
      type: int
    tags:
      description: Tags of the bucket.
      type: dict
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.bucket import MinioBucket
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.module import run


def main() -> None:
    run(MinioBucket)


if __name__ == "__main__":
    main()
