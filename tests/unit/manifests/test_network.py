"""The ways in from outside, and who may talk to whom."""

from __future__ import annotations

from typing import Any

from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.manifests import (
    foundation_manifests,
    job_manifests,
    service_manifests,
)

from .samples import BARE, HOST, MIGRATION, POSTGRES, SERVER, SETTINGS, WORKER, Map, kinds, only

NGINX = "nginx.ingress.kubernetes.io"
GATEWAY: Map = {
    "enabled": True,
    "class_name": "envoy",
    "parents": [],
    "annotations": {"a": "b"},
    "tls_secret_name": "prefect-tls",
}


def with_ingress(**more: Any) -> Map:
    return {**SETTINGS, "ingress": {**SETTINGS["ingress"], **more}}


def with_gateway(**more: Any) -> list[Map]:
    settings = {**SETTINGS, "ingress": {"enabled": False}, "gateway": {**GATEWAY, **more}}
    return service_manifests(SERVER, HOST, settings)


def path_of(ingress: Map) -> Any:
    return ingress["spec"]["rules"][0]["http"]["paths"][0]["path"]


def peers(policy: Map) -> list[str]:
    [rule] = policy["spec"]["ingress"]
    return [item["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for item in rule["from"]]


def test_an_ingress_leads_from_the_public_address() -> None:
    manifests = service_manifests(SERVER, HOST, with_ingress(forward_auth={"auth_url": None}))
    ingress = only(manifests, "Ingress")
    assert ingress["spec"] == {
        "ingressClassName": "nginx",
        "rules": [
            {
                "host": "flows.example.org",
                "http": {
                    "paths": [
                        {
                            "path": "/prefect",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "prefect-server", "port": {"number": 4200}}},
                        }
                    ]
                },
            }
        ],
        "tls": [{"hosts": ["flows.example.org"], "secretName": "prefect-tls"}],
    }
    assert ingress["metadata"]["annotations"]["cert-manager.io/cluster-issuer"] == "ca"


def test_behind_a_login_machines_come_in_by_the_apis_own_check() -> None:
    manifests = service_manifests(SERVER, HOST, SETTINGS)
    people, machines = only(manifests, "Ingress", "prefect-server"), only(manifests, "Ingress", "prefect-server-api")
    assert {key: value for key, value in people["metadata"]["annotations"].items() if key.startswith(NGINX)} == {
        f"{NGINX}/auth-url": "http://login.example.org/verify",
        f"{NGINX}/auth-signin": "https://login.example.org",
        f"{NGINX}/auth-response-headers": "Remote-User,Remote-Groups",
    }
    assert (path_of(people), path_of(machines)) == ("/prefect", "/prefect/api")
    annotations = machines["metadata"]["annotations"]
    certificates = ("cert-manager.io", "kubernetes.io/tls-acme")
    assert len([key for key in people["metadata"]["annotations"] if key.startswith(certificates)]) == 2
    assert not [key for key in annotations if key.startswith((NGINX, *certificates))]
    assert annotations["example.org/a"] == "b"
    assert machines["spec"]["tls"] == people["spec"]["tls"]


def test_an_address_at_the_root_and_one_without_a_name() -> None:
    settings = {**SETTINGS, "public_url": "http://192.0.2.1"}
    people = only(service_manifests(SERVER, HOST, settings), "Ingress", "prefect-server")
    assert path_of(people) == "/"
    # A number is no host of an Ingress, and http needs no certificate.
    assert not {"host"} & set(people["spec"]["rules"][0])
    assert "tls" not in people["spec"]
    machines = only(service_manifests(SERVER, HOST, settings), "Ingress", "prefect-server-api")
    assert path_of(machines) == "/api"


def test_tls_may_be_somebody_elses() -> None:
    manifests = service_manifests(SERVER, HOST, with_ingress(tls={"enabled": False, "secret_name": "x"}))
    assert all("tls" not in item["spec"] for item in manifests if item["kind"] == "Ingress")


def test_only_one_service_is_led_to() -> None:
    assert "Ingress" not in kinds(service_manifests(POSTGRES, HOST, SETTINGS))
    assert "Ingress" not in kinds(service_manifests(SERVER, HOST, {**SETTINGS, "public_url": None}))


def test_a_gateway_is_made_with_a_redirect() -> None:
    manifests = with_gateway()
    gateway = only(manifests, "Gateway")
    assert gateway["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert gateway["spec"]["gatewayClassName"] == "envoy"
    listeners = {item["name"]: item for item in gateway["spec"]["listeners"]}
    assert listeners["https"]["tls"] == {
        "mode": "Terminate",
        "certificateRefs": [{"kind": "Secret", "name": "prefect-tls"}],
    }
    assert {item["hostname"] for item in listeners.values()} == {"flows.example.org"}
    route = only(manifests, "HTTPRoute", "prefect-server")["spec"]
    assert route["parentRefs"] == [{"name": "prefect-server", "sectionName": "https"}]
    assert route["hostnames"] == ["flows.example.org"]
    assert route["rules"] == [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": "/prefect"}}],
            "backendRefs": [{"name": "prefect-server", "port": 4200}],
        }
    ]
    redirect = only(manifests, "HTTPRoute", "prefect-server-redirect")["spec"]
    assert redirect["parentRefs"] == [{"name": "prefect-server", "sectionName": "http"}]
    assert redirect["rules"][0]["filters"][0]["requestRedirect"] == {"scheme": "https", "statusCode": 301}


def test_a_gateway_without_a_certificate_speaks_http() -> None:
    manifests = with_gateway(tls_secret_name=None)
    assert [item["name"] for item in only(manifests, "Gateway")["spec"]["listeners"]] == ["http"]
    assert only(manifests, "HTTPRoute")["spec"]["parentRefs"] == [{"name": "prefect-server", "sectionName": "http"}]


def test_a_route_joins_gateways_that_are_there() -> None:
    parents = [{"name": "shared", "namespace": "infra", "section_name": "https"}, {"name": "own", "namespace": None}]
    manifests = with_gateway(class_name=None, parents=parents)
    assert "Gateway" not in kinds(manifests)
    route = only(manifests, "HTTPRoute")
    assert route["spec"]["parentRefs"] == [
        {"name": "shared", "namespace": "infra", "sectionName": "https"},
        {"name": "own"},
    ]


def test_the_gateways_older_api_is_used_where_it_is_the_newest() -> None:
    host = {**HOST, "apis": ["gateway.networking.k8s.io/v1beta1"]}
    settings = {**SETTINGS, "ingress": {"enabled": False}, "gateway": GATEWAY}
    manifests = service_manifests(SERVER, host, settings)
    assert only(manifests, "Gateway")["apiVersion"] == "gateway.networking.k8s.io/v1beta1"


def test_pods_of_ours_are_closed_and_no_others() -> None:
    policy = only(foundation_manifests(SETTINGS, HOST), "NetworkPolicy")
    assert policy["spec"] == {
        # Prefect's own pods of flow runs are part of prefect, too.
        "podSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "flowops.prefect"}},
        "policyTypes": ["Egress", "Ingress"],
    }


def test_a_database_is_asked_by_those_who_need_it() -> None:
    policy = only(service_manifests(POSTGRES, HOST, SETTINGS), "NetworkPolicy")
    assert peers(policy) == ["prefect-server", "prefect-migration"]
    assert policy["spec"]["ingress"][0]["ports"] == [{"port": 5432, "protocol": "TCP"}]
    # Names are still looked up.
    assert policy["spec"]["egress"] == [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]


def test_the_way_in_is_open_and_the_way_out_is_what_is_said() -> None:
    policy = only(service_manifests(SERVER, HOST, SETTINGS), "NetworkPolicy")
    assert policy["spec"]["ingress"] == [{"ports": [{"port": 4200, "protocol": "TCP"}]}]
    assert policy["spec"]["egress"][1]["to"][1] == {"ipBlock": {"cidr": "10.0.0.0/8"}}
    # Flows that run in a worker may ask whom they like, and nobody asks a worker.
    policy = only(service_manifests(WORKER, HOST, SETTINGS), "NetworkPolicy")
    assert policy["spec"]["egress"] == [{}]
    assert "ingress" not in policy["spec"]
    for network in ({"from": ["*"], "to": ["*"]}, None):
        everybody = {**BARE, "ports": [{"host": "::", "port": 1}], "network": network}
        policy = only(service_manifests(everybody, HOST, SETTINGS), "NetworkPolicy")
        assert policy["spec"]["ingress"] == [{"ports": [{"port": 1, "protocol": "TCP"}]}]
        assert policy["spec"]["egress"][-1] == {}
    nobody = {**everybody, "network": {"from": []}}
    assert "ingress" not in only(service_manifests(nobody, HOST, SETTINGS), "NetworkPolicy")["spec"]


def test_a_job_reaches_what_it_needs() -> None:
    policy = only(job_manifests(MIGRATION, HOST, SETTINGS), "NetworkPolicy")
    to = policy["spec"]["egress"][1]["to"]
    assert [item["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for item in to] == ["prefect-postgres"]


def test_there_are_no_policies_unless_they_are_asked_for() -> None:
    settings = {**SETTINGS, "network_policies": False}
    for spec in (SERVER, POSTGRES, WORKER):
        assert "NetworkPolicy" not in kinds(service_manifests(spec, HOST, settings))
