"""What the tests of the resolver share: the real specifications, an inventory, ways to resolve and to fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import GROUPS, Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.problems import SettingsError
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved, resolve

REPOSITORY = Path(__file__).resolve().parents[3]


class Resolve(Protocol):
    """The resolver with everything but the document by default."""

    def __call__(self, document: Any = ..., **surroundings: Any) -> Resolved:
        """Resolve a document."""


def read_specs() -> dict[str, Any]:
    """Return the options of all roles by the name of their variable."""
    specs: dict[str, Any] = {}
    for file in REPOSITORY.glob("roles/*/meta/argument_specs.yml"):
        for entry_point in yaml.safe_load(file.read_text())["argument_specs"].values():
            specs.update(entry_point.get("options", {}))
    return specs


def inventory(
    host: str = "here",
    addresses: dict[str, str] | None = None,
    versions: tuple[str, ...] = ("3.7.8", "3.8.8"),
    **groups: Any,
) -> Context:
    """Return the surroundings of a host; a group that is not given holds the one host."""
    members = {name: groups.get(name.removeprefix("prefect_"), ["here"]) for name in GROUPS}
    return Context(host, members, addresses or {}, versions)


def resolved(document: Any = None, **surroundings: Any) -> Resolved:
    """Resolve a document on one host that plays every part, with an empty environment."""
    defaults: dict[str, Any] = {"fragments": {}, "specs": SPECS, "environ": {}, "context": inventory()}
    return resolve({} if document is None else document, **{**defaults, **surroundings})


SPECS = read_specs()


@pytest.fixture(scope="session")
def specs() -> dict[str, Any]:
    """Return the options of all roles by the name of their variable."""
    return SPECS


@pytest.fixture(scope="session")
def qhub() -> Path:
    """Return the folder of QHub's configurations."""
    return REPOSITORY / "tests" / "data" / "qhub"


@pytest.fixture(scope="session", name="inventory")
def inventory_fixture() -> Callable[..., Context]:
    """Return what makes surroundings."""
    return inventory


@pytest.fixture(scope="session", name="resolve")
def resolve_fixture() -> Resolve:
    """Return the resolver with defaults."""
    return resolved


@pytest.fixture(scope="session")
def problems() -> Callable[..., list[str]]:
    """Return what resolves a document that is wrong, and gives its problems."""

    def fail(document: Any, **surroundings: Any) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            resolved(document, **surroundings)
        return caught.value.problems

    return fail
