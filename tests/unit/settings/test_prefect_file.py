"""A prefect.yaml becomes options of the modules, or one error for each thing that is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.placeholders import Values, outcomes
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.prefect_file import (
    PrefectFile,
    read_prefect_file,
)
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import Problems, SettingsError

VALUES = Values({"STAGE": "test", "POOL": "etl"}, {"region": "eu", "workers": 3, "on": True})


def read(text: str) -> PrefectFile:
    problems = Problems()
    result = read_prefect_file(yaml.safe_load(text), "prefect.yaml", VALUES, problems)
    problems.raise_if_any({})
    return result


def one(text: str) -> dict[str, Any]:
    """Return the options of one deployment, of which only what is new is written."""
    item = {"name": "d", "entrypoint": "a.py:f", "work_pool": {"name": "p"}, **yaml.safe_load(text)}
    options = read(yaml.safe_dump({"deployments": [item]})).deployments[0].options
    usual = {"name": "d", "entrypoint": "a.py:f", "work_pool_name": "p"}
    return {key: value for key, value in options.items() if usual.get(key) != value}


def wrong(text: str) -> list[str]:
    item = {"name": "d", "entrypoint": "a.py:f", "work_pool": {"name": "p"}, **yaml.safe_load(text)}
    with pytest.raises(SettingsError) as error:
        read(yaml.safe_dump({"deployments": [item]}))
    return error.value.problems


def test_a_whole_file() -> None:
    result = read("""
name: project
prefect-version: 3.8.8
definitions:
  pool: &pool {name: "{{ $POOL }}", job_variables: {image: x}}
  daily: &daily {cron: "0 3 * * *", timezone: Europe/Vienna}
build: null
push: null
pull:
  - prefect.deployments.steps.set_working_directory: {directory: /opt/flows}
deployments:
  - name: first
    version: null
    tags: [a, "{{ $STAGE }}"]
    description: null
    schedule: {}
    flow_name: null
    entrypoint: a.py:f
    parameters: {}
    work_pool: *pool
    schedules: [*daily]
  - name: second
    entrypoint: b.py:g
    work_pool: {<<: *pool, work_queue_name: slow}
    pull: []
""")
    first, second = result.deployments
    assert first.options == {
        "name": "first",
        "entrypoint": "a.py:f",
        "parameters": {},
        "tags": ["a", "test"],
        "work_pool_name": "etl",
        "job_variables": {"image": "x"},
        "schedules": [{"cron": "0 3 * * *", "timezone": "Europe/Vienna"}],
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "/opt/flows"}}],
    }
    assert second.options["pull_steps"] == []
    assert second.options["work_queue_name"] == "slow"
    assert result.warnings == result.steps == []


def test_what_prefect_init_writes_is_passed_over() -> None:
    result = read("deployments: [{name: null, schedule: {}, work_pool: {name: null, job_variables: {}}}]")
    assert result.deployments == []
    assert result.warnings == ["prefect.yaml: deployments[0]: has no name and is passed over"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("{tags: one}", {"tags": ["one"]}),
        ("{paused: true, enforce_parameter_schema: false}", {"paused": True, "enforce_parameter_schema": False}),
        ("{concurrency_limit: 3}", {"concurrency_limit": 3}),
        ('{concurrency_limit: "{{ prefect.variables.workers }}"}', {"concurrency_limit": 3}),
        ('{paused: "{{ prefect.variables.on }}"}', {"paused": True}),
        ('{parameters: {where: "{{ prefect.variables.region }}-1"}}', {"parameters": {"where": "eu-1"}}),
        ("{parameters: {day: 2026-01-02}}", {"parameters": {"day": "2026-01-02"}}),
        ("{schedule: {interval: 60}}", {"schedules": [{"interval": 60}]}),
        ("{schedules: []}", {"schedules": []}),
        ("{schedules: [{}]}", {"schedules": []}),
        ("{schedules: [{interval: PT1H30M}]}", {"schedules": [{"interval": 5400}]}),
        ("{schedules: [{interval: P1W2D}]}", {"schedules": [{"interval": 777600}]}),
        ('{schedules: [{interval: "01:30:00"}]}', {"schedules": [{"interval": 5400}]}),
        ('{schedules: [{interval: "2 days, 00:00:10"}]}', {"schedules": [{"interval": 172810}]}),
        (
            "{schedules: [{interval: 60, anchor_date: 2026-01-02T03:04:05Z}]}",
            {"schedules": [{"interval": 60, "anchor_date": "2026-01-02T03:04:05+00:00"}]},
        ),
        (
            """{schedules: [{rrule: '{"rrule": "FREQ=DAILY", "timezone": "UTC"}', active: false}]}""",
            {"schedules": [{"rrule": "FREQ=DAILY", "timezone": "UTC", "active": False}]},
        ),
        (
            "{schedules: [{schedule: {cron: '0 0 * * *'}, active: true, slug: s}]}",
            {"schedules": [{"cron": "0 0 * * *", "active": True, "slug": "s"}]},
        ),
        (
            "{pull: {prefect.deployments.steps.git_clone: {repository: r}}}",
            {"pull_steps": [{"prefect.deployments.steps.git_clone": {"repository": "r"}}]},
        ),
        (
            '{pull: [{s: {token: "{{ prefect.blocks.secret.t }}", stage: "{{ $STAGE }}", late: "{{ $LATE }}"}}]}',
            {"pull_steps": [{"s": {"token": "{{ prefect.blocks.secret.t }}", "stage": "test", "late": "{{ $LATE }}"}}]},
        ),
        (
            '{work_pool: {name: p, job_variables: {a: "{{ prefect.variables.region }}", b: "{{ ctx.x }}"}}}',
            {"job_variables": {"a": "eu", "b": "{{ ctx.x }}"}},
        ),
        ('{description: "{{ ctx.flow.name }}"}', {"description": "{{ ctx.flow.name }}"}),
        ("{flow_name: other, version_type: x}", {}),
    ],
)
def test_a_deployment(text: str, options: dict[str, Any]) -> None:
    assert one(text) == options


def test_triggers_become_automations() -> None:
    trigger = {
        "enabled": "{{ prefect.variables.on }}",
        "type": "event",
        "match": {"prefect.resource.id": "my.{{ $STAGE }}"},
        "expect": ["a"],
        "parameters": {"who": "{{ event.resource.id }}"},
        "schedule_after": 60,
    }
    item = {
        "name": "d",
        "entrypoint": "a.py:f",
        "work_pool": {"name": "p"},
        "triggers": [trigger, {"name": "mine", "expect": ["b"]}],
    }
    [deployment] = read(yaml.safe_dump({"deployments": [item]})).deployments
    assert deployment.automations == [
        {
            "name": "d__automation_1",
            "enabled": True,
            "trigger": {"type": "event", "match": {"prefect.resource.id": "my.test"}, "expect": ["a"]},
            "actions": [
                {"type": "run-deployment", "parameters": {"who": "{{ event.resource.id }}"}, "schedule_after": 60}
            ],
        },
        {"name": "mine", "trigger": {"expect": ["b"]}, "actions": [{"type": "run-deployment"}]},
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{entrypoint: null}", "entrypoint: missing; expected such as etl.py:main"),
        ("{work_pool: null}", "work_pool.name: missing; expected the name of a work pool"),
        ("{shedules: []}", "did you mean 'schedules'?"),
        ("{work_pool: {name: p, queue: q}}", "work_pool.queue: unknown key"),
        ("{schedules: {cron: x}}", "schedules: expected list, found a dict of length 1"),
        ("{schedules: [{interval: soon}]}", "schedules[0].interval: expected seconds or a duration such as PT1H"),
        ("{schedule: {cron: x}, schedules: []}", "schedule: is the old name of schedules, which is set too"),
        ("{schedules: [{cron: x, replaces: y}]}", "schedules[0].replaces: is not needed"),
        ("{schedules: [{cron: x, jitter: 1}]}", "schedules[0].jitter: unknown key"),
        ("{sla: [{}]}", "sla: service level agreements are a feature of Prefect Cloud"),
        ('{description: "{{ $MISSING }}"}', "description: the environment variable MISSING is not set"),
        ('{tags: ["{{ prefect.variables.regoin }}"]}', "tags[0]: the variable regoin is not among"),
        ('{parameters: {key: "{{ prefect.blocks.secret.k }}"}}', "would be copied into the deployment"),
        ('{version: "{{ build.tag }}"}', "version: {{ build.tag }} is the outcome of a build or push step"),
        ("{triggers: {}}", "triggers: expected list"),
        ("{triggers: [x]}", "triggers[0]: expected dict"),
    ],
)
def test_what_is_wrong(text: str, why: str) -> None:
    [problem] = wrong(text)
    assert problem.startswith("prefect.yaml: deployments[0].")
    assert why in problem


def test_a_misspelt_section_is_told_and_others_are_not() -> None:
    with pytest.raises(SettingsError, match="deploymentz: unknown key; did you mean"):
        read("{deploymentz: [], x-anchors: {}}")
    assert read("{x-anchors: {}}").deployments == []


@pytest.mark.parametrize("text", ["[]", "text", "deployments: {a: b}", "deployments: [text]"])
def test_what_is_no_such_file(text: str) -> None:
    with pytest.raises(SettingsError, match="expected"):
        read(text)


def test_steps_that_are_not_run_are_named() -> None:
    text = """
build: {prefect_docker.deployments.steps.build_docker_image: {id: image, dockerfile: auto}}
deployments:
  - {name: d, entrypoint: a.py:f, work_pool: {name: p, job_variables: {image: "{{ image.image }}"}}, push: [{x.y: {}}]}
"""
    result = read(text)
    assert result.steps == ["prefect_docker.deployments.steps.build_docker_image", "x.y"]
    [deployment] = result.deployments
    path = ("prefect.yaml: deployments", 0)
    assert list(outcomes(deployment.options, path)) == [((*path, "job_variables", "image"), "image.image")]
