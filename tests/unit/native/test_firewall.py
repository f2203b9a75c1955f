"""The table of the firewall, and what ufw and firewalld are told."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.flowops.prefect.plugins.plugin_utils.components import firewall as module

RULES = [
    {"setting": "prefect.postgres.port", "port": 5432, "sources": ["10.0.0.2/32", "10.0.0.3", "fd00::3"]},
    {"setting": "prefect.server.port", "port": 4200, "sources": ["10.0.1.0/24", "10.0.1.7"]},
]


def firewall(**changes: Any) -> dict[str, Any]:
    return {"backend": "nftables", "trusted_interfaces": ["docker0", "br-*"], "rules": RULES, **changes}


def table(**changes: Any) -> list[str]:
    return [line.strip() for line in module.firewall_table(firewall(**changes)).splitlines()]


def test_each_port_is_for_its_sources_and_for_nobody_else() -> None:
    lines = table()
    assert [line for line in lines if line.startswith("tcp ")] == [
        "tcp dport 4200 ip saddr { 10.0.1.0/24 } accept",
        "tcp dport 4200 drop",
        "tcp dport 5432 ip saddr { 10.0.0.2/31 } accept",
        "tcp dport 5432 ip6 saddr { fd00::3 } accept",
        "tcp dport 5432 drop",
    ]


def test_it_looks_before_docker_redirects_and_leaves_other_traffic_alone() -> None:
    lines = table()
    assert "type filter hook prerouting priority -300; policy accept;" in lines
    assert lines.index("fib daddr type != local accept") < lines.index("tcp dport 4200 drop")
    assert [line for line in lines if line.startswith("iifname")] == [
        'iifname "lo" accept', 'iifname "docker0" accept', 'iifname "br-*" accept',
    ]  # fmt: skip


def test_a_former_table_is_replaced_in_one_step() -> None:
    lines = table()
    where = lines.index("table inet flowops_prefect")
    assert lines[where : where + 3] == [
        "table inet flowops_prefect",
        "delete table inet flowops_prefect",
        "table inet flowops_prefect {",
    ]


def test_a_port_without_sources_is_for_nobody() -> None:
    lines = table(rules=[{"setting": "s", "port": 1, "sources": []}])
    assert [line for line in lines if line.startswith("tcp ")] == ["tcp dport 1 drop"]


def test_names_are_refused() -> None:
    wrong = firewall(rules=[{"setting": "prefect.server.port", "port": 4200, "sources": ["w.internal", "10.0.0.1"]}])
    assert module.firewall_problems(wrong) == [
        "prefect.firewall: prefect.server.port is for w.internal, which is a name; "
        "set ansible_host or prefect_settings_address of that host to an address"
    ]
    assert module.firewall_problems(firewall()) == []


def test_what_was_opened_before_is_closed_when_it_is_not_wanted() -> None:
    before = module.firewall_table(firewall(backend="ufw"))
    assert module.firewall_stale(before, firewall(backend="ufw")) == []
    fewer = module.firewall_stale(before, firewall(backend="ufw", rules=RULES[1:]))
    assert [(item["backend"], item["port"], item["source"], item["family"]) for item in fewer] == [
        ("ufw", 5432, "10.0.0.2/31", "ipv4"), ("ufw", 5432, "fd00::3", "ipv6"),
    ]  # fmt: skip
    assert len(module.firewall_stale(before, firewall(backend="none"))) == 3
    assert module.firewall_stale("", firewall()) == []


@pytest.mark.skipif(not shutil.which("nft"), reason="needs nft")
def test_nft_reads_it(tmp_path: Path) -> None:
    (tmp_path / "table").write_text(module.firewall_table(firewall()))
    command = ["unshare", "--user", "--map-root-user", "--net", "nft", "--check", "--file", tmp_path / "table"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
