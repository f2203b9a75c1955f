# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  endpoint:
    description:
      - Address of S3 as the managed host reaches it, with V(http://) or V(https://). Default is AWS.
      - With an address, buckets are named in the path of requests and not in the host.
    type: str
  iam_endpoint:
    description: Address of the IAM API. Default is O(endpoint), and AWS where there is none.
    type: str
  access_key:
    description:
      - Access key to log in with.
      - Without keys those of the managed host are used, as boto3 finds them. Such are the role of an instance and a
        web identity.
    type: str
  secret_key:
    description: The secret key that belongs to O(access_key).
    type: str
  session_token:
    description: The token that came with temporary keys.
    type: str
  region:
    description: Region of the buckets.
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
    description: Seconds to wait for a connection, and for the answer to one request.
    type: int
    default: 30
requirements:
  - boto3 >= 1.26.27 (Python package on the managed host)
notes:
  - A request that fails on the way, or that is answered with a wish for fewer requests, is sent again, three times at
    most.
attributes:
  action_group:
    description: Use C(group/flowops.prefect.s3) in C(module_defaults) to write the connection once.
    support: full
    membership:
      - flowops.prefect.s3
"""
