"""Module resources_export: what is written makes the same objects on an empty server, and changes nothing here."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time

import awkward
import bed
import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS
from modules import run_module
from recorder import Recorder

from playbooks import run_ansible, run_playbook

PASSWORD = "of-the-vault"
APPLY = {"flowops.prefect.resources": {"resources": "{{ prefect__exported.resources }}"}}


@pytest.fixture(scope="module")
def servers(folder, postgres):
    """A server full of objects, and an empty one."""

    @contextlib.contextmanager
    def server(name):
        subprocess.run(bed.sql_command(postgres, f"CREATE DATABASE {name}", "postgres"), check=True)
        (folder / name).mkdir()
        one = bed.Prefect(folder / name, postgres, name)
        one.migrate()
        with one.running():
            yield one

    with server("export_source") as source, server("export_target") as target:
        awkward.make(source)
        yield source, target


@pytest.fixture(scope="module")
def play(folder):
    """Run tasks and return what they answered, by their names, and all output."""
    place = folder / "export"
    place.mkdir()
    (place / "password").write_text(PASSWORD)

    def run(server, tasks, *arguments):
        rows = [{"register": f"told_{at}", **task} for at, task in enumerate(tasks)]
        content = "{{ [" + ", ".join(f"told_{at}" for at in range(len(tasks))) + "] | to_json }}"
        tell = {"content": content, "dest": str(place / "told"), "mode": "0600"}
        last = {"ansible.builtin.copy": tell, "check_mode": False, "diff": False}
        password = ("--vault-password-file", str(place / "password"))
        output = run_playbook(place, server.api, bed.AUTH, [*rows, last], *password, *arguments)
        return json.loads((place / "told").read_text()), output

    return place, run


def _export(name, **more):
    return {"flowops.prefect.resources_export": {"dest": f"{name}.yml", "vault_dest": f"{name}.vault.yml", **more}}


def _files(name):
    return ("-e", f"@{name}.yml", "-e", f"@{name}.vault.yml")


def _decrypted(path):
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    return vault.decrypt(path.read_bytes()).decode()


@pytest.fixture(scope="module")
def exported(servers, play):
    (told,), output = play[1](servers[0], [_export("source")], "-vvv", "--diff")
    return told, output


def test_files_hold_no_secret(exported, play):
    place, _ = play
    told, output = exported
    assert told["changed"] is True
    document, vault = place / "source.yml", place / "source.vault.yml"
    assert [path.stat().st_mode & 0o777 for path in (document, vault)] == [0o600, 0o600]
    assert "canary" not in document.read_text()
    assert vault.read_text().startswith("$ANSIBLE_VAULT")
    secrets = _decrypted(vault)
    assert secrets.count("canary") > 20
    assert sorted(row["variable"] for row in told["variables"]) == sorted(re.findall(r"^(vault_\w+):", secrets, re.M))
    assert [line for line in output.splitlines() if "canary-" in line and bed.AUTH not in line] == []
    assert "canary" not in json.dumps(told)


def test_what_cannot_be_declared_is_told(exported):
    told, output = exported
    reasons = {f"{row['kind']} {row['name']}": row["reason"].split(";")[0] for row in told["left_out"]}
    assert {name: reason.split(" (")[0].split(" has the id")[0] for name, reason in reasons.items()} == {
        "block s3-bucket/unknown-field": "data.no_such_field: no such field",
        "work_pool old agents": "type: no worker type 'prefect-agent'",
        "deployment tagged/of old agents": "needs work_pool old agents, which is left out",
        "deployment tagged/legacy": "storage_document_id: its code is in a storage block of Prefect 2",
        "automation of an unknown variable": (
            "actions[0].job_variables.imgae: the template of pool 'k8s' has no such variable"
        ),
        "automation of what is gone": "actions[0].deployment_id: no deployment",
        "automation twice": f"name: 2 automations are called 'twice': {', '.join(told['left_out'][-2]['ids'])}",
    }
    assert all(row["ids"] for row in told["left_out"])
    assert [note.split(" of ")[0] for note in told["notes"]] == [
        "block_schema own/2.0: an older one",
        "deployment tagged/same: holds the id",
        "automation by id: holds the id",
    ]
    flat = " ".join(output.split())
    assert all(f"{row['kind']} {row['name']} (" in flat for row in told["left_out"])


@pytest.mark.usefixtures("exported")
def test_again_nothing_changes(servers, play):
    place, run = play
    opened = {"ansible.builtin.file": {"path": str(place / "source.yml"), "mode": "0644"}}
    foretold = {**_export("source"), "check_mode": True}
    tasks = [_export("source"), foretold, opened, foretold, _export("source")]
    told, _ = run(servers[0], tasks)
    assert [row["changed"] for row in told] == [False, False, True, True, True]
    assert (place / "source.yml").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("exported")
def test_applied_here_it_changes_nothing(servers, play):
    told, _ = play[1](servers[0], [{**APPLY, "check_mode": True}, APPLY], *_files("source"))
    for row in told:
        assert row["changed"] is False, row["diff"]
        assert row["counts"]["unchanged"] > 80


@pytest.mark.usefixtures("exported")
def test_an_empty_server_gets_the_same(servers, play):
    place, run = play
    tasks = [_export("empty"), {**APPLY, "check_mode": True}, APPLY, APPLY, _export("target")]
    (empty, foretold, done, again, told), _ = run(servers[1], tasks, *_files("source"))
    # What a server registers for itself is none of ours.
    assert empty["counts"] == {}
    assert empty["left_out"] == empty["notes"] == []
    assert foretold["counts"]["created"] == done["counts"]["created"]
    assert again["changed"] is False, again["diff"]
    assert told["left_out"] == []
    assert (place / "target.yml").read_text() == (place / "source.yml").read_text()
    assert _decrypted(place / "target.vault.yml") == _decrypted(place / "source.vault.yml")


@pytest.mark.usefixtures("exported")
def test_the_whole_document_takes_it(servers, play):
    """As a fragment among the variables of an inventory."""
    source = servers[0]
    chosen = f"selectattr('key', 'in', {list(KINDS)}) | items2dict"
    objects = f"{{{{ told_0.facts.prefect_resources | dict2items | {chosen} }}}}"
    tasks = [{"flowops.prefect.settings": None}, {"flowops.prefect.resources": {"resources": objects}}]
    # Without groups the host is a worker's, too, whose pool is declared with it.
    document = json.dumps({"prefect": {"api_url": source.api, "workers": [{"name": "w", "work_pool": "stored"}]}})
    (_, told), _ = play[1](source, tasks, *_files("source"), "-e", document)
    assert told["changed"] is False, told["diff"]
    assert told["counts"]["unchanged"] > 80


def test_without_a_vault_the_names_are_told(exported, servers, play):
    place, run = play
    (told,), _ = run(servers[0], [_export("named", vault_dest=None)])
    assert (place / "named.yml").read_text() == (place / "source.yml").read_text()
    assert not (place / "named.vault.yml").exists()
    assert told["variables"] == exported[0]["variables"]
    (told,), _ = run(servers[0], [{**APPLY, "ignore_errors": True}], "-e", "@named.yml")
    assert "vault_prefect_block_aws_credentials_aws_aws_access_key_id" in told["msg"]


@pytest.mark.usefixtures("exported")
def test_the_playbook_takes_over_what_exists(servers, play):
    """Into an inventory, which then holds what is there."""
    place, _ = play
    source = servers[0]
    folder = place / "inventory" / "group_vars" / "all"
    folder.mkdir(parents=True)
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {"all": {"children": {"prefect_workers": {"hosts": {"here": host}}}}}
    (folder.parent.parent / "hosts.yml").write_text(json.dumps(hosts))
    document = {
        "api_url": source.api,
        "server": {"auth_string": bed.AUTH},
        "workers": [{"name": "w", "work_pool": "stored"}],
    }
    (folder / "main.yml").write_text(json.dumps({"prefect": document}))
    names = ("inventory/group_vars/all/objects.yml", "inventory/group_vars/all/objects.vault.yml")
    given = dict(zip(("prefect_resources_export_dest", "prefect_resources_export_vault_dest"), names, strict=True))
    more = ("-i", "inventory", "--vault-password-file", "password")

    declare = place / "declare.yml"
    declare.write_text(
        json.dumps([{"hosts": "here", "gather_facts": False, "roles": ["flowops.prefect.prefect_resources"]}])
    )
    playbook = bed.ROOT / "playbooks/export_prefect.yaml"

    def run(path, changed, *arguments):
        done = run_ansible(place, "ansible-playbook", str(path), *more, "--diff", *arguments)
        output = done.stdout + done.stderr
        assert re.search(rf"here +: .*changed={changed} .*failed=0", output), output
        return output

    output = run(playbook, 1, "-e", json.dumps(given))
    assert f"objects in {(place / names[0]).resolve()}, which needs" in output
    assert (place / names[0]).read_text() == (place / "source.yml").read_text()
    assert _decrypted(place / names[1]) == _decrypted(place / "source.vault.yml")
    # Now the inventory declares them.
    run(declare, 0)
    run(playbook, 0, "-e", json.dumps(given), "--check")


def test_a_part(servers, play):
    place, run = play
    include = {"blocks": ["secret/a*", "own/*"], "variables": ["url"], "work_queues": ["stored/*"]}
    (told,), _ = run(servers[0], [_export("part", include=include)])
    assert told["counts"] == {"blocks": 3, "work_queues": 4, "variables": 1}
    content = yaml.safe_load((place / "part.yml").read_text().replace("!unsafe ", ""))
    blocks = content["prefect__exported"]["resources"]["blocks"]
    assert [block["name"] for block in blocks] == ["own", "a--b", "a-b"]


def test_wrong_options(servers, play):
    place, run = play
    (place / "plain.yml").write_text("a: 1\n")
    other = VaultLib([("default", VaultSecret(b"another"))]).encrypt("a: 1\n", VaultSecret(b"another"))
    (place / "other.yml").write_bytes(other)
    wrong: list[tuple[dict[str, object], str]] = [
        ({"include": {"block": ["*"]}}, "include.block: there is no such section of resources; did you mean 'blocks'?"),
        ({"include": {"blocks": "*"}}, "include.blocks: expected a list of patterns"),
        ({"dest": "nowhere/x.yml"}, "dest: there is no folder"),
        ({"vault_dest": "plain.yml"}, "plain.yml is not encrypted"),
        ({"vault_dest": "other.yml"}, "other.yml was encrypted with another password"),
        ({"vault_dest": "wrong.yml"}, "vault_dest: expected another file than dest"),
        ({"destt": "x"}, "destt: unknown key; allowed: dest, vault_dest, include"),
        ({"api_url": "http://127.0.0.1:9/api"}, "127.0.0.1:9"),
    ]
    tasks = [{**_export("wrong", **{"vault_dest": None, **options}), "ignore_errors": True} for options, _ in wrong]
    told, _ = run(servers[0], tasks)
    for row, (_, message) in zip(told, wrong, strict=True):
        assert row["failed"]
        assert message in row["msg"]
    assert not (place / "wrong.yml").exists()
    assert (place / "other.yml").read_bytes() == other


def test_a_thousand_objects_by_lists(servers, capsys):
    count = 100
    document = {
        "blocks": [
            {"block_type_slug": "secret", "name": f"scale-{at}", "data": {"value": f"secret-{at}"}}
            for at in range(count)
        ],
        "work_pools": [{"name": f"scale-{at}"} for at in range(count)],
        "work_queues": [{"work_pool_name": f"scale-{at}", "name": "more", "priority": 2} for at in range(count)],
        "variables": [{"name": f"scale-{at}", "value": {"at": at}} for at in range(3 * count)],
        "global_concurrency_limits": [{"name": f"scale-{at}", "limit": at} for at in range(count)],
        "flows": [{"name": f"scale-{at}", "tags": ["scale"]} for at in range(count)],
        "deployments": [
            {
                "flow_name": f"scale-{at}",
                "name": "d",
                "work_pool_name": f"scale-{at}",
                "schedules": [{"cron": "0 5 * * *"}],
            }
            for at in range(count)
        ],
        "automations": [
            {
                "name": f"scale-{at}",
                "trigger": {"expect": ["x"]},
                "actions": [{"type": "run-deployment", "deployment": f"scale-{at}/d"}],
            }
            for at in range(count)
        ],
    }
    connection = {"api_url": servers[1].api, "auth_string": bed.AUTH}
    assert not run_module("resources", {**connection, "resources": document}).get("failed")
    include = {section: ["*scale-*"] for section in document}
    recorder = Recorder(servers[1].port)
    started = time.monotonic()
    with contextlib.closing(recorder), recorder.recording(read_only=True) as requests:
        told = run_module("resources_export", {**connection, "api_url": recorder.url, "dest": "x", "include": include})
        seconds = time.monotonic() - started
    assert {section: len(items) for section, items in told["resources"].items()} == {
        section: len(items) for section, items in document.items()
    }
    single = [request for request in requests if not request.path.endswith("/filter")]
    assert [request.path for request in single] == ["/api/admin/storage"]
    assert len(requests) < 60
    with capsys.disabled():
        print(f"\n{sum(map(len, document.values()))} objects exported in {seconds:.1f} s by {len(requests)} requests")
