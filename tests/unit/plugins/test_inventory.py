"""Inventory workers."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader

POOLS = [{"name": "etl", "type": "process"}, {"name": "gpu-2", "type": "docker"}, {"name": "idle", "type": "process"}]
WORKERS = {
    "etl": [("one", "ONLINE", "2026-01-01T00:00:01Z"), ("two", "OFFLINE", "2026-01-01T00:00:00Z")],
    "gpu-2": [("one", "OFFLINE", "2026-01-01T00:00:03Z"), ("three", "ONLINE", None)],
    "idle": [],
}


@pytest.fixture
def pools(api):
    api.on("POST", "/work_pools/filter", POOLS)
    for pool, workers in WORKERS.items():
        rows = [dict(zip(("name", "status", "last_heartbeat_time"), worker, strict=True)) for worker in workers]
        api.on("POST", f"/work_pools/{pool}/workers/filter", rows)


@pytest.fixture
def parsed(api, plugin, tmp_path):
    def parse(**options):
        path = tmp_path / "prefect_workers.yml"
        path.write_text(yaml.safe_dump({"plugin": "flowops.prefect.workers", "api_url": api.url, **options}))
        inventory, made = InventoryData(), plugin("inventory", "workers")
        assert made.verify_file(str(path))
        made.parse(inventory, DataLoader(), str(path))
        made.update_cache_if_changed()
        return inventory

    return parse


def _members(inventory):
    return {
        name: sorted(host.name for host in group.hosts)
        for name, group in inventory.groups.items()
        if name not in ("all", "ungrouped")
    }


@pytest.mark.usefixtures("pools")
def test_pools_are_groups_and_workers_hosts(parsed):
    inventory = parsed()
    assert _members(inventory) == {
        "prefect_pool_etl": ["one"],
        "prefect_pool_gpu_2": ["three"],
        "prefect_pool_idle": [],
    }
    assert {name: inventory.hosts["one"].vars[name] for name in inventory.hosts["one"].vars if "worker" in name} == {
        "worker_name": "one",
        "worker_status": "ONLINE",
        "worker_last_heartbeat": "2026-01-01T00:00:01Z",
        "worker_pools": ["etl"],
        "worker_types": ["process"],
    }


@pytest.mark.usefixtures("pools")
def test_workers_that_are_gone(parsed):
    inventory = parsed(include_offline=True)
    assert _members(inventory)["prefect_pool_gpu_2"] == ["one", "three"]
    assert inventory.hosts["two"].vars["worker_status"] == "OFFLINE"
    one = inventory.hosts["one"].vars
    assert (one["worker_status"], one["worker_last_heartbeat"]) == ("ONLINE", "2026-01-01T00:00:03Z")
    assert (one["worker_pools"], one["worker_types"]) == (["etl", "gpu-2"], ["process", "docker"])
    assert inventory.hosts["three"].vars["worker_last_heartbeat"] is None


@pytest.mark.usefixtures("pools")
def test_some_pools(parsed):
    assert _members(parsed(pools=["gpu-2"])) == {"prefect_pool_gpu_2": ["three"]}
    with pytest.raises(AnsibleParserError) as caught:
        parsed(pools=["etl", "gpu", "x"])
    assert str(caught.value) == (
        "pools[1]: no work pool 'gpu'; did you mean 'gpu-2'? known: etl, gpu-2, idle\n"
        "pools[2]: no work pool 'x'; known: etl, gpu-2, idle"
    )


@pytest.mark.usefixtures("pools")
def test_composed_variables_and_groups(parsed):
    inventory = parsed(
        compose={"ansible_host": "worker_name ~ '.example.org'"},
        groups={"early": "worker_last_heartbeat is none"},
        keyed_groups=[{"key": "worker_types", "prefix": "type"}],
    )
    assert inventory.hosts["one"].vars["ansible_host"] == "one.example.org"
    members = _members(inventory)
    assert (members["early"], members["type_docker"], members["type_process"]) == (["three"], ["three"], ["one"])


@pytest.mark.usefixtures("pools")
def test_strict(parsed):
    assert _members(parsed(compose={"x": "no_such_variable"}))["prefect_pool_etl"] == ["one"]
    with pytest.raises(Exception, match="no_such_variable"):
        parsed(compose={"x": "no_such_variable"}, strict=True)


@pytest.mark.usefixtures("pools")
def test_cache(api, parsed, tmp_path):
    cache = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache")}
    first = parsed(**cache)
    asked = len(api.requests)
    assert asked == 4
    assert _members(parsed(**cache)) == _members(first)
    assert len(api.requests) == asked


@pytest.mark.usefixtures("pools")
def test_options_may_be_templates(api, parsed):
    parsed(auth_string="{{ 'u:' ~ 'p' }}", headers={"X-A": "{{ 1 + 1 }}"})
    assert api.requests[0].headers["x-a"] == "2"
    assert api.requests[0].headers["authorization"] == "Basic dTpw"


def test_errors_are_one_message(parsed):
    with pytest.raises(AnsibleParserError) as caught:
        parsed(api_url="http://127.0.0.1:9/api", auth_string="u:canary")
    assert str(caught.value).startswith("cannot reach Prefect's API at http://127.0.0.1:9/api: connection refused")
    assert "canary" not in str(caught.value)


def test_an_option_that_is_none_is_an_error(parsed):
    with pytest.raises(AnsibleParserError, match=r"^pool: unknown key; allowed: .*; did you mean 'pools'\?$"):
        parsed(pool=["etl"])


@pytest.mark.parametrize(
    ("name", "ours"), [("prefect_workers.yaml", True), ("x.prefect_workers.yml", True), ("hosts.yml", False)]
)
def test_files_of_this_plugin(plugin, tmp_path, name, ours):
    path = tmp_path / name
    path.touch()
    assert plugin("inventory", "workers").verify_file(str(path)) is ours
