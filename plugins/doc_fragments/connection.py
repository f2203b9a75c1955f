# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of Prefect's API as the managed host reaches it. A server of one's own ends in C(/api).
      - If E(PREFECT_API_URL) is set there, it is the default.
    type: str
    default: http://127.0.0.1:4200/api
  auth_string:
    description:
      - User and password of a server that has C(PREFECT_SERVER_API_AUTH_STRING), C(user:password) in ASCII.
      - If E(PREFECT_API_AUTH_STRING) is set on the managed host, it is the default.
      - Beats O(api_key).
    type: str
  api_key:
    description:
      - API key of Prefect Cloud.
      - If E(PREFECT_API_KEY) is set on the managed host, it is the default.
    type: str
  headers:
    description: More headers for every request, such as a proxy in front of the API asks for. Their values are secret.
    type: dict
  validate_certs:
    description: Whether the certificate of the API is checked.
    type: bool
    default: true
  ca_path:
    description: File of certificates to trust, on the managed host. Default is the system's store.
    type: path
  timeout:
    description: Seconds to wait for the answer to one request.
    type: int
    default: 30
notes:
  - Needs nothing but Python on the managed host.
  - Proxies of the environment (E(http_proxy), E(https_proxy), E(no_proxy)) are used.
  - A request that is answered with 429, 502 or 503 is sent again, four times at most.
"""
