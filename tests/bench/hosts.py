"""Test hosts of the benches, made and removed as molecule's are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import BIN, HOUSE, playbook, timed

SHARED = "molecule/shared"


def busy() -> str:
    """Return how busy this machine is, for whoever reads the numbers."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


@contextmanager
def hosts(folder: Path, inventory: dict[str, Any]) -> Iterator[Path]:
    """Make the hosts of an inventory, give the inventory's folder, and remove them."""
    timed(HOUSE / "tests/bed/engine", "start")
    timed(HOUSE / "tests/images/build")
    folder.mkdir()
    (folder / "hosts.yml").write_text(json.dumps(inventory))
    environment = {
        **os.environ,
        "MOLECULE_PROJECT_DIRECTORY": str(HOUSE),
        "PATH": f"{BIN}:{os.environ['PATH']}",
    }
    options = ("--inventory", folder, "--forks", "4")
    try:
        playbook(f"{SHARED}/create.yml", *options, environment=environment)
        playbook(f"{SHARED}/prepare.yml", *options, environment=environment)
        yield folder
    finally:
        playbook(f"{SHARED}/destroy.yml", *options, environment=environment)
