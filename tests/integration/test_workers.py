"""Inventory workers, through ansible-inventory and ansible."""

from __future__ import annotations

import json
import subprocess

import bed
import pytest
import yaml

from playbooks import run_ansible


@pytest.fixture(scope="module")
def workers(api, prefect, postgres):
    """Two pools with workers; one of them has gone silent."""
    for pool in ("inv-etl", "inv-gpu"):
        api.call("work_pool", name=pool)
    for pool, name in (("inv-etl", "host-1"), ("inv-etl", "host-2"), ("inv-gpu", "host-1")):
        prefect.request(
            "POST", f"/work_pools/{pool}/workers/heartbeat", {"name": name, "heartbeat_interval_seconds": 300}
        )
    gone = "UPDATE worker SET status = 'OFFLINE' WHERE name = 'host-2'"
    subprocess.run(bed.sql_command(postgres, gone), check=True, capture_output=True)
    yield
    for pool in ("inv-etl", "inv-gpu"):
        api.call("work_pool", name=pool, state="absent")


@pytest.fixture
def inventory(api, folder):
    """Write an inventory; return how to read it."""

    def write(**options):
        place = folder / "inventory"
        place.mkdir(exist_ok=True)
        secret = "{{ lookup('ansible.builtin.env', 'MY_SECRET') }}"
        content = {"plugin": "flowops.prefect.workers", "api_url": api.recorder.url, "auth_string": secret, **options}
        path = place / "prefect_workers.yml"
        path.write_text(yaml.safe_dump(content))
        return lambda program, *arguments: run_ansible(
            place,
            program,
            "-i",
            str(path),
            *arguments,
            MY_SECRET=bed.AUTH,
            ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1",
        )

    return write


def _listed(run):
    done = run("ansible-inventory", "--list", "-vvv")
    assert done.returncode == 0, done.stderr
    assert bed.AUTH.partition(":")[2] not in done.stdout + done.stderr
    # Texts that come from outside are marked as no templates.
    return json.loads(done.stdout[done.stdout.index("{\n") :], object_hook=lambda row: row.get("__ansible_unsafe", row))


@pytest.mark.usefixtures("workers")
def test_pools_and_workers(inventory):
    options = {"pools": ["inv-etl", "inv-gpu"], "keyed_groups": [{"key": "worker_status | lower", "prefix": "worker"}]}
    listed = _listed(inventory(**options))
    assert listed["prefect_pool_inv_etl"]["hosts"] == listed["prefect_pool_inv_gpu"]["hosts"] == ["host-1"]
    assert listed["worker_online"]["hosts"] == ["host-1"]
    variables = listed["_meta"]["hostvars"]["host-1"]
    assert variables.pop("worker_last_heartbeat").startswith("20")
    assert {name: value for name, value in variables.items() if name.startswith("worker_")} == {
        "worker_name": "host-1",
        "worker_status": "ONLINE",
        "worker_pools": ["inv-etl", "inv-gpu"],
        "worker_types": ["process"],
    }
    listed = _listed(inventory(**options, include_offline=True))
    assert listed["prefect_pool_inv_etl"]["hosts"] == ["host-1", "host-2"]
    assert listed["worker_offline"]["hosts"] == ["host-2"]


@pytest.mark.usefixtures("workers")
def test_hosts_are_reached_as_composed(inventory):
    run = inventory(pools=["inv-gpu"], compose={"ansible_connection": "'local'"})
    done = run("ansible", "prefect_pool_inv_gpu", "-m", "ansible.builtin.debug", "-a", "var=worker_pools")
    assert "host-1 | SUCCESS" in done.stdout, done.stderr


@pytest.mark.usefixtures("workers")
def test_cache(api, inventory, folder):
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder / "inv-cache")}
    run = inventory(**cache)
    first = _listed(run)
    with api.recorder.recording(read_only=True) as requests:
        assert _listed(run) == first
    assert requests == []
    with api.recorder.recording(read_only=True) as requests:
        assert run("ansible-inventory", "--list", "--flush-cache").returncode == 0
    assert requests != []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pools": ["inv-elt"]}, "pools[0]: no work pool 'inv-elt'; did you mean 'inv-etl'?"),
        ({"auth_string": "a:hush-hush"}, "answers 401: the credentials are wrong; set auth_string"),
        ({"api_url": "http://127.0.0.1:9/api"}, "cannot reach Prefect's API at http://127.0.0.1:9/api"),
        ({"profile": "prod"}, "profile: no profile 'prod' in"),
    ],
)
@pytest.mark.usefixtures("workers")
def test_one_clear_error(inventory, options, message):
    done = inventory(**options)("ansible-inventory", "--list")
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert message in said
    assert "Traceback" not in said
    assert "hush" not in said


def test_the_example_is_an_inventory(api, inventory):
    from ansible_collections.flowops.prefect.plugins.inventory.workers import EXAMPLES

    example = yaml.safe_load(EXAMPLES)
    for pool in example["pools"]:
        api.call("work_pool", name=pool)
    given = {"api_url": api.recorder.url, "auth_string": bed.AUTH, "cache": False}
    listed = _listed(inventory(**{**example, **given}))
    assert {"prefect_pool_etl", "prefect_pool_gpu"} <= set(listed["all"]["children"])
