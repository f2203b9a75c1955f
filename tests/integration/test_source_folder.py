"""A folder with two flows and a module of its own: brought, read, deployed and run, then changed and run anew."""

from __future__ import annotations

import bed
import pytest

from playbooks import run_playbook

POOL = "test-source-folder"
CODE = """
from own.lib import factor
from prefect import flow, get_run_logger


@flow
def first(n: int = 2):
    get_run_logger().info("the first says %d", factor * n)


@flow(name="the second")
def second():
    get_run_logger().info("the second says %d", factor)
"""


@pytest.fixture
def worker(api, prefect):
    api.call("work_pool", name=POOL)
    with prefect.worker(POOL, "source-folder") as log:
        yield log
    for name in ("first", "the second"):
        api.call("flow", name=name, state="absent", force=True)
    api.call("work_pool", name=POOL, state="absent")


def test_its_life(api, folder, tmp_path, worker):
    source = tmp_path / "source"
    (source / "own").mkdir(parents=True)
    (source / "own" / "lib.py").write_text("factor = 10\n")
    (source / "flows.py").write_text(CODE)
    flow = "{{ code.flows[item] }}"
    deployment = {
        "name": "test",
        "work_pool_name": POOL,
        "entrypoint": flow.replace(" }}", ".entrypoint }}"),
        "flow_name": flow.replace(" }}", ".flow_name }}"),
        "version": "{{ folder.version }}",
        "parameter_openapi_schema": flow.replace(" }}", ".parameter_openapi_schema }}"),
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ folder.path }}"}}],
    }
    read = {
        "folder": "{{ folder.folder }}",
        "entrypoints": ["flows.py:first", "flows.py:second"],
        "command": [str(bed.prefect_bin().with_name("python"))],
    }
    run = {"poll_interval": 0.3, "wait_timeout": 90, "deployment": "{{ code.flows[item].flow_name }}/test"}
    tasks = [
        {"flowops.prefect.source_folder": {"src": str(source), "path": str(tmp_path / "srv")}, "register": "folder"},
        {"flowops.prefect.entrypoint_info": read, "register": "code"},
        {"flowops.prefect.deployment": deployment, "loop": [0, 1]},
    ]
    runs = [{"flowops.prefect.flow_run": run, "loop": [0, 1]}]
    first = run_playbook(folder / "projects", api.recorder.url, bed.AUTH, [*tasks, *runs])
    assert "failed=0" in first
    again = run_playbook(folder / "projects", api.recorder.url, bed.AUTH, tasks)
    assert "changed=0" in again
    (source / "own" / "lib.py").write_text("factor = 100\n")
    changed = run_playbook(folder / "projects", api.recorder.url, bed.AUTH, [*tasks, *runs])
    assert "failed=0" in changed
    text = worker.read_text()
    said = ("the first says 20", "the second says 10", "the first says 200", "the second says 100")
    assert [line for line in said if line not in text] == []
