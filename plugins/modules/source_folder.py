#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: source_folder
short_description: Bring a folder of code to a host, as a whole
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Compares a folder of the controller with what is on the host, and sends all of it in one archive when a file
    differs.
  - Each version gets a folder of its own below O(path), and the link C(current) is switched to it. Flow runs that are
    under way keep the files they started with; the version before the last one is removed.
  - C(.git), C(.venv), C(__pycache__) and what the folder's C(.prefectignore) lists stay on the controller. Files that
    are no longer there are gone from the new version, too.
  - The files can be read by every user of the host.
options:
  src:
    description: Folder on the controller. Required.
    type: path
  path:
    description: Folder on the host that holds the versions and the link C(current).
    type: path
    required: true
  switch:
    description:
      - Whether the link C(current) is switched to the version. Without, its files lie in C(folder) and wait, so that
        they can be looked at before anything runs them.
    type: bool
    default: true
  files:
    description: The files and what tells them from others. The action makes it from O(src).
    type: dict
    default: {}
  archive:
    description: The files on the host, where the action has sent them.
    type: path
extends_documentation_fragment:
  - action_common_attributes
  - action_common_attributes.conn
  - action_common_attributes.flow
attributes:
  action:
    support: full
  async:
    support: none
  become:
    support: full
  bypass_host_loop:
    support: none
  check_mode:
    support: full
  connection:
    support: full
  delegation:
    support: full
  diff_mode:
    support: full
    details: Shows the files that differ, each with a digest of its content.
  platform:
    platforms: posix
    support: full
"""

EXAMPLES = r"""
- name: Bring the flows to the host of the worker
  flowops.prefect.source_folder:
    src: "{{ playbook_dir }}/flows"
    path: /srv/flows
  register: flows

- name: Deploy one of them
  flowops.prefect.deployment:
    name: example
    flow_name: etl
    entrypoint: etl.py:main
    pull_steps:
      - prefect.deployments.steps.set_working_directory:
          directory: "{{ flows.path }}"
"""

RETURN = r"""
folder:
  description: Folder of this version.
  returned: success
  type: str
  sample: /srv/flows/8c2f0d6c1f4e
has_files:
  description: Whether that folder was there already, with these very files.
  returned: success
  type: bool
path:
  description: The link, which is the folder to run the flows in.
  returned: success
  type: str
  sample: /srv/flows/current
version:
  description: Digest of all files, and the name of their folder.
  returned: success
  type: str
  sample: 8c2f0d6c1f4e
diff:
  description: The files that differ.
  returned: success
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import source_folder
from ansible_collections.flowops.prefect.plugins.module_utils.module import guarded

OPTIONS = {
    "src": {"type": "path"},
    "path": {"type": "path", "required": True},
    "switch": {"type": "bool", "default": True},
    "files": {"type": "dict", "default": {}},
    "archive": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    guarded(module, lambda: source_folder.run(module.params, module.check_mode))


if __name__ == "__main__":
    main()
