# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of the kubeconfig on the host that runs the module, or several with C(:) between them.
      - Default is that of E(KUBECONFIG), else C(~/.kube/config), else the ServiceAccount of Ansible's own pod.
    type: str
  context:
    description: Context of the kubeconfig. Default is its current one.
    type: str
requirements:
  - kubernetes >= 24.2.0 (Python package on the host that runs the module)
attributes:
  action_group:
    description: Use C(group/flowops.prefect.cluster) in C(module_defaults) to write the connection once.
    support: full
    membership:
      - flowops.prefect.cluster
"""
