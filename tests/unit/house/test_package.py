"""What a user installs: the tarball, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
SHIPPED = {
    "CHANGELOG.rst",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "requirements.txt",
    "requirements.yml",
}
SHIPPED |= {"changelogs", "inventories", "meta", "playbooks", "plugins", "roles"}


def run(*command: str | Path, **env: str) -> str:
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the tarball and install it as a user does."""
    folder = tmp_path_factory.mktemp("package")
    run(BIN / "ansible-galaxy", "collection", "build", HOUSE, "--output-path", folder)
    (tarball,) = folder.glob("*.tar.gz")
    run(BIN / "ansible-galaxy", "collection", "install", tarball, "-p", folder / "collections", "--offline", "--force")
    return folder / "collections"


def test_it_ships_what_users_need_and_nothing_else(collections: Path) -> None:
    shipped = {path.name for path in (collections / "ansible_collections/flowops/prefect").iterdir()}
    assert shipped - SHIPPED == set()


@pytest.mark.parametrize("kind", ["module", "role"])
def test_everything_in_it_is_documented(collections: Path, kind: str) -> None:
    env = {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    listed = json.loads(run(BIN / "ansible-doc", "-t", kind, "--list", "--json", "flowops.prefect", **env))
    assert listed
    told = json.loads(run(BIN / "ansible-doc", "-t", kind, "--json", *listed, **env))
    assert sorted(told) == sorted(listed)


@pytest.mark.parametrize(
    "name", ["deploy_prefect", "configure_prefect", "export_prefect", "verify_prefect", "remove_prefect"]
)
def test_a_playbook_is_found_by_its_name(collections: Path, tmp_path: Path, name: str) -> None:
    inventory = collections / "ansible_collections/flowops/prefect/inventories/local"
    env = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_HOME": str(tmp_path)}
    run(BIN / "ansible-playbook", f"flowops.prefect.{name}", "-i", inventory, "--syntax-check", **env)
