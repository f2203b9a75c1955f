"""A scripted MinIO on a real socket, and modules in this process."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from minio.crypto import decrypt, encrypt
from modules import run_module

SECRET_KEY = "root-canary"
XML = {"Content-Type": "application/xml"}


class Request(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The request without its host: method, path and the names in its query."""
        names = "&".join(sorted(self.query))
        return f"{self.method} {self.path}" + (f"?{names}" if names else "")

    @property
    def secret(self) -> Any:
        """What an encrypted body says."""
        stream = io.BytesIO(self.body)
        stream.release_conn = lambda: None  # type: ignore[attr-defined]
        return json.loads(decrypt(stream, SECRET_KEY))


Answer = tuple[int, bytes, dict[str, str]]


def encrypted(value: Any) -> bytes:
    return bytes(encrypt(json.dumps(value).encode(), SECRET_KEY))


def refusal(code: str, status: int = 403) -> Answer:
    return status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>told</Message></Error>".encode(), XML


def admin_refusal(code: str, status: int) -> Answer:
    return status, json.dumps({"Code": code, "Message": "told"}).encode(), {"Content-Type": "application/json"}


class FakeMinio:
    """Answers what it was told to, and whatever else with an empty page."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer | Callable[[Request], Answer]] = {}
        self.requests: list[Request] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
                request = Request(self.command, parts.path, query, body)
                fake.requests.append(request)
                found = fake.routes.get(request.key) or fake.routes.get("*") or (200, b"", {})
                status, data, headers = found(request) if callable(found) else found
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def on(self, key: str, body: Any = b"", status: int = 200, headers: dict[str, str] | None = None) -> None:
        text = body if isinstance(body, (bytes, str)) else json.dumps(body)
        self.routes[key] = (status, text.encode() if isinstance(text, str) else text, headers or {})

    def admin(self, key: str, body: Any = b"", status: int = 200) -> None:
        method, _, call = key.partition(" ")
        self.on(f"{method} /minio/admin/v3/{call}", body, status)

    def refuse(self, key: str, answer: Answer) -> None:
        self.routes[key] = answer

    @property
    def writes(self) -> list[str]:
        return [request.key for request in self.requests if request.method not in ("GET", "HEAD")]

    def run(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """Return what a module prints."""
        self.requests.clear()
        keys = {"endpoint": self.url, "access_key": "root", "secret_key": SECRET_KEY, "timeout": 5}
        result = run_module(module, {**keys, **options}, check)
        assert "canary" not in json.dumps(result)
        return result

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def minio() -> Iterator[FakeMinio]:
    fake = FakeMinio()
    fake.admin("GET list-canned-policies", {"readwrite": {"Version": "2012-10-17", "Statement": []}})
    fake.on("GET /", buckets(), headers=XML)
    yield fake
    fake.close()


def buckets(*names: str) -> str:
    rows = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in names)
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<ListAllMyBucketsResult xmlns="{space}"><Buckets>{rows}</Buckets></ListAllMyBucketsResult>'
