# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may talk to whom: nothing by default, then what each service says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.flowops.prefect.plugins.module_utils import cluster_marks as marks

from .part import Manifest, Part, selector
from .ports import container_ports

ANYBODY = "*"
# Its address may be one that no selector can name.
DNS: Manifest = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


def default_policy(part: Part) -> Manifest:
    """Return the policy that closes all pods of ours; those of flow runs are part of prefect too, but Prefect's."""
    spec = {"podSelector": {"matchLabels": {marks.MANAGED_BY: marks.MANAGER}}, "policyTypes": ["Egress", "Ingress"]}
    return part.manifest("NetworkPolicy", "prefect-default-deny", spec=spec)


def policies(part: Part) -> list[Manifest]:
    """Return whom a service's pods may be asked by and may ask: without `from` or `to` whoever there is."""
    if not part.settings.get("network_policies"):
        return []
    network: dict[str, Any] = part.spec.get("network") or {}
    spec: Manifest = {
        "podSelector": {"matchLabels": part.selector},
        "policyTypes": ["Egress", "Ingress"],
        "egress": [{}] if network.get("to") is None else [DNS, *_rules("to", network["to"])],
    }
    ports = [{"port": port["containerPort"], "protocol": "TCP"} for port in container_ports(part)]
    asked_by = network.get("from")
    # The pods that lead people in belong to somebody else.
    allowed = [ANYBODY] if part.spec.get("way_in") or asked_by is None else asked_by
    ingress = [{**rule, "ports": ports} for rule in _rules("from", allowed)] if ports else []
    if ingress:
        spec["ingress"] = ingress
    return [part.manifest("NetworkPolicy", spec=spec)]


def _rules(direction: str, peers: Iterable[Any]) -> list[Manifest]:
    """Return one rule for all peers: names of services, peers in Kubernetes' own words, or anybody."""
    listed = list(peers)
    if ANYBODY in listed:
        return [{}]
    made = [{"podSelector": {"matchLabels": selector(peer)}} if isinstance(peer, str) else peer for peer in listed]
    return [{direction: made}] if made else []
