"""Modules in real playbooks: every example, and no secret in the output of any verbosity."""

from __future__ import annotations

import re
from pathlib import Path

import bed
import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS

from playbooks import run_playbook

FLOWS = str(Path(__file__).parent / "lib")
# Only Prefect Cloud has webhooks.
KIND_NAMES = {kind.kind for kind in KINDS.values()} - {"webhook"}
MODULES = sorted([*KIND_NAMES, "flow_run", "resources", "resources_export", "server_info"])
INFOS = [*(f"{kind.kind}_info" for kind in KINDS.values()), "artifact_info", "flow_run_info", "log_info"]


def _examples(module):
    text = (bed.ROOT / f"plugins/modules/{module}.py").read_text()
    found = re.search(r'^EXAMPLES = r"""\n(.*?)^"""', text, re.DOTALL | re.MULTILINE)
    assert found
    return yaml.safe_load(found.group(1).replace("/opt/flows", FLOWS))


@pytest.fixture(scope="module")
def example_worker(api, prefect):
    api.call("work_pool", name="example-runs")
    with prefect.worker("example-runs", "example") as log:
        yield log


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(api, folder, request, module):
    if module == "flow_run":
        request.getfixturevalue("example_worker")
    tasks = _examples(module)
    assert any(f"flowops.prefect.{module}" in task for task in tasks)
    output = run_playbook(folder / f"example-{module}", api.recorder.url, bed.AUTH, tasks, "--diff")
    assert re.search(r"localhost +: ok=\d+ .*failed=0", output)


def test_examples_that_only_read_run(api, folder):
    tasks = [task for module in INFOS for task in _examples(module)]
    output = run_playbook(folder / "example-info", api.recorder.url, bed.AUTH, tasks, "--diff")
    assert re.search(r"localhost +: ok=\d+ +changed=0 .*failed=0", output)


CANARIES = {"old": "kanarie-vogel-1", "new": "kanarie-vogel-2"}


def _canary_tasks(value):
    """Every place of a secret, good and bad."""
    secret = f"{{{{ {value} }}}}"
    tasks = [
        ("block", {"block_type_slug": "secret", "name": "canary", "data": {"value": secret}}),
        (
            "block",
            {"block_type_slug": "secret", "name": "canary-parts", "data": {"value": {"a": secret, "b": [secret]}}},
        ),
        (
            "block",
            {
                "block_type_slug": "aws-credentials",
                "name": "canary",
                "data": {"aws_access_key_id": secret, "aws_secret_access_key": secret, "region_name": "a"},
            },
        ),
        ("block", {"block_type_slug": "aws-credentials", "name": "bad", "dta": {"aws_secret_access_key": secret}}),
        ("block", {"block_type_slug": "aws-credentials", "name": "bad", "data": {"aws_secret_access_kye": secret}}),
        ("block", {"block_type_slug": "aws-credentials", "name": "bad", "data": secret}),
        ("variable", {"name": "canary_password", "value": secret}),
        ("variable", {"name": "canary", "value": {"token": secret, "url": f"s3://u:{secret}@h/b"}}),
        ("work_pool", {"name": "canary", "job_variables": {"env": {"MY_API_KEY": secret}}}),
        ("work_pool", {"name": "canary", "job_variables": {"evn": {"MY_API_KEY": secret}}}),
        (
            "deployment",
            {
                "flow_name": "canary",
                "name": "canary",
                "parameters": {"password": secret},
                "job_variables": {"env": {"S_TOKEN": secret}},
            },
        ),
        (
            "deployment",
            {
                "flow_name": "canary",
                "name": "canary",
                "work_pool": "canary",
                "job_variables": {"env": {"S_TOKEN": [secret]}},
            },
        ),
        (
            "deployment",
            {
                "flow_name": "canary",
                "name": "canary",
                "parameters": {"password": secret},
                "parameter_openapi_schema": {"properties": {"password": {"type": "integer"}}},
            },
        ),
        (
            "deployment_schedule",
            {
                "flow_name": "canary",
                "deployment": "canary",
                "slug": "s",
                "cron": "@daily",
                "parameters": {"secret": secret},
            },
        ),
        (
            "deployment_schedule",
            {
                "flow_name": "canary",
                "deployment": "canary",
                "slug": "t",
                "cron": "@daily",
                "parameters": {"secret": secret},
                "day": 1,
            },
        ),
        ("block_type", {"slug": "canary"}),
        (
            "block_schema",
            {
                "block_type_slug": "canary",
                "version": "1",
                "fields": {
                    "properties": {"password": {"format": "password", "default": secret}},
                    "secret_fields": ["password"],
                },
            },
        ),
        (
            "block_schema",
            {
                "block_type_slug": "canary",
                "version": "2",
                "fields": {"properties": {"password": {"format": "password", "default": secret}}},
            },
        ),
        (
            "automation",
            {
                "name": "canary",
                "trigger": {"expect": ["prefect.flow-run.Failed"]},
                "actions": [
                    {
                        "type": "run-deployment",
                        "deployment": "canary/canary",
                        "parameters": {"password": secret},
                        "job_variables": {"env": {"S_TOKEN": secret}},
                    }
                ],
            },
        ),
        ("automation", {"name": "bad", "trigger": {"match": secret}, "actions": [{"type": "do-nothing", "x": secret}]}),
        ("automation", {"name": "bad", "actions": [{"type": "run-deployment", "parameters": secret}]}),
        ("flow_run", {"deployment": "canary/canary", "parameters": {"password": secret}, "wait": False}),
        ("server_info", {"auth_string": f"a:{secret}"}),
        ("server_info", {"headers": {"X-Access": secret}}),
        (
            "resources",
            {
                "resources": {
                    "blocks": [{"block_type_slug": "secret", "name": "canary-bulk", "data": {"value": secret}}],
                    "variables": [{"name": "canary_bulk_token", "value": secret}],
                }
            },
        ),
        (
            "resources",
            {
                "resources": {
                    "blocks": [{"block_type_slug": "secret", "name": "x", "data": {"value": "", "vaule": secret}}]
                }
            },
        ),
        ("resources", {"resources": {"blocks": [secret]}}),
    ]
    return [
        {"name": f"Task {at}", f"flowops.prefect.{module}": options, "ignore_errors": True}
        for at, (module, options) in enumerate(tasks)
    ]


def test_no_secret_in_any_output(api, folder):
    path = folder / "canaries.yml"
    path.write_text(yaml.safe_dump(CANARIES))
    changes = [task for value in CANARIES for task in _canary_tasks(value)]
    # The first leaves the new values, so in check mode the old ones are changes.
    runs = ((changes, []), (_canary_tasks("old"), ["--check"]))
    output = [
        run_playbook(folder / "canary", api.recorder.url, bed.AUTH, tasks, "-e", f"@{path}", "--diff", "-vvv", *more)
        for tasks, more in runs
    ]
    assert all(len(re.findall("<secret: changed>", text)) >= 8 for text in output)
    for secret in (*CANARIES.values(), bed.AUTH.partition(":")[2]):
        assert [line for text in output for line in text.splitlines() if secret in line] == []
