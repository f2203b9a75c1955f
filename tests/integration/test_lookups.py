"""Lookups variable and block, and filter with_job_variables, in real playbooks."""

from __future__ import annotations

import hashlib
import json
import re

import bed
import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.module_utils.templates import PROCESS

from playbooks import run_ansible, run_playbook

CANARY = "kanarie-vogel-9"
# Settings that several tasks share, as users write them: a secret of the vault is a template.
CONNECTION = {"ansible_prefect_auth_string": "{{ auth_string }}"}


@pytest.fixture
def play(api, folder):
    """Run tasks with the connection in variables."""

    def run(tasks, *arguments, **variables):
        secrets = folder / "lookups.json"
        secrets.write_text(json.dumps({**CONNECTION, "ansible_prefect_api_url": api.recorder.url, **variables}))
        return run_playbook(folder / "lookups", api.recorder.url, bed.AUTH, tasks, "-e", f"@{secrets}", *arguments)

    return run


def _show(text, **more):
    return {"name": "Show", "ansible.builtin.debug": {"msg": text}, **more}


@pytest.fixture
def objects(api, cleanup):
    block = {"block_type_slug": "secret", "name": "lookup-inner", "data": {"value": CANARY}}
    outer = {
        "block_type_slug": "aws-credentials",
        "name": "lookup",
        "data": {"aws_secret_access_key": CANARY, "region_name": "eu-central-1"},
    }
    for options in (block, outer):
        api.call("block", **options)
        cleanup(lambda options=options: api.call("block", state="absent", **{**options, "data": None}))
    api.call("variable", name="lookup_stage", value={"hosts": 3, "name": "ü"})
    cleanup(lambda: api.call("variable", name="lookup_stage", state="absent"))


@pytest.mark.usefixtures("objects")
def test_read(play):
    output = play(
        [
            _show("A {{ lookup('flowops.prefect.variable', 'lookup_stage').hosts + 1 }}"),
            _show("B {{ lookup('flowops.prefect.variable', 'none', default='blue') }}"),
            _show("C {{ lookup('flowops.prefect.block', 'aws-credentials/lookup') | to_json }}"),
            _show("D {{ lookup('flowops.prefect.block', 'aws-credentials/lookup', field='region_name') }}"),
            _show("E {{ query('flowops.prefect.variable', 'none', errors='ignore') | length }}"),
            {
                "name": "Use a secret",
                "ansible.builtin.set_fact": {"read": "{{ lookup('flowops.prefect.block', term, **options) }}"},
                "vars": {"term": "secret/lookup-inner", "options": {"field": "value", "secrets": True}},
                "no_log": True,
            },
            _show("F {{ read | hash('sha256') }}"),
        ],
        "-vvv",
    )
    found = {line.strip()[8:-1] for line in output.splitlines() if '"msg": "' in line}
    whole = next(text for text in found if text.startswith("C "))
    shown = json.loads(json.loads(f'"{whole[2:]}"'))
    assert shown["region_name"] == "eu-central-1"
    assert "aws_secret_access_key" not in shown
    assert {text for text in found if text[0] != "C"} == {
        "A 4",
        "B blue",
        "D eu-central-1",
        "E 0",
        f"F {hashlib.sha256(CANARY.encode()).hexdigest()}",
    }
    for secret in (CANARY, bed.AUTH.partition(":")[2]):
        assert [line for line in output.splitlines() if secret in line] == []


@pytest.mark.usefixtures("objects")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ lookup('flowops.prefect.variable', 'lookup_stge') }}",
            "no variable 'lookup_stge'; did you mean 'lookup_stage'?",
        ),
        (
            "{{ lookup('flowops.prefect.block', 'secret/lookup-iner') }}",
            "no block 'secret/lookup-iner'; did you mean 'lookup-inner'?",
        ),
        ("{{ lookup('flowops.prefect.block', 'secert/x') }}", "no block type 'secert'; did you mean 'secret'?"),
        (
            "{{ lookup('flowops.prefect.block', 'secret/lookup-inner', field='value') }}",
            "field 'value' of block secret/lookup-inner is secret; it is read with secrets=true only",
        ),
        ("{{ lookup('flowops.prefect.variable', 'x', profile='prod') }}", "profile: no profile 'prod' in"),
        (
            "{{ lookup('flowops.prefect.variable', 'x', auth_string='a:" + CANARY + "') }}",
            "answers 401: the credentials are wrong; set auth_string",
        ),
    ],
)
def test_one_clear_error(play, text, message):
    output = play([_show(text, ignore_errors=True)])
    assert message in " ".join(output.split()).replace("\\n", " ")
    assert "Traceback" not in output


def test_settings_of_the_controller(api, folder):
    """The environment and a profile serve the controller as they serve a managed host."""
    text = "{{ lookup('flowops.prefect.variable', 'none', default='reached') }}"
    command = ("ansible", "localhost", "-m", "ansible.builtin.debug", "-a", json.dumps({"msg": text}))
    environment = {"PREFECT_API_URL": api.recorder.url, "PREFECT_API_AUTH_STRING": bed.AUTH}
    done = run_ansible(folder / "controller", *command, **environment)
    assert "reached" in done.stdout, done.stderr
    profile = {name: json.dumps(value) for name, value in environment.items()}
    lines = ['active = "tests"', "[profiles.tests]", *(f"{name} = {value}" for name, value in profile.items())]
    (folder / "controller/profiles.toml").write_text("\n".join(lines))
    done = run_ansible(folder / "controller", *command)
    assert "reached" in done.stdout, done.stderr
    with api.recorder.recording(read_only=True) as requests:
        run_ansible(folder / "controller", *command, PREFECT_PROFILE="test")
    # Prefect's own profile of that name leads to another address, whoever listens there.
    assert requests == []


def _examples(path):
    text = (bed.ROOT / path).read_text()
    return yaml.safe_load(re.search(r'^EXAMPLES = r"""\n(.*?)^"""', text, re.DOTALL | re.MULTILINE).group(1))


@pytest.mark.parametrize("plugin", ["variable", "block"])
def test_examples_of_lookups_run(play, folder, monkeypatch, plugin):
    monkeypatch.setenv("HOME", str(folder))
    play(_examples(f"plugins/lookup/{plugin}.py"), "--diff")
    if plugin == "block":
        assert (folder / "lake.key").read_text() == "example"
        assert (folder / "lake.key").stat().st_mode & 0o777 == 0o600


def test_examples_of_the_filter_run(api, play, prefect, folder, cleanup):
    (folder / "lookups").mkdir(exist_ok=True)
    template = json.loads(json.dumps(PROCESS))
    for name in ("image", "namespace"):
        template["variables"]["properties"][name] = {"type": "string"}
        template["job_configuration"][name] = f"{{{{ {name} }}}}"
    (folder / "lookups/kubernetes.json").write_text(json.dumps(template))
    for name in ("small", "large"):
        cleanup(lambda name=name: api.call("work_pool", name=name, type="kubernetes", state="absent"))
    tasks = yaml.safe_load((bed.ROOT / "plugins/filter/with_job_variables.yml").read_text())["EXAMPLES"]
    for _time in range(2):
        output = play(yaml.safe_load(tasks))
    assert "changed=0" in output
    live = prefect.request("GET", "/work_pools/large")["base_job_template"]["variables"]["properties"]
    assert live["namespace"]["default"] == "flows-large"
    assert "default" not in live["image"]
