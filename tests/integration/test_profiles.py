"""Prefect's profiles and variables of the environment, as Prefect itself reads and writes them."""

from __future__ import annotations

import json
import subprocess

import bed
import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import profiles, toml_lines
from ansible_collections.flowops.prefect.plugins.module_utils.sources import DEFAULT_TIMEOUT, DEFAULT_URL, resolve

VALUES = {
    "PREFECT_API_URL": "https://prefect.example.org/api",
    "PREFECT_API_AUTH_STRING": 'u:p@ss "w" #\'ü€',
    "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Access": "a\'b"}',
    "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true",
    "PREFECT_API_REQUEST_TIMEOUT": "12.5",
    "PREFECT_API_SSL_CERT_FILE": "/etc/ca.pem",
}
# What Prefect makes of its settings, by the names of our options.
SCRIPT = """
import json
from prefect.settings import get_current_settings
settings = get_current_settings()
api = settings.api
print(json.dumps({
    "api_url": api.url, "auth_string": api.auth_string and api.auth_string.get_secret_value(),
    "api_key": api.key and api.key.get_secret_value(), "validate_certs": not api.tls_insecure_skip_verify,
    "headers": settings.client.custom_headers, "timeout": api.request_timeout, "ca_path": api.ssl_cert_file,
}))
"""


@pytest.fixture(scope="module")
def home(folder):
    """A file of profiles that Prefect's command line has written."""
    place = folder / "profiles"
    place.mkdir()
    binary = str(bed.prefect_bin())
    environment = _environment(place)
    for name in ("work", "my own.1"):
        subprocess.run([binary, "profile", "create", name], env=environment, check=True, capture_output=True)
        settings = [f"{key}={value}" for key, value in VALUES.items()]
        settings[0] = f"PREFECT_API_URL=https://{name[0]}.example.org/api"
        command = [binary, "--profile", name, "config", "set", *settings]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    return place


def _environment(place, **variables):
    return {"PATH": "/usr/bin:/bin", "HOME": str(place), "PREFECT_HOME": str(place), "LC_ALL": "C.UTF-8", **variables}


def _as_prefect_does(environment):
    python = str(bed.prefect_bin().with_name("python"))
    done = subprocess.run([python, "-c", SCRIPT], env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("reader", ["own", "python"])
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"PREFECT_PROFILE": "work"},
        {"PREFECT_PROFILE": "my own.1"},
        {"PREFECT_PROFILE": "local"},
        {"PREFECT_PROFILE": "work", "PREFECT_API_AUTH_STRING": "other:one", "PREFECT_API_REQUEST_TIMEOUT": "5"},
        {"PREFECT_PROFILE": "work", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "0"},
        {"PREFECT_API_URL": "https://e.example.org/api", "PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-A": "1"}'},
    ],
    ids=["none", "profile", "name with a space", "built in", "variable beats profile", "switched off", "no profile"],
)
def test_settings_are_those_of_prefect(home, monkeypatch, variables, reader):
    if reader == "own":
        monkeypatch.setattr(profiles, "loads", toml_lines.loads)
    environment = _environment(home, **variables)
    theirs, ours = _as_prefect_does(environment), dict(resolve({}, environment).values)
    # Where nobody says anything, Prefect starts a server of its own, and waits for longer.
    theirs["api_url"] = theirs["api_url"] or DEFAULT_URL
    theirs["timeout"] = DEFAULT_TIMEOUT if theirs["timeout"] == 60 else theirs["timeout"]
    ours["validate_certs"] = ours["validate_certs"] is not False
    ours["headers"] = ours["headers"] or {}
    ours["timeout"] = ours["timeout"] or DEFAULT_TIMEOUT
    assert {name: ours[name] for name in theirs} == theirs
