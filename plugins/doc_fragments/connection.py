# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_url:
    description:
      - Address of Prefect's API as the managed host reaches it. A server of one's own ends in C(/api),
        one of Prefect Cloud in C(/accounts/ID/workspaces/ID).
      - Otherwise that of E(PREFECT_API_URL), of the profile, or C(http://127.0.0.1:4200/api), see the notes.
    type: str
  profile:
    description:
      - Profile of the managed host's C(profiles.toml) to take this and the other settings from.
      - Otherwise the active one, unless O(api_url) is given.
    type: str
    version_added: 1.2.0
  auth_string:
    description:
      - User and password of a server that has C(PREFECT_SERVER_API_AUTH_STRING), C(user:password) in ASCII.
      - Otherwise that of E(PREFECT_API_AUTH_STRING), or of the profile. An empty one sends none.
      - Beats O(api_key) where both come from the same place.
    type: str
  api_key:
    description:
      - API key of Prefect Cloud.
      - Otherwise that of E(PREFECT_API_KEY), or of the profile.
    type: str
  headers:
    description:
      - More headers for every request, such as a proxy in front of the API asks for. Their values are secret.
      - C(Authorization) takes the bearer token of a proxy, in place of O(auth_string) and O(api_key).
      - Otherwise those of E(PREFECT_CLIENT_CUSTOM_HEADERS), or of the profile.
    type: dict
  validate_certs:
    description:
      - Whether the certificate of the API is checked.
      - Otherwise the opposite of E(PREFECT_API_TLS_INSECURE_SKIP_VERIFY), or what the profile says, or V(true).
    type: bool
  ca_path:
    description:
      - File of certificates to trust, on the managed host.
      - Otherwise that of E(PREFECT_API_SSL_CERT_FILE), of the profile, or the system's store.
    type: path
  client_cert:
    description: File of the certificate to show to the API, or to the proxy in front of it, on the managed host.
    type: path
    version_added: 1.2.0
  client_key:
    description: File of the key of O(client_cert), without a password. Leave it out if it is in the same file.
    type: path
    version_added: 1.2.0
  timeout:
    description:
      - Seconds to wait for the answer to one request.
      - Otherwise those of E(PREFECT_API_REQUEST_TIMEOUT), or of the profile, or 30.
    type: int
notes:
  - Needs nothing but Python on the managed host.
  - An option beats a profile that is named by O(profile), that beats the environment, that the active profile, and
    that the default. The active profile is what Prefect itself takes, by E(PREFECT_PROFILE) or C(active) in the file
    E(PREFECT_PROFILES_PATH), or C(profiles.toml) in E(PREFECT_HOME) or C(~/.prefect). Files C(.env), C(prefect.toml)
    and C(pyproject.toml) are not read.
  - Nothing is sent to another server than it was meant for. Settings come from where the address comes from, or from
    what beats that; others count only if they come with an address of the same scheme, host and port.
  - Proxies of the environment (E(http_proxy), E(https_proxy), E(no_proxy)) are used.
  - A request that is answered with 429 or 503 is sent again, four times at most and when C(Retry-After) says so, after
    30 seconds at the latest. What only reads is also sent again after 502 and 504, and once when the connection breaks;
    a write that may have been done is not.
"""

    VARIABLES: str


# The same for plugins of the controller, which take variables, too.
ModuleDocFragment.VARIABLES = re.sub(
    r"^  (\w+):$",
    r"  \1:\n    vars:\n      - name: ansible_prefect_\1",
    ModuleDocFragment.DOCUMENTATION.replace("the managed host", "the controller"),
    flags=re.MULTILINE,
)
