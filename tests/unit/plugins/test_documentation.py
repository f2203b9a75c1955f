"""Documentation says what the modules do: options, defaults, examples, and all in few lines."""

from __future__ import annotations

import ast
import contextlib
import importlib
from pathlib import Path
from unittest import mock

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.doc_fragments import connection, lists, state
from ansible_collections.flowops.prefect.plugins.module_utils import info
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS
from ansible_collections.flowops.prefect.plugins.module_utils.connection import CONNECTION
from ansible_collections.flowops.prefect.plugins.module_utils.resource import STATE

PLUGINS = Path(__file__).parents[3] / "plugins"
KIND_NAMES = [kind.kind for kind in KINDS.values()]
INFOS = [f"{name}_info" for name in KIND_NAMES]
NAMES = [*KIND_NAMES, *INFOS, "artifact_info", "flow_run", "flow_run_info", "log_info", "resources", "server_info"]
NEWER = (
    "flow",
    "global_concurrency_limit",
    "concurrency_limit",
    "automation",
    "block_type",
    "block_schema",
    "deployment_schedule",
)
LONGEST = 35


def _blocks(name):
    tree = ast.parse((PLUGINS / f"modules/{name}.py").read_text())
    wanted = ("DOCUMENTATION", "EXAMPLES", "RETURN")
    return {
        node.targets[0].id: yaml.safe_load(ast.literal_eval(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in wanted
    }


def _spec(name):
    if name in INFOS:
        main = importlib.import_module(f"ansible_collections.flowops.prefect.plugins.modules.{name}").main
        with (
            mock.patch.object(info, "PrefectModule", side_effect=LookupError) as made,
            contextlib.suppress(LookupError),
        ):
            main()
        return made.call_args.args[0]
    if name in KIND_NAMES:
        return next(kind.options for kind in KINDS.values() if kind.kind == name)
    module = importlib.import_module(f"ansible_collections.flowops.prefect.plugins.modules.{name}")
    return module.OPTIONS


def _same(spec, documented, path=""):
    assert set(spec) == set(documented), path
    for name, rules in spec.items():
        text, place = documented[name], f"{path}{name}"
        for key in ("type", "default", "choices", "elements", "aliases"):
            assert rules.get(key) == text.get(key), f"{place}: {key}"
        assert bool(rules.get("required")) == bool(text.get("required")), place
        assert text["description"], place
        _same(rules.get("options", {}), text.get("suboptions", {}), f"{place}.")


@pytest.mark.parametrize("name", NAMES)
def test_options_are_documented_as_they_are(name):
    documentation = _blocks(name)["DOCUMENTATION"]
    options = dict(documentation.get("options", {}))
    for fragment in documentation["extends_documentation_fragment"]:
        if fragment.startswith("flowops.prefect.lists."):
            text = getattr(lists.ModuleDocFragment, fragment.rpartition(".")[2].upper())
            options.update(yaml.safe_load(text)["options"])
    _same(_spec(name), options)


@pytest.mark.parametrize(("spec", "fragment"), [(CONNECTION, connection), (STATE, state)])
def test_shared_options_are_documented_as_they_are(spec, fragment):
    _same(spec, yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_complete(name):
    blocks = _blocks(name)
    documentation = blocks["DOCUMENTATION"]
    assert documentation["module"] == name
    assert documentation["version_added"] in {"1.0.0", "1.2.0"}
    assert "flowops.prefect.connection" in documentation["extends_documentation_fragment"]
    assert any(f"flowops.prefect.{name}" in task for task in blocks["EXAMPLES"])
    assert all(task["name"] for task in blocks["EXAMPLES"])
    assert all({"description", "returned", "type"} <= set(value) for value in blocks["RETURN"].values())


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_its_documentation_and_one_call(name):
    source = (PLUGINS / f"modules/{name}.py").read_text()
    tree = ast.parse(source)
    texts = {
        line
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    code = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in texts and line.strip() and not line.startswith("#")
    ]
    assert len(code) <= LONGEST
    assert not any(isinstance(node, ast.Try) for node in ast.walk(tree))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.kind)
def test_a_kind_is_whole(kind):
    """What is managed can be declared, and the key is required."""
    assert {field.name for field in kind.fields} <= set(kind.options)
    assert set(kind.key) <= {name for name, rules in kind.options.items() if rules.get("required")}
    assert not set(kind.options) & {*CONNECTION, *STATE}


def test_the_document_has_a_section_for_every_kind():
    assert set(_spec("resources")["resources"]["options"]) == set(KINDS)
    assert sorted(path.stem for path in (PLUGINS / "module_utils/kinds").glob("[a-z]*.py")) == sorted(KIND_NAMES)


@pytest.mark.parametrize("name", KIND_NAMES)
def test_a_module_and_the_one_that_reads_name_each_other(name):
    for one, other in ((name, f"{name}_info"), (f"{name}_info", name)):
        assert {"module": f"flowops.prefect.{other}"} in _blocks(one)["DOCUMENTATION"]["seealso"]


def test_returned_fields_are_documented():
    for name in ("work_pool", "work_queue", "variable", "block", *NEWER):
        kind = next(kind for kind in KINDS.values() if kind.kind == name)
        assert set(_blocks(name)["RETURN"][name]["contains"]) == {"id", *(field.name for field in kind.fields)}
