# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  endpoint:
    description: Address of MinIO as the managed host reaches it, with V(http://) or V(https://).
    type: str
    required: true
  access_key:
    description: Access key to log in with, the root user's or that of a user who may administer.
    type: str
    required: true
  secret_key:
    description: The secret key that belongs to O(access_key).
    type: str
    required: true
  region:
    description: Region of the server.
    type: str
    default: us-east-1
  validate_certs:
    description: Whether the certificate of the server is checked.
    type: bool
    default: true
  ca_path:
    description: File of certificates to trust, on the managed host. Default is the system's store.
    type: path
  timeout:
    description: Seconds to wait for the answer to one request.
    type: int
    default: 30
requirements:
  - minio >= 7.2.20 (Python package on the managed host)
notes:
  - A request that is answered with 429, 502, 503 or 504 is sent again, four times at most.
"""

    # Modules that bring an object of MinIO into the declared state.
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
  action_group:
    description: Use C(group/flowops.prefect.minio) in C(module_defaults) to write the connection once.
    support: full
    membership:
      - flowops.prefect.minio
"""
