"""Containers and the components around Prefect: who runs where, and how they find each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.context import Context
from ansible_collections.flowops.prefect.plugins.plugin_utils.settings.resolve import Resolved

Resolve = Callable[..., Resolved]
Inventory = Callable[..., Context]
Problems = Callable[..., list[str]]

REPOSITORY = Path(__file__).resolve().parents[3]
USER = {"name": "charizard", "password": "hush", "email": "c@example.org"}
STACK: dict[str, Any] = {
    "platform": "docker",
    "public_url": "https://tasks.example.org",
    "server": {"auth_string": "machine:hush"},
    "postgres": {"enabled": True},
    "storage": {
        "minio": {
            "enabled": True,
            "public_url": "https://storage.example.org",
            "console_url": "https://console.example.org",
            "users": [{"name": "etl"}],
            "buckets": [{"name": "flows", "user": "etl", "block": "dask-block"}],
        }
    },
    "dask": {"enabled": True},
    "proxy": {"enabled": True},
    "authelia": {"enabled": True, "url": "https://login.example.org", "users": [USER]},
    "workers": [{"name": "dask", "work_queues": ["dask-queue"]}],
}


def stack(**changes: Any) -> dict[str, Any]:
    return {**STACK, **changes}


@pytest.fixture
def cluster(inventory: Inventory) -> Callable[[str], Context]:
    """Return the surroundings of a host among five."""
    addresses = {name: f"10.0.0.{number}" for number, name in enumerate(("db", "server", "storage", "proxy", "worker"))}
    groups = {"servers": ["server"], "workers": ["worker"], "dask": ["worker"]}
    groups |= {"database": ["db"], "storage": ["storage"], "proxy": ["proxy"]}
    return lambda host: inventory(host, addresses, **groups)


def test_on_one_host_services_call_each_other_by_name(resolve: Resolve) -> None:
    roles = resolve(STACK).roles
    assert roles["prefect_api"]["url"] == "http://127.0.0.1:4200/api"
    assert roles["prefect_api"]["service_url"] == "http://prefect-server:4200/api"
    assert roles["prefect_server"]["database"]["host"] == "prefect-postgres"
    assert roles["prefect_minio"]["endpoint"] == "http://prefect-minio:9000"
    assert roles["prefect_dask"]["scheduler_address"] == "tcp://prefect-dask-scheduler:8786"
    assert roles["prefect_workers"][0]["env"]["DASK_SCHEDULER_ADDRESS"] == "tcp://prefect-dask-scheduler:8786"


def test_on_one_host_only_the_proxy_is_open_to_the_network(resolve: Resolve) -> None:
    roles = resolve(STACK).roles
    ports = {item["port"]: item["host"] for item in roles["prefect_docker"]["ports"]}
    assert ports == {4200: "127.0.0.1", 9000: "127.0.0.1", 80: "0.0.0.0", 443: "0.0.0.0"}


def test_trust_zones(resolve: Resolve) -> None:
    roles = resolve(STACK).roles
    assert roles["prefect_server"]["zones"] == ["prefect-app", "prefect-data", "prefect-edge"]
    assert roles["prefect_postgres"]["zones"] == ["prefect-data"]
    assert roles["prefect_workers"][0]["zones"] == ["prefect-app"]
    assert roles["prefect_proxy"]["zones"] == roles["prefect_authelia"]["zones"] == ["prefect-edge"]
    internal = {zone["name"]: zone["internal"] for zone in roles["prefect_docker"]["zones"]}
    assert internal == {"prefect-data": True, "prefect-app": False, "prefect-edge": False}


def test_across_hosts_services_call_each_other_by_address(resolve: Resolve, cluster: Callable[[str], Context]) -> None:
    document = stack(server={"auth_string": "machine:hush", "host": "0.0.0.0"})
    seen = {
        name: resolve(document, context=cluster(name)).roles for name in ("server", "worker", "storage", "db", "proxy")
    }
    assert seen["worker"]["prefect_api"]["service_url"] == "http://10.0.0.1:4200/api"
    assert seen["server"]["prefect_server"]["database"]["host"] == "10.0.0.0"
    assert seen["db"]["prefect_postgres"]["published"] == [{"host": "10.0.0.0", "port": 5432, "container_port": 5432}]
    assert seen["storage"]["prefect_minio"]["endpoint"] == "http://10.0.0.2:9000"
    upstreams = {site["host"]: site["upstream"] for site in seen["proxy"]["prefect_proxy"]["sites_all"]}
    assert upstreams["tasks.example.org"] == "10.0.0.1:4200"
    assert upstreams["storage.example.org"] == "10.0.0.2:9000"
    assert upstreams["console.example.org"] == "10.0.0.2:9001"
    assert not seen["db"]["prefect_docker"]["zones"][0]["internal"]


def test_each_host_runs_its_own_part(resolve: Resolve, cluster: Callable[[str], Context]) -> None:
    document = stack(server={"auth_string": "machine:hush", "host": "0.0.0.0"})
    for host, parts in {
        "db": ["postgres"],
        "storage": ["minio"],
        "proxy": ["authelia", "proxy"],
        "worker": ["dask"],
    }.items():
        roles = resolve(document, context=cluster(host)).roles
        names = [
            name for name in ("postgres", "minio", "dask", "authelia", "proxy") if roles[f"prefect_{name}"]["install"]
        ]
        assert sorted(names) == parts


def test_firewall_admits_those_who_call(resolve: Resolve, cluster: Callable[[str], Context]) -> None:
    document = stack(server={"auth_string": "machine:hush", "host": "0.0.0.0"})
    rules = resolve(document, context=cluster("server")).roles["prefect_firewall"]["rules"]
    assert rules == [{"setting": "prefect.server.port", "port": 4200, "sources": ["10.0.0.4", "10.0.0.3"]}]
    rules = resolve(document, context=cluster("db")).roles["prefect_firewall"]["rules"]
    assert rules == [{"setting": "prefect.postgres.port", "port": 5432, "sources": ["10.0.0.1"]}]
    assert resolve(STACK).roles["prefect_firewall"]["rules"] == []


def test_people_log_in_and_machines_have_their_key(resolve: Resolve) -> None:
    proxy = resolve(STACK).roles["prefect_proxy"]
    sites = {site["host"]: site for site in proxy["sites_all"]}
    assert {name: site["sso"] for name, site in sites.items()} == {
        "tasks.example.org": True,
        "storage.example.org": False,
        "console.example.org": True,
        "login.example.org": False,
    }
    assert sites["tasks.example.org"]["auth_header"] == "Basic bWFjaGluZTpodXNo"
    assert proxy["auth"]["url"] == "http://prefect-authelia:9091/api/authz/forward-auth"
    authelia = resolve(STACK).roles["prefect_authelia"]
    assert authelia["cookie_domain"] == "example.org"
    assert authelia["domains"] == ["tasks.example.org", "console.example.org"]


def test_what_settings_need_comes_by_itself(resolve: Resolve) -> None:
    roles = resolve(stack(workers=[{"name": "d", "type": "docker", "docker": {"socket": True}}])).roles
    assert roles["prefect_docker"]["packages"] == ["prefect-dask", "prefect-docker", "s3fs"]
    roles = resolve(stack(extra_packages=["s3fs>=2024", "prefect_dask"])).roles
    assert roles["prefect_docker"]["packages"] == ["s3fs>=2024", "prefect_dask"]


def test_an_own_variable_beats_a_derived_one(resolve: Resolve) -> None:
    worker = {"name": "d", "env": {"DASK_SCHEDULER_ADDRESS": "tcp://elsewhere:1"}}
    assert resolve(stack(workers=[worker])).roles["prefect_workers"][0]["env"] == worker["env"]


def test_image_follows_the_version(resolve: Resolve) -> None:
    assert resolve(STACK).roles["prefect_docker"]["image"] == "prefecthq/prefect:3.8.8-python3.12"
    own = resolve(stack(image="registry.example.org/prefect:3.7.8")).roles["prefect_docker"]
    assert (own["image"], own["version"]) == ("registry.example.org/prefect:3.7.8", "3.7.8")


@pytest.mark.parametrize("name", ["docker", "cluster"])
def test_shipped_inventory_resolves_for_every_host(name: str, resolve: Resolve, inventory: Inventory) -> None:
    folder = REPOSITORY / "inventories" / name
    groups = yaml.safe_load((folder / "hosts.yml").read_text())["all"]["children"]
    members = {group: list(content["hosts"]) for group, content in groups.items()}
    document = _shipped(folder)
    hosts = {host for names in members.values() for host in names}
    for host in hosts:
        context = inventory(host, **{group.removeprefix("prefect_"): names for group, names in members.items()})
        fragments = {"prefect__platform": {"platform": "docker"}} if host in members.get("docker_hosts", ()) else {}
        assert resolve(document, context=context, fragments=fragments).enabled


def _shipped(folder: Path) -> dict[str, Any]:
    """Return a document of an inventory, with a value where it has a template."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return "/some:thing" if isinstance(value, str) and "{{" in value else value

    return dict(plain(yaml.safe_load((folder / "group_vars" / "all.yml").read_text())["prefect"]))


BAD = {
    "a proxy without public names": (
        {"platform": "docker", "proxy": {"enabled": True}},
        "prefect.proxy.enabled: a proxy needs a public name; set prefect.public_url, such as https://prefect.example.org",
    ),
    "a name used twice": (
        stack(authelia={**STACK["authelia"], "url": "https://tasks.example.org"}),
        "prefect.authelia.url: 'tasks.example.org' (str) is the name of prefect.public_url too; each needs its own",
    ),
    "single sign-on without users": (
        stack(authelia={"enabled": True, "url": "https://login.example.org"}),
        "prefect.authelia.users: nobody could log in; name at least one user with a password",
    ),
    "single sign-on over http": (
        stack(public_url="http://tasks.example.org"),
        "prefect.public_url: single sign-on needs https, a session over http can be stolen",
    ),
    "a login without a proxy": (
        stack(proxy={"enabled": False}),
        "prefect.authelia.enabled: the login stands before the proxy; set prefect.proxy.enabled: true",
    ),
    "a login in another domain": (
        stack(authelia={**STACK["authelia"], "url": "https://login.example.com"}),
        "prefect.authelia.url: 'https://login.example.com' (str) shares no domain with tasks.example.org, "
        "console.example.org; the session's cookie cannot reach both",
    ),
    "one volume claimed twice": (
        stack(postgres={"enabled": True, "volume": "data"}, storage={"minio": {"enabled": True, "volume": "data"}}),
        "prefect.storage.minio.volume: 'data' (str) is the volume of prefect.postgres too; each needs its own",
    ),
    "subnets that collide": (
        stack(docker={"networks": {"data": {"subnet": "10.1.0.0/16"}, "app": {"subnet": "10.1.2.0/24"}}}),
        "prefect.docker.networks.app.subnet: 10.1.2.0/24 overlaps with 10.1.0.0/16 of zone data",
    ),
    "a subnet that is none": (
        stack(docker={"networks": {"data": {"subnet": "10.1.0.0/33"}}}),
        "prefect.docker.networks.data.subnet: expected a network such as 172.30.0.0/24, found '10.1.0.0/33' (str)",
    ),
    "a container without an engine": (
        {"storage": {"minio": {"enabled": True}}},
        "prefect.storage.minio.enabled: runs as a container; set prefect.platform: docker on here, "
        "the host of group prefect_storage",
    ),
    "a docker worker on a native host": (
        {"workers": [{"name": "d", "type": "docker", "docker": {"socket": True}}]},
        "prefect.workers[0].type: docker needs prefect.platform: docker on the worker's host",
    ),
    "a block without keys": (
        stack(storage={"minio": {"enabled": True, "buckets": [{"name": "flows", "block": "b"}]}}),
        "prefect.storage.minio.buckets[0].block: a block needs the keys of a user; set user of this bucket",
    ),
    "a policy named like a bucket's own": (
        stack(
            storage={
                "minio": {
                    "enabled": True,
                    "users": [{"name": "etl"}],
                    "buckets": [{"name": "flows", "user": "etl"}],
                    "policies": [{"name": "prefect-bucket-flows", "policy": {"Version": "2012-10-17"}}],
                }
            }
        ),
        "prefect.storage.minio.policies[0].name: 'prefect-bucket-flows' (str) is the policy made for bucket flows; "
        "choose another name",
    ),
    "a header that is none": (
        stack(proxy={"enabled": True, "headers": {"X Frame": "DENY"}}),
        "prefect.proxy.headers.X Frame: expected the name of a header, letters, digits and hyphens",
    ),
    "a header whose name is a number": (
        stack(proxy={"enabled": True, "headers": {1: "DENY"}}),
        "prefect.proxy.headers.1: expected the name of a header, letters, digits and hyphens",
    ),
    "a header of two lines": (
        stack(proxy={"enabled": True, "headers": {"X-Frame": "a\nb"}}),
        "prefect.proxy.headers.X-Frame: has '\\n', which a Caddyfile cannot hold",
    ),
    "loopback seen from a container": (
        {"platform": "docker", "api_url": "http://127.0.0.1:4200/api"},
        "prefect.api_url: is loopback, which in a container is the container itself",
    ),
    "a cluster's address without a port": (
        stack(dask={"address": "scheduler"}),
        "prefect.dask.address: expected tcp://host:port, found 'scheduler' (str)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told(case: str, problems: Problems) -> None:
    document, expected = BAD[case]
    assert expected in problems(document)


def test_loopback_is_refused_when_the_proxy_is_elsewhere(problems: Problems, cluster: Callable[[str], Context]) -> None:
    found = problems(STACK, context=cluster("server"))
    assert found[0].startswith("prefect.server.host: 127.0.0.1 is loopback, worker, proxy cannot reach it")
