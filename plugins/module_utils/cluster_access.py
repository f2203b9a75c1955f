# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is meant, and as whom: the kubeconfig and its context, or the pod that Ansible runs in."""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

from .cluster_errors import ClusterError
from .suggest import nearest

try:
    import yaml
    from kubernetes import client as kubernetes_client
    from kubernetes import config as kubernetes_config

    HAS_LIBRARY = True
except ImportError:
    HAS_LIBRARY = False

KUBECONFIG = "prefect.kubernetes.kubeconfig"
CONTEXT = "prefect.kubernetes.context"
DEFAULT = "~/.kube/config"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"

OPTIONS: dict[str, Any] = {"kubeconfig": {"type": "str"}, "context": {"type": "str"}}


class Access(NamedTuple):
    """Where the cluster is, and as whom to ask it; neither file nor context inside of a pod."""

    configuration: Any
    kubeconfig: str | None
    context: str | None
    user: str

    @property
    def source(self) -> str:
        """Return what the credentials come from, for people."""
        if self.kubeconfig is None:
            return "this pod's ServiceAccount"
        return f"user {self.user} (context {self.context} of {self.kubeconfig})"


def access(kubeconfig: str | None, context: str | None) -> Access:
    """Return how to reach the cluster."""
    if not HAS_LIBRARY:
        raise ClusterError(
            f"prefect.platform: kubernetes needs the Python library kubernetes for {sys.executable} on the controller; "
            f"install it there (python3 -m pip install kubernetes; make puts it into the .venv of a checkout)"
        )
    setting, path = _kubeconfig(kubeconfig)
    configuration = kubernetes_client.Configuration()
    if path is None:
        return _of_this_pod(configuration, context)
    name, user = _context(setting, path, context)
    try:
        kubernetes_config.load_kube_config(
            config_file=path, context=name, client_configuration=configuration, persist_config=False
        )
    except kubernetes_config.ConfigException as error:
        raise ClusterError(f"{setting}: {path} cannot be used: {error}") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ClusterError(f"{setting}: {path} cannot be used: {type(error).__name__} {error}") from error
    return Access(configuration, path, name, user)


def _kubeconfig(given: str | None) -> tuple[str, str | None]:
    """Return what names the kubeconfig, and its path; none where there is only a pod's ServiceAccount."""
    if given:
        return KUBECONFIG, os.path.expanduser(given)
    named = os.environ.get("KUBECONFIG")
    if named:
        return "KUBECONFIG", named
    path = os.path.expanduser(DEFAULT)
    if os.path.exists(path) or not os.path.exists(TOKEN):
        return KUBECONFIG, path
    return KUBECONFIG, None


def _of_this_pod(configuration: Any, context: str | None) -> Access:
    if context:
        raise ClusterError(
            f"{CONTEXT}: there is no kubeconfig that could have a context {context}; name the kubeconfig"
        )
    try:
        kubernetes_config.load_incluster_config(client_configuration=configuration)
    except kubernetes_config.ConfigException as error:
        raise ClusterError(f"{KUBECONFIG}: this pod's ServiceAccount cannot be used: {error}") from error
    return Access(configuration, None, None, "")


def _context(setting: str, path: str, wanted: str | None) -> tuple[str, str]:
    """Return the name of the context, and of its user."""
    contexts: dict[str, str] = {}
    current = ""
    # KUBECONFIG may name several files; as kubectl does, those that are not there are left out.
    files = [os.path.expanduser(part) for part in path.split(os.pathsep) if part]
    there = [part for part in files if os.path.exists(part)]
    if not there:
        raise ClusterError(f"{setting}: there is no file {path}; name the kubeconfig of the cluster")
    for part in there:
        content = _content(setting, part)
        current = current or str(content.get("current-context") or "")
        for item in content.get("contexts") or []:
            if isinstance(item, dict) and item.get("name"):
                contexts.setdefault(str(item["name"]), str((item.get("context") or {}).get("user") or ""))
    name = wanted or current
    if not name:
        raise ClusterError(f"{CONTEXT}: {path} has no current context; set one of them: {nearest('', contexts)}")
    if name not in contexts:
        raise ClusterError(f"{CONTEXT}: there is no context {name} in {path}; {nearest(name, contexts)}")
    return name, contexts[name]


def _content(setting: str, path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as source:
            content = yaml.safe_load(source)
    except (OSError, UnicodeError) as error:
        raise ClusterError(f"{setting}: {path} cannot be read: {getattr(error, 'strerror', '') or error}") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" (line {where.line + 1})" if where else ""
        raise ClusterError(f"{setting}: {path} is no kubeconfig: it is not YAML{line}") from error
    if not isinstance(content, dict) or not isinstance(content.get("contexts") or [], list):
        raise ClusterError(f"{setting}: {path} is no kubeconfig: it has no contexts")
    return content
