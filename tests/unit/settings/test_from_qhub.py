"""What docs/from-qhub.md says of a qhub-config.yaml on a cluster, as far as no other test proves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.components.cluster_worker import (
    cluster_workers,
    job_variables,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.qhub import project_of, section_of
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.tokens import PREFECTS_NAME, QHUB_NAMES

Resolve = Callable[..., Resolved]
Problems = Callable[..., list[str]]

HOUSE = Path(__file__).resolve().parents[3]
CLUSTER = {"platform": "kubernetes", "server": {"auth_string": "me:hush"}}
HOST = {"platform": "kubernetes", "namespace": "prefect", "root": "/opt/prefect", "image": "x", "cluster_uid": "uid"}


def job_of(roles: dict[str, Any]) -> dict[str, Any]:
    """Return the job variables of the one worker's pool."""
    (worker,) = roles["prefect_workers"]
    return job_variables(worker, roles["prefect_api"], HOST, roles["prefect_kubernetes"])


def spec_of(roles: dict[str, Any]) -> dict[str, Any]:
    (spec,) = cluster_workers(roles["prefect_workers"], roles["prefect_api"], HOST, [], roles["prefect_kubernetes"])
    return spec


def test_the_seven_variables_reach_worker_and_jobs(resolve: Resolve) -> None:
    resources = {"requests": {"memory": "512Mi", "cpu": "500m"}, "limits": {"memory": "2Gi", "cpu": 2}}
    job = {"imagePullSecrets": ["a", "b"], "imagePullPolicy": "Always", "resources": resources}
    overrides = {"prefect_agent": {"job": job, "prefectLabels": '["gpu"]'}}
    roles = resolve({**CLUSTER, "overrides": overrides}).roles
    seven = {
        "IMAGE_PULL_SECRETS": "a,b",
        "IMAGE_PULL_POLICY": "Always",
        "JOB_MEM_REQUEST": "512Mi",
        "JOB_MEM_LIMIT": "2Gi",
        "JOB_CPU_REQUEST": "500m",
        "JOB_CPU_LIMIT": "2",
        "PREFECT__CLOUD__AGENT__LABELS": '["gpu"]',
    }
    variables = job_of(roles)
    assert seven.items() <= spec_of(roles)["env"].items()
    assert seven.items() <= variables["env"].items()
    meant = {
        "image_pull_secrets": [{"name": "a"}, {"name": "b"}],
        "image_pull_policy": "Always",
        "memory_request": "512Mi",
        "memory_limit": "2Gi",
        "cpu_request": "500m",
        "cpu_limit": "2",
    }
    assert {name: variables[name] for name in meant} == meant
    assert roles["prefect_workers"][0]["work_queues"] == ["gpu"]
    assert roles["prefect_resources"]["work_queues"] == [{"name": "gpu", "work_pool": "default"}]


def test_names_of_pull_secrets_may_be_one_text(resolve: Resolve) -> None:
    job = {"imagePullSecrets": "a, b"}
    variables = job_of(resolve({**CLUSTER, "overrides": {"prefect_agent": {"job": job}}}).roles)
    assert variables["image_pull_secrets"] == [{"name": "a"}, {"name": "b"}]
    assert variables["env"]["IMAGE_PULL_SECRETS"] == "a, b"


def test_every_secret_is_bound_to_its_own_name(resolve: Resolve) -> None:
    secrets = {"ZEBRA": "z", "JUPYTERHUB_API_TOKEN": "j", "ALPHA": "a", "PREFECT__CONTEXT__SECRETS__X": "x"}
    roles = resolve({**CLUSTER, "overrides": {"secretEnvVars": secrets}}).roles
    assert secrets.items() <= spec_of(roles)["secret_env"].items()
    bound = {item["name"]: item["valueFrom"]["secretKeyRef"] for item in job_of(roles)["secret_env"]}
    assert {name: bound[name] for name in secrets} == {
        name: {"name": "prefect-worker-default", "key": name} for name in secrets
    }


def test_other_sections_are_not_read(resolve: Resolve, inventory: Callable[..., Context], qhub: Path) -> None:
    whole = yaml.safe_load((qhub / "qhub-config.yaml").read_text())
    least = {key: whole[key] for key in ("namespace", "domain", "prefect")}

    def roles(content: dict[str, Any]) -> dict[str, Any]:
        context = replace(inventory(), project=project_of(content, "f"))
        return resolve(CLUSTER, file=("f", section_of(content, "f")), context=context).roles

    assert roles(least) == roles(whole)
    assert roles(least)["prefect_kubernetes"]["namespace"] == "dev"


def test_the_shipped_inventory_leaves_the_namespace_to_the_file(
    resolve: Resolve, inventory: Callable[..., Context]
) -> None:
    document = yaml.safe_load((HOUSE / "inventories" / "kubernetes" / "group_vars" / "all.yml").read_text())["prefect"]
    context = replace(inventory(), project={"namespace": "dev", "domain": "example.org"})
    assert resolve(document, context=context).roles["prefect_kubernetes"]["namespace"] == "dev"


@pytest.mark.parametrize("place", ["envVars", "secretEnvVars"])
def test_variables_of_prefect_1_are_errors(problems: Problems, place: str) -> None:
    variables = {"PREFECT__CLOUD__API": "x", "PREFECT__CLOUD__AGENT__LABELS": "[]"}
    assert problems({**CLUSTER, "overrides": {place: variables}}) == [
        f"prefect.overrides.{place}.PREFECT__CLOUD__API: Prefect 3 ignores this name of Prefect 1, and has no setting "
        "that does the same",
        f"prefect.overrides.{place}.PREFECT__CLOUD__AGENT__LABELS: Prefect 3 ignores this name of Prefect 1; "
        "use prefect.workers[].work_queues instead",
    ]


def test_an_empty_token_is_an_error(problems: Problems) -> None:
    expected = "prefect.token: secret is empty; give it a value or leave the key out"
    assert problems({**CLUSTER, "token": ""}) == [expected]


def test_empty_tokens_of_the_environment_lead_to_a_server(resolve: Resolve) -> None:
    roles = resolve(CLUSTER, environ=dict.fromkeys((*QHUB_NAMES, PREFECTS_NAME), "")).roles
    assert roles["prefect_server"]["enabled"]


def test_the_page_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (HOUSE / "docs" / "from-qhub.md").read_text()))
    written = "\n".join(path.read_text() for path in (HOUSE / "tests").rglob("test_*.py"))
    assert len(named) > 15
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
