# Copyright: (c) 2026, the flowops.prefect contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single sign-on: Authelia's configuration and users, and the service that runs it.

`secrets` is what was generated once on the host, by these names:

    session, storage, jwt   what Authelia signs and encrypts with
    salt                    what the salts of the passwords' hashes are derived from
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from .sha512_crypt import sha512_crypt

Spec = dict[str, Any]

NAME = "prefect-authelia"
PORT = 9091
CONFIGURATION = "/config/configuration.yml"
USERS = "/config/users.yml"
# What Authelia itself takes for this kind of hash.
ROUNDS = 50000
_HEAD = "# Written by flowops.prefect: changes made here are lost.\n"


def authelia_service(authelia: Mapping[str, Any], host: Mapping[str, Any], secrets: Mapping[str, str]) -> Spec:
    """Return the specification of Authelia."""
    return {
        "name": NAME,
        "description": "Single sign-on before Prefect",
        "image": authelia["image"],
        "command": ["authelia", "--config", CONFIGURATION],
        "env": {},
        "secret_env": {},
        "run_as": "service",
        "networks": [*authelia["zones"], *authelia["networks"]],
        "directories": [_data(host)],
        "files": [
            {"path": CONFIGURATION, "content": authelia_configuration(authelia, host, secrets), "secret": True},
            {"path": USERS, "content": authelia_users(authelia, secrets), "secret": True},
        ],
        # The image declares it a volume, which would outlive the container without a name.
        "tmpfs": ["/config"],
        "ports": [],
        "health": {
            "url": f"http://127.0.0.1:{PORT}/api/health",
            "command": ["wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{PORT}/api/health"],
            "timeout": 90,
        },
        "stop_timeout": 15,
        "resources": {"cpu_limit": None, "memory_limit": None},
    }


def authelia_configuration(authelia: Mapping[str, Any], host: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    """Return configuration.yml of Authelia 4.39."""
    session = authelia["session"]
    path = urlsplit(authelia["url"]).path.rstrip("/")
    document = {
        "theme": "auto",
        "server": {
            "address": f"tcp://0.0.0.0:{PORT}{path}/",
            # It would write into the image; the container has a health check of its own.
            "disable_healthcheck": True,
            # The session's cookie alone: a password sent along with a request is no login.
            "endpoints": {
                "authz": {
                    "forward-auth": {"implementation": "ForwardAuth", "authn_strategies": [{"name": "CookieSession"}]}
                }
            },
        },
        "log": {"level": "info"},
        # A clock that is off or cannot be compared is told in the log; nobody is locked out for it.
        "ntp": {"disable_failure": True},
        "identity_validation": {"reset_password": {"jwt_secret": secrets["jwt"]}},
        "authentication_backend": {
            # The users are declared: whoever changes a password does it there.
            "password_reset": {"disable": True},
            "password_change": {"disable": True},
            "file": {"path": USERS},
        },
        "access_control": {"default_policy": "deny", "rules": _rules(authelia)},
        "session": {
            "secret": secrets["session"],
            "expiration": session["expiration"],
            "inactivity": session["inactivity"],
            "remember_me": session["remember_me"],
            "cookies": [{"domain": authelia["cookie_domain"], "authelia_url": authelia["url"]}],
        },
        "regulation": dict(authelia["regulation"]),
        "storage": {"encryption_key": secrets["storage"], "local": {"path": f"{_data(host)}/db.sqlite3"}},
        "notifier": _notifier(authelia["notifier"], host),
    }
    return _yaml(document)


def authelia_users(authelia: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    """Return the file of the users, with their passwords hashed."""
    users = {
        user["name"]: {
            "displayname": user["display_name"] or user["name"],
            "password": user["password_hash"] or _hashed(user, secrets["salt"]),
            **({"email": user["email"]} if user["email"] else {}),
            "groups": list(user["groups"]),
        }
        for user in authelia["users"]
    }
    return _yaml({"users": users})


def _yaml(document: Mapping[str, Any]) -> str:
    # Ansible's strings carry marks that YAML cannot represent.
    plain = json.loads(json.dumps(document))
    return _HEAD + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=200)


def authelia_secrets(generated: Mapping[str, str]) -> dict[str, str]:
    """Return the generated secrets by their names, from those by the names of their files."""
    return {name.partition(".")[2]: secret for name, secret in generated.items()}


def _data(host: Mapping[str, Any]) -> str:
    return f"{host['root']}/data/{NAME}"


def _rules(authelia: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the access rules; one without domains is for all that is protected."""
    default = {"policy": "two_factor" if authelia["two_factor"] else "one_factor"}
    rules = authelia["rules"] or [default]
    domains = list(authelia["domains"])
    given = [{key: value for key, value in rule.items() if value not in (None, [])} for rule in rules]
    return [rule if "domain" in rule else {"domain": domains, **rule} for rule in given] if domains else []


def _notifier(notifier: Mapping[str, Any], host: Mapping[str, Any]) -> dict[str, Any]:
    if notifier["mode"] == "filesystem":
        return {"filesystem": {"filename": f"{_data(host)}/notification.txt"}}
    smtp = {key: value for key, value in notifier["smtp"].items() if value is not None}
    # A mail server that rests must not keep everybody out.
    return {"disable_startup_check": True, "smtp": smtp}


def _hashed(user: Mapping[str, Any], salt: str) -> str:
    """Hash a password, the same way every time, so that nothing changes where nothing was changed."""
    message = f"{user['name']}\0{user['password']}".encode()
    own = hmac.new(salt.encode(), message, hashlib.sha256).hexdigest()[:16]
    return sha512_crypt(user["password"], own, ROUNDS)
