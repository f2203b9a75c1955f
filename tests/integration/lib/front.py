"""What stands in front of an API: a reverse proxy that does to requests what the test says."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

# Whether an exchange was answered, so that nothing is passed on.
Behaviour = Callable[["Exchange"], bool]
DROPPED = ("connection", "content-length", "transfer-encoding", "date", "server")


class Exchange:
    """One request on its way, and the answers that it can get."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes, before: int) -> None:
        self.handler = handler
        self.method = handler.command
        self.path = handler.path
        self.headers = dict(handler.headers)
        self.body = body
        # How many requests came before.
        self.before = before
        # Whether the answer of the API gets lost.
        self.lose = False
        # What to do to it.
        self.change: Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]] | None = None

    @property
    def writes(self) -> bool:
        return self.method != "GET" and not self.path.endswith("/filter")

    def answer(self, status: int, body: bytes = b"", **headers: str) -> bool:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)
        return True

    def page(self, status: int, **headers: str) -> bool:
        return self.answer(status, b"<!DOCTYPE html><html>Sorry</html>", Content_Type="text/html", **headers)

    def tear(self) -> bool:
        """Close the connection in the middle of an answer."""
        self.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
        self.handler.close_connection = True
        return True


class Seen(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Say nothing of a client that goes away."""


class Front:
    """Listens on loopback, below a path of its own."""

    def __init__(
        self, port: int, behave: Behaviour | None = None, base: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        self.seen: list[Seen] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                exchange = Exchange(self, body, len(front.seen))
                front.seen.append(Seen(self.command, self.path, dict(self.headers)))
                if not (behave and behave(exchange)):
                    front._pass_on(port, base, exchange)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}{base}/api"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @staticmethod
    def _pass_on(port: int, base: str, exchange: Exchange) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        upstream.request(exchange.method, exchange.path.removeprefix(base), exchange.body or None, exchange.headers)
        response = upstream.getresponse()
        body = response.read()
        headers = {name: value for name, value in response.getheaders() if name.lower() not in DROPPED}
        if exchange.change:
            headers, body = exchange.change(headers, body)
        if exchange.lose:
            exchange.tear()
        else:
            exchange.answer(response.status, body, **headers)
        upstream.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
