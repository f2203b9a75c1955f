# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) creates the object, or changes what differs. An option that is left out leaves its field alone,
        an explicit C(null) resets the field to the default of a new object.
      - V(absent) removes the object.
    type: str
    choices: [present, absent]
    default: present
"""
