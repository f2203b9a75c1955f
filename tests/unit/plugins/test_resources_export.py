"""Module resources_export: objects as options, secrets as variables, and files that Ansible reads back as they are."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar, trust_as_template
from ansible_collections.flowops.prefect.plugins.action.resources_export import ActionModule
from ansible_collections.flowops.prefect.plugins.module_utils import templates
from ansible_collections.flowops.prefect.plugins.module_utils.difference import same
from ansible_collections.flowops.prefect.plugins.module_utils.export_names import Names
from ansible_collections.flowops.prefect.plugins.module_utils.export_options import options_of, says_nothing
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.block import Block
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.deployment import Deployment
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.flow import Flow
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.global_concurrency_limit import (
    GlobalConcurrencyLimit,
)
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.variable import Variable
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_pool import WorkPool
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.work_queue import WorkQueue
from ansible_collections.flowops.prefect.plugins.plugin_utils.export_file import document_text, vault_text
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.plain import plain
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
MARKED = st.builds(
    "".join, st.lists(st.sampled_from(["{{", "}}", "{%", "#}", "\n", " ", "\x85", "'", '"', "a: b", "- "]))
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(-1e18, 1e18) | TEXTS | MARKED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | MARKED, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)
TAGS = st.lists(TEXTS, max_size=3, unique=True)
RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


# Files


def _read(text):
    loader = DataLoader()
    variables = loader.load(trust_as_template(text))
    return plain(Templar(loader, variables=variables).template(variables))


@given(VALUES)
@example(1e300)
@example(-1e16)
@RELAXED
def test_a_value_survives_the_file_and_the_templating(value):
    document = {"variables": [{"name": "x", "value": value}]}
    assert same(_read(document_text(document, []))["prefect__exported"], {"resources": document})
    assert same(_read(vault_text([{"variable": "vault_x", "value": value}])), {"vault_x": value})


def test_references_are_templates_and_the_rest_is_none():
    document = {"blocks": [{"data": {"value": None, "x": "{{ vault_y }}"}}]}
    secret = {"variable": "vault_x", "kind": "block", "name": "secret/a\nb", "option": "data.value"}
    secret["place"] = ["blocks", 0, "data", "value"]
    text = document_text(document, [secret])
    assert "#   vault_x: block secret/a b, data.value\n" in text
    found = _read(text + "vault_x: {a: 5}\n")["prefect__exported"]["resources"]["blocks"][0]
    assert found == {"data": {"value": {"a": 5}, "x": "{{ vault_y }}"}}


def test_lines_are_readable():
    text = document_text({"x": [{"a": "one\ntwo\n", "b": "one\r\ntwo", "c": "\n", "d": []}]}, [])
    assert "a: |\n" in text
    assert 'b: "one\\r\\ntwo"' in text
    assert 'c: "\\n"' in text
    assert "d: []" in text


# Options


def _exported(make, kind, key, live):
    """Return the options of an object, and prove that they change nothing."""
    named = make(kind, **dict(zip(kind.key, key, strict=True)))
    named.session.learn(kind, key, {"id": "id", **live})
    told = options_of(named, named.find())
    assert list(told) == [name for name in kind.options if name in told]
    again = kind(named.session, {**named.given, **told})
    assert again.check() == []
    again.plan()
    assert again.changed is False, again.difference.shown()
    return told, again


@given(VALUES, TAGS)
@RELAXED
def test_variable(resource, value, tags):
    told, again = _exported(resource, Variable, ("v",), {"name": "v", "value": value, "tags": tags})
    assert "value" in told
    assert same(again.wanted(None)["value"], value)
    assert told.get("tags", []) == sorted(tags)


@given(TAGS)
@RELAXED
def test_flow(resource, tags):
    assert _exported(resource, Flow, ("f",), {"name": "f", "tags": tags})[1].wanted(None)["tags"] == sorted(tags)


@given(st.integers(0, 9), st.booleans(), st.floats(0, 9))
@RELAXED
def test_limit(resource, limit, active, decay):
    live = {"name": "l", "limit": limit, "active": active, "slot_decay_per_second": decay}
    again = _exported(resource, GlobalConcurrencyLimit, ("l",), live)[1]
    assert same(again.wanted(None), live)


@given(
    st.none() | TEXTS,
    st.integers(1, 9),
    st.none() | st.integers(0, 9),
    st.booleans(),
    st.sampled_from(["q", "default"]),
)
@RELAXED
def test_queue(resource, description, priority, limit, paused, name):
    live = {
        "name": name,
        "description": description,
        "priority": priority,
        "concurrency_limit": limit,
        "is_paused": paused,
    }
    told, again = _exported(resource, WorkQueue, ("p", name), {**live, "work_pool_name": "p"})
    alone = (
        {**live, "description": "The work pool's default queue."} if name == "default" else {**live, "description": ""}
    )
    base = (
        None
        if name == "q"
        else {**alone, "priority": 1, "concurrency_limit": None, "is_paused": False, "work_pool_name": "p"}
    )
    assert same(again.wanted(base), {**live, "description": description or "", "work_pool_name": "p"})
    assert not says_nothing(again, told) or again.given["name"] == "default"


def test_the_queue_that_comes_with_a_pool_says_nothing(resource):
    live = {
        "name": "default",
        "description": "The work pool's default queue.",
        "priority": 1,
        "concurrency_limit": None,
    }
    told, again = _exported(resource, WorkQueue, ("p", "default"), {**live, "is_paused": False, "work_pool_name": "p"})
    assert says_nothing(again, told)


@given(
    st.sampled_from(["process", "docker"]),
    st.dictionaries(st.sampled_from(["env", "command", "stream_output"]), VALUES),
)
@RELAXED
def test_pool_tells_what_differs_of_its_template(resource, kind, defaults):
    template = templates.with_defaults(templates.OWN[kind], defaults)
    live = {"name": "p", "type": kind, "base_job_template": template, "is_paused": False, "concurrency_limit": None}
    told, again = _exported(resource, WorkPool, ("p",), live)
    assert "base_job_template" not in told
    assert same(again.wanted(None)["base_job_template"], template)


@given(OBJECTS)
@RELAXED
def test_pool_tells_a_template_of_its_own(resource, properties):
    template = {
        "job_configuration": {},
        "variables": {"properties": {name: {"default": v} for name, v in properties.items()}},
    }
    live = {"name": "p", "type": "process", "base_job_template": template, "is_paused": True, "concurrency_limit": 0}
    told, again = _exported(resource, WorkPool, ("p",), live)
    assert same(told["base_job_template"], template)
    assert same(again.wanted(None)["base_job_template"], template)


RULES = st.sampled_from(
    [
        {"cron": "0 5 * * *", "timezone": None, "day_or": True},
        {"cron": "0 5 * * *", "timezone": "Europe/Vienna", "day_or": False},
        {"interval": 3600.0, "anchor_date": "2024-01-01T00:00:00Z", "timezone": "UTC"},
        {"interval": 0.5, "anchor_date": "2024-01-01T00:00:00Z", "timezone": "Asia/Tokyo"},
        {"rrule": "DTSTART:20200101T000000\nFREQ=DAILY", "timezone": "UTC"},
        {"rrule": "DTSTART:20240101T000000\nRRULE:FREQ=DAILY", "timezone": "UTC"},
    ]
)
SCHEDULES = st.lists(
    st.fixed_dictionaries({"schedule": RULES, "active": st.booleans(), "parameters": OBJECTS, "named": st.booleans()}),
    max_size=4,
)


def _deployment(**more):
    live = {
        **{field.name: field.default for field in Deployment.fields},
        "name": "d",
        "flow_name": "f",
        "flow_id": "flow",
        "schedules": [],
        **more,
    }
    return {name: value for name, value in live.items() if name != "global_concurrency_limit"}


@given(SCHEDULES, st.randoms())
@RELAXED
def test_schedules(resource, rows, random):
    live = [
        {"id": str(at), "max_scheduled_runs": None, **row, "slug": f"s{at}" if row["named"] else None}
        for at, row in enumerate(rows)
    ]
    told, _ = _exported(resource, Deployment, ("f", "d"), _deployment(schedules=live))
    random.shuffle(live)
    # Whatever their order and their ids are elsewhere.
    other = [{**row, "id": str(at)} for at, row in enumerate(live)]
    again, _ = _exported(resource, Deployment, ("f", "d"), _deployment(schedules=other))
    assert again == told


@given(OBJECTS, OBJECTS, TAGS, TEXTS)
@RELAXED
def test_deployment(resource, parameters, labels, tags, description):
    live = _deployment(
        parameters=parameters,
        labels={**{f"l{name}": value for name, value in labels.items()}, "prefect.flow.id": "x"},
        tags=tags,
        description=description,
        enforce_parameter_schema=False,
    )
    told, again = _exported(resource, Deployment, ("f", "d"), live)
    wanted = again.wanted(None)
    assert same({**wanted, "tags": sorted(wanted["tags"])}, {**again.difference.before, "tags": sorted(tags)})
    assert "prefect.flow.id" not in told.get("labels", {})


# Secrets


def test_names_of_variables(resource):
    names = Names()
    found = []
    for name in ("a-b", "a--b", "a-b-value", "ü"):
        block = resource(Block, name=name, block_type_slug="secret", data={})
        options = {"name": name, "data": {"value": {"x": 1}, "note": "postgres://me:word@db"}}
        found += names.taken_out(block, options)
        assert options["data"] == {"value": None, "note": None}
    assert [secret.variable for secret in found][:4] == [
        "vault_prefect_block_secret_a_b_value",
        "vault_prefect_block_secret_a_b_note",
        "vault_prefect_block_secret_a_b_value_2",
        "vault_prefect_block_secret_a_b_note_2",
    ]
    variables = [secret.variable for secret in found]
    assert len(set(variables)) == len(variables) == 8
    assert all(re.fullmatch(r"[a-z_][a-z0-9_]*", variable) for variable in variables)
    assert found[0].option == "data.value"


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("", False),
        (None, False),
        (True, False),
        ("{{ prefect.blocks.secret.x }}", False),
        ("$word", True),
        (5, True),
        ([1], True),
    ],
)
def test_what_is_a_secret(resource, value, taken):
    pool = resource(WorkPool, name="p")
    options = {"job_variables": {"env": {"MY_TOKEN": value}}}
    assert bool(list(Names().taken_out(pool, options))) is taken


# The module


def _block(name, **data):
    kind = {"id": "t", "slug": "secret", "is_protected": True}
    schema = {
        "id": "s",
        "fields": {"properties": {"value": {}}, "secret_fields": ["value"]},
        "block_type": kind,
        "version": "3",
    }
    return {
        "id": name,
        "name": name,
        "data": data,
        "block_document_references": {},
        "block_type": kind,
        "block_schema": schema,
    }


def _serve(api):
    block = _block("one", value="canary")
    api.on("POST", "/block_documents/filter", [block])
    api.on("POST", "/block_types/filter", [block["block_type"]])
    api.on("POST", "/block_schemas/filter", [block["block_schema"]])
    api.on(
        "POST",
        "/flows/filter",
        [{"id": "1", "name": "of-a-deployment", "tags": []}, {"id": "2", "name": "b", "tags": []}],
    )
    deployment = {**_deployment(flow_id="1"), "id": "d", "global_concurrency_limit": None}
    proof = {**deployment, "id": "p", "name": "proof", "tags": ["flowops.prefect"]}
    api.on("POST", "/deployments/filter", [deployment, proof])
    automation = {
        "name": "twice",
        "trigger": {"type": "event", "posture": "Reactive"},
        "actions": [{"type": "do-nothing"}],
    }
    api.on("POST", "/automations/filter", [{**automation, "id": "1"}, {**automation, "id": "2"}])


def test_secrets_are_told_only_for_a_vault(api):
    _serve(api)
    told = api.run("resources_export", dest="x")
    assert "canary" not in str(told)
    assert told["resources"]["blocks"] == [{"name": "one", "block_type_slug": "secret", "data": {"value": None}}]
    assert told["secrets"] == [
        {
            "kind": "block",
            "name": "secret/one",
            "option": "data.value",
            "variable": "vault_prefect_block_secret_one_value",
            "place": ["blocks", 0, "data", "value"],
        }
    ]
    told = api.run("resources_export", dest="x", vault_dest="y")
    assert told["secrets"][0]["value"] == "canary"


def test_what_comes_by_itself_is_left_out(api):
    _serve(api)
    told = api.run("resources_export", dest="x", check=True)
    assert list(told["resources"]) == ["blocks", "flows", "deployments"]
    assert told["resources"]["flows"] == [{"name": "b"}]
    assert len(told["resources"]["deployments"]) == 1
    assert [(row["kind"], row["name"], row["ids"]) for row in told["left_out"]] == [("automation", "twice", ["1", "2"])]
    assert api.writes == []


def test_nothing_is_there(api):
    assert api.run("resources_export", dest="x")["resources"] == {}


# The controller


def _action(secrets, args, found):
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    context = PlayContext()
    connection = SimpleNamespace(_play_context=context, _shell=SimpleNamespace(tmpdir=None))
    task = SimpleNamespace(args=args, check_mode=False, async_val=0, diff=False, no_log=False, action="x")
    action = ActionModule(task, connection, context, loader, None, None)
    action._execute_module = lambda **_: found(context)
    return action, context


def _found(_context):
    secret = {"variable": "vault_x", "kind": "block", "name": "a", "option": "data", "place": ["blocks", 0, "data"]}
    return {
        "resources": {"blocks": [{"data": None}]},
        "secrets": [{**secret, "value": "canary {{ x }}"}],
        "left_out": [],
        "notes": [],
    }


def test_the_answer_is_never_shown(tmp_path):
    seen = []
    args = {"dest": str(tmp_path / "a.yml"), "vault_dest": str(tmp_path / "b.yml")}
    vault = [("default", VaultSecret(b"word"))]
    action, context = _action(vault, args, lambda context: seen.append(context.no_log) or _found(context))
    told = action.run(task_vars={})
    # Connections print what a module answers from -vvv on, unless they are told not to.
    assert seen == [True]
    assert not context.no_log
    assert told["changed"] is True
    assert "canary" not in str(told)
    assert "canary" not in "".join(path.read_text() for path in tmp_path.iterdir())
    loader = DataLoader()
    loader.set_vault_secrets(vault)
    assert plain(loader.load_from_file(str(tmp_path / "b.yml"))) == {"vault_x": "canary {{ x }}"}
    assert action.run(task_vars={})["changed"] is False


def test_a_vault_needs_a_password(tmp_path):
    args = {"dest": str(tmp_path / "a.yml"), "vault_dest": str(tmp_path / "b.yml")}
    action, _ = _action([], args, _found)
    with pytest.raises(AnsibleActionFail, match="vault_dest: needs a vault password"):
        action.run(task_vars={})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["all.yml", "all.json"])
def test_a_folder_that_hides_a_file_of_variables(tmp_path, name):
    folder = tmp_path / "group_vars" / "all"
    folder.mkdir(parents=True)
    (folder.parent / name).touch()
    action, _ = _action([], {"dest": str(folder / "objects.yml")}, _found)
    with pytest.raises(AnsibleActionFail, match=f"^dest: .* Ansible does not read .*/group_vars/{name}; move"):
        action.run(task_vars={})
    (folder.parent / name).rename(folder / "main.yml")
    action.run(task_vars={})


def test_the_written_document_is_yaml_for_anybody(tmp_path):
    action, _ = _action([], {"dest": str(tmp_path / "a.yml")}, _found)
    action.run(task_vars={})
    text = (tmp_path / "a.yml").read_text()
    assert yaml.safe_load(text) == {"prefect__exported": {"resources": {"blocks": [{"data": "{{ vault_x }}"}]}}}
