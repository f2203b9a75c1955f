"""Every source of a token, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.tokens import PREFECTS_NAME, QHUB_NAMES, Token

ACCOUNT = "0a1b2c3d-0000-4000-8000-0123456789ab"
WORKSPACE = "0a1b2c3d-0000-4000-8000-ba9876543210"
CLOUD = {"account_id": ACCOUNT, "workspace_id": WORKSPACE}

Resolve = Callable[..., Resolved]


def test_prefect_cloud(resolve: Resolve) -> None:
    roles = resolve({"token": "t", "cloud": CLOUD}).roles
    url = f"https://api.prefect.cloud/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"
    assert roles["prefect_api"] == {
        "url": url, "service_url": url, "ui_url": None, "auth_string": None, "api_key": "t",
    }  # fmt: skip
    assert (roles["prefect_server"]["enabled"], roles["prefect_server"]["ui_url"]) == (
        False,
        "https://app.prefect.cloud",
    )


def test_an_api_of_ones_own_with_a_token(resolve: Resolve) -> None:
    document = {"token": "t", "api_url": "https://x.example.org/api", "server": {"auth_string": "a:b"}}
    assert resolve(document).roles["prefect_api"] == {
        "url": "https://x.example.org/api",
        "service_url": "https://x.example.org/api",
        "ui_url": None,
        "auth_string": None,
        "api_key": "t",
    }


def test_the_document_counts_before_the_environment_and_the_names_in_their_order(resolve: Resolve) -> None:
    environ = {name: name for name in (*QHUB_NAMES, PREFECTS_NAME)}
    seen = [resolve({"token": "t", "cloud": CLOUD}, environ=environ).roles["prefect_api"]["api_key"]]
    for name in (*QHUB_NAMES, PREFECTS_NAME):
        seen.append(resolve({"cloud": CLOUD}, environ=environ).roles["prefect_api"]["api_key"])
        del environ[name]
    assert seen == [
        "t",
        "TF_VAR_prefect_token",
        "QHUB_SECRET_PREFECT_TOKEN",
        "QHUB_SECRET_prefect_token",
        "NEBARI_SECRET__prefect__token",
        "PREFECT_API_KEY",
    ]


@pytest.mark.parametrize("name", QHUB_NAMES)
def test_a_token_of_qhub_without_an_api_is_an_error_with_both_ways_out(
    problems: Callable[..., list[str]], name: str
) -> None:
    assert problems({}, environ={name: "hush"}) == [
        f"prefect.token: the environment variable {name} is set, but not which API it is for; "
        "set prefect.cloud: {account_id, workspace_id} for Prefect Cloud, or prefect.api_url"
    ]


def test_prefects_own_variable_alone_is_ignored_with_a_warning(resolve: Resolve) -> None:
    result = resolve({}, environ={PREFECTS_NAME: "hush"})
    assert (result.roles["prefect_server"]["enabled"], result.roles["prefect_api"]["api_key"]) == (True, None)
    assert result.warnings == [
        "the environment variable PREFECT_API_KEY is ignored and a server is deployed; "
        "to use Prefect Cloud set prefect.cloud or prefect.api_url"
    ]


def test_empty_variables_are_no_tokens(resolve: Resolve) -> None:
    result = resolve({}, environ=dict.fromkeys((*QHUB_NAMES, PREFECTS_NAME), ""))
    assert (result.roles["prefect_server"]["enabled"], result.warnings) == (True, [])


def test_a_token_does_not_show_itself() -> None:
    assert "hush" not in repr(Token("hush", "x"))
