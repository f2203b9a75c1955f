#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_probe
short_description: Prove what a user may do in a bucket, and what not
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Tries, with the keys of a user, each call that the user needs in a bucket or a folder of it, and calls that must be
    denied - beside the folder, and in other buckets.
  - Fails with one sentence for each call that ends otherwise, and with the statement that the policy lacks.
  - Uses objects whose names begin with C(flowops-probe-), and leaves nothing behind. Whoever may write and not delete
    begins an upload and aborts it.
options:
  bucket:
    description: Name of the bucket.
    type: str
    required: true
  prefix:
    description: Folder that the user is confined to. Default is the whole bucket.
    type: str
  access:
    description: What the user is to be able to do.
    type: str
    choices: [readwrite, readonly, writeonly]
    default: readwrite
  others:
    description: Names of buckets that the user must not get into.
    type: list
    elements: str
    default: []
  exact:
    description: Whether it is an error, too, when the user may do more than that. With V(false) nothing else is tried.
    type: bool
    default: true
  retry:
    description: Seconds for which calls that end otherwise are tried again. IAM needs a while to tell all of AWS of a
      change.
    type: int
    default: 15
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.s3
attributes:
  check_mode:
    support: full
    details: Is skipped, since it has to write to prove that it can.
  diff_mode:
    support: N/A
    details: There is nothing that stays changed.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Prove that the policy is neither too narrow nor too wide
  flowops.prefect.s3_probe:
    access_key: "{{ key.access_key_id }}"
    secret_key: "{{ key.secret_access_key }}"
    region: eu-central-1
    bucket: acme-flows
    prefix: production
    others: [acme-backups]
"""

RETURN = r"""
rows:
  description: What was tried.
  returned: when it was tried
  type: list
  elements: dict
  contains:
    call:
      description: The right that the call needs.
      type: str
      sample: s3:PutObject
    resource:
      description: ARN of the bucket or object.
      type: str
    expected:
      description: V(allowed) or V(denied).
      type: str
    found:
      description: V(allowed), V(denied), or V(absent) where there is no such bucket.
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.aws_module import run
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.probe import Probe


def main() -> None:
    run(Probe.options, Probe.check, lambda client, params: Probe(client, params).run(), in_check_mode=False)


if __name__ == "__main__":
    main()
