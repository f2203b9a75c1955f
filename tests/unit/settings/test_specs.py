"""The roles' specifications: what the resolver returns fits them, and they say what is the user's to set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings import schema
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

ROLES = Path(__file__).resolve().parents[3] / "roles"
CLOUD = {"account_id": "0a1b2c3d-0000-4000-8000-0123456789ab", "workspace_id": "0a1b2c3d-0000-4000-8000-0123456789ab"}
DOCUMENTS: list[dict[str, Any]] = [
    {},
    {"enabled": False},
    {"token": "t", "cloud": CLOUD},
    {"postgres": {"enabled": True}, "workers": [{"name": "a", "replicas": 2, "limit": 1, "work_queues": ["q"]}]},
    {
        "postgres": {"host": "db", "tls": {"enabled": True, "ca_file": "/ca"}},
        "server": {"retention": {"flow_runs_days": 3}},
    },
    {
        "overrides": {
            "secretEnvVars": {"PREFECT__CONTEXT__SECRETS__X": "y"},
            "prefect_agent": {"job": {"resources": {"limits": {"cpu": 1}}}},
        }
    },
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_ansible_accepts_what_the_resolver_returns(
    specs: Mapping[str, Any], resolve: Callable[..., Resolved], document: dict[str, Any]
) -> None:
    for variable, value in resolve(document).roles.items():
        result = ArgumentSpecValidator({variable: dict(specs[variable])}).validate(
            {variable: value}, validate_role_argument_spec=True
        )
        assert result.error_messages == [], variable


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_documented_option_is_there(
    specs: Mapping[str, Any], resolve: Callable[..., Resolved], document: dict[str, Any]
) -> None:
    for variable, value in resolve(document).roles.items():
        for item in value if isinstance(value, list) else [value]:
            _same_keys(item, specs[variable]["options"], variable)


def _same_keys(value: Mapping[str, Any], options: Mapping[str, Any], path: str) -> None:
    assert set(value) == set(options), path
    for name, option in options.items():
        # What is derived may be nothing at all, and so may what somebody has to fill in.
        is_open = schema.is_derived(option) or any(
            part.get("required") for part in (option.get("options") or {}).values()
        )
        is_nothing = value[name] is None and is_open
        if option["type"] == "dict" and "options" in option and not is_nothing:
            _same_keys(value[name], option["options"], f"{path}.{name}")


def test_the_runtimes_own_keys_are_those_of_the_document(specs: Mapping[str, Any]) -> None:
    runtime = schema.settable(specs["prefect_runtime"]["options"])
    assert set(runtime) == set(schema.RUNTIME_KEYS)
    for name, option in runtime.items():
        assert {**option, "description": ""} == {**specs["prefect"]["options"][name], "description": ""}


def _walk(options: Mapping[str, Any], path: str, derived: bool, secret: bool) -> list[str]:
    wrong = []
    for name, option in options.items():
        here = f"{path}.{name}"
        is_derived = schema.is_derived(option)
        if derived and not is_derived:
            wrong.append(f"{here}: is below a derived option, but does not say so")
        if is_derived and "default" in option:
            wrong.append(f"{here}: is derived and has a default")
        is_secret = bool(option.get("no_log"))
        if is_secret and option["type"] not in ("str", "dict", "list"):
            wrong.append(f"{here}: a secret has to be text")
        words = ("password", "secret", "auth_", "token", "api_key")
        looks_secret = option["type"] in ("str", "raw", "list") and any(word in name.lower() for word in words)
        if looks_secret and not (is_secret or secret):
            wrong.append(f"{here}: looks like a secret")
        wrong += _walk(option.get("options", {}), here, is_derived, is_secret or secret)
    return wrong


def test_derived_options_and_secrets_are_marked(specs: Mapping[str, Any]) -> None:
    wrong = [
        line for variable, option in specs.items() for line in _walk(option.get("options", {}), variable, False, False)
    ]
    # The names of Secrets are no secrets.
    assert wrong == [
        "prefect.overrides.prefect_agent.job.imagePullSecrets: looks like a secret",
        "prefect_kubernetes.image_pull_secrets: looks like a secret",
        "prefect_kubernetes.ingress.tls.secret_name: looks like a secret",
        "prefect_kubernetes.ingress.forward_auth.auth_url: looks like a secret",
        "prefect_kubernetes.gateway.tls_secret_name: looks like a secret",
        "prefect_service.secrets_elsewhere: looks like a secret",
    ]


@pytest.mark.parametrize("role", sorted(path.parent.parent.name for path in ROLES.glob("*/defaults/main.yml")))
def test_defaults_are_those_of_the_specification(role: str) -> None:
    defaults = yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())
    options = yaml.safe_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ]
    for name, value in defaults.items():
        # A template says what it is in words.
        if "{{" not in str(value):
            assert options[name]["default"] == value, name
