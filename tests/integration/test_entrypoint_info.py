"""Module entrypoint_info: what Prefect itself says of flows, read by the Prefect of the tests."""

from __future__ import annotations

from pathlib import Path

import bed
import pytest
from modules import run_module

FILES = {
    "etl.py": '''
from datetime import datetime

import own
from prefect import flow

print("noise on import")


@flow(name="The ETL", version="7")
def etl(n: int, when: datetime | None = None):
    """Does it.

    Args:
        n: how many
    """


@flow
def plain(x="y"):
    own.double(x)


def helper():
    pass
''',
    "own.py": "def double(x):\n    return 2 * x\n",
    "lacking.py": "from prefect import flow\nimport absent_package as x\n@flow\ndef f(a: x.X, b: int = 3): ...\n",
    "wrong.py": "x = (\n",
    "raising.py": "import own2\n",
    "own2.py": "\n\n1 / 0\n",
    "leaving.py": "import sys\n\nsys.exit(3)\n",
    "gone.py": "import os\n\nos._exit(3)\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def read(project: Path):
    python = str(bed.prefect_bin().with_name("python"))

    def call(*entrypoints: str, **options):
        given = {"folder": str(project), "command": [python], "entrypoints": list(entrypoints), **options}
        return run_module("entrypoint_info", given)

    return call


def test_a_flow_is_what_prefect_says_it_is(read, project):
    result = read("etl.py:etl", "etl.py:plain", "etl.plain")
    assert result["changed"] is False
    etl, plain, of_module = result["flows"]
    assert (etl["flow_name"], etl["version"]) == ("The ETL", "7")
    assert etl["description"].startswith("Does it.")
    assert etl["parameter_openapi_schema"]["required"] == ["n"]
    assert etl["parameter_openapi_schema"]["properties"]["n"]["description"] == "how many"
    assert (plain["flow_name"], len(plain["version"])) == ("plain", 32)
    assert {**of_module, "entrypoint": ""} == {**plain, "entrypoint": ""}
    assert not list(project.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("entrypoint", "why"),
    [
        ("etl.py:helper", "Function with name 'helper' is not a flow. Make sure that it is decorated with '@flow'."),
        ("etl.py:plan", "etl.py has no function plan; did you mean plain?"),
        ("etl.py:zzzzz", "Flow function with name 'zzzzz' not found in 'etl.py'."),
        ("elt.py:etl", "there is no file elt.py; did you mean etl.py?"),
        ("wrong.py:f", "wrong.py:1: SyntaxError: '(' was never closed"),
        ("lacking.py:f", "lacking.py:2: ModuleNotFoundError: No module named 'absent_package'"),
        ("raising.py:f", "own2.py:3: ZeroDivisionError: division by zero"),
        ("leaving.py:f", "leaving.py:3: the code exits with status 3"),
        ("gone.py:f", "its code ended the process that imported it"),
        ("nowhere.f", "ModuleNotFoundError: No module named 'nowhere'"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(read, entrypoint, why):
    result = read("etl.py:etl", entrypoint)
    assert result["failed"]
    assert result["msg"] == f"entrypoints[1]: {entrypoint}: {why}"
    assert read(entrypoint, required=False)["flows"] == [{"entrypoint": entrypoint, "error": why}]


def test_all_errors_come_at_once(read):
    result = read("wrong.py:f", "etl.py:etl", "gone.py:f")
    assert [problem["path"] for problem in result["problems"]] == ["entrypoints[0]", "entrypoints[2]"]


def test_a_missing_package_can_be_passed_over(read):
    [found] = read("lacking.py:f", lenient=True)["flows"]
    assert found["warning"] == "lacking.py:2: ModuleNotFoundError: No module named 'absent_package'"
    assert found["parameter_openapi_schema"]["properties"]["b"]["type"] == "integer"
    assert found["version"] is None
    assert "error" in read("wrong.py:f", lenient=True, required=False)["flows"][0]
