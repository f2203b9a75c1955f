"""What people write into the workload options, and what they are told."""

from __future__ import annotations

from typing import Any

import kubernetes_validate.utils
import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes import fields
from ansible_collections.flowops.prefect.plugins.plugin_utils.kubernetes.problems import (
    annotation_problems,
    label_problems,
    workload_problems,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import dotted

from .samples import SETTINGS

PATH = ("prefect", "kubernetes", "server")
QUANTITY = "expected a quantity of Kubernetes above zero, such as 500m, 2 or 1Gi; found "
OURS = "is set by this collection, and other objects rely on it"
LABEL = "expected at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends; found "
POD = "is said by the options pod, container, pod_labels and pod_annotations"
KEY = "expected a name of at most 63 letters, digits, '-', '_' and '.', such as example.org/team"


def told(options: dict[str, Any], **more: Any) -> list[str]:
    lines = [f"{dotted(path)}: {message}" for path, message in workload_problems(options, PATH, **more)]
    return [line.removeprefix("prefect.kubernetes.server.") for line in lines]


@pytest.mark.parametrize("name", ["defaults", "server", "postgres"])
def test_what_is_right_is_taken(name: str) -> None:
    assert told(SETTINGS[name]) == []


def test_nothing_said_is_right() -> None:
    assert told({"resources": None, "pod": {}, "manifests": None, "autoscaling": {"max_replicas": None}}) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"resources": {"limits": {"cpu": "1 core"}}}, ["resources.limits.cpu: " + QUANTITY + "'1 core' (str)"]),
        ({"resources": {"requests": {"memory": "1GB"}}}, ["resources.requests.memory: " + QUANTITY + "'1GB' (str)"]),
        (
            {"resources": {"requests": {"cpu": 2}, "limits": {"cpu": "500m"}}},
            ["resources: requests.cpu (2) is more than limits.cpu (500m)"],
        ),
        (
            {"autoscaling": {"min_replicas": 3, "max_replicas": 2}},
            ["autoscaling: min_replicas (3) is more than max_replicas (2)"],
        ),
        (
            {"autoscaling": {"min_replicas": 1}},
            ["autoscaling.max_replicas: missing; expected int, there is no autoscaling without it"],
        ),
        (
            {"autoscaling": {"max_replicas": 2, "cpu": 0}},
            ["autoscaling.cpu: expected 1 or more, found 0 (int)"],
        ),
        (
            {"disruption_budget": {"min_available": "1", "max_unavailable": "1"}},
            ["disruption_budget: min_available and max_unavailable exclude each other; give one of them"],
        ),
        (
            {"disruption_budget": {"min_available": "half"}},
            [
                "disruption_budget.min_available: expected a number of pods or a percentage such as 50%, "
                "found 'half' (str)"
            ],
        ),
        ({"storage": {"size": "big"}}, ["storage.size: " + QUANTITY + "'big' (str)"]),
        (
            {"storage": {"access_modes": ["ReadWriteOne"]}},
            [
                "storage.access_modes[0]: unknown 'ReadWriteOne' (str); allowed: ReadWriteOnce, ReadOnlyMany, "
                "ReadWriteMany, ReadWriteOncePod; did you mean 'ReadWriteOnce'?"
            ],
        ),
        (
            {"service_account": {"name": "My_Account"}},
            ["service_account.name: expected lowercase letters, digits, '-' and '.', found 'My_Account' (str)"],
        ),
        (
            {"service_account": {"annotations": {"a": 1}}},
            ["service_account.annotations.a: expected str, found 1 (int); put it into quotes"],
        ),
        ({"pod_labels": {"a": "b c"}}, ["pod_labels.a: " + LABEL + "'b c' (str)"]),
        ({"pod_labels": {"a/b/c": "d"}}, ["pod_labels.a/b/c: " + KEY]),
        (
            {"pod_labels": {"app.kubernetes.io/name": "mine"}},
            [
                "pod_labels.app.kubernetes.io/name: is set by this collection, which finds its objects by it",
            ],
        ),
        ({"pod_annotations": {"-": "x"}}, ["pod_annotations.-: " + KEY]),
        (
            {"pod": {"nodeSelectors": {}}},
            ["pod.nodeSelectors: unknown field of a PodSpec; did you mean 'nodeSelector'?"],
        ),
        ({"pod": {"xyz": 1}}, ["pod.xyz: unknown field of a PodSpec; Kubernetes documents them all"]),
        (
            {"container": {"volumeMount": []}},
            ["container.volumeMount: unknown field of a Container; did you mean 'volumeMounts'?"],
        ),
        (
            {"container": {"name": "mine"}},
            ["container.name: is set by this collection; more containers go into pod.containers"],
        ),
        (
            {"container": {"env": {"A": "b"}}},
            ["container.env: expected list, found a dict of length 1"],
        ),
        (
            {"container": {"env": [{"name": "A"}, {"name": "A"}, "A=b"]}},
            [
                "container.env[1].name: 'A' (str) is there twice; items are merged by name",
                "container.env[2]: expected a map with name, found 'A=b' (str); items are merged by name",
            ],
        ),
        (
            {"container": {"env": [{"name": ["A"]}, {"name": "B", "value": 1}, {"name": "C", "value": None}]}},
            [
                "container.env[0]: expected a map with name, found a dict of length 1; items are merged by name",
                "container.env[1].value: expected str, found an int; put it into quotes",
            ],
        ),
        (
            {
                "pod": {
                    "imagePullSecrets": [{"name": {}}],
                    "containers": [{"name": "a", "env": [{"name": "B", "value": True}]}],
                }
            },
            [
                "pod.imagePullSecrets[0]: expected a map with name, found a dict of length 1; items are merged by name",
                "pod.containers[0].env[0].value: expected str, found a bool; put it into quotes",
            ],
        ),
        (
            {"container": {"command": "sleep 5", "args": ["sleep", 5]}},
            [
                "container.command: expected list, found a str of length 7",
                "container.args[1]: expected str, found 5 (int); put it into quotes",
            ],
        ),
        (
            {"pod": {"nodeSelector": {True: "a", "b": "c"}, "tolerations": [{None: 1}]}, "pod_labels": {1: "a"}},
            [
                "pod.nodeSelector.True: expected str as a key, found True (bool); put it into quotes",
                "pod.tolerations[0].None: expected str as a key, found nothing; put it into quotes",
                "pod_labels.1: expected str as a key, found 1 (int); put it into quotes",
            ],
        ),
        (
            {"resources": {"limits": {1: "1"}}, "manifests": {"Service": {"spec": {"ports": [{"name": "a", 1: 2}]}}}},
            [
                "resources.limits.1: expected str as a key, found 1 (int); put it into quotes",
                "manifests.Service.spec.ports[0].1: expected str as a key, found 1 (int); put it into quotes",
            ],
        ),
        (
            {"pod": {"containers": [{"name": "a", "img": "b"}]}},
            ["pod.containers[0].img: unknown field of a Container; did you mean 'image'?"],
        ),
        (
            {"manifests": {"Ingres": {}}},
            [
                "manifests.Ingres: unknown kind of object; allowed: ConfigMap, Deployment, Gateway, HTTPRoute, "
                "HorizontalPodAutoscaler, Ingress, Job, NetworkPolicy, PodDisruptionBudget, Role, RoleBinding, "
                "Secret, Service, ServiceAccount, StatefulSet; did you mean 'Ingress'?"
            ],
        ),
        ({"manifests": {"Job": None}}, ["manifests.Job: is the service itself, which cannot be left out"]),
        (
            {"manifests": {"Service": []}},
            ["manifests.Service: expected a map, or null to leave the object out; found a list of length 0"],
        ),
        ({"manifests": {"Service": {"metadata": {"name": "x"}}}}, ["manifests.Service.metadata.name: " + OURS]),
        ({"manifests": {"Service": {"metadata": None}}}, [f"manifests.Service.metadata: {OURS}"] ),
        ({"manifests": {"Service": {"spec": {"selector": {}}}}}, ["manifests.Service.spec.selector: " + OURS]),
        ({"manifests": {"Secret": {"stringData": {"a": "b"}}}}, ["manifests.Secret.stringData: " + OURS]),
        (
            {"manifests": {"Deployment": {"spec": {"template": {"spec": {"hostNetwork": True}}}}}},
            ["manifests.Deployment.spec.template.spec: " + POD],
        ),
        (
            {"manifests": {"HorizontalPodAutoscaler": {"spec": {"maxReplicas": 9, "behavior": {}}}}},
            ["manifests.HorizontalPodAutoscaler.spec.maxReplicas: is said by the option autoscaling"],
        ),
        (
            {"manifests": {"StatefulSet": {"spec": {"replicas": 2}}}},
            [
                "manifests.StatefulSet.spec.replicas: is said by replicas of prefect.server, "
                "prefect.server.background_services and prefect.workers[]"
            ],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(options: dict[str, Any], expected: list[str]) -> None:
    assert told(options) == expected


def test_what_is_right_for_one_pod_may_be_wrong_for_a_database() -> None:
    assert told({"autoscaling": {"max_replicas": 3}}, stateful=True) == [
        "autoscaling: keeps data of its own, of which there is one pod only"
    ]


def test_options_are_looked_at_over_what_they_are_laid_over() -> None:
    below = {"resources": {"requests": {"cpu": "1"}}, "autoscaling": {"max_replicas": 2}}
    assert told({"autoscaling": {"min_replicas": 2}}, below=below) == []
    assert told({"resources": {"limits": {"cpu": "100m"}}, "autoscaling": {"min_replicas": 3}}, below=below) == [
        "resources: requests.cpu (1) is more than limits.cpu (100m)",
        "autoscaling: min_replicas (3) is more than max_replicas (2)",
    ]
    # Of these one takes the other's place.
    below = {"disruption_budget": {"min_available": "1"}}
    assert told({"disruption_budget": {"max_unavailable": "1"}}, below=below) == []


def test_labels_and_annotations_of_all_objects_are_looked_at_alike() -> None:
    assert list(label_problems({"team": "data", "example.org/x": ""}, PATH)) == []
    assert list(annotation_problems({"example.org/x": "any text\nat all"}, PATH)) == []
    for check in (label_problems, annotation_problems):
        assert [path[-1] for path, _message in check({1: "a", "b": "c"}, PATH)] == ["1"]
    assert len(list(label_problems({"team": True, "a" * 64: "b", "/x": "y"}, PATH))) == 3


@pytest.mark.parametrize(("known", "schema"), [(fields.POD, "podspec-v1"), (fields.CONTAINER, "container-v1")])
def test_the_fields_are_those_of_every_kubernetes_there_is(known: tuple[str, ...], schema: str) -> None:
    found: set[str] = set()
    for version in kubernetes_validate.utils.all_versions():
        name = f"kubernetes-json-schema/v{version}-local/{schema}.json"
        found |= set(kubernetes_validate.utils.schema_contents(name, version)["properties"])
    # The first cannot be given to a new pod, the second is serviceAccountName's former name, the last came and went.
    assert set(known) == found - {"ephemeralContainers", "serviceAccount", "workloadRef"}
