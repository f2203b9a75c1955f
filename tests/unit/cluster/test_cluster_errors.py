"""What a cluster refuses, in words."""

from __future__ import annotations

import json

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.cluster_errors import RefusedError, explained
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.outcomes import cluster_refusal

DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}}


def refused(code: int, message: str, *causes: tuple[str, str]) -> RefusedError:
    details = {"causes": [{"field": field, "message": text} for field, text in causes]}
    return RefusedError(code, {"message": message, "details": details})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            refused(
                403,
                'deployments.apps "a" is forbidden: User "anna" cannot patch resource "deployments" in API group '
                '"apps" in the namespace "n"',
            ),
            "anna may not patch deployments (apps) in namespace n; let an administrator grant it",
        ),
        (
            refused(
                403,
                'roles "a" is forbidden: user "anna" (groups=["x"]) is attempting to grant RBAC permissions not '
                'currently held:\n{APIGroups:["batch"], Resources:["jobs"], Verbs:["create"]}',
            ),
            "whoever runs Ansible may give away only rights that it has itself; missing: "
            '{APIGroups:["batch"], Resources:["jobs"], Verbs:["create"]}; '
            "give it these, or the verb escalate for roles",
        ),
        (
            refused(403, 'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2'),
            "quota q of namespace n is exceeded: requested pods=1, used: pods=2, limited: pods=2",
        ),
        (
            refused(403, 'pods "a" is forbidden: failed quota: q: must specify limits.cpu,requests.cpu'),
            "quota q of namespace n wants every pod to say limits.cpu,requests.cpu; "
            "set it in prefect.kubernetes.defaults.resources",
        ),
        (
            refused(400, 'admission webhook "policy.example" denied the request: no latest tags'),
            "the admission webhook policy.example refuses it: no latest tags",
        ),
        (
            refused(500, 'Internal error occurred: failed calling webhook "policy.example": Post: timeout'),
            "the admission webhook policy.example does not answer: Post: timeout",
        ),
        (
            refused(403, 'pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'),
            "pods of namespace n have to follow restricted:latest: runAsNonRoot != true",
        ),
        (
            refused(403, "unable to create new content in namespace n because it is being terminated"),
            "namespace n is being removed; wait until it is gone",
        ),
        (refused(404, 'namespaces "n" not found'), "there is no namespace n"),
        (
            refused(404, "the server could not find the requested resource"),
            "the cluster has no Deployment of apps/v1; install what brings it",
        ),
        (
            refused(422, "invalid", ("spec.selector", "Invalid value: {...}: field is immutable")),
            "spec.selector cannot be changed; to make it anew run kubectl delete deployment a -n n "
            "(its pods stop until then), then deploy again",
        ),
        (
            refused(422, "invalid", ("spec.replicas", "Invalid value: -1: must be greater than or equal to 0")),
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        (refused(409, "Apply failed with 1 conflict"), "Apply failed with 1 conflict"),
    ],
)
def test_a_refusal_says_how_to_proceed(error: RefusedError, said: str) -> None:
    assert explained(error, DEPLOYMENT) == f"Deployment/a: {said}"


def test_a_secret_is_not_repeated() -> None:
    secret = {**DEPLOYMENT, "apiVersion": "v1", "kind": "Secret"}
    error = refused(422, "x: hunter2", ("data[a]", "Invalid value: hunter2: must be shorter"))
    assert explained(error, secret) == "Secret/a: data[a]: invalid: must be shorter"
    assert "hunter2" not in explained(refused(400, "x: hunter2"), secret)


def test_what_another_module_says_becomes_one_line() -> None:
    def told(message: str, **details: str) -> str:
        body = json.dumps({"kind": "Status", "message": message, "code": 403, "details": details})
        manifests = [{**DEPLOYMENT, "kind": "Service"}, DEPLOYMENT]
        return cluster_refusal({"msg": f"Failed to apply object: b'{body}'"}, manifests)

    quota = "exceeded quota: q, requested: pods=1"
    said = "Deployment/a: quota q of namespace n is exceeded: requested pods=1"
    assert told(quota, name="a", kind="deployments") == told(quota, name="a", kind="Deployment") == said
    assert told("no", name="b", kind="deployments") == "deployments/b: no"
    assert told("no") == "object/None: no"
    assert cluster_refusal({"msg": "MODULE FAILURE\nsee stdout"}, []) == "MODULE FAILURE see stdout"
