#!/usr/bin/python

# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout
short_description: Wait until a workload of a Kubernetes cluster is there, and say why it is not
version_added: 1.2.0
author:
  - The flowops.prefect contributors (@flowops)
description:
  - Watches a Deployment or a StatefulSet until all of its pods are new and ready, a Job until it ends.
  - Gives up early on what does not pass by itself - an image that cannot be had, a container that ends again and again,
    a missing Secret - and after 30 seconds on what rarely does - no node, no volume, an exceeded quota.
  - The message then says what is wrong, with the last events and the last lines of the log.
  - Changes nothing. In check mode it does nothing.
options:
  namespace:
    description: Namespace of the workload.
    type: str
    required: true
  kind:
    description: Kind of the workload.
    type: str
    choices: [Deployment, StatefulSet, Job]
    required: true
  name:
    description: Name of the workload.
    type: str
    required: true
  secrets:
    description: Values that are masked where the log or an event repeats them.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait.
    type: int
    default: 300
extends_documentation_fragment:
  - flowops.prefect.attributes
  - flowops.prefect.attributes.info
  - flowops.prefect.cluster
"""

EXAMPLES = r"""
- name: Wait until the server runs
  flowops.prefect.rollout:
    namespace: prefect
    kind: Deployment
    name: prefect-server
    timeout: 180
"""

RETURN = r"""
seconds:
  description: How long it took.
  returned: always
  type: float
log:
  description: Last lines of the log of the pod that failed.
  returned: failure
  type: list
  elements: str
status:
  description: What its container ended with.
  returned: failure
  type: int
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.flowops.prefect.plugins.module_utils import cluster_module
from ansible_collections.flowops.prefect.plugins.module_utils.cluster import Cluster
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_rollout import KINDS, Rollout

REQUIRED = {"type": "str", "required": True}


def wait(module: AnsibleModule, cluster: Cluster) -> dict[str, Any]:
    if module.check_mode:
        return {"changed": False, "seconds": 0.0}
    wanted = module.params
    begin = time.monotonic()
    outcome = Rollout(cluster, wanted["namespace"], wanted["kind"], wanted["name"]).wait(wanted["timeout"])
    seconds = round(time.monotonic() - begin, 2)
    if not outcome.done:
        module.fail_json(msg=outcome.message, seconds=seconds, log=outcome.log, status=outcome.status)
    return {"changed": False, "seconds": seconds}


def main() -> None:
    cluster_module.run(
        {
            "namespace": REQUIRED,
            "kind": {**REQUIRED, "choices": list(KINDS)},
            "name": REQUIRED,
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
            "timeout": {"type": "int", "default": 300},
        },
        wait,
        lambda options: list(options["secrets"]),
    )


if __name__ == "__main__":
    main()
