"""Module generated_secrets: made once, kept for their owner, never changed."""

from __future__ import annotations

from pathlib import Path

from .conftest import Module


def test_a_secret_is_made_once(module: Module, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    first = module("generated_secrets", folder=str(folder), names=["a", "b"], length=24)
    assert first["changed"]
    assert {len(secret) for secret in first["secrets"].values()} == {24}
    assert first["secrets"]["a"] != first["secrets"]["b"]
    second = module("generated_secrets", folder=str(folder), names=["a", "b", "c"])
    assert second["changed"]
    assert {name: second["secrets"][name] for name in ("a", "b")} == first["secrets"]
    assert not module("generated_secrets", folder=str(folder), names=["a", "b", "c"])["changed"]


def test_nobody_else_can_read_it(module: Module, tmp_path: Path) -> None:
    module("generated_secrets", folder=str(tmp_path / "etc"), names=["a"])
    assert (tmp_path / "etc").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "etc" / "a").stat().st_mode & 0o777 == 0o600


def test_an_interrupted_one_is_made_again(module: Module, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert module("generated_secrets", folder=str(tmp_path), names=["a"])["secrets"]["a"]


def test_check_mode_keeps_nothing_and_the_diff_shows_names_only(module: Module, tmp_path: Path) -> None:
    result = module("generated_secrets", folder=str(tmp_path / "etc"), names=["a"], _ansible_check_mode=True)
    assert result["changed"]
    assert not (tmp_path / "etc").exists()
    assert result["diff"] == {"before": {"secrets": []}, "after": {"secrets": ["a"]}}


def test_what_is_in_the_way_is_named(module: Module, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = module("generated_secrets", folder=str(tmp_path / "file"), names=["a"])
    assert result["failed"]
    assert str(tmp_path / "file") in result["msg"]
    result = module("generated_secrets", folder=str(tmp_path), names=["../a"])
    assert result["msg"] == "names: expected names of files without a folder, found ../a"
