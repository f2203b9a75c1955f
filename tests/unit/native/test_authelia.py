"""Authelia's files: right by its own schemas, the same on every run, and closed by default."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import authelia
from ansible_collections.flowops.prefect.plugins.plugin_utils.components.sha512_crypt import sha512_crypt
from hypothesis import given, settings
from hypothesis import strategies as st

SCHEMAS = Path(__file__).resolve().parents[2] / "data" / "authelia"
HOST = {"root": "/opt/prefect", "platform": "docker"}
KEYS = {name: name * 20 for name in ("session", "storage", "jwt", "salt")}
USER = {
    "name": "charizard", "password": "fl4me:é'\"$", "password_hash": None, "display_name": None,
    "email": None, "groups": ["data"],
}  # fmt: skip
ARGON = "$argon2id$v=19$m=65536,t=3,p=4$BpLnfgDsc2WD8F2q$o/vzA4myCqZZ36bUGsDY//8mKUYNZZaR0t4MFFSs+iM"
SETTINGS: dict[str, Any] = {
    "image": "authelia/authelia:4.39.14", "url": "https://login.example.org", "users": [USER], "rules": [],
    "two_factor": False, "session": {"expiration": "12h", "inactivity": "1h", "remember_me": "1M"},
    "regulation": {"max_retries": 3, "find_time": "2m", "ban_time": "5m"},
    "notifier": {"mode": "filesystem", "smtp": {"address": None}},
    "networks": ["caddy-network"], "zones": ["prefect-edge"],
    "domains": ["tasks.example.org", "console.example.org"], "cookie_domain": "example.org",
}  # fmt: skip
SMTP = {"address": "submission://mail.example.org:587", "username": "u", "password": "p", "sender": "p@example.org",
        "subject": None}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "a second factor": {"two_factor": True},
    "mail": {"notifier": {"mode": "smtp", "smtp": SMTP}},
    "rules": {
        "rules": [
            {"policy": "one_factor", "subject": ["group:data", "user:eve"], "domain": None, "methods": ["GET"]},
            {"policy": "deny", "domain": "console.example.org", "resources": ["^/x"], "networks": ["10.0.0.0/8"]},
        ]
    },
    "a path": {"url": "https://example.org/login"},
    "a given hash": {"users": [{**USER, "password": None, "password_hash": ARGON, "email": "c@example.org"}]},
    "nothing to protect": {"domains": []},
}


def spec(**changes: Any) -> dict[str, Any]:
    return authelia.authelia_service({**SETTINGS, **changes}, HOST, KEYS)


def files(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the configuration and the users."""
    one, two = spec(**changes)["files"]
    return yaml.safe_load(one["content"]), yaml.safe_load(two["content"])


def check(document: Any, name: str) -> None:
    schema = json.loads((SCHEMAS / f"v4.39.{name}.json").read_text())
    validator = jsonschema.validators.validator_for(schema)
    validator(schema, format_checker=validator.FORMAT_CHECKER).validate(document)


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_authelia_would_take_both_files(changes: dict[str, Any]) -> None:
    configuration, users = files(**changes)
    check(configuration, "configuration")
    check(users, "user-database")


def test_strings_of_ansible_are_strings() -> None:
    class Marked(str):
        __slots__ = ()

    domains = [Marked("tasks.example.org")]
    assert files(domains=domains)[0]["access_control"]["rules"][0]["domain"] == ["tasks.example.org"]


def test_the_schemas_refuse_what_is_wrong() -> None:
    configuration, users = files()
    configuration["session"]["cookies"][0]["domian"] = "x"
    users["users"]["charizard"]["password"] = "fl4me"
    for document, name in ((configuration, "configuration"), (users, "user-database")):
        with pytest.raises(jsonschema.ValidationError):
            check(document, name)


def test_everything_is_denied_but_what_a_rule_allows() -> None:
    access = files()[0]["access_control"]
    assert access == {
        "default_policy": "deny",
        "rules": [{"domain": ["tasks.example.org", "console.example.org"], "policy": "one_factor"}],
    }
    assert files(domains=[])[0]["access_control"]["rules"] == []
    rules = files(**VARIANTS["rules"])[0]["access_control"]["rules"]
    assert [rule["domain"] for rule in rules] == [["tasks.example.org", "console.example.org"], "console.example.org"]


def test_only_the_cookie_is_a_login() -> None:
    endpoint = files()[0]["server"]["endpoints"]["authz"]["forward-auth"]
    assert endpoint["authn_strategies"] == [{"name": "CookieSession"}]


def test_a_second_run_changes_nothing() -> None:
    assert spec() == spec()


def test_equal_passwords_do_not_show() -> None:
    users = files(users=[USER, {**USER, "name": "eve"}])[1]["users"]
    assert users["charizard"]["password"] != users["eve"]["password"]
    other = yaml.safe_load(authelia.authelia_users(SETTINGS, {**KEYS, "salt": "another"}))["users"]
    assert users["charizard"]["password"] != other["charizard"]["password"]


def test_secrets_are_in_secret_files_only() -> None:
    service = spec(notifier={"mode": "smtp", "smtp": SMTP})
    assert all(file["secret"] for file in service["files"])
    rest = copy.deepcopy(service)
    rest["files"] = []
    assert not any(secret in json.dumps(rest) for secret in (*KEYS.values(), USER["password"]))
    assert USER["password"] not in json.dumps(service)


def test_it_is_in_its_networks_and_publishes_nothing() -> None:
    service = spec()
    assert service["networks"] == ["prefect-edge", "caddy-network"]
    assert service["ports"] == []


def test_secrets_are_read_by_their_names() -> None:
    generated = {"authelia.jwt": "hush", "authelia.salt": "grain"}
    assert authelia.authelia_secrets(generated) == {"jwt": "hush", "salt": "grain"}


# From the specification, https://www.akkadia.org/drepper/SHA-crypt.txt
@pytest.mark.parametrize(
    ("password", "salt", "rounds", "expected"),
    [
        (
            "Hello world!",
            "saltstringsaltstring",
            10000,
            "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/"
            "y3RnOaw5v.",
        ),
        (
            "we have a short salt string but not a short password",
            "short",
            77777,
            "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
        ),
    ],
)
def test_the_hash_is_that_of_the_specification(password: str, salt: str, rounds: int, expected: str) -> None:
    assert sha512_crypt(password, salt, rounds) == expected


@settings(max_examples=25, deadline=None)
@given(
    st.text(st.characters(blacklist_characters="\0\n", blacklist_categories=["Cs"]), max_size=150),
    st.text("0123456789abcdef", min_size=1, max_size=16),
)
def test_the_hash_is_that_of_the_system(password: str, salt: str) -> None:
    script = 'local $/; my $password = <STDIN>; print crypt($password, "\\$6\\$rounds=1000\\$$ARGV[0]")'
    done = subprocess.run(["perl", "-e", script, salt], input=password.encode(), capture_output=True, check=True)
    assert sha512_crypt(password, salt, 1000) == done.stdout.decode()
