#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_info
short_description: See whether buckets and users can be provided on AWS
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Asks S3 and IAM for buckets and users, and changes nothing.
  - Fails with all that is wrong at once - nobody answers, the keys are wrong or have expired, the clocks differ, a
    bucket belongs to somebody else or is in another region, the server has no IAM API, a right is missing.
options:
  buckets:
    description: Names of buckets to look for.
    type: list
    elements: str
    default: []
  users:
    description: Names of IAM users to look for. They need the IAM API.
    type: list
    elements: str
    default: []
  need_iam:
    description: Whether the server must have an IAM API, whatever O(users) says.
    type: bool
    default: false
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
  - flowops.prefect.s3
"""

EXAMPLES = r"""
- name: See what there is before anything is changed
  flowops.prefect.s3_info:
    region: eu-central-1
    buckets: [acme-flows]
    users: [flows]
  register: aws

- name: Tell who we are
  ansible.builtin.debug:
    var: aws.identity.arn
"""

RETURN = r"""
identity:
  description: Who the keys belong to, null where the server cannot tell.
  returned: success
  type: dict
  contains:
    account:
      description: Number of the account.
      type: str
    arn:
      description: ARN of the user or role.
      type: str
    user_id:
      description: Id of the user or role.
      type: str
buckets:
  description: The buckets by name, each with what is told below.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether it is there, and ours.
      type: bool
    region:
      description: Region that it is in, null where the server does not tell.
      type: str
    versioning:
      description: Whether old versions are kept, null where that may not be asked.
      type: bool
users:
  description: The users by name, each with what is told below.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether it is there.
      type: bool
    access_keys:
      description: Its access keys, each with C(access_key_id), C(status) and C(created).
      type: list
      elements: dict
    groups:
      description: Names of its groups, null where they may not be asked.
      type: list
      elements: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.aws_module import run
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.inventory import Inventory


def main() -> None:
    run(Inventory.options, Inventory.check, lambda client, params: Inventory(client, params).run())


if __name__ == "__main__":
    main()
