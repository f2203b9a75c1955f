"""Where connection settings come from, and to whom credentials go."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import profiles, sources, toml_lines
from ansible_collections.flowops.prefect.plugins.module_utils.connection import connect
from ansible_collections.flowops.prefect.plugins.module_utils.errors import InvalidError
from hypothesis import given
from hypothesis import strategies as st

OURS = "https://ours.example/api"
PROFILES = """
active = "prod"
[profiles.prod]
PREFECT_API_URL = "https://prod.example/api"
PREFECT_API_KEY = "prod-canary"
PREFECT_API_TLS_INSECURE_SKIP_VERIFY = "true"
PREFECT_CLIENT_CUSTOM_HEADERS = "{\\"X-Prod\\": \\"canary\\"}"
[profiles.stage]
PREFECT_API_URL = "https://stage.example/api"
PREFECT_API_AUTH_STRING = "u:stage-canary"
PREFECT_API_REQUEST_TIMEOUT = 7.5
PREFECT_API_SSL_CERT_FILE = "~/ca.pem"
[profiles.bare]
PREFECT_API_KEY = "bare-canary"
"""


@pytest.fixture
def home(tmp_path):
    (tmp_path / "profiles.toml").write_text(PROFILES)
    return {"PREFECT_HOME": str(tmp_path)}


def _settings(options, environment):
    settings = sources.resolve(options, environment)
    return {name: value for name, value in settings.values.items() if value not in (None, {})}


def _problem(options, environment):
    with pytest.raises(InvalidError) as caught:
        sources.resolve(options, environment)
    text = str(caught.value)
    assert "canary" not in text
    return text


PROD = {
    "api_url": "https://prod.example/api",
    "api_key": "prod-canary",
    "validate_certs": False,
    "headers": {"X-Prod": "canary"},
}
STAGE = {"api_url": "https://stage.example/api", "auth_string": "u:stage-canary", "timeout": 7.5}


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({}, {}, PROD),
        ({}, {"PREFECT_PROFILE": "stage"}, STAGE),
        ({"profile": "stage"}, {}, STAGE),
        # A profile that the task names beats the environment.
        ({"profile": "stage"}, {"PREFECT_API_URL": OURS, "PREFECT_API_KEY": "e", "PREFECT_PROFILE": "prod"}, STAGE),
        ({"profile": "stage", "timeout": 3}, {}, {**STAGE, "timeout": 3}),
        ({"profile": "stage", "auth_string": "a:b"}, {}, {**STAGE, "auth_string": "a:b"}),
        # An empty option is one, too.
        ({"profile": "stage", "auth_string": ""}, {}, {**STAGE, "auth_string": ""}),
        # One header carries one credential.
        ({"api_key": "k"}, {"PREFECT_PROFILE": "stage"}, {**STAGE, "auth_string": None, "api_key": "k"}),
        ({}, {"PREFECT_API_URL": OURS, "PREFECT_API_KEY": "e"}, {"api_url": OURS, "api_key": "e"}),
        # What was meant for another server stays here.
        ({}, {"PREFECT_API_URL": OURS}, {"api_url": OURS}),
        ({"api_url": OURS}, {}, {"api_url": OURS}),
        ({"api_url": OURS}, {"PREFECT_API_AUTH_STRING": "u:canary"}, {"api_url": OURS}),
        ({"api_url": OURS, "profile": "stage"}, {}, {"api_url": OURS}),
        ({"api_url": OURS}, {"PREFECT_API_URL": "http://ours.example/api", "PREFECT_API_KEY": "e"}, {"api_url": OURS}),
        ({"api_url": OURS}, {"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "1"}, {"api_url": OURS}),
        # The same server, another path or spelling.
        (
            {"api_url": OURS},
            {"PREFECT_API_URL": "https://Ours.example:443/x", "PREFECT_API_KEY": "e"},
            {"api_url": OURS, "api_key": "e"},
        ),
        ({}, {"PREFECT_API_URL": "https://prod.example/other"}, {**PROD, "api_url": "https://prod.example/other"}),
        # A more explicit source may complete a less explicit one.
        ({}, {"PREFECT_API_AUTH_STRING": "e:x"}, {**PROD, "api_key": None, "auth_string": "e:x"}),
        ({"profile": "bare"}, {"PREFECT_API_URL": OURS}, {"api_url": OURS, "api_key": "bare-canary"}),
        (
            {"headers": {"authorization": "Bearer x"}},
            {},
            {**PROD, "api_key": None, "headers": {"authorization": "Bearer x"}},
        ),
        # As Prefect itself does.
        (
            {},
            {
                "PREFECT_API_URL": OURS,
                "PREFECT_API_KEY": "e",
                "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "Bearer y"}',
            },
            {"api_url": OURS, "headers": {"Authorization": "Bearer y"}},
        ),
        (
            {"headers": {"X-A": "1"}},
            {"PREFECT_API_URL": OURS, "PREFECT_CLIENT_CUSTOM_HEADERS": '{"Authorization": "Bearer y", "X-B": "2"}'},
            {"api_url": OURS, "headers": {"X-A": "1", "Authorization": "Bearer y"}},
        ),
    ],
)
@pytest.mark.parametrize("reader", ["own", "python"])
def test_precedence(home, monkeypatch, tmp_path, options, environment, expected, reader):
    monkeypatch.setenv("HOME", str(tmp_path))
    if reader == "own":
        monkeypatch.setattr(profiles, "loads", toml_lines.loads)
    found = _settings(options, {**home, **environment})
    if found["api_url"] == STAGE["api_url"]:
        assert found.pop("ca_path") == f"{tmp_path}/ca.pem"
    assert found == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize("environment", [{}, {"PREFECT_PROFILE": "local"}, {"PREFECT_PROFILE": "ephemeral"}])
def test_profiles_that_prefect_has_without_a_file(tmp_path, environment):
    assert _settings({}, {"PREFECT_HOME": str(tmp_path), **environment}) == {"api_url": sources.DEFAULT_URL}


def test_credentials_without_any_address_go_to_the_default(tmp_path):
    environment = {"PREFECT_HOME": str(tmp_path), "PREFECT_API_AUTH_STRING": "u:p"}
    assert _settings({}, environment) == {"api_url": sources.DEFAULT_URL, "auth_string": "u:p"}


def test_the_file_of_profiles(tmp_path, monkeypatch):
    (tmp_path / "other.toml").write_text('[profiles.x]\nPREFECT_API_URL = "http://x/api"\n')
    for environment in ({"PREFECT_PROFILES_PATH": "~/other.toml"}, {"PREFECT_PROFILES_PATH": f"{tmp_path}/other.toml"}):
        monkeypatch.setenv("HOME", str(tmp_path))
        assert _settings({"profile": "x"}, environment)["api_url"] == "http://x/api"
    (tmp_path / ".prefect").mkdir()
    (tmp_path / "other.toml").rename(tmp_path / ".prefect/profiles.toml")
    assert _settings({"profile": "x"}, {})["api_url"] == "http://x/api"


def test_a_withheld_credential_is_named_in_the_401(api, home, monkeypatch):
    api.on("GET", "/x", {"exception_message": "Unauthorized"}, status=401)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "u:canary")
    monkeypatch.setenv("PREFECT_HOME", home["PREFECT_HOME"])
    with pytest.raises(Exception, match="none were given") as caught:
        connect({"api_url": api.url, "profile": "prod"}, False).get("/x")
    assert str(caught.value).endswith(
        "Not sent, because meant for another address: PREFECT_API_KEY of profile 'prod', "
        "PREFECT_CLIENT_CUSTOM_HEADERS of profile 'prod', PREFECT_API_AUTH_STRING of the environment"
    )
    assert "authorization" not in api.requests[0].headers
    assert "x-prod" not in api.requests[0].headers


@pytest.mark.parametrize(
    ("options", "environment", "text"),
    [
        ({"profile": "prd"}, {}, "profile: no profile 'prd' in {home}/profiles.toml; did you mean 'prod'? known: "),
        (
            {},
            {"PREFECT_PROFILE": "stge"},
            "PREFECT_PROFILE: no profile 'stge' in {home}/profiles.toml; did you mean 'stage'?",
        ),
        ({"profile": "bare"}, {}, "profile: profile 'bare' has no PREFECT_API_URL; give api_url, too"),
        ({"profile": "cloud"}, {}, "profile: profile 'cloud' has no PREFECT_API_URL"),
        (
            {},
            {"PREFECT_API_URL": OURS, "PREFECT_API_REQUEST_TIMEOUT": "soon", "PREFECT_CLIENT_CUSTOM_HEADERS": "canary"},
            "PREFECT_CLIENT_CUSTOM_HEADERS of the environment: expected a JSON object\n"
            "PREFECT_API_REQUEST_TIMEOUT of the environment: expected a number of seconds above 0",
        ),
        ({}, {"PREFECT_API_URL": OURS, "PREFECT_CLIENT_CUSTOM_HEADERS": '["canary"]'}, "expected a JSON object"),
        ({}, {"PREFECT_API_URL": OURS, "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "canary"}, "expected true or false"),
        (
            {"headers": {"AUTHORIZATION": "Bearer canary"}, "auth_string": "u:canary"},
            {},
            "headers.AUTHORIZATION: auth_string needs this header for itself; give one of them",
        ),
    ],
)
def test_what_is_wrong(home, options, environment, text):
    assert text.format(home=home["PREFECT_HOME"]) in _problem(options, {**home, **environment})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('[profiles.x]\nPREFECT_API_KEY = "canary\n', "Prefect's profiles cannot be read: "),
        ('active = "gone"\n', "no profile 'gone'"),
        ("profiles.x = 1\nactive = 'x'\n", "profile 'x' in {path} is no table"),
        (b"\xff", "not UTF-8"),
    ],
)
@pytest.mark.parametrize("reader", ["own", "python"])
def test_a_file_that_cannot_be_used(tmp_path, monkeypatch, content, text, reader):
    if reader == "own":
        monkeypatch.setattr(profiles, "loads", toml_lines.loads)
    path = tmp_path / "profiles.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert text.format(path=path) in _problem({}, {"PREFECT_HOME": str(tmp_path)})
    # Who gives the address does not depend on it.
    assert _settings({"api_url": OURS}, {"PREFECT_HOME": str(tmp_path)}) == {"api_url": OURS}


def test_a_folder_in_place_of_the_file(tmp_path):
    (tmp_path / "profiles.toml").mkdir()
    assert "Prefect's profiles cannot be read: Is a directory" in _problem({}, {"PREFECT_HOME": str(tmp_path)})


def test_a_bad_address_tells_where_it_comes_from(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "prefect.example")
    with pytest.raises(InvalidError, match=r"api_url of the environment: expected http://HOST:PORT/api"):
        connect({}, False)


def test_an_unreachable_address_tells_where_it_comes_from(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(Exception, match=r"at http://127.0.0.1:9/api \(from the environment\): connection refused"):
        connect({}, False).get("/x")


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_time_at_all(timeout):
    with pytest.raises(InvalidError, match="timeout: expected more than 0 seconds"):
        connect({"timeout": timeout}, False)


_URLS = st.sampled_from(
    ["https://a.example/api", "https://a.example/other", "https://b.example/api", "http://a.example/api"]
)
_ORIGIN = {
    "https://a.example/api": 1,
    "https://a.example/other": 1,
    "https://b.example/api": 2,
    "http://a.example/api": 3,
}


@given(option=st.none() | _URLS, variable=st.none() | _URLS, given_key=st.booleans(), variable_key=st.booleans())
def test_a_key_goes_only_where_it_was_meant_to_go(option, variable, given_key, variable_key):
    options = {"api_url": option, "api_key": "of-option" if given_key else None}
    environment = {"PREFECT_HOME": "/nonexistent", "PREFECT_API_URL": variable or ""}
    environment["PREFECT_API_KEY"] = "of-environment" if variable_key else ""
    settings = sources.resolve(options, environment)
    key, url = settings.values["api_key"], settings.values["api_url"]
    assert url == (option or variable or sources.DEFAULT_URL)
    if given_key:
        assert key == "of-option"
    elif key is not None:
        assert key == "of-environment"
        assert option is None or _ORIGIN[option] == _ORIGIN.get(variable)
    else:
        assert not variable_key or "PREFECT_API_KEY of the environment" in settings.withheld
