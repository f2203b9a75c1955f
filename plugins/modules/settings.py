#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: settings
short_description: Resolve the document C(prefect) into the inputs of the roles
version_added: 1.0.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Merges, translates, validates and derives the settings of this host from the variables C(prefect), C(prefect_file)
    and C(prefect__*), from the inventory and from the controller's environment.
  - Reports all problems of the settings at once, with key path, value found, what is allowed and the nearest match.
    The value of a secret is never shown.
  - Runs on the controller and asks nothing of the host. Role P(flowops.prefect.prefect_settings#role) calls it;
    its entry point C(document) describes the variables.
  - The result holds secrets. It is hidden at any verbosity, while the registered variable can be used.
options:
  file:
    description:
      - A C(qhub-config.yaml) on the controller.
      - Default is the variable C(prefect_file).
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
    support: none
  platform:
    platforms: all
    support: full
"""

EXAMPLES = r"""
- name: Resolve the settings of this host
  flowops.prefect.settings:
  register: settings

- name: Resolve the settings of an old QHub
  flowops.prefect.settings:
    file: qhub-config.yaml
  register: settings
"""

RETURN = r"""
facts:
  description:
    - The inputs of the roles by the name of their variable, described in the roles' argument specifications.
    - C(__prefect_settings) tells whether anything is deployed, what the C(qhub-config.yaml) says of the project, and
      which variables of component roles were set without a document.
  returned: success
  type: dict
"""
