"""An API server that answers from a table, and keeps what it was told."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Item = dict[str, Any]
Answer = tuple[int, Any]
VERSION = {"major": "1", "minor": "31+"}
GROUPS = {
    "groups": [
        {"versions": [{"groupVersion": name}]}
        for name in ("apps/v1", "batch/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1", "storage.k8s.io/v1")
    ]
}


def status(code: int, message: str, **details: Any) -> Answer:
    """Return a refusal as an API server words it."""
    return code, {"kind": "Status", "code": code, "message": message, "details": details}


class ApiServer:
    """What a test tells the server to answer, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: dict[str, Any] = {
            "/version": VERSION,
            "/apis": GROUPS,
            "/api/v1/namespaces/prefect": {"metadata": {"name": "prefect"}},
            "/api/v1/namespaces/kube-system": {"metadata": {"uid": "u-1"}},
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": {"status": {"allowed": True}},
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews": {
                "status": {"resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]}
            },
        }

    def answer(self, method: str, path: str, body: Any) -> Answer:
        self.asked.append((method, path, body))
        found = self.answers.get(f"{method} {path}", self.answers.get(path))
        if callable(found):
            found = found(body)
        if found is None:
            return status(404, f"{path} not found")
        return found if isinstance(found, tuple) else (200, found)

    def kubeconfig(self, folder: Path, **content: Any) -> str:
        """Write a kubeconfig that leads here."""
        path = folder / "kubeconfig"
        path.write_text(json.dumps({**configuration(self.address), **content}))
        return str(path)


def configuration(address: str) -> Item:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": address}}],
        "users": [{"name": "anna", "user": {"token": "t"}}],
        "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "anna"}}],
        "current-context": "dev",
    }


@contextlib.contextmanager
def running() -> Iterator[ApiServer]:
    """Run one."""
    handler: Callable[..., Any] = type("Handler", (_Handler,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        api = ApiServer(server.server_address[1])
        handler.api = api  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield api
        server.shutdown()


def _is_selected(item: Item, selector: str) -> bool:
    """Tell whether an object has the labels that are asked for, and lacks those that must not be there."""
    labels = item["metadata"].get("labels") or {}
    words = [word.partition("=") for word in selector.split(",") if word]
    return all(labels.get(key) == value if equals else key[1:] not in labels for key, equals, value in words)


class _Handler(http.server.BaseHTTPRequestHandler):
    api: ApiServer
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        url = urlsplit(self.path)
        code, content = self.api.answer(self.command, url.path, body)
        if isinstance(content, dict) and "items" in content:
            selector = dict(parse_qsl(url.query)).get("labelSelector", "")
            content = {**content, "items": [item for item in content["items"] if _is_selected(item, selector)]}
        sent = content.encode() if isinstance(content, str) else json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""
