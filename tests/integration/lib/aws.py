"""AWS as moto simulates it: S3, IAM and STS on loopback, with the policies of users enforced.

A simulation, and no proof of what AWS does. It reads the conditions of no policy of a user.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import bed
import boto3

READS = ("GET", "HEAD")
READING = ("Get", "List")
DROPPED = ("connection", "content-length", "transfer-encoding")


class Aws(NamedTuple):
    """A server that speaks S3 and IAM, and the keys of its administrator."""

    url: str
    access_key: str
    secret_key: str

    def client(self, service: str, access_key: str = "", secret_key: str = "") -> Any:
        """Talk to the server past the modules, as anybody."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
        )


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[Aws]:
    """Yield a simulation in which everything needs a right, as a user who has all."""
    folder.mkdir(parents=True)
    port, log = bed.free_port(), folder / "moto.log"
    # The first calls make the administrator.
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "INITIAL_NO_AUTH_ACTION_COUNT": "3"}
    program = str(Path(sys.executable).parent / "moto_server")
    with bed.process([program, "-H", "127.0.0.1", "-p", str(port)], log, env=environment):
        server = Aws(f"http://127.0.0.1:{port}", "first", "first-secret")
        bed.wait_for(lambda: bed.answers(f"{server.url}/moto-api/"), 60, log)
        iam = server.client("iam")
        iam.create_user(UserName="prefect-admin")
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_user_policy(UserName="prefect-admin", PolicyName="all", PolicyDocument=json.dumps(everything))
        key = iam.create_access_key(UserName="prefect-admin")["AccessKey"]
        yield Aws(server.url, key["AccessKeyId"], key["SecretAccessKey"])


class Watch:
    """A proxy that notes writes, lets nobody write while it is told so, and can stop between two calls."""

    def __init__(self, url: str) -> None:
        self.writes: list[str] = []
        self.read_only = False
        # Called with the name of a write before the server is asked, and before anybody is told what it answered.
        self.asked: Callable[[str], None] | None = None
        self.answered: Callable[[str], None] | None = None
        handler = type("Handler", (_Handler,), {"watch": self, "upstream": url.removeprefix("http://")})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    watch: Watch
    upstream: str

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        write = self._written(body)
        if write:
            self.watch.writes.append(write)
            if self.watch.read_only:
                self._answer(418, [], b"a write in check mode")
                return
            if self.watch.asked:
                self.watch.asked(write)
        status, headers, content = self._forward(body)
        if write and self.watch.answered:
            self.watch.answered(write)
        with contextlib.suppress(OSError):
            self._answer(status, headers, content)

    def _written(self, body: bytes) -> str:
        """Return what a request writes: an action of IAM, or a call of S3."""
        if self.command in READS:
            return ""
        action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
        return "" if action.startswith(READING) else action or f"{self.command} {self.path}"

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        # The name of the host is signed, so it stays.
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        with contextlib.closing(connection):
            connection.request(self.command, self.path, body or None, dict(self.headers))
            response = connection.getresponse()
            kept = [pair for pair in response.getheaders() if pair[0].lower() not in DROPPED]
            return response.status, kept, response.read()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""
