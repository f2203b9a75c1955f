"""Documentation of the modules of MinIO says what they do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.doc_fragments import minio as fragment
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.bucket import MinioBucket
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.connection import CONNECTION
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.group import MinioGroup
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.policy import MinioPolicy
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.service_account import MinioServiceAccount
from ansible_collections.flowops.prefect.plugins.module_utils.object_store.user import MinioUser
from ansible_collections.flowops.prefect.plugins.modules import (
    minio_bucket,
    minio_group,
    minio_policy,
    minio_service_account,
    minio_user,
)

HOUSE = Path(__file__).parents[3]
KINDS = [
    (MinioBucket, minio_bucket),
    (MinioGroup, minio_group),
    (MinioPolicy, minio_policy),
    (MinioServiceAccount, minio_service_account),
    (MinioUser, minio_user),
]
ACTIONS = {"account_secret_key", "force", "update_secret", "user_secret_key"}


def same(spec, documented):
    assert set(spec) == set(documented)
    for name, rules in spec.items():
        for key in ("type", "default", "choices", "elements", "required"):
            assert rules.get(key) == documented[name].get(key), f"{name}: {key}"


@pytest.mark.parametrize(("kind", "module"), KINDS)
def test_options_are_documented_as_they_are(kind, module):
    same(kind.options, yaml.safe_load(module.DOCUMENTATION)["options"])
    returned = yaml.safe_load(module.RETURN)[kind.kind.removeprefix("minio_")]["contains"]
    assert set(returned) == {field.name for field in kind.fields} == set(kind.options) - ACTIONS


@pytest.mark.parametrize(("kind", "module"), KINDS)
def test_examples_name_the_module(kind, module):
    assert all(f"flowops.prefect.{kind.kind}" in task for task in yaml.safe_load(module.EXAMPLES))


def test_the_connection_is_documented_as_it_is():
    same(CONNECTION, yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])


def test_the_action_group_is_all_of_them():
    group = yaml.safe_load((HOUSE / "meta/runtime.yml").read_text())["action_groups"]["minio"]
    assert group == [kind.kind for kind, _module in KINDS]
