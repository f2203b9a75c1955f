"""QHub's schema, its page's examples, and the old spellings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import SettingsError
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.qhub import project_of, section_of
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]


def example(folder: Path, name: str) -> Any:
    return section_of(yaml.safe_load((folder / f"{name}.yaml").read_text()), name)


def test_the_storage_of_prefect_2_becomes_two_blocks(resolve: Resolve) -> None:
    keys = {"aws_access_key_id": "AK", "aws_secret_access_key": "canary"}
    old = {"name": "dev", "block_type_slug": "s3", "data": {"bucket_path": "flows/a/b", **keys}}
    result = resolve({"resources": {"blocks": [old]}})
    assert result.roles["prefect_resources"]["blocks"] == [
        {"name": "dev", "block_type_slug": "aws-credentials", "data": keys},
        {
            "name": "dev",
            "block_type_slug": "s3-bucket",
            "data": {
                "bucket_name": "flows",
                "bucket_folder": "a/b",
                "credentials": {"$ref": {"block_type_slug": "aws-credentials", "name": "dev"}},
            },
        },
    ]
    assert result.warnings == [
        "prefect.resources.blocks[0].block_type_slug: old spelling; write s3-bucket with aws-credentials, "
        "from package prefect-aws"
    ]


def test_the_limit_of_qhubs_page_in_its_spelling(resolve: Resolve, qhub: Path) -> None:
    result = resolve(example(qhub, "limits"))
    (worker,) = result.roles["prefect_workers"]
    assert (worker["resources"]["cpu_limit"], worker["env"]) == (4.0, {"JOB_CPU_LIMIT": "4"})
    assert result.warnings == ["prefect.overrides.prefect_agent.job.resources.limit: old spelling; write limits"]


def test_the_variable_of_qhubs_page(resolve: Resolve, qhub: Path) -> None:
    (worker,) = resolve(example(qhub, "envvars")).roles["prefect_workers"]
    assert worker["env"] == {"MY_VAR": "<value>"}


def test_the_secret_of_qhubs_page_is_a_variable_and_a_block(resolve: Resolve, qhub: Path) -> None:
    roles = resolve(example(qhub, "secretenvvars")).roles
    (worker,) = roles["prefect_workers"]
    assert worker["secret_env"] == {"PREFECT__CONTEXT__SECRETS__GCP_CREDENTIALS": "<Your value>"}
    assert roles["prefect_resources"]["blocks"] == [
        {"name": "gcp-credentials", "block_type_slug": "secret", "data": {"value": "<Your value>"}}
    ]


def test_the_image_of_qhubs_page_is_refused(problems: Callable[..., list[str]], qhub: Path) -> None:
    assert "Prefect 1 and older agents cannot talk" in problems(example(qhub, "image"))[0]


def test_a_whole_configuration(resolve: Resolve, qhub: Path) -> None:
    content = yaml.safe_load((qhub / "qhub-config.yaml").read_text())
    result = resolve({"server": {"port": 4300}}, file=("qhub-config.yaml", section_of(content, "qhub-config.yaml")))
    (worker,) = result.roles["prefect_workers"]
    assert result.warnings == []
    assert result.roles["prefect_server"]["port"] == 4300
    assert worker["env"] == {
        "JOB_MEM_REQUEST": "512Mi",
        "JOB_MEM_LIMIT": "2Gi",
        "JOB_CPU_REQUEST": "500m",
        "JOB_CPU_LIMIT": "2",
        "IMAGE_PULL_POLICY": "IfNotPresent",
        "MY_VAR": "<value>",
        "RETRIES": "3",
        "VERBOSE": "true",
    }
    assert sorted(worker["secret_env"]) == ["DATA_TOKEN", "PREFECT__CONTEXT__SECRETS__GCP_CREDENTIALS"]
    assert worker["resources"] == {
        "cpu_limit": 2.0,
        "memory_limit": 2 * 2**30,
        "cpu_request": 0.5,
        "memory_request": 512 * 2**20,
    }
    assert project_of(content, "x") == {
        "project_name": "research",
        "namespace": "dev",
        "domain": "research.qhub.example.org",
    }


def test_labels_of_both_places_become_queues_of_the_default_workers(resolve: Resolve) -> None:
    document = {
        "overrides": {"prefectLabels": '["dev", "gpu"]', "prefect_agent": {"prefectLabels": ["gpu", "eu"]}},
        "workers": [{"name": "a", "work_pool": "p"}, {"name": "b", "work_queues": ["own"]}],
    }
    roles = resolve(document).roles
    first, second = roles["prefect_workers"]
    assert (first["work_queues"], second["work_queues"]) == (["dev", "gpu", "eu"], ["own"])
    assert first["env"]["PREFECT__CLOUD__AGENT__LABELS"] == '["dev", "gpu", "eu"]'
    assert roles["prefect_resources"]["work_queues"] == [
        {"name": "dev", "work_pool": "p"},
        {"name": "gpu", "work_pool": "p"},
        {"name": "eu", "work_pool": "p"},
        {"name": "own", "work_pool": "default"},
    ]


@pytest.mark.parametrize("labels", ["[]", [], "", None, "  []\n"])
def test_no_labels(resolve: Resolve, labels: Any) -> None:
    roles = resolve({"overrides": {"prefect_agent": {"prefectLabels": labels}}}).roles
    assert roles["prefect_workers"][0]["env"] == {}
    assert roles["prefect_resources"]["work_queues"] == []


def test_the_blanks_of_qhubs_chart_mean_unset(resolve: Resolve) -> None:
    blank = {"memory": "", "cpu": ""}
    job = {"imagePullSecrets": "", "imagePullPolicy": "", "resources": {"requests": blank, "limits": blank}}
    assert resolve({"overrides": {"prefect_agent": {"job": job, "prefectLabels": "[]"}}}).roles == resolve().roles


def test_pull_secrets_in_a_list(resolve: Resolve) -> None:
    roles = resolve({"overrides": {"prefect_agent": {"job": {"imagePullSecrets": ["a", "b"]}}}}).roles
    assert roles["prefect_workers"][0]["env"] == {"IMAGE_PULL_SECRETS": "a,b"}


def test_a_workers_own_variable_counts(resolve: Resolve) -> None:
    document = {
        "overrides": {"envVars": {"A": "1", "B": "1"}, "secretEnvVars": {"C": "1", "D": "1"}},
        "workers": [{"name": "a", "env": {"A": "2", "C": "2"}, "secret_env": {"B": "2"}}],
    }
    (worker,) = resolve(document).roles["prefect_workers"]
    assert worker["env"] == {"A": "2", "C": "2"}
    assert worker["secret_env"] == {"B": "2", "D": "1"}


def test_a_declared_secret_block_counts(resolve: Resolve) -> None:
    declared = {"name": "x", "block_type_slug": "secret", "data": {"value": "declared"}}
    document = {
        "overrides": {"secretEnvVars": {"PREFECT__CONTEXT__SECRETS__X": "override"}},
        "resources": {"blocks": [declared]},
    }
    assert resolve(document).roles["prefect_resources"]["blocks"] == [declared]


def test_old_spellings_work_and_are_named(resolve: Resolve) -> None:
    document = {
        "agents": [{"name": "a", "pool": "p", "queues": ["q"]}],
        "orion": {"port": 4300, "env": {"PREFECT_ORION_DATABASE_ECHO": True}},
        "overrides": {
            "prefect_agent": {"job": {"resources": {"request": {"cpu": 1}, "limit": {"cpu": 2}}}},
            "secretEnvVars": {"PREFECT__CLOUD__AGENT__AUTH_TOKEN": "hush"},
        },
        "api_url": "http://prefect.example.org/api",
    }
    fragments = {"prefect__a": {"orion": {"log_level": "DEBUG"}}}
    result = resolve(document, fragments=fragments)
    (worker,) = result.roles["prefect_workers"]
    server = result.roles["prefect_server"]
    assert (worker["work_pool"], worker["work_queues"], worker["resources"]["cpu_request"]) == ("p", ["q"], 1.0)
    assert (server["port"], server["log_level"], server["env"]) == (
        4300,
        "DEBUG",
        {"PREFECT_SERVER_DATABASE_ECHO": "true"},
    )
    assert result.roles["prefect_api"]["api_key"] == "hush"
    assert result.warnings[:-1] == [
        "prefect.agents: old spelling; write workers",
        "prefect.workers[0].pool: old spelling; write work_pool",
        "prefect.workers[0].queues: old spelling; write work_queues",
        "prefect.orion: old spelling; write server",
        "prefect.server.env.PREFECT_ORION_DATABASE_ECHO: old spelling; write PREFECT_SERVER_DATABASE_ECHO",
        "prefect.overrides.prefect_agent.job.resources.request: old spelling; write requests",
        "prefect.overrides.prefect_agent.job.resources.limit: old spelling; write limits",
        "prefect.overrides.secretEnvVars.PREFECT__CLOUD__AGENT__AUTH_TOKEN: old spelling; write prefect.token",
        "prefect__a.orion: old spelling; write server",
    ]


def test_a_renamed_variable_that_the_collection_sets_is_refused_by_its_new_name(
    problems: Callable[..., list[str]],
) -> None:
    document = {"server": {"env": {"PREFECT_ORION_API_HOST": "0.0.0.0"}}}
    assert problems(document) == [
        "prefect.server.env.PREFECT_SERVER_API_HOST: is set by the collection; use prefect.server.host instead"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"project_name": "x", "perfect": {}},
            "f: the section 'prefect' is missing; sections found: project_name, perfect; did you mean 'perfect'?",
        ),
        ({}, "f: the section 'prefect' is missing; sections found: none"),
        (None, "f: expected a map of sections, found nothing"),
        (["x"], "f: expected a map of sections, found a list of length 1"),
        ({"prefect": None}, "f: prefect: expected dict, found nothing"),
        ({"prefect": True}, "f: prefect: expected dict, found a bool"),
    ],
)
def test_files_without_the_section(content: Any, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        section_of(content, "f")
    assert caught.value.problems == [message]


def test_the_projects_own_keys_are_text() -> None:
    with pytest.raises(SettingsError, match="f: domain: expected str, found 5"):
        project_of({"prefect": {}, "domain": 5}, "f")
