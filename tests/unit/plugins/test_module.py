"""What Ansible gets to see: options, results and logs without secrets."""

from __future__ import annotations

import json

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import module as module_file
from ansible_collections.flowops.prefect.plugins.module_utils.secrets import SECRET

CANARY = "Kanarienvogel"
LIVE = {"id": "v", "name": "v", "value": 1, "tags": ["t"]}


@pytest.fixture
def logged(monkeypatch):
    """What goes to the system's log."""
    lines = []
    monkeypatch.setattr(
        module_file.AnsibleModule, "log", lambda _self, message, log_args=None: lines.append((message, log_args))
    )
    return lines


CASES = [
    ("block", {"block_type_slug": "secret", "name": "x", "data": {"value": CANARY}}),
    ("block", {"block_type_slug": "secret", "name": "x", "dta": {"value": CANARY}}),
    ("block", {"block_type_slug": "secret", "name": "x", "data": CANARY}),
    ("variable", {"name": "x", "value": CANARY, "sensitive": True}),
    ("variable", {"name": "my_password", "value": [CANARY]}),
    ("variable", {"name": "x", "value": {"token": CANARY}}),
    ("work_pool", {"name": "x", "job_variables": {"env": {"API_TOKEN": CANARY}}}),
    (
        "deployment",
        {
            "flow_name": "f",
            "name": "x",
            "parameters": {"password": CANARY},
            "schedules": [{"parameters": {"secret": CANARY}}],
        },
    ),
    (
        "flow_run",
        {"deployment": "f/x", "parameters": {"password": CANARY}, "job_variables": {"env": {"A_SECRET": CANARY}}},
    ),
    ("server_info", {"auth_string": f"u:{CANARY}"}),
    ("server_info", {"api_key": CANARY}),
    ("server_info", {"headers": {"X-Access": CANARY}}),
    ("server_info", {"nonsense": CANARY}),
    ("resources", {"resources": {"blocks": [{"block_type_slug": "secret", "name": "x", "data": {"value": CANARY}}]}}),
    ("resources", {"resources": {"variables": [{"name": "x", "value": CANARY, "sensitive": True}, {"nme": CANARY}]}}),
    ("resources", {"resources": {"blocks": [CANARY], "nonsense": CANARY}}),
    ("resources", {"resources": CANARY}),
    ("resources", {"nonsense": [CANARY]}),
]


@pytest.mark.parametrize(("module", "options"), CASES)
def test_no_secret_anywhere(api, logged, module, options):
    for check in (True, False):
        assert CANARY not in json.dumps(api.run(module, check=check, **options))
    assert CANARY not in json.dumps(logged)


def test_options_are_shown_with_what_is_no_secret(api):
    data = {"value": CANARY, "region": "eu"}
    result = api.run("block", block_type_slug="secret", name="x", data=data, headers={"X-A": "b"})
    shown = result["invocation"]["module_args"]
    assert shown["name"] == "x"
    assert shown["data"] == {"value": SECRET, "region": SECRET}
    assert shown["headers"] == SECRET
    assert (shown["auth_string"], shown["timeout"]) == (None, None)


def test_short_secrets_do_not_censor_everything(api):
    """Ansible alone would replace every a and b in the output."""
    result = api.run("variable", name="abab", value="ab", headers={"X": "a"}, auth_string="a:b", check=True)
    assert result["variable"]["name"] == "abab"


def test_a_secret_that_the_server_repeats_is_censored(api):
    api.on("POST", "/variables/", {"detail": f"cannot store {CANARY}"}, status=409)
    result = api.run("variable", name="x", value=CANARY, sensitive=True)
    assert "refused with status 409: cannot store " in result["msg"]
    assert CANARY not in result["msg"]


def test_null_is_not_leaving_out(api):
    api.on("GET", "/variables/name/v", LIVE)
    assert api.run("variable", name="v")["changed"] is False
    assert api.run("variable", name="v", tags=None)["changed"] is True


def test_connection_of_the_environment(api, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", api.url)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", f"u:{CANARY}")
    api.on("GET", "/variables/name/v", LIVE)
    url, api.url = api.url, None
    result = api.run("variable", name="v")
    assert result["changed"] is False
    assert result["invocation"]["module_args"]["api_url"] == url
    assert api.requests[0].headers["authorization"].startswith("Basic ")
    assert CANARY not in json.dumps(result)


def test_bad_address_is_one_message(api):
    result = api.run("variable", name="v", api_url="localhost:4200")
    assert result["msg"] == "api_url: expected http://HOST:PORT/api or https://HOST/api, found 'localhost:4200'"
    assert result["problems"] == [{"path": "api_url", "message": result["msg"].removeprefix("api_url: ")}]


def test_check_mode_guard_is_reported_not_raised(api, monkeypatch):
    """A kind that forgot about check mode is stopped by the client."""
    from ansible_collections.flowops.prefect.plugins.module_utils.kinds.variable import Variable

    monkeypatch.setattr(Variable, "find", lambda self: self.client.post("/variables/", {}))
    result = api.run("variable", check=True, name="v", value=1)
    assert "check mode was about to send POST /variables/; nothing was sent. Please report this." in result["msg"]
    assert api.requests == []
