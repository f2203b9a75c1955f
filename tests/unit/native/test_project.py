"""Projects on a host: images, the jobs that read flows, and the objects that come of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.entrypoint_reader import MARK
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import project as components

HOST = {"root": "/opt/prefect", "image": "prefecthq/prefect:3.8.8", "platform": "docker"}
FLOW = {
    "entrypoint": "etl.py:main",
    "flow_name": "etl",
    "description": "Does it.",
    "version": "abc",
    "parameter_openapi_schema": {"type": "object"},
}
API = {"service_url": "http://prefect-server:4200/api"}
FOUND = {"p": {"flows": [FLOW], "version": "0123456789ab"}}
SET = "prefect.deployments.steps.set_working_directory"


def project(**changes: Any) -> dict[str, Any]:
    wanted = [{"at": "here", "options": {"name": "d", "entrypoint": "etl.py:main"}, "automations": []}]
    usual = {"name": "p", "delivery": "copy", "version": "flow", "pull_steps": None, "push": False, "image": "i"}
    return {**usual, "has_requirements": False, "lenient": False, "wanted": wanted, **changes}


def deployment(options: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    one = project(**changes)
    one["wanted"][0]["options"].update(options or {})
    [made] = components.project_objects([one], FOUND, HOST)["deployments"]
    return made


def test_a_deployment_is_what_the_code_says() -> None:
    made = deployment()
    assert (made["flow_name"], made["description"], made["version"]) == ("etl", "Does it.", "abc")
    assert made["pull_steps"] == [{SET: {"directory": "/opt/prefect/projects/p/current"}}]
    assert "job_variables" not in made


def test_what_is_given_counts_more() -> None:
    made = deployment({"description": "Ours.", "version": "1", "parameter_openapi_schema": {}})
    assert (made["description"], made["version"], made["parameter_openapi_schema"]) == ("Ours.", "1", {})


def test_the_version_may_be_that_of_the_whole_folder() -> None:
    assert deployment(version="folder")["version"] == "0123456789ab"


def test_steps_of_the_deployment_stay_its_own() -> None:
    steps = [{"git_clone": {}}]
    assert deployment({"pull_steps": steps}, delivery="pull")["pull_steps"] == steps


def test_an_image_is_a_job_variable_and_its_tag_says_all_it_is_made_of() -> None:
    made = deployment({"job_variables": {"env": {}}}, delivery="image")
    assert set(made["job_variables"]) == {"env", "image", "image_pull_policy"}
    one = project()
    image = components.project_image(one, "1", HOST)
    assert image.startswith("i:")
    assert image == components.project_image(one, "1", HOST)
    others = [
        components.project_image(one, "2", HOST),
        components.project_image(one, "1", {**HOST, "image": "other"}),
        components.project_image(project(has_requirements=True), "1", HOST),
    ]
    assert len({image, *others}) == 4
    assert "image_pull_policy" not in deployment(delivery="image", push=True)["job_variables"]


def test_a_dockerfile_installs_what_the_folder_asks_for() -> None:
    assert "pip install" not in components.project_dockerfile(project(), HOST)
    text = components.project_dockerfile(project(has_requirements=True), HOST)
    assert text.index("COPY . /opt/prefect/p") < text.index("--requirement /opt/prefect/p/requirements.txt")


def test_automations_run_the_deployment() -> None:
    one = project()
    one["wanted"][0]["automations"] = [{"name": "a", "trigger": {}, "actions": [{"type": "run-deployment"}]}]
    [made] = components.project_objects([one], FOUND, HOST)["automations"]
    assert made["actions"] == [{"type": "run-deployment", "deployment": "etl/d"}]


def test_nothing_comes_of_what_was_not_read() -> None:
    assert components.project_objects([project()], {}, HOST) == {"deployments": [], "automations": []}
    assert components.project_problems([project()], {}) == []


def test_what_cannot_be_read_is_told_where_it_is_asked_for() -> None:
    found = {"p": {"flows": [{"entrypoint": "etl.py:main", "error": "no"}], "version": "1"}}
    assert components.project_problems([project()], found) == ["here.entrypoint: etl.py:main: no"]


def test_a_deployment_that_is_there_twice_is_told() -> None:
    one = project()
    one["wanted"].append({**one["wanted"][0], "at": "there"})
    assert components.project_problems([one], FOUND) == ["there: is the deployment etl/d, and so is here"]


def test_a_container_reads_the_version_that_is_to_come() -> None:
    docker = {"zones": [{"name": "app"}, {"name": "data"}], "networks": {"app": {"name": "app"}}}
    job = components.entrypoint_job(project(), "0123", API, docker, HOST)
    assert json.loads(job["command"][-1])["folder"] == "/opt/prefect/projects/p/0123"
    assert (job["image"], job["networks"]) == (HOST["image"], ["app"])
    built = components.entrypoint_job(project(delivery="image"), "0123", API, docker, HOST)
    assert json.loads(built["command"][-1])["folder"] == "/opt/prefect/p"
    assert (built["image"].partition(":")[0], built["mounts"]) == ("i", [])


def test_the_answer_of_a_container() -> None:
    text = f"noise\n{MARK}{json.dumps([{'flow_name': 'etl'}])}\n"
    assert components.entrypoint_answer({"rc": 0, "stdout": text}, project()) == [
        {"entrypoint": "etl.py:main", "flow_name": "etl"}
    ]
    [failed] = components.entrypoint_answer({"rc": 1, "stdout": "OSError: full"}, project())
    assert failed["error"] == "OSError: full"


@pytest.mark.parametrize(("enabled", "left"), [(False, ["etl"]), (True, [])])
def test_code_is_removed_with_its_project_and_not_with_the_switch(
    tmp_path: Path, enabled: bool, left: list[str]
) -> None:
    (tmp_path / "projects" / "etl").mkdir(parents=True)
    play = """
- hosts: localhost
  gather_facts: false
  tasks:
    - include_role: {name: flowops.prefect.prefect_settings}
    - include_role: {name: flowops.prefect.prefect_runtime, tasks_from: host.yml}
      vars: {__prefect_runtime_check: false}
    - include_role: {name: flowops.prefect.prefect_project}
"""
    inventory = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    document = {"enabled": enabled, "root": str(tmp_path)}
    groups = {name: {"hosts": {"localhost": inventory}} for name in ("prefect_servers", "prefect_workers")}
    (tmp_path / "inventory.yml").write_text(json.dumps({"all": {"children": groups, "vars": {"prefect": document}}}))
    (tmp_path / "play.yml").write_text(play)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PREFECT_"))}
    subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", "play.yml"],
        cwd=tmp_path,
        env={**kept, "LC_ALL": "C.UTF-8"},
        check=True,
    )
    assert os.listdir(tmp_path / "projects") == left
