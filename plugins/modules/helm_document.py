#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: helm_document
short_description: Write the document of releases of Prefect's Helm charts
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Translates the values of releases of the charts C(prefect-server) and C(prefect-worker) into the document C(prefect)
    of role P(flowops.prefect.prefect_settings#role), for the platform V(kubernetes).
  - Every value without a counterpart is named with a reason, as a warning, in RV(findings) and at the top of the file.
    So is a value that is not known. Values that are the chart's defaults are not written.
  - No secret is in the file. Each is a reference to a variable, which O(vault_dest) or you provide.
  - Runs on the controller and asks nothing of a cluster. Role P(flowops.prefect.prefect_helm#role) calls it.
options:
  values:
    description:
      - Files on the controller, one for each release, as C(helm get values RELEASE -o yaml) writes them.
      - Values that are not in a file are the chart's defaults.
      - With C(--all) the defaults of the charts inside are among them, which are counted and not named.
    type: list
    elements: path
    default: []
  secrets:
    description:
      - Secrets of Helm as module M(kubernetes.core.k8s_info) returns them. Of each release the last one counts.
    type: list
    elements: dict
    default: []
  namespace:
    description:
      - Namespace of the installation. Default is that of the release, if it is known.
    type: str
  dest:
    description:
      - File on the controller, which only its owner may read. It holds the variable C(prefect).
    type: path
    required: true
  vault_dest:
    description:
      - File on the controller for the variables with the secrets, encrypted with the vault password that the run was
        given. Without this option only their names are told, in RV(variables) and at the top of O(dest).
    type: path
  force:
    description:
      - Whether files that exist and differ are overwritten.
    type: bool
    default: false
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
    support: none
  bypass_host_loop:
    support: none
  check_mode:
    support: full
  connection:
    support: none
  delegation:
    support: none
  diff_mode:
    support: full
  platform:
    platforms: all
    support: full
seealso:
  - module: kubernetes.core.k8s_info
"""

EXAMPLES = r"""
- name: Write the document of two releases
  flowops.prefect.helm_document:
    values:
      - server.yml
      - worker.yml
    dest: group_vars/all/prefect.yml
"""

RETURN = r"""
dest:
  description: The file.
  returned: success
  type: str
findings:
  description: Values that are not, or not exactly, in the document.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the value in the chart, after its file or release where there are several.
      type: str
      sample: server.extraArgs
    value:
      description: The value as JSON, unless it is secret.
      type: str
    reason:
      description: Why it is not there, and what to do instead.
      type: str
variables:
  description: The variables that the file refers to, and which value of the chart each one holds.
  returned: success
  type: list
  elements: str
  sample: ["vault_prefect_auth_string: server.basicAuth.authString"]
steps:
  description: What to do to go from the releases to the document, in the order that keeps the data.
  returned: success
  type: list
  elements: str
diff:
  description: The file before and after, which holds no secrets.
  returned: success
  type: list
  elements: dict
"""
