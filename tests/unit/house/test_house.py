"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).resolve().parents[3]
ROLES = sorted(path for path in (HOUSE / "roles").iterdir() if path.is_dir())
MODULES = sorted(path for path in (HOUSE / "plugins" / "modules").glob("*.py") if path.name != "__init__.py")
LOOKUPS_AND_INVENTORIES = sorted(
    path for folder in ("lookup", "inventory") for path in (HOUSE / "plugins" / folder).glob("*.py")
)
# Modules that are so alike that one test runs them all.
TOGETHER = "test_info_modules.py"
API_FRAGMENT = "flowops.prefect.connection"
LICENCE = [
    "# Copyright: (c) 2026, the flowops.prefect contributors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
]
FREE_FORM = re.compile(r"^\s*(- )?ansible\.builtin\.(command|shell|uri|raw|script):")


def name_of(path: Path) -> str:
    return path.stem


@cache
def documentation(module: Path) -> dict[str, Any]:
    """Return what a module's DOCUMENTATION says."""
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            found: dict[str, Any] = yaml.safe_load(ast.literal_eval(node.value))
            return found
    raise AssertionError(f"{module} has no DOCUMENTATION")


def talks_to_the_api(module: Path) -> bool:
    return API_FRAGMENT in documentation(module).get("extends_documentation_fragment", [])


def names(test: Path, module: Path) -> bool:
    """Return whether a test names a module, as one does that runs it."""
    return re.search(rf"""["'.]{module.stem}(["':]|$)""", test.read_text(), re.M) is not None


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text()) if path.exists() else None


@cache
def tracked() -> list[Path]:
    """Return the text files that belong to the repository, new ones included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    paths = [HOUSE / name for name in names.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1024]]


def test_the_action_group_is_all_modules_that_talk_to_the_api() -> None:
    group = read_yaml(HOUSE / "meta" / "runtime.yml")["action_groups"]["prefect"]
    assert sorted(group) == [name_of(module) for module in MODULES if talks_to_the_api(module)]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_has_a_unit_test(module: Path) -> None:
    tests = [path for path in (HOUSE / "tests" / "unit").rglob("test_*.py") if path != Path(__file__)]
    assert [path for path in tests if names(path, module)]


@pytest.mark.parametrize("module", [module for module in MODULES if talks_to_the_api(module)], ids=name_of)
def test_a_module_that_talks_to_the_api_has_an_integration_test(module: Path) -> None:
    folder = HOUSE / "tests" / "integration"
    assert list(folder.rglob(f"test_{module.stem}.py")) or names(folder / TOGETHER, module)


@pytest.mark.parametrize("plugin", LOOKUPS_AND_INVENTORIES, ids=name_of)
def test_a_plugin_that_talks_to_the_api_is_tested_alone_and_in_ansible(plugin: Path) -> None:
    kind = plugin.parent.name
    # The test names the kind, and the plugin.
    names = (re.compile(kind), re.compile(rf"""["']{plugin.stem}["']|flowops\.prefect\.{plugin.stem}\b"""))
    for folder in ("unit", "integration"):
        tests = [path.read_text() for path in (HOUSE / "tests" / folder).rglob("test_*.py")]
        assert [text for text in tests if all(name.search(text) for name in names)], folder


def entry_of(role: Path) -> dict[str, Any]:
    """Return what documents a role's input: that of prefect_settings is not for Ansible to check."""
    entries = read_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]
    return dict(entries["document" if role.name == "prefect_settings" else "main"])


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_a_role_is_documented(role: Path) -> None:
    assert (role / "README.md").exists()
    assert entry_of(role)["short_description"]


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_a_roles_defaults_are_those_it_documents(role: Path) -> None:
    options = entry_of(role).get("options", {})
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    defaults = read_yaml(role / "defaults" / "main.yml") or {}
    assert sorted(set(defaults) - set(options)) == []
    assert {name: value for name, value in defaults.items() if not is_derived(value)} == documented


def is_derived(value: Any) -> bool:
    """Return whether a default is worked out, so that the documentation can only describe it."""
    return isinstance(value, str) and "{{" in value


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_a_roles_variables_carry_its_name(role: Path) -> None:
    for folder, prefix in (("defaults", role.name), ("vars", f"__{role.name}_")):
        names = read_yaml(role / folder / "main.yml") or {}
        assert [name for name in names if not name.startswith(prefix)] == []


def test_removal_from_a_cluster_leaves_the_controller_alone() -> None:
    # There the controller is the host: only roles that know clusters may look for their remains.
    knows_clusters = {"worker", "server", "redis", "postgres", "runtime"}
    tasks = [task for play in read_yaml(HOUSE / "playbooks" / "remove_prefect.yaml") for task in play["tasks"]]
    roles = {task["ansible.builtin.import_role"]["name"].partition("prefect_")[2]: task.get("when") for task in tasks}
    guarded = {name for name, condition in roles.items() if condition == "prefect_runtime.platform != 'kubernetes'"}
    assert set(roles) - guarded - {"settings"} == knows_clusters


def test_playbooks_bring_no_variables() -> None:
    # They would beat those of the user's inventory.
    assert [path for name in ("group_vars", "host_vars") for path in (HOUSE / "playbooks").rglob(name)] == []


def test_playbooks_have_names_that_resolve() -> None:
    for path in (HOUSE / "playbooks").iterdir():
        assert re.fullmatch(r"[a-z_]+\.yaml", path.name), path


def _read_at_start(tasks: list[dict[str, Any]], folder: Path) -> Iterator[str]:
    """Yield the actions of the tasks, and of all that they import: what an import names is looked for at once."""
    for task in tasks:
        for key, value in task.items():
            if key in {"block", "rescue", "always"}:
                yield from _read_at_start(value, folder)
            elif key == "ansible.builtin.import_tasks":
                yield from _read_at_start(read_yaml(folder / value), folder)
            elif key == "ansible.builtin.import_role":
                inside = HOUSE / "roles" / value["name"].rpartition(".")[2] / "tasks"
                yield from _read_at_start(read_yaml(inside / value.get("tasks_from", "main.yml")), inside)
            elif key.count(".") == 2:
                yield key


@pytest.mark.parametrize("playbook", sorted((HOUSE / "playbooks").glob("*.yaml")), ids=name_of)
def test_a_playbook_starts_without_other_collections(playbook: Path) -> None:
    # A new checkout has none, and a native host needs none.
    actions: list[str] = []
    for play in read_yaml(playbook):
        for role in play.get("roles", []):
            folder = HOUSE / "roles" / role["role"].rpartition(".")[2] / "tasks"
            actions += _read_at_start(read_yaml(folder / "main.yml"), folder)
        actions += _read_at_start(play.get("tasks", []), playbook.parent)
    assert actions
    assert [name for name in actions if not name.startswith(("ansible.builtin.", "flowops.prefect."))] == []


def test_a_free_form_task_says_why() -> None:
    unexplained = []
    tasks = [*(HOUSE / "roles").glob("*/[th]a[sn]*/**/*.yml"), *(HOUSE / "playbooks").glob("*.yaml")]
    for path in sorted(tasks):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if FREE_FORM.match(line) and not lines[number - 1].lstrip().startswith("#"):
                unexplained.append(f"{path.relative_to(HOUSE)}:{number + 1}")
    assert unexplained == []


def test_the_shipped_inventory_is_what_molecule_runs() -> None:
    for scenario in ("default", "trixie", "nosystemd"):
        link = HOUSE / "molecule" / scenario / "inventory" / "group_vars"
        assert link.resolve() == HOUSE / "inventories" / "local" / "group_vars"


def test_an_inventory_holds_nothing_that_is_none() -> None:
    # Ansible parses every file in an inventory's folder as hosts.
    for folder in (path.parent for path in (HOUSE / "inventories").glob("*/hosts.yml")):
        shown = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        assert shown == ["group_vars", "hosts.yml"]


def test_every_plugin_carries_the_licence() -> None:
    plugins = [path for path in (HOUSE / "plugins").rglob("*.py") if path.read_text().strip()]
    assert [path for path in plugins if not set(LICENCE) <= set(path.read_text().splitlines()[:8])] == []


def test_no_file_names_the_machine_it_was_made_on() -> None:
    named = [path for path in tracked() if str(HOUSE) in path.read_text(errors="replace")]
    assert named == []


def test_no_lint_rule_is_skipped() -> None:
    lint = read_yaml(HOUSE / ".ansible-lint")
    assert lint["profile"] == "production"
    assert not {"skip_list", "warn_list", "mock_modules", "mock_roles"} & set(lint)
    assert list((HOUSE / "tests" / "sanity").glob("ignore-*")) == []
    roles = [path for path in tracked() if path.suffix in (".yml", ".yaml")]
    assert [path for path in roles if re.search(r"#\s*noqa", path.read_text())] == []
