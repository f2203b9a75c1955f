"""A scripted S3 with IAM on a real socket."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import botocore.loaders
from modules import run_module

ADMIN = "AKIAADMIN"
XML = {"Content-Type": "text/xml"}
PAGE = b"<!DOCTYPE html><html><title>Log in</title><br></html>"
WELL_FORMED_PAGE = b"<html><body>Log in</body></html>"
CREATED = "2026-01-01T00:00:00Z"

# What botocore knows of the services is read once, and not in every run of a module.
LOADER = botocore.loaders.create_loader()

Answer = tuple[int, bytes, dict[str, str]]


def refusal(code: str, status: int = 403, message: str = "told", **more: str) -> Answer:
    parts = "".join(f"<{name}>{value}</{name}>" for name, value in {"Code": code, "Message": message, **more}.items())
    return status, f"<?xml version='1.0'?><Error>{parts}</Error>".encode(), XML


def iam_refusal(code: str, status: int = 403, message: str = "told") -> Answer:
    inner = f"<Error><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId>"
    return status, f"<ErrorResponse>{inner}</ErrorResponse>".encode(), XML


def answer(action: str, inner: str = "") -> Answer:
    space = "https://iam.amazonaws.com/doc/2010-05-08/"
    result = f"<{action}Result>{inner}</{action}Result>" if inner else ""
    return 200, f'<{action}Response xmlns="{space}">{result}</{action}Response>'.encode(), XML


class FakeAws:
    """Keeps the access keys of user flows, and answers otherwise what it was told to."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.routes: dict[str, Answer | Callable[[], Answer]] = {}
        self.requests: list[str] = []
        self.authorizations: list[str] = []
        self.keys: dict[str, str] = {}
        self.made = 0
        self.buckets: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                path = urlsplit(self.path)
                form = {name: values[0] for name, values in parse_qs(body).items()} if self.command == "POST" else {}
                queried = [part.partition("=")[0] for part in path.query.split("&") if part]
                name = f"{self.command} {path.path}" + (f"?{queried[0]}" if queried else "")
                name = form.get("Action", name)
                fake.requests.append(name)
                fake.authorizations.append(self.headers.get("Authorization") or "")
                told = fake.routes.get(name) or fake.routes.get("*") or fake.known(name, form)
                status, data, headers = told() if callable(told) else told
                self.send_response(status)
                for pair in headers.items():
                    self.send_header(*pair)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _any  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def known(self, name: str, form: dict[str, str]) -> Answer:
        """Answer as AWS does."""
        if name == "GET /":
            rows = "".join(f"<Bucket><Name>{bucket}</Name></Bucket>" for bucket in self.buckets)
            return 200, f"<ListAllMyBucketsResult><Buckets>{rows}</Buckets></ListAllMyBucketsResult>".encode(), XML
        if "UserName" in form and form["UserName"] != "flows":
            return iam_refusal("NoSuchEntity", 404)
        return getattr(self, f"_{name}", lambda _form: (404, b"", {}))(form)

    def _ListUsers(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        return answer("ListUsers", "<Users/><IsTruncated>false</IsTruncated>")

    def _GetUser(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        return answer("GetUser", "<User><UserName>flows</UserName></User>")

    def _ListGroupsForUser(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        row = "<member><GroupName>pipelines</GroupName></member>"
        return answer("ListGroupsForUser", f"<Groups>{row}</Groups><IsTruncated>false</IsTruncated>")

    def _GetCallerIdentity(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        inner = "<Arn>arn:aws:iam::1:user/admin</Arn><UserId>u</UserId><Account>1</Account>"
        return answer("GetCallerIdentity", inner)

    def _ListAccessKeys(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        rows = "".join(_key_row(name, status) for name, status in self.keys.items())
        inner = f"<AccessKeyMetadata>{rows}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"
        return answer("ListAccessKeys", inner)

    def _CreateAccessKey(self, _form: dict[str, str]) -> Answer:  # noqa: N802
        if len(self.keys) >= 2:
            return iam_refusal("LimitExceeded", 409)
        self.made += 1
        name = f"AKIA{self.made}"
        self.keys[name] = "Active"
        secret = f"<SecretAccessKey>secret-{self.made}</SecretAccessKey>"
        return answer("CreateAccessKey", f"<AccessKey>{_key_row(name, 'Active', 'flows', secret)[8:-9]}</AccessKey>")

    def _UpdateAccessKey(self, form: dict[str, str]) -> Answer:  # noqa: N802
        self.keys[form["AccessKeyId"]] = form["Status"]
        return answer("UpdateAccessKey")

    def _DeleteAccessKey(self, form: dict[str, str]) -> Answer:  # noqa: N802
        if self.keys.pop(form["AccessKeyId"], None) is None:
            return iam_refusal("NoSuchEntity", 404)
        return answer("DeleteAccessKey")

    @property
    def writes(self) -> list[str]:
        return [name for name in self.requests if not name.startswith(("GET", "HEAD", "Get", "List"))]

    def run(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """Return what a module prints."""
        self.requests.clear()
        keys = {"endpoint": self.url, "access_key": ADMIN, "secret_key": "admin-canary", "timeout": 5}
        with mock.patch("botocore.session.create_loader", return_value=LOADER):
            result = run_module(module, {**keys, **options}, check)
        assert "canary" not in json.dumps(result)
        if check:
            assert self.writes == []
        return result

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _key_row(name: str, status: str, user: str = "flows", more: str = "") -> str:
    parts = {"UserName": user, "AccessKeyId": name, "Status": status, "CreateDate": CREATED}
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in parts.items())
    return f"<member>{inner}{more}</member>"
