"""Module entrypoint_info without a Prefect."""

from __future__ import annotations

from pathlib import Path

from .conftest import Module


def test_a_python_without_prefect_is_told(module: Module, tmp_path: Path) -> None:
    result = module("entrypoint_info", folder=str(tmp_path), entrypoints=["a.py:f"])
    assert result["msg"] == "command: this Python has no Prefect; name the one that runs the flows"


def test_a_command_that_is_not_there_is_told(module: Module, tmp_path: Path) -> None:
    result = module("entrypoint_info", folder=str(tmp_path), entrypoints=["a.py:f"], command=["/no/python"])
    assert result["msg"] == "command: /no/python: No such file or directory"


def test_a_folder_that_is_not_there_is_told(module: Module, tmp_path: Path) -> None:
    result = module("entrypoint_info", folder=str(tmp_path / "no"), entrypoints=["a.py:f"])
    assert result["msg"] == f"folder: there is no folder {tmp_path / 'no'}"


def test_a_program_that_fails_is_told_by_its_reason(module: Module, tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "echo 'Traceback (most recent call last):' >&2; echo 'OSError: full' >&2; exit 3"]
    result = module("entrypoint_info", folder=str(tmp_path), entrypoints=["a.py:f"], command=command)
    assert result["msg"] == "command: OSError: full"
