"""Documentation of the modules of S3 says what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.doc_fragments import s3 as fragment
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.access_key import AccessKey
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.aws_connection import CONNECTION
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.inventory import Inventory
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.probe import Probe
from ansible_collections.flowops.prefect.plugins.modules import s3_access_key, s3_info, s3_probe

HOUSE = Path(__file__).parents[3]
KINDS = [(AccessKey, s3_access_key), (Inventory, s3_info), (Probe, s3_probe)]
# Documented in a fragment.
SHARED = {"state"}


def same(spec, documented):
    assert set(spec) - SHARED == set(documented)
    for name, rules in documented.items():
        for key in ("type", "default", "choices", "elements", "required"):
            assert spec[name].get(key) == rules.get(key), f"{name}: {key}"


@pytest.mark.parametrize(("kind", "module"), KINDS)
def test_options_are_documented_as_they_are(kind, module):
    same(kind.options, yaml.safe_load(module.DOCUMENTATION)["options"])


@pytest.mark.parametrize(("_kind", "module"), KINDS)
def test_examples_name_the_module(_kind, module):
    name = module.__name__.rpartition(".")[2]
    tasks = yaml.safe_load(module.EXAMPLES)
    assert any(f"flowops.prefect.{name}" in task for task in tasks)
    assert all(task.get("no_log") for task in tasks if "flowops.prefect.s3_access_key" in task)


def test_the_connection_is_documented_as_it_is():
    same(CONNECTION, yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])


def test_the_action_group_is_all_of_them():
    group = yaml.safe_load((HOUSE / "meta/runtime.yml").read_text())["action_groups"]["s3"]
    assert group == [module.__name__.rpartition(".")[2] for _kind, module in KINDS]
