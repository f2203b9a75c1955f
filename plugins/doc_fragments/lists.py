# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # Modules that read all objects of a kind.
    DOCUMENTATION = r"""
options: {}
notes:
  - Without options, all objects are returned. An option that is left out or C(null) chooses nothing, C([]) chooses
    none.
  - What does not exist is left out of the list, and no error.
  - Objects are read in pages of 200, never one by one.
"""

    TAGS = r"""
options:
  tags:
    description: Only objects that have all these tags.
    type: list
    elements: str
"""

    SECRETS = r"""
options:
  secrets:
    description:
      - Return secrets as they are, and no masks in their places.
      - They are in the result of the task then. Use C(no_log=true) on it.
    type: bool
    default: false
"""
