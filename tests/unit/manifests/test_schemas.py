"""Every object that is made, against the schemas of the oldest and the newest Kubernetes that there are schemas of."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.manifests import (
    foundation_manifests,
    job_manifests,
    service_manifests,
)
from kubernetes_validate.utils import all_versions

from . import samples

OLDEST, *_between, NEWEST = all_versions()
# What the oldest one has beside the newer version. The newest has no betas any more.
BETAS = ["autoscaling/v2beta2"]


def everything(host: dict[str, Any]) -> list[dict[str, Any]]:
    settings = samples.SETTINGS
    services = (samples.SERVER, samples.POSTGRES, samples.WORKER, samples.BARE)
    made = [item for spec in services for item in service_manifests(spec, host, settings)]
    return [*made, *job_manifests(samples.MIGRATION, host, settings), *foundation_manifests(settings, host)]


@pytest.mark.parametrize(
    ("version", "host"),
    [
        (OLDEST, samples.HOST),
        (OLDEST, {**samples.HOST, "apis": BETAS}),
        (NEWEST, samples.HOST),
        (NEWEST, {**samples.HOST, "apis": []}),
    ],
)
def test_every_object_fits_its_schema(version: str, host: dict[str, Any]) -> None:
    wrong = []
    for item in everything(host):
        try:
            kubernetes_validate.validate(item, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            wrong.append((item["kind"], item["metadata"]["name"], list(error.path), error.message))
    assert wrong == []


def test_the_samples_hold_every_kind_that_has_a_schema() -> None:
    assert {item["kind"] for item in everything(samples.HOST)} == {
        "ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job", "Namespace", "NetworkPolicy",
        "PodDisruptionBudget", "Role", "RoleBinding", "Secret", "Service", "ServiceAccount", "StatefulSet",
    }  # fmt: skip


def test_a_schema_is_strict() -> None:
    manifests = service_manifests(samples.SERVER, samples.HOST, samples.SETTINGS)
    wrong = samples.only(manifests, "Deployment")
    wrong["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)
