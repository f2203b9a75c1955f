"""Module helm_document and its playbook: files on the controller, never overwritten unasked, and no secret shown."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.playbook.play_context import PlayContext
from ansible_collections.flowops.prefect.plugins.action.helm_document import ActionModule
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain

CANARY = "hush7f3a"
SERVER = {"server": {"basicAuth": {"enabled": True, "authString": f"me:{CANARY}"}, "extraArgs": ["--x"]}}
VAULT = [("default", VaultSecret(b"word"))]


def _action(args, check=False, secrets=VAULT):
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    task = SimpleNamespace(args=args, check_mode=check, async_val=0, diff=False, no_log=False, action="helm_document")
    return ActionModule(task, connection, PlayContext(), loader, None, None)


def _run(args, **more):
    return _action(args, **more).run(task_vars={})


@pytest.fixture
def args(tmp_path):
    (tmp_path / "server.yml").write_text(yaml.safe_dump(SERVER))
    return {"values": [str(tmp_path / "server.yml")], "dest": str(tmp_path / "prefect.yml")}


def _secret(version, **config):
    release = {
        "name": "flows",
        "namespace": "data",
        "config": config,
        "chart": {"metadata": {"name": "prefect-server"}},
    }
    data = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()
    labels = {"name": "flows", "owner": "helm", "version": str(version)}
    return {"metadata": {"namespace": "data", "labels": labels}, "data": {"release": data}}


def test_the_file_holds_the_document_and_what_is_not_in_it(args, tmp_path):
    told = _run(args)
    text = (tmp_path / "prefect.yml").read_text()
    assert yaml.safe_load(text)["prefect"]["server"] == {"auth_string": "{{ vault_prefect_auth_string }}"}
    assert "#   vault_prefect_auth_string: server.basicAuth.authString\n" in text
    assert '#   server.extraArgs = ["--x"]: the arguments are this collection\'s' in text
    assert str(tmp_path) not in text
    assert (told["changed"], told["variables"]) == (True, ["vault_prefect_auth_string: server.basicAuth.authString"])
    assert [finding["path"] for finding in told["findings"]] == ["server.extraArgs"]
    assert [step for step in told["steps"] if "pg_dump" in step]
    assert CANARY not in text + str(told)
    assert (tmp_path / "prefect.yml").stat().st_mode & 0o777 == 0o600
    assert _run(args)["changed"] is False


def test_check_mode_writes_nothing_and_shows_the_same(args, tmp_path):
    told = _run(args, check=True)
    assert not (tmp_path / "prefect.yml").exists()
    assert told["changed"] is True
    assert told["diff"][0]["after"] == (_run(args), (tmp_path / "prefect.yml").read_text())[1]


def test_secrets_go_into_a_vault(args, tmp_path):
    args["vault_dest"] = str(tmp_path / "vault.yml")
    assert _run(args)["changed"] is True
    loader = DataLoader()
    loader.set_vault_secrets(VAULT)
    assert plain(loader.load_from_file(args["vault_dest"])) == {"vault_prefect_auth_string": f"me:{CANARY}"}
    assert _run(args)["changed"] is False
    with pytest.raises(AnsibleActionFail, match="vault_dest: needs a vault password"):
        _run(args, secrets=[])


@pytest.mark.parametrize("option", ["dest", "vault_dest"])
def test_what_is_there_is_overwritten_only_by_force(args, tmp_path, option):
    args["vault_dest"] = str(tmp_path / "vault.yml")
    _run(args)
    other = {"server": {"basicAuth": {"enabled": True, "authString": "other:word"}}}
    other["server"]["extraArgs"] = ["--y" if option == "dest" else "--x"]
    (tmp_path / "server.yml").write_text(yaml.safe_dump(other))
    before = (tmp_path / "prefect.yml").read_text()
    with pytest.raises(AnsibleActionFail, match=f"^{option}: .* exists and differs; move it away, or overwrite it"):
        _run(args)
    assert (tmp_path / "prefect.yml").read_text() == before
    assert _run({**args, "force": True})["changed"] is True


def test_the_last_secret_of_a_release_counts(tmp_path):
    secrets = [_secret(9, server={"debug": True}), _secret(10, server={"replicaCount": 2})]
    told = _run({"secrets": secrets, "dest": str(tmp_path / "a.yml")})
    document = yaml.safe_load((tmp_path / "a.yml").read_text())["prefect"]
    assert (document["kubernetes"]["namespace"], document["server"]) == ("data", {"replicas": 2})
    assert [step for step in told["steps"] if "helm -n data uninstall flows" in step]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"values": ["no.yml"]}, "no.yml: there is no such file on the controller"),
        ({"values": []}, "values, secrets: missing"),
        ({"values": "a.yml"}, "values: expected a list"),
        ({"values": [], "secrets": [{"data": {}}]}, "secrets: expected Secrets of Helm"),
        ({"dest": ""}, "dest: missing"),
        ({"dest": "/no/such/folder/a.yml"}, "dest: there is no folder /no/such/folder"),
    ],
)
def test_wrong_options_are_one_error(args, more, message):
    with pytest.raises(AnsibleActionFail, match=message):
        _run({**args, **more})


def test_the_playbook_shows_no_secret_at_any_verbosity(tmp_path):
    (tmp_path / "server.yml").write_text(yaml.safe_dump(SERVER))
    environ = {**os.environ, "ANSIBLE_HOME": str(tmp_path / "home"), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "ansible", "playbook", "flowops.prefect.adopt_helm", "--check", "--diff", "-vvvv"]
    done = subprocess.run(
        [*command, "-e", "prefect_helm_values=server.yml", "-e", "prefect_helm_dest=prefect.yml"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vault_prefect_auth_string" in done.stdout
    assert CANARY not in done.stdout + done.stderr
