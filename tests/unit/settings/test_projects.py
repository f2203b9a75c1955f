"""Projects: folders with code of flows, and what the document makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]
Inventory = Callable[..., Context]
Problems = Callable[..., list[str]]

OWN = {"name": "d", "entrypoint": "etl.py:main", "work_pool_name": "default"}
MINIO = {
    "enabled": True,
    "users": [{"name": "u"}],
    "buckets": [
        {"name": "flows", "user": "u", "block": "b"},
        {"name": "bare", "user": "u"},
        {"name": "full", "user": "u", "block": "c", "source": "/x"},
    ],
}


class Controller:
    """Files of the controller, by their paths."""

    def __init__(self, inventory: Inventory) -> None:
        self.files: dict[str, str] = {}
        self.context = inventory()

    def of(self, context: Context) -> Context:
        return replace(
            context, has_folder=lambda path: path in ("/etl", "/other"), read_file=lambda path: self.files.get(path)
        )


@pytest.fixture
def controller(inventory: Inventory) -> Controller:
    return Controller(inventory)


def document(**project: Any) -> dict[str, Any]:
    return {"projects": [{"name": "etl", "source": "/etl", "deployments": [OWN], **project}]}


@pytest.fixture
def project(resolve: Resolve, controller: Controller) -> Callable[..., dict[str, Any]]:
    def resolved(rest: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        result = resolve({**document(**changes), **(rest or {})}, context=controller.of(controller.context))
        return {**result.roles["prefect_projects"][0], "warnings": result.warnings, "roles": result.roles}

    return resolved


@pytest.fixture
def wrong(problems: Problems, controller: Controller) -> Callable[..., list[str]]:
    def found(rest: dict[str, Any] | None = None, **changes: Any) -> list[str]:
        return problems({**document(**changes), **(rest or {})}, context=controller.of(controller.context))

    return found


def test_a_folder_is_copied(project: Any) -> None:
    found = project()
    assert (found["delivery"], found["pull_steps"], found["reads"], found["builds"]) == ("copy", None, True, False)
    assert found["wanted"] == [{"at": "prefect.projects[0].deployments[0]", "options": OWN, "automations": []}]
    assert found["roles"]["prefect_workers"][0]["projects"]


def test_without_projects_workers_need_nothing(resolve: Resolve) -> None:
    assert not resolve().roles["prefect_workers"][0]["projects"]


def test_only_the_first_host_reads(resolve: Resolve, inventory: Inventory, controller: Controller) -> None:
    context = controller.of(inventory("b", servers=["a"], database=["a"], workers=["a", "b"]))
    opened = {"server": {"host": "0.0.0.0", "auth_string": "a:b"}}
    assert not resolve({**document(), **opened}, context=context).roles["prefect_projects"][0]["reads"]


def test_a_prefect_yaml_is_read_and_its_placeholders_filled(resolve: Resolve, controller: Controller) -> None:
    controller.files["/etl/prefect.yaml"] = """
pull: [{prefect.deployments.steps.set_working_directory: {directory: /home/me/etl}}]
deployments:
  - {name: one, entrypoint: a.py:f, tags: ["{{ $STAGE }}"], work_pool: {name: "{{ prefect.variables.pool }}"}}
  - {name: null}
"""
    rest = {"resources": {"variables": [{"name": "pool", "value": "default"}]}}
    context = controller.of(controller.context)
    result = resolve({**document(deployments=[]), **rest}, context=context, environ={"STAGE": "x"})
    [found] = result.roles["prefect_projects"]
    assert found["delivery"] == "copy"
    assert [(item["at"], item["options"]) for item in found["wanted"]] == [
        (
            "/etl/prefect.yaml: deployments[0]",
            {"name": "one", "entrypoint": "a.py:f", "tags": ["x"], "work_pool_name": "default"},
        )
    ]
    assert result.warnings == ["/etl/prefect.yaml: deployments[1]: has no name and is passed over"]


def test_steps_of_ones_own_are_left_to_the_deployment(project: Any) -> None:
    steps = [{"prefect.deployments.steps.git_clone": {"repository": "r"}}]
    found = project(deployments=[{**OWN, "pull_steps": steps}])
    assert found["delivery"] == "pull"
    assert found["wanted"][0]["options"]["pull_steps"] == steps


def test_a_bucket_gets_the_folder(project: Any) -> None:
    rest = {"storage": {"minio": MINIO}, "platform": "docker"}
    found = project(rest, bucket="flows")
    block = {"block_type_slug": "remote-file-system", "block_document_name": "b"}
    assert found["delivery"] == "storage"
    assert found["pull_steps"] == [{"prefect.deployments.steps.pull_with_block": block}]
    assert [bucket["source"] for bucket in found["roles"]["prefect_minio"]["buckets"]] == ["/etl", None, "/x"]


WORKERS = {"platform": "docker", "workers": [{"name": "w", "type": "docker", "docker": {"socket": True}}]}


def test_an_image_takes_the_place_of_the_builds_outcome(project: Any, controller: Controller) -> None:
    controller.files |= {
        "/etl/requirements.txt": "",
        "/etl/prefect.yaml": """
build: [{prefect_docker.deployments.steps.build_docker_image: {id: image, dockerfile: auto}}]
push: [{prefect_aws.deployments.steps.push_to_s3: {}}, {prefect.deployments.steps.run_shell_script: {script: make}}]
deployments:
  - {name: one, entrypoint: a.py:f, work_pool: {name: default, job_variables: {image: "{{ image.image }}", env: {}}}}
""",
    }
    found = project(WORKERS, delivery="image", deployments=[])
    assert (found["builds"], found["image"], found["has_requirements"]) == (True, "prefect-project-etl", True)
    assert found["wanted"][0]["options"]["job_variables"] == {"env": {}}
    assert found["pull_steps"][0]["prefect.deployments.steps.set_working_directory"]["directory"] == "/opt/prefect/etl"
    told = [line for line in found["warnings"] if "is not run" in line]
    assert [line.partition("; ")[2] for line in told] == [
        "delivery: storage does what it is for",
        "do it before you deploy",
    ]


def test_a_flow_of_another_image_may_import_what_is_missing(project: Any) -> None:
    assert project(deployments=[{**OWN, "job_variables": {"image": "x"}}])["lenient"]
    assert not project()["lenient"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "a/b"}, "prefect.projects[0].name: expected letters, digits, _, . and - only, found 'a/b' (str)"),
        ({"source": "/no"}, "prefect.projects[0].source: there is no folder /no on the controller"),
        ({"prefect_file": "no.yaml"}, "prefect.projects[0].prefect_file: there is no file /etl/no.yaml on"),
        ({"deployments": []}, "prefect.projects[0]: has nothing to deploy; write deployments, or a prefect.yaml"),
        ({"delivery": "copyy"}, "did you mean 'copy'?"),
        ({"image": "A b"}, "prefect.projects[0].image: expected such as registry.example.org/flows, without a tag"),
        ({"deployments": [{"name": "d"}]}, "prefect.projects[0].deployments[0].entrypoint: missing"),
        ({"deployments": [{**OWN, "shedules": []}]}, "prefect.projects[0].deployments[0].shedules: unknown key"),
        ({"deployments": [{**OWN, "schedules": [{"cron": "x"}]}]}, "schedules[0].cron: expected five fields"),
        ({"deployments": [{**OWN, "path": "/x"}]}, "comes from delivery: copy; leave it out, or set delivery: pull"),
        ({"delivery": "pull"}, "pull_steps: missing; with delivery: pull the deployment has to get the code"),
        ({"delivery": "storage"}, "prefect.projects[0].bucket: missing"),
        ({"bucket": "flow"}, "no bucket 'flow' (str) in prefect.storage; known: flows, bare, full; did you"),
        ({"bucket": "bare"}, "has no block by which flows find it"),
        ({"bucket": "full"}, "has files of its own"),
        ({"bucket": "flows", "delivery": "copy"}, "prefect.projects[0].bucket: is for delivery: storage, found copy"),
        ({"delivery": "image"}, "delivery: image needs a work pool of type docker, found process"),
    ],
)  # fmt: skip
def test_what_is_wrong(wrong: Any, changes: dict[str, Any], why: str) -> None:
    [problem] = wrong({"storage": {"minio": MINIO}, "platform": "docker"}, **changes)
    assert why in problem


def test_two_projects_need_two_names_and_two_buckets(problems: Problems, controller: Controller) -> None:
    twice = [{**document()["projects"][0], "bucket": "flows"}] * 2
    context = controller.of(controller.context)
    found = problems({"projects": twice, "storage": {"minio": MINIO}, "platform": "docker"}, context=context)
    assert "is that of several projects (etl, etl)" in found[0]
    assert found[1:] == ["prefect.projects[1].name: 'etl' (str) is another project's name too"]


def test_a_copy_does_not_reach_another_engine(wrong: Any) -> None:
    tls = {"ca_file": "/a", "cert_file": "/b", "key_file": "/c"}
    engine = {"name": "w", "type": "docker", "docker": {"host": "tcp://e:2376", "tls": tls}}
    [problem] = wrong({"platform": "docker", "workers": [engine]})
    assert "delivery: copy does not reach the engine of docker.host" in problem


def test_a_file_that_is_wrong_is_named(wrong: Any, controller: Controller) -> None:
    controller.files["/etl/prefect.yaml"] = "a: [\n"
    assert wrong() == ["/etl/prefect.yaml: is not valid YAML at line 2, column 1"]
    controller.files["/etl/prefect.yaml"] = (
        "deployments: [{name: d, entrypoint: a.py:f, work_pool: {name: p}, pauzed: 1}]"
    )
    [problem] = wrong()
    assert problem.startswith("/etl/prefect.yaml: deployments[0].pauzed: unknown key")
    controller.files["/etl/prefect.yaml"] = (
        "deployments: [{name: d, entrypoint: a.py:f, work_pool: {name: p}, pull: [{s: {b: '{{ push.bucket }}'}}]}]"
    )
    [problem] = wrong(deployments=[])
    assert problem.endswith(
        "pull_steps[0].s.b: {{ push.bucket }} is the outcome of a build or push step, and those are not run"
    )


def test_every_project_of_the_specification_is_there(project: Any, specs: dict[str, Any]) -> None:
    found = project()
    del found["warnings"], found["roles"]
    assert set(found) == set(specs["prefect_projects"]["options"])
