"""MinIO's own client, and a scripted server that hears what it says to the admin API."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bed
from minio.crypto import decrypt, encrypt

ADMIN = "/minio/admin/v3/"


@cache
def mc_bin() -> str:
    return subprocess.check_output([str(bed.ROOT / "tests/bed/mc")], text=True).strip()


class Mc:
    """The client as several users of one server, each an alias of its name."""

    def __init__(self, url: str, keys: Mapping[str, tuple[str, str]], home: Path) -> None:
        host = url.removeprefix("http://")
        hosts = {f"MC_HOST_{name}": f"http://{user}:{secret}@{host}" for name, (user, secret) in keys.items()}
        self._environment = {"PATH": os.environ["PATH"], "HOME": str(home), **hosts}

    def run(self, *arguments: str, content: str = "") -> subprocess.CompletedProcess[str]:
        command, environment = [mc_bin(), "--json", *arguments], self._environment
        return subprocess.run(command, env=environment, input=content, text=True, capture_output=True, check=False)

    def tells(self, *arguments: str) -> dict[str, Any]:
        done = self.run("admin", *arguments)
        assert done.returncode == 0, done.stdout
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


class Listener:
    """Answers as a MinIO of today does, and keeps what it was told to write: method, call, query and body."""

    def __init__(self, secret_key: str) -> None:
        self.writes: list[tuple[str, str, dict[str, str], Any]] = []
        # The account that there is, and what the server has besides.
        self.account: dict[str, Any] | None = None
        self.users: dict[str, Any] = {}
        self.plain: dict[str, Any] = {}
        self.hidden: dict[str, Any] = {"idp/builtin/policy-entities": {}}
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                call = parts.path.removeprefix(ADMIN)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if self.command == "GET":
                    self._send(*listener.read(call, query))
                else:
                    self._send(*listener.write(self.command, call, query, body))

            def _send(self, status: int, content: bytes) -> None:
                form = "xml" if content.startswith(b"<Error>") else "json"
                self.send_response(status)
                self.send_header("Content-Type", f"application/{form}")
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._secret_key = secret_key
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def read(self, call: str, query: dict[str, str]) -> tuple[int, bytes]:
        hidden = {**self.hidden, "list-users": self.users}
        if self.account is not None:
            hidden["info-service-account"] = self.account
        if call in hidden:
            return 200, self._encrypted(hidden[call])
        if call == "user-info" and query["accessKey"] in self.users:
            return 200, json.dumps(self.users[query["accessKey"]]).encode()
        if call in self.plain:
            return 200, json.dumps(self.plain[call]).encode()
        if call == "/":
            # Whoever asks has another secret key.
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code><Message>told</Message></Error>"
        missing = {"user-info": "XMinioAdminNoSuchUser", "group": "XMinioAdminNoSuchGroup"}
        code = missing.get(call, "XMinioInvalidIAMCredentials")
        return 404, json.dumps({"Code": code, "Message": "told"}).encode()

    def write(self, method: str, call: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        said = self._read_body(body)
        self.writes.append((method, call, query, said))
        if call == "add-service-account":
            self.account = {"parentUser": said["targetUser"], "accountStatus": "on", "impliedPolicy": True, **said}
            return 200, self._encrypted({"credentials": {}})
        if call == "update-service-account":
            changes = {name.removeprefix("new").lower(): value for name, value in said.items()}
            self.account = {**(self.account or {}), **changes}
        if call.endswith("service-account"):
            return 204, b""
        return 200, self._encrypted({}) if "/policy/" in call else b""

    def _encrypted(self, value: Any) -> bytes:
        return bytes(encrypt(json.dumps(value).encode(), self._secret_key))

    def _read_body(self, body: bytes) -> Any:
        if not body:
            return None
        try:
            said = json.loads(body)
        except ValueError:
            # What is encrypted begins with a random salt, so its first byte may be a brace.
            stream = io.BytesIO(body)
            stream.release_conn = lambda: None  # type: ignore[attr-defined]
            said = json.loads(decrypt(stream, self._secret_key))
        # What is empty says nothing.
        return {name: value for name, value in said.items() if value not in ("", [])}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
