#!/usr/bin/env python3
"""Stand-in for CoreDNS: answer names of services and of pods behind them, ask this node's name server for all others.

Usage: name_server.py ADDRESS
"""

import sys
import time
from pathlib import Path

import api
from dnslib import QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer

ZONE = ".cluster.local"


def endpoints(namespace: str, service: str) -> list[dict[str, str]]:
    found = api.call(f"/api/v1/namespaces/{namespace}/endpoints/{service}") or {}
    return [address for subset in found.get("subsets") or [] for address in subset.get("addresses") or []]


def addresses(name: str) -> list[str] | None:
    """Return the addresses of a name below the zone, None where there is no such name."""
    match name.split("."):
        case [service, namespace, "svc"]:
            found = api.call(f"/api/v1/namespaces/{namespace}/services/{service}")
            if found is None or found["spec"]["type"] == "ExternalName":
                return None
            cluster = found["spec"]["clusterIP"]
            return [cluster] if cluster != "None" else [each["ip"] for each in endpoints(namespace, service)]
        case [pod, service, namespace, "svc"]:
            return [each["ip"] for each in endpoints(namespace, service) if each.get("hostname") == pod] or None
    return None


class Resolver(BaseResolver):
    def resolve(self, request: DNSRecord, _handler: object) -> DNSRecord:
        asked = request.q.qname
        name = str(asked).rstrip(".").lower()
        if not name.endswith(ZONE):
            upstream = next(
                line.split()[1]
                for line in Path("/etc/resolv.conf").read_text().splitlines()
                if line.startswith("nameserver")
            )
            return DNSRecord.parse(request.send(upstream, 53, timeout=5))
        reply = request.reply()
        found = addresses(name.removesuffix(ZONE))
        if found is None:
            reply.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype in (QTYPE.A, QTYPE.ANY):
            for address in found:
                reply.add_answer(RR(asked, QTYPE.A, rdata=A(address), ttl=5))
        return reply


for tcp in (False, True):
    DNSServer(Resolver(), address=sys.argv[1], port=53, tcp=tcp, logger=DNSLogger("error")).start_thread()
while True:
    time.sleep(3600)
