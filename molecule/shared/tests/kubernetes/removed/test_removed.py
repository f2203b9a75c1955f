"""What stays of an installation that was removed with its data: nothing but what was there before."""

from __future__ import annotations

import json

from testinfra.host import Host


def test_nothing_is_left(host: Host) -> None:
    namespaces = json.loads(host.check_output("kubectl get namespaces -o json"))["items"]
    assert not {item["metadata"]["name"] for item in namespaces} & {"prefect", "dev"}
    marked = host.check_output(
        "kubectl get all,configmaps,secrets,roles,rolebindings,persistentvolumeclaims,networkpolicies "
        "--all-namespaces --selector app.kubernetes.io/managed-by=flowops.prefect --output name"
    )
    assert marked == ""
    assert host.check_output("kubectl get persistentvolumes --output name") == ""
