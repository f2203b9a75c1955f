"""Nothing but the proxy is open to the network."""

from __future__ import annotations

import json

import testinfra
from testinfra.host import Host

# Connects to every port of a host, and says which ones answer.
SCAN = """
import json, socket, sys
address, found = socket.gethostbyname(sys.argv[1]), []
for port in range(1, 65536):
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((address, port)) == 0:
            found.append(port)
print(json.dumps(found))
"""


def test_only_the_proxy_listens_on_all_addresses(host: Host) -> None:
    # The SSH server is the host's own; 127.0.0.11 is the engine's own resolver.
    listening = [line.split()[3] for line in host.check_output("ss -Hltn 'sport != :22'").splitlines()]
    opened = {address for address in listening if not address.startswith(("127.", "[::1]"))}
    assert {address.rpartition(":")[2] for address in opened} == {"80", "443"}


def test_only_the_proxy_answers_a_neighbour(host: Host) -> None:
    name = host.backend.hostname
    neighbour = "docker run --rm --network %s flowops-test/debian:bookworm python3 -c %s %s"
    answer = testinfra.get_host("local://").check_output(neighbour, name, SCAN, name)
    assert json.loads(answer) == [22, 80, 443]


def test_the_server_and_the_storage_answer_on_loopback(host: Host) -> None:
    listening = {line.split()[3] for line in host.check_output("ss -Hltn").splitlines()}
    assert {"127.0.0.1:4200", "127.0.0.1:9000"} <= listening
