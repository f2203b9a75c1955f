"""Lookups variable and block, and filter with_job_variables."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleError
from ansible_collections.flowops.prefect.plugins.filter.templates import FilterModule
from ansible_collections.flowops.prefect.plugins.module_utils.templates import PROCESS


@pytest.fixture
def lookup(api, plugin):
    def run(name, *terms, variables=None, **options):
        address = {} if variables else {"api_url": api.url}
        return plugin("lookup", name).run(list(terms), variables or {}, **{**address, **options})

    return run


@pytest.fixture
def fails(lookup):
    def run(*arguments, **options):
        with pytest.raises(AnsibleError) as caught:
            lookup(*arguments, **options)
        assert "canary" not in str(caught.value)
        return str(caught.value)

    return run


@pytest.mark.parametrize("value", [1, "1", None, False, {"a": [1]}, [], ""])
def test_a_variable_keeps_its_type(api, lookup, value):
    api.on("GET", "/variables/name/x", {"name": "x", "value": value})
    assert lookup("variable", "x") == [value]


def test_variables_come_in_order(api, lookup):
    for name in "ab":
        api.on("GET", f"/variables/name/{name}", {"name": name, "value": name.upper()})
    assert lookup("variable", "b", "c", "a", default=None) == ["B", None, "A"]


def test_a_missing_variable(api, fails):
    api.on("POST", "/variables/filter", [{"name": "stage", "value": "canary"}, {"name": "other", "value": "canary"}])
    assert fails("variable", "stge") == "no variable 'stge'; did you mean 'stage'? known: other, stage"


def test_connection_by_variables(api, lookup):
    api.on("GET", "/variables/name/x", {"value": 1})
    variables = {
        "ansible_prefect_api_url": api.url,
        "ansible_prefect_auth_string": "u:p",
        "ansible_prefect_headers": {"X-A": "b"},
    }
    assert lookup("variable", "x", variables=variables) == [1]
    assert api.requests[0].headers["authorization"] == "Basic dTpw"
    assert api.requests[0].headers["x-a"] == "b"
    # What is written into the lookup beats the variable.
    assert lookup("variable", "x", variables=variables, auth_string="") == [1]
    assert "authorization" not in api.requests[1].headers


def test_connection_by_the_environment_of_the_controller(api, plugin, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", api.url)
    api.on("GET", "/variables/name/x", {"value": 1})
    assert plugin("lookup", "variable").run(["x"], {}) == [1]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"api_url": "http://127.0.0.1:9/api"},
            "cannot reach Prefect's API at http://127.0.0.1:9/api: connection refused",
        ),
        ({"profile": "nope"}, "profile: no profile 'nope'"),
        ({"auth_string": "canary"}, "auth_string: expected user:password, found no colon"),
        ({"profil": "canary"}, "profil: unknown key; allowed: "),
    ],
)
def test_a_bad_connection(fails, options, text):
    assert text in fails("variable", "x", **options)


BLOCK = {
    "id": "1",
    "name": "lake",
    "block_schema": {
        "id": "s",
        "fields": {
            "properties": {"key": {}, "region": {}, "settings": {}, "next": {}},
            "secret_fields": ["key", "settings.*.pin"],
        },
    },
    "block_document_references": {
        name: {"block_document": {"id": "2", "name": "other", "block_type": {"slug": "secret"}}}
        for name in ("next", "credentials")
    },
    "data": {
        "key": "canary",
        "region": "eu",
        "settings": {"a": {"pin": "canary", "size": 1}, "password": "canary"},
        "next": {"value": "canary"},
        "credentials": {"value": "canary"},
        "list": [{"token": "canary", "b": 1}],
    },
}
REFERENCE = {"$ref": {"block_type_slug": "secret", "name": "other", "block_document_id": "2"}}
PATH = "/block_types/slug/lake/block_documents/name/x"


@pytest.fixture
def block(api):
    api.on("GET", PATH, BLOCK)


@pytest.mark.usefixtures("block")
def test_a_block_without_its_secrets(api, lookup):
    references = {"next": REFERENCE, "credentials": REFERENCE}
    shown = {"region": "eu", "settings": {"a": {"size": 1}}, **references, "list": [{"b": 1}]}
    assert lookup("block", "lake/x") == [shown]
    assert lookup("block", "lake/x", field="credentials") == [REFERENCE]
    assert lookup("block", "lake/x", field="settings") == [{"a": {"size": 1}}]
    assert {request.query for request in api.requests} == {""}


@pytest.mark.usefixtures("block")
def test_a_block_with_its_secrets(api, lookup):
    whole = {**copy.deepcopy(BLOCK["data"]), "next": REFERENCE, "credentials": REFERENCE}
    assert lookup("block", "lake/x", secrets=True) == [whole]
    assert lookup("block", "lake/x", secrets=True, field="key") == ["canary"]
    assert {request.query for request in api.requests} == {"include_secrets=true"}


@pytest.mark.usefixtures("block")
def test_fields_that_are_not_given_out(lookup, fails):
    assert fails("block", "lake/x", field="key") == (
        "field 'key' of block lake/x is secret; it is read with secrets=true only"
    )
    assert fails("block", "lake/x", field="regoin") == (
        "block lake/x has no field 'regoin'; did you mean 'region'? "
        "known: credentials, key, list, next, region, settings"
    )
    assert lookup("block", "lake/x", field="regoin", default=None) == [None]


def test_a_missing_block(api, lookup, fails):
    api.on("POST", "/block_types/filter", [{"slug": "secret"}, {"slug": "lake"}])
    assert fails("block", "leke/x") == "no block type 'leke'; did you mean 'lake'? known: lake, secret"
    api.on("GET", "/block_types/slug/lake", {"slug": "lake"})
    api.on("GET", "/block_types/slug/lake/block_documents", [{"name": "main"}, {"name": None}])
    assert fails("block", "lake/mian") == "no block 'lake/mian'; did you mean 'main'? known: main"
    assert lookup("block", "lake/mian", default={}) == [{}]


@pytest.mark.parametrize("term", ["lake", "lake/", "/x", ""])
def test_a_term_that_names_no_block(fails, term):
    assert fails("block", term) == f"'{term}': expected TYPE-SLUG/NAME of a block, such as secret/mine"


# Filter with_job_variables


def _filtered(template, job_variables):
    return FilterModule().filters()["with_job_variables"](template, job_variables)


def test_other_defaults():
    before = copy.deepcopy(PROCESS)
    result = _filtered(PROCESS, {"env": {"A": "b"}, "stream_output": None})
    assert result["variables"]["properties"]["env"]["default"] == {"A": "b"}
    assert "default" not in result["variables"]["properties"]["stream_output"]
    assert before == PROCESS


@pytest.mark.parametrize(
    ("template", "job_variables", "text"),
    [
        (PROCESS, {"evn": {}}, "job_variables.evn: the pool's template has no such variable; did you mean 'env'?"),
        ({}, {}, "base_job_template.job_configuration: is missing"),
        ("{}", {}, "expected a base job template, a dictionary, found str"),
        (PROCESS, [], "expected job variables, a dictionary, found list"),
    ],
)
def test_bad_templates(template, job_variables, text):
    with pytest.raises(AnsibleError) as caught:
        _filtered(template, job_variables)
    assert text in str(caught.value)
