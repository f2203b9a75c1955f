"""A prefect.yaml, deployed by the real prefect deploy and by the modules: the same objects."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import bed
import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.components.project import entrypoints, project_objects
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.placeholders import Values
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.prefect_file import read_prefect_file
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import Problems, dotted
from modules import run_module

POOL = "test-prefect-file"
ENVIRON = {"STAGE": "test", "HOW_MANY": "7"}
VARIABLES = {"region": "eu", "is_on": True, "how_many": 3}
CODE = '''
from prefect import flow

from own.lib import double


@flow(name="The first", version="1.2")
def first(n: int, where: str = "here") -> int:
    """Doubles."""
    return double(n)


@flow
def second(tags: list[str] | None = None):
    """Of a flow without a docstring, prefect deploy says None, as a text."""
'''
FILE = """
name: project
prefect-version: 3.8.8
definitions:
  pool: &pool
    name: test-prefect-file
    work_queue_name: slow
    job_variables: {env: {STAGE: "{{ $STAGE }}"}}
pull:
  - prefect.deployments.steps.set_working_directory: {directory: "/opt/{{ $STAGE }}"}
deployments:
  - name: everything
    entrypoint: flows.py:first
    version: "7"
    tags: [b, "{{ prefect.variables.region }}"]
    description: Ours.
    parameters: {n: 1, where: "at {{ prefect.variables.region }}", many: "{{ prefect.variables.how_many }}"}
    enforce_parameter_schema: false
    concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW}
    paused: true
    work_pool: *pool
    pull:
      prefect.deployments.steps.git_clone:
        repository: https://git.example.org/x.git
        access_token: "{{ prefect.blocks.secret.x }}"
    schedules:
      - {cron: "0 3 * * *", timezone: Europe/Vienna, slug: nightly, day_or: true}
      - {interval: PT1H, anchor_date: "2026-01-02T03:04:05+00:00", timezone: UTC, active: false, parameters: {n: 2}}
      - {rrule: "FREQ=WEEKLY;BYDAY=MO", timezone: UTC}
    triggers:
      - enabled: "{{ prefect.variables.is_on }}"
        match: {prefect.resource.id: "thing.{{ $STAGE }}"}
        expect: [thing.happened]
        threshold: 2
        within: 60
        parameters: {n: "{{ event.payload.n }}"}
      - name: test both
        type: compound
        require: all
        within: 10
        triggers:
          - {type: event, expect: [a]}
          - {type: event, posture: Reactive, expect: [b]}
  - name: least
    entrypoint: flows.py:second
    work_pool: {name: test-prefect-file}
  - name: module
    entrypoint: flows.first
    concurrency_limit: 1
    schedule: {cron: "@daily"}
    work_pool: {name: test-prefect-file, job_variables: null}
    parameters: {n: 3}
    pull: []
"""
KEYS = ["The first/everything", "The first/module", "second/least"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "own").mkdir()
    (folder / "own" / "lib.py").write_text("def double(n):\n    return 2 * n\n")
    (folder / "flows.py").write_text(CODE)
    (folder / "prefect.yaml").write_text(FILE.replace("job_variables: null", "job_variables: {}"))
    return folder


@pytest.fixture(scope="module")
def surroundings(api):
    resources = {
        "work_pools": [{"name": POOL}],
        "work_queues": [{"name": "slow", "work_pool": POOL}],
        # The command reads it although its content goes nowhere.
        "blocks": [{"block_type_slug": "secret", "name": "x", "data": {"value": "hush"}}],
        "variables": [{"name": name, "value": value} for name, value in VARIABLES.items()],
    }
    assert not api.call("resources", resources=resources).get("failed")
    yield
    for section in resources.values():
        section[:] = [{**item, "state": "absent"} for item in section]
    assert not api.call("resources", resources=resources).get("failed")


def _command(prefect: bed.Prefect, folder: Path, *arguments: str) -> None:
    environment = {name: value for name, value in prefect.environment.items() if "SERVER" not in name}
    environment |= {"PREFECT_API_URL": prefect.api, "PREFECT_API_AUTH_STRING": bed.AUTH, **ENVIRON}
    command = [prefect.binary, "--no-prompt", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _ours(folder: Path) -> dict:
    """Return the file as the modules take it, its flows read by the Prefect of the tests."""
    problems = Problems()
    content = yaml.safe_load((folder / "prefect.yaml").read_text())
    file = read_prefect_file(content, "prefect.yaml", Values(ENVIRON, VARIABLES), problems)
    problems.raise_if_any({})
    wanted = [
        {"at": dotted(one.path), "options": one.options, "automations": one.automations} for one in file.deployments
    ]
    own = {"name": "p", "delivery": "pull", "version": "flow", "pull_steps": None, "wanted": wanted}
    options = {
        "folder": str(folder),
        "entrypoints": entrypoints(own),
        "command": [str(bed.prefect_bin().with_name("python"))],
    }
    found = run_module("entrypoint_info", options)
    assert not found.get("failed"), found["msg"]
    return project_objects([own], {"p": {"flows": found["flows"], "version": "x"}}, {"root": "/"})


def _plain(value):
    """Return what the server holds without what differs from one creation to the next."""
    passing = (
        "id",
        "created",
        "updated",
        "created_by",
        "updated_by",
        "flow_id",
        "work_queue_id",
        "deployment_id",
        "account",
        "workspace",
    )
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items() if key not in (*passing, "concurrency_limit_id")}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _made(prefect: bed.Prefect) -> dict:
    made = {}
    for key in KEYS:
        live = prefect.request("GET", "/deployments/name/" + key.replace(" ", "%20"))
        live["schedules"] = sorted(live["schedules"], key=lambda row: str(row["schedule"]))
        for row in live["schedules"]:
            # An interval without an anchor starts now.
            row.pop("slug") if row["slug"] is None else None
        limit = live.pop("global_concurrency_limit", None) or {}
        for name in ("status", "last_polled", "infrastructure_document_id", "storage_document_id", "labels"):
            live.pop(name, None)
        live["limit"] = limit.get("limit")
        made[key] = _plain(live)
    wanted = {"automations": {"name": {"any_": ["everything__automation_1", "test both"]}}}
    for automation in prefect.request("POST", "/automations/filter", wanted):
        automation.pop("owner_resource", None)
        made[automation["name"]] = _plain(automation)
    return made


@pytest.fixture
def gone(api):
    """Remove what a test has made."""

    def remove():
        automations = [{"name": name, "state": "absent"} for name in ("everything__automation_1", "test both")]
        names = [dict(zip(("flow_name", "name"), key.split("/"), strict=True)) for key in KEYS]
        deployments = [{**name, "state": "absent"} for name in names]
        result = api.call("resources", resources={"deployments": deployments, "automations": automations})
        assert not result.get("failed"), result["msg"]

    yield remove
    remove()


@pytest.mark.usefixtures("surroundings")
def test_both_make_the_same(api, prefect, project, gone):
    _command(prefect, project, "deploy", "--all")
    theirs = _made(prefect)
    assert len(theirs) == len(KEYS) + 2
    # What is there already is what ours would make.
    ours = _ours(project)
    found = api.call("resources", resources=ours)
    assert not found.get("failed"), found["msg"]
    assert {row["name"]: row["action"] for row in found["results"] if row["changed"]} == {}, json.dumps(
        found["diff"], indent=1
    )
    gone()
    assert not api.call("resources", resources=ours).get("failed")
    assert _made(prefect) == theirs
    assert not api.call("resources", resources=ours)["changed"]


@pytest.mark.parametrize(
    "recipe",
    sorted(
        path.name
        for path in (bed.prefect_bin().parent.parent).glob("lib/*/site-packages/prefect/deployments/recipes/*")
        if path.is_dir()
    ),
)
def test_every_recipe_of_prefect_init_is_understood(prefect, tmp_path, recipe):
    fields = {"image_name": "i", "tag": "t", "bucket": "b", "container": "c"}
    given = [part for key, value in fields.items() for part in ("--field", f"{key}={value}")]
    _command(prefect, tmp_path, "init", "--recipe", recipe, *given)
    problems = Problems()
    content = yaml.safe_load((tmp_path / "prefect.yaml").read_text())
    assert content["deployments"]
    item = {"name": "d", "entrypoint": "a.py:f", "work_pool": {"name": "p"}}
    content["deployments"][0] |= item
    file = read_prefect_file(content, "prefect.yaml", Values(os.environ, {}), problems)
    problems.raise_if_any({})
    assert file.deployments[0].options["entrypoint"] == "a.py:f"
    assert ("docker" in recipe) == any("build_docker_image" in step for step in file.steps)
