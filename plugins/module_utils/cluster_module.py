# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module that asks a cluster begins and ends."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from ansible.module_utils.basic import AnsibleModule

from .cluster import Cluster
from .cluster_access import OPTIONS, access
from .cluster_errors import ClusterError
from .secrets import censorable

Result = Dict[str, Any]


def run(
    options: Mapping[str, Any],
    work: Callable[[AnsibleModule, Cluster], Result],
    secrets: Callable[[Mapping[str, Any]], list[str]] | None = None,
) -> None:
    """Run a module; `secrets` picks the values out of its options that nothing may show."""
    module = AnsibleModule(argument_spec={**OPTIONS, **options}, supports_check_mode=True)
    # Ansible would mask every single word of an option that holds a secret somewhere.
    module.no_log_values = set(censorable(secrets(module.params) if secrets else []))
    try:
        result = work(module, Cluster(access(module.params["kubeconfig"], module.params["context"])))
    except ClusterError as error:
        module.fail_json(msg=str(error), problems=str(error).splitlines())
    module.exit_json(**result)


def fail(module: AnsibleModule, problems: list[str]) -> None:
    """End with all problems at once."""
    told = list(dict.fromkeys(problems))
    module.fail_json(msg="\n".join(told), problems=told)
