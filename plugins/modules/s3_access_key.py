#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_access_key
short_description: Manage the access key of an IAM user, and the file that keeps it
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - The secret of an access key is told once, when it is made. This module keeps it in a file on the host at that
    moment, readable by its owner alone.
  - The file tells of a key that is about to be made before it is made. A run that is killed leaves a key that nobody
    knows; the next run deletes that one and makes another. Keys that were there before are never deleted.
  - AWS allows two keys for a user. A key is replaced in three steps - O(rotate) makes a new one, then whoever uses it
    gets it, then O(retire) disables the previous one and deletes it after O(grace).
  - The secret is returned, so a task that uses this module needs C(no_log=true).
options:
  user:
    description: Name of the user. It must exist.
    type: str
    required: true
  path:
    description: Absolute path of the file that keeps the key. Its folder is created for its owner alone.
    type: path
    required: true
  rotate:
    description:
      - Whether a new key is made and the one of the file becomes the previous one. While there is a previous one,
        nothing new is made.
      - A key that is not in the file, the user's only one, becomes the previous one, too.
    type: bool
    default: false
  retire:
    description: Whether the previous key is disabled, and deleted by a run that comes O(grace) seconds later.
    type: bool
    default: false
  grace:
    description: Seconds for which a disabled key can still be enabled again.
    type: int
    default: 86400
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.s3
  - flowops.prefect.state
attributes:
  check_mode:
    support: full
    details: Changes neither IAM nor the file. A key that would be made is returned as null.
  diff_mode:
    support: full
    details: Shows the ids of keys and their states, no secret. The id of a key that would be made reads C(<new>).
  idempotent:
    support: partial
    details: With O(rotate) a new key is made again as soon as there is no previous one.
notes:
  - A key that somebody else makes after a run was killed and before the next one is taken for that of the killed run,
    and deleted.
  - With O(state=absent) the keys that the file tells of are deleted, then the file. Other keys of the user stay.
"""

EXAMPLES = r"""
- name: Provide the key of the user who runs flows
  flowops.prefect.s3_access_key:
    user: flows
    path: /etc/prefect/keys/flows.json
  register: key
  no_log: true

- name: Make a new key beside the old one
  flowops.prefect.s3_access_key:
    user: flows
    path: /etc/prefect/keys/flows.json
    rotate: true
  no_log: true

- name: Disable the old key, and delete it a day later
  flowops.prefect.s3_access_key:
    user: flows
    path: /etc/prefect/keys/flows.json
    retire: true
  no_log: true
"""

RETURN = r"""
diff:
  description: Ids and states of the keys before and after, and what the file tells of them.
  returned: always
  type: dict
access_key_id:
  description: Id of the key, null where there is none or check mode would make it.
  returned: success
  type: str
secret_access_key:
  description: Secret of the key.
  returned: success
  type: str
previous:
  description: The key before it, null where there is none.
  returned: success
  type: dict
  contains:
    access_key_id:
      description: Id of the key.
      type: str
    status:
      description: V(Active) or V(Inactive).
      type: str
"""

from ansible_collections.flowops.prefect.plugins.module_utils.object_store.access_key import AccessKey
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.aws_module import run


def main() -> None:
    run(AccessKey.options, AccessKey.check, lambda client, params: AccessKey(client, params).run())


if __name__ == "__main__":
    main()
