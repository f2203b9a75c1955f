"""The action plugin and its role under the real Ansible: templates, vault, files, and nothing secret in any output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

CANARY = "hush7f3a"
PLAYBOOK: list[dict[str, Any]] = [
    {
        "name": "Resolve",
        "hosts": "all",
        "gather_facts": False,
        "roles": ["flowops.prefect.prefect_settings"],
    },
    {
        "name": "Resolve again",
        "hosts": "all",
        "gather_facts": False,
        "roles": ["flowops.prefect.prefect_settings"],
        "tasks": [
            {
                "name": "Show what is asked for",
                "ansible.builtin.copy": {
                    "content": "{{ lookup('vars', shown) | to_json }}",
                    "dest": "{{ inventory_hostname }}.json",
                },
                "connection": "local",
                "when": "shown is defined",
                "no_log": True,
            }
        ],
    },
]
ALL_HERE = {"hosts": {"here": None}}
INVENTORY = {"prefect_database": ALL_HERE, "prefect_servers": ALL_HERE, "prefect_workers": ALL_HERE}

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return what runs the role with variables; nothing of the environment's settings counts."""

    def run(
        variables: Any, *arguments: str, inventory: Any = INVENTORY, playbook: Any = PLAYBOOK, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        files = {"inventory.yml": {"all": {"children": inventory}}, "play.yml": playbook, "variables.yml": variables}
        for name, content in files.items():
            (tmp_path / name).write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PREFECT_"))}
        command = [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "inventory.yml",
            "play.yml",
            "-e",
            "@variables.yml",
        ]
        environ = {
            **kept,
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "LC_ALL": "C.UTF-8",
            **environ,
        }
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )

    return run


def output(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def shown(done: subprocess.CompletedProcess[str], folder: Path, host: str = "here") -> Any:
    assert done.returncode == 0, output(done)
    return json.loads((folder / f"{host}.json").read_text())


def test_secrets_of_every_kind_stay_hidden_and_usable(play: Play, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame")
    vault = [
        sys.executable,
        "-m",
        "ansible",
        "vault",
        "encrypt_string",
        "--vault-password-file",
        "password",
        "--name",
        "vaulted",
    ]
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    encrypted = subprocess.run(
        [*vault, f"me:{CANARY}"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    variables = {
        "prefect": {
            "agents": [{"name": "w", "secret_env": {"A": f"{CANARY}-a"}, "limit": "{{ 1 + 1 }}"}],
            "server": "{{ {'auth_string': vaulted, 'port': 4000 + 300} }}",
            "postgres": {"enabled": True, "password": f"{CANARY}-p"},
            "overrides": {"secretEnvVars": {"PREFECT__CONTEXT__SECRETS__X": f"{CANARY}-x"}},
        },
        "shown": "prefect_server",
    }
    text = yaml.safe_dump(variables) + encrypted.stdout
    done = play(text, "-vvv", "--diff", "--check", "--vault-password-file", "password")
    assert done.returncode == 0, output(done)
    assert CANARY not in output(done)
    assert "[WARNING]: prefect.agents: old spelling; write workers" in output(done)
    done = play(text, "--vault-password-file", "password")
    server = shown(done, tmp_path)
    assert (server["auth_string"], server["port"]) == (f"me:{CANARY}", 4300)
    assert server["database"]["password"] == f"{CANARY}-p"


def test_a_failure_is_told_in_full_and_without_secrets(play: Play) -> None:
    variables = {
        "prefect": {
            "agents": [],
            "server": {"prot": 1, "auth_string": CANARY, "secret_env": {"PREFECT_API_URL": CANARY}},
            "token": [CANARY],
        }
    }
    done = play(variables, "-vvv", "--diff")
    assert done.returncode == 2
    assert CANARY not in output(done)
    for message in (
        "[WARNING]: prefect.agents: old spelling; write workers",
        "4 problems in the settings:",
        "prefect.server.prot: unknown key; allowed: host, port",
        "prefect.server.auth_string: expected 'user:password', found a str of length 8 of another form",
        "prefect.server.secret_env.PREFECT_API_URL: is set by the collection; use prefect.api_url instead",
        "prefect.token: expected str, found a list of length 1",
    ):
        assert message in output(done)


def test_values_that_cannot_be_read_are_named_by_their_path(play: Play) -> None:
    variables = {
        "prefect": {"server": {"port": "{{ nowhere }}", "auth_string": f"{{{{ ('{CANARY}' | int) / 0 }}}}"}},
        "prefect__x": {"workers": [{"name": "a", "env": {"A": "{{ nowhere_else }}"}}]},
    }
    done = play(variables, "-vvv")
    assert CANARY not in output(done)
    for message in (
        "prefect.server.port: 'nowhere' is undefined",
        "prefect.server.auth_string: cannot be read (ZeroDivisionError)",
        "prefect__x.workers[0].env.A: 'nowhere_else' is undefined",
    ):
        assert message in output(done)


def test_files_are_found_from_the_working_folder_and_not_templated(play: Play, tmp_path: Path) -> None:
    content = {
        "domain": "x",
        "prefect": {"server": {"env": {"A": "{{ nowhere }}"}}, "image": "prefecthq/prefect:3-latest"},
    }
    (tmp_path / "qhub-config.yaml").write_text(yaml.safe_dump(content))
    done = play({"prefect_file": "qhub-config.yaml", "shown": "prefect_server"})
    assert shown(done, tmp_path)["env"] == {"A": "{{ nowhere }}"}
    for text, message in (
        ("perfect: {}", "the section 'prefect' is missing; sections found: perfect; did you mean 'perfect'?"),
        (f"prefect: [{CANARY}", "qhub-config.yaml: is not valid YAML at line"),
    ):
        (tmp_path / "qhub-config.yaml").write_text(text)
        done = play({"prefect_file": "qhub-config.yaml"}, "-vvv")
        assert message in output(done)
        assert CANARY not in output(done)
    assert "missing.yaml: there is no such file on the controller" in output(play({"prefect_file": "missing.yaml"}))


def test_a_role_alone_is_configured_by_its_own_variable(play: Play, tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    own = {
        "prefect_server": {"port": 4300},
        "prefect_runtime": {"version": "3.8.8"},
        "prefect_workers": [{"name": "x"}],
    }
    (tmp_path / "group_vars" / "all.yml").write_text(yaml.safe_dump(own))
    # The playbook resolves twice: the facts of the first time are no input of the second.
    server = shown(play({"shown": "prefect_server"}, inventory={"some": ALL_HERE}), tmp_path)
    assert (server["port"], server["enabled"]) == (4300, True)
    assert shown(play({"shown": "prefect_workers"}), tmp_path)[0]["name"] == "x"
    done = play({"prefect": {}})
    assert "prefect_server: set together with prefect; write it as prefect.server" in output(done)
    assert "prefect_runtime: set together with prefect; write it as keys of prefect" in output(done)
    (tmp_path / "group_vars" / "all.yml").unlink()
    document = {"server": {"port": 4301}}
    done = play({"prefect": document, "shown": "prefect_server"}, inventory={"some": ALL_HERE})
    assert shown(done, tmp_path)["port"] == 4301


def test_a_variable_that_would_hide_the_facts_is_refused(play: Play) -> None:
    assert "prefect_server: given with -e it would hide the resolved settings" in output(
        play({"prefect_server": {"port": 1}})
    )


def test_an_interpreter_that_would_count_in_a_pod_is_refused(play: Play) -> None:
    document, name = {"platform": "kubernetes"}, "ansible_python_interpreter"
    refusal = f"{name}: set for a play or with -e it counts for the tasks in the server's pod, too"
    assert refusal in output(play({"prefect": document, name: sys.executable}))
    in_play = [{**PLAYBOOK[0], "vars": {name: sys.executable}}]
    assert refusal in output(play({"prefect": document}, playbook=in_play))
    of_host = {"hosts": {"here": {name: "{{ ansible_playbook_python }}"}}}
    done = play({"prefect": document}, inventory=dict.fromkeys(INVENTORY, of_host))
    assert done.returncode == 0, output(done)


def test_a_fragment_with_one_underscore_is_warned_of(play: Play) -> None:
    done = play({"prefect": {}, "prefect_mine": {"server": {"port": 4201}}, "prefect_other": {"colour": "red"}})
    assert done.returncode == 0
    text = output(done)
    assert "prefect_mine: is not read; the name of a fragment has two underscores: prefect__mine" in text
    assert "prefect_other" not in text


def test_disabled_is_said_and_ends_well(play: Play, tmp_path: Path) -> None:
    done = play({"prefect": {"enabled": False}, "shown": "prefect_runtime"})
    assert shown(done, tmp_path)["enabled"] is False
    assert "prefect.enabled is false: nothing is deployed." in output(done)


def test_the_environment_of_the_controller_counts(play: Play) -> None:
    done = play({"prefect": {}}, "-vvv", TF_VAR_prefect_token=CANARY)
    assert "the environment variable TF_VAR_prefect_token is set, but not which API it is for" in output(done)
    assert CANARY not in output(done)


def test_hosts_know_each_other_by_their_inventory_addresses(play: Play, tmp_path: Path) -> None:
    inventory = {
        "prefect_servers": {
            "hosts": {"s": {"ansible_host": "192.0.2.1", "prefect_settings_address": "{{ '10.0.0.' ~ 1 }}"}}
        },
        "prefect_database": {"hosts": {"d": {"ansible_host": "192.0.2.2"}}},
        "prefect_workers": {"hosts": {"w1": None, "w2": None}},
    }
    document = {"server": {"host": "0.0.0.0", "auth_string": "a:b"}, "postgres": {"enabled": True}}
    done = play({"prefect": document, "shown": "prefect_api"}, inventory=inventory)
    assert shown(done, tmp_path, "w2")["url"] == "http://10.0.0.1:4200/api"
    done = play({"prefect": document, "shown": "prefect_postgres"}, inventory=inventory)
    assert shown(done, tmp_path, "d")["clients"] == ["10.0.0.1/32"]
    assert shown(done, tmp_path, "s")["host"] == "192.0.2.2"
