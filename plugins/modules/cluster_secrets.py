#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_secrets
short_description: Generate secrets once, keep them in a Kubernetes cluster and read them
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Every secret is a key of one Secret of the namespace. One that is there is never changed.
  - The secrets are returned, so a task that uses this module needs C(no_log=true).
options:
  namespace:
    description: Namespace of the Secret. It has to be there, except in check mode.
    type: str
    required: true
  secret:
    description: Name of the Secret.
    type: str
    default: prefect-generated
  names:
    description: Names of the secrets.
    type: list
    elements: str
    required: true
  length:
    description: Number of letters and digits of a secret that is generated.
    type: int
    default: 40
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.cluster
attributes:
  check_mode:
    support: full
    details: What would be generated is returned, but not kept.
  diff_mode:
    support: full
    details: Shows the names, never the secrets.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Provide the password of the database
  flowops.prefect.cluster_secrets:
    namespace: prefect
    names: [postgres.password]
  register: generated
  no_log: true
"""

RETURN = r"""
secrets:
  description: The secrets by their names.
  returned: success
  type: dict
"""

import base64
import re
import secrets
import string
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_module
from ansible_collections.flowops.prefect.plugins.module_utils.cluster import MERGE, Cluster
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_errors import (
    ClusterError,
    RefusedError,
    explained,
)
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_landscape import GENERATED

ALPHABET = string.ascii_letters + string.digits
NAME = re.compile(r"[-._a-zA-Z0-9]+")
# Somebody else may be writing the same secrets.
ATTEMPTS = 5


def encoded(values: dict[str, str]) -> dict[str, str]:
    return {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}


def keep(cluster: Cluster, path: str, manifest: dict[str, Any], live: dict[str, Any] | None) -> bool:
    """Write the secrets, and return whether nobody wrote at the same moment."""
    query = {"fieldManager": marks.MANAGER}
    try:
        if live is None:
            cluster.post(path, manifest, **query)
        else:
            version = {"resourceVersion": live["metadata"]["resourceVersion"]}
            cluster.patch(
                f"{path}/{manifest['metadata']['name']}",
                {"metadata": version, "data": manifest["data"]},
                MERGE,
                **query,
            )
    except RefusedError as error:
        if error.status == 409:
            return False
        raise ClusterError(explained(error, manifest)) from error
    return True


def provide(module: AnsibleModule, cluster: Cluster) -> dict[str, Any]:
    wanted = module.params
    strange = [name for name in wanted["names"] if not NAME.fullmatch(name)]
    if strange:
        cluster_module.fail(module, [f"names: expected letters, digits, -, _ and ., found {', '.join(strange)}"])
    path = f"/api/v1/namespaces/{wanted['namespace']}/secrets"
    metadata = {
        "name": wanted["secret"],
        "namespace": wanted["namespace"],
        "labels": {marks.PART: marks.PART_OF, marks.MANAGED_BY: marks.MANAGER, marks.SERVICE: marks.FOUNDATION},
    }
    manifest: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata}
    for _attempt in range(ATTEMPTS):
        live = read(cluster, path, manifest)
        data = (live or {}).get("data") or {}
        found = {
            name: base64.b64decode(data[name]).decode("utf-8", "replace") for name in wanted["names"] if data.get(name)
        }
        made = {
            name: "".join(secrets.choice(ALPHABET) for position in range(wanted["length"]))
            for name in wanted["names"]
            if name not in found
        }
        if not made or module.check_mode or keep(cluster, path, {**manifest, "data": encoded(made)}, live):
            return {
                "changed": bool(made),
                "secrets": {**found, **made},
                "diff": {"before": {"secrets": sorted(found)}, "after": {"secrets": sorted([*found, *made])}},
            }
    raise ClusterError(f"Secret/{wanted['secret']}: somebody else keeps writing to it; try again")


def read(cluster: Cluster, path: str, manifest: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return cluster.find(f"{path}/{manifest['metadata']['name']}")
    except RefusedError as error:
        raise ClusterError(explained(error, manifest)) from error


def main() -> None:
    cluster_module.run(
        {
            "namespace": {"type": "str", "required": True},
            "secret": {"type": "str", "default": GENERATED, "no_log": False},
            "names": {"type": "list", "elements": "str", "required": True, "no_log": False},
            "length": {"type": "int", "default": 40, "no_log": False},
        },
        provide,
    )


if __name__ == "__main__":
    main()
