# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    # What an attribute means.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and say what would change without changing anything.
  diff_mode:
    description: Says in diff mode what has changed, or what would change in check mode.
  idempotent:
    description: Run again with the same options, and with nothing else having changed, it changes nothing.
"""

    # Modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: Changes nothing in either mode.
  diff_mode:
    support: N/A
    details: There is nothing that could change.
  idempotent:
    support: full
"""

    # Modules that bring an object of Prefect into the declared state.
    OBJECT = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: Only reads, and returns the object as it would be.
  diff_mode:
    support: full
    details: Shows the fields that the module manages. Secrets are masked, a changed one says so.
  idempotent:
    support: full
"""

    # Modules that talk to Prefect's API.
    ACTIONGROUP_PREFECT = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/flowops.prefect.prefect) in C(module_defaults) to write the connection once.
    support: full
    membership:
      - flowops.prefect.prefect
"""
