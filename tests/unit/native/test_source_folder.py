"""Module source_folder and its action: a whole folder, and only when something differs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.source_folder import Ignored, files_of

from playbooks import run_ansible

from .conftest import Module


@pytest.mark.parametrize(
    ("rules", "ignored", "kept"),
    [
        (["*.log"], ["a.log", "b/c.log"], ["a.logs", "log/a"]),
        (["/a.py"], ["a.py"], ["b/a.py"]),
        (["env/"], ["env/", "b/env/"], ["env"]),
        (["doc/*.md"], ["doc/a.md"], ["doc/b/a.md", "b/doc/a.md"]),
        (["doc/**/*.md"], ["doc/a.md", "doc/b/c/a.md"], ["a.md"]),
        (["data/**"], ["data/a", "data/b/c"], ["a/data"]),
        (["**/tmp"], ["tmp", "a/b/tmp"], ["a/tmps"]),
        (["*.py[cod]", "a?c"], ["x.pyo", "abc"], ["x.py", "ac"]),
        (["*.txt", "!keep.txt"], ["a.txt"], ["keep.txt", "b/keep.txt"]),
        (["# a", "", "[!a].md"], ["b.md"], ["# a", "a.md"]),
        ([], [".git/", "a/__pycache__/", "a/b.pyc", ".venv/", ".prefectignore"], [".github/", ".env", "git"]),
    ],
)
def test_rules_are_those_of_git(rules: list[str], ignored: list[str], kept: list[str]) -> None:
    found = Ignored(rules)
    assert [path for path in ignored if path not in found] == []
    assert [path for path in kept if path in found] == []


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "own").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("x")
    (folder / "etl.py").write_text("x = 1\n")
    (folder / "own" / "lib.py").write_text("y = 1\n")
    (folder / "secret.env").write_text("z")
    (folder / ".prefectignore").write_text("*.env\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    return folder


def test_which_files_belong_to_a_folder(source: Path) -> None:
    assert list(files_of(source)) == ["etl.py", "own/lib.py", "run.sh"]


def bring(source: Path, target: Path, *arguments: str, switch: bool = True) -> dict[str, Any]:
    """Run the action on this machine; return its result."""
    options = {"src": str(source), "path": str(target), "switch": switch}
    # Only from here on the result of a task has its diff.
    task = ["localhost", "-m", "flowops.prefect.source_folder", "-a", json.dumps(options), "--diff", "-vvv"]
    output = run_ansible(source.parent, "ansible", *task, *arguments).stdout
    return dict(json.loads(output.rpartition(" => ")[2]))


def test_its_life(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "srv" / "flows"
    foretold = bring(source, target, "--check")
    assert foretold["changed"]
    assert not target.exists()
    first = bring(source, target)
    assert first["changed"]
    assert first["path"] == str(target / "current")
    assert first["version"] == foretold["version"] == os.readlink(target / "current")
    assert sorted(first["diff"]["after"]) == ["etl.py", "own/lib.py", "run.sh"]
    assert (target / "current" / "own" / "lib.py").read_text() == "y = 1\n"
    modes = {path: (target / "current" / path).stat().st_mode & 0o777 for path in ("own", "etl.py", "run.sh")}
    assert modes == {"own": 0o755, "etl.py": 0o644, "run.sh": 0o755}
    (target / "current" / "__pycache__").mkdir()
    assert not bring(source, target)["changed"]

    (source / "etl.py").write_text("x = 2\n")
    (source / "run.sh").unlink()
    second = bring(source, target)
    assert (sorted(second["diff"]["before"]), list(second["diff"]["after"])) == (["etl.py", "run.sh"], ["etl.py"])
    assert not (target / "current" / "run.sh").exists()
    # A flow run that is under way.
    assert (target / first["version"] / "run.sh").exists()
    (source / "etl.py").write_text("x = 3\n")
    third = bring(source, target)
    assert sorted(os.listdir(target)) == sorted(["current", second["version"], third["version"]])

    (target / "current" / "etl.py").write_text("changed by hand")
    assert bring(source, target)["changed"]
    assert (target / "current" / "etl.py").read_text() == "x = 3\n"
    assert not bring(source, target, "--check")["changed"]


def test_files_can_wait_to_be_switched_to(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "flows"
    waiting = bring(source, target, switch=False)
    assert (waiting["changed"], waiting["has_files"]) == (True, False)
    assert (Path(waiting["folder"]) / "etl.py").exists()
    assert not (target / "current").exists()
    assert not bring(source, target, switch=False)["changed"]
    assert bring(source, target, "--check")["changed"]
    assert bring(source, target)["changed"]
    assert (target / "current" / "etl.py").exists()
    assert not bring(source, target)["changed"]


def test_a_folder_that_is_not_there_is_told(source: Path, tmp_path: Path) -> None:
    assert bring(source / "no", tmp_path)["msg"] == f"src: there is no folder {source / 'no'} on the controller"


def test_the_module_writes_nothing_without_an_archive(module: Module, tmp_path: Path) -> None:
    result = module("source_folder", path=str(tmp_path / "a"), files={"a.py": "0"})
    assert result["changed"]
    assert not (tmp_path / "a").exists()


def test_the_module_stays_in_its_folder(module: Module, tmp_path: Path) -> None:
    result = module("source_folder", path=str(tmp_path), files={"../a.py": "0"})
    assert result["msg"] == "files: expected paths inside of the folder, found ../a.py"


def test_what_is_in_the_way_is_named(module: Module, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "archive").touch()
    target = str(tmp_path / "file" / "x")
    result = module("source_folder", path=target, files={"a.py": "0"}, archive=str(tmp_path / "archive"))
    assert result["failed"]
    assert result["msg"] == f"{tmp_path / 'file'}: File exists"
