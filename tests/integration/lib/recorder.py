"""A proxy between modules and server that knows every request, and lets nobody write while it is told so."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    method: str
    path: str

    @property
    def writes(self) -> bool:
        return self.method != "GET" and not self.path.split("?")[0].endswith(("/filter", "/templates/validate"))


class Recorder:
    def __init__(self, port: int) -> None:
        self.requests: list[Request] = []
        self.read_only = False
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = Request(self.command, self.path)
                recorder.requests.append(request)
                if recorder.read_only and request.writes:
                    self._answer(418, [], b'{"detail": "a write in check mode"}')
                    return
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                upstream.request(self.command, self.path, body or None, dict(self.headers))
                response = upstream.getresponse()
                kept = ("content-type", "location", "retry-after")
                headers = [(name, value) for name, value in response.getheaders() if name.lower() in kept]
                self._answer(response.status, headers, response.read())
                upstream.close()

            def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _forward  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/api"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @contextmanager
    def recording(self, read_only: bool) -> Iterator[list[Request]]:
        """Yield the requests of the block."""
        start, before = len(self.requests), self.read_only
        self.read_only = read_only
        seen: list[Request] = []
        try:
            yield seen
        finally:
            self.read_only = before
            seen += self.requests[start:]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
