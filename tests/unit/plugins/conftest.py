"""A scripted API on a real socket, and modules in this process."""

from __future__ import annotations

import importlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from ansible import constants
from ansible_collections.flowops.prefect.plugins.module_utils import client as client_module
from ansible_collections.flowops.prefect.plugins.module_utils.client import Client
from ansible_collections.flowops.prefect.plugins.module_utils.transport import Transport
from modules import run_module


class Request(NamedTuple):
    method: str
    path: str
    query: str
    body: Any
    headers: dict[str, str]
    connection: int


class FakeApi:
    """Answers what it was told to; an object that nobody told it of is not there."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], list[Any]] = {}
        self.requests: list[Request] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                request = Request(
                    self.command,
                    path.removeprefix("/api"),
                    query,
                    json.loads(content) if content else None,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.client_address[1],
                )
                api.requests.append(request)
                status, body, headers = api.answer(request)
                data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url: str | None = f"http://127.0.0.1:{self._server.server_port}/api"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def on(
        self, method: str, path: str, *answers: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with each once, and with the last one from then on."""
        row = self.routes.setdefault((method, path), [])
        row += [(status, answer, headers or {}) for answer in answers]

    def answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        row = self.routes.get((request.method, request.path))
        if not row:
            if request.path.endswith("/filter"):
                return 200, [], {}
            others = {"GET": (404, {"detail": "It was not found."}, {}), "POST": (201, {"id": "new"}, {})}
            return others.get(request.method, (204, None, {}))
        status, body, headers = row.pop(0) if len(row) > 1 else row[0]
        return status, body(request) if callable(body) else body, headers

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        return [
            (request.method, request.path, request.body)
            for request in self.requests
            if request.method != "GET" and not request.path.endswith(("/filter", "/templates/validate"))
        ]

    def client(self, check_mode: bool = False, **options: Any) -> Client:
        return Client(Transport(str(self.url), timeout=5), check_mode=check_mode, **options)

    def run(self, module: str, check: bool = False, **options: Any) -> dict[str, Any]:
        """Return what a module prints."""
        address = {"api_url": self.url} if self.url else {}
        return run_module(module, {**address, **options}, check)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_") or name.lower() == "http_proxy"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "no-profiles"))


@pytest.fixture
def api() -> Iterator[FakeApi]:
    fake = FakeApi()
    yield fake
    fake.close()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits in these tests; what would have been waited is kept."""
    waited: list[float] = []
    monkeypatch.setattr(client_module.time, "sleep", waited.append)
    return waited


@pytest.fixture
def resource(api: FakeApi) -> Callable[..., Any]:
    from ansible_collections.flowops.prefect.plugins.module_utils.session import Session

    def make(kind: Any, check: bool = False, **given: Any) -> Any:
        defaults = {name: rules["default"] for name, rules in kind.options.items() if "default" in rules}
        return kind(Session(api.client(check)), {**defaults, "state": "present", **given})

    return make


@pytest.fixture
def plugin() -> Callable[[str, str], Any]:
    """Make a plugin of the controller as Ansible's loader does, which finds no collection in this process."""

    def make(kind: str, name: str) -> Any:
        module = importlib.import_module(f"ansible_collections.flowops.prefect.plugins.{kind}.{name}")
        text = yaml.safe_load(module.DOCUMENTATION)
        options = dict(text["options"])
        for fragment in text["extends_documentation_fragment"]:
            place, _, rest = fragment.removeprefix("ansible.builtin.").removeprefix("flowops.prefect.").partition(".")
            root = "ansible" if fragment.startswith("ansible.") else "ansible_collections.flowops.prefect"
            part = importlib.import_module(f"{root}.plugins.doc_fragments.{place}").ModuleDocFragment
            options |= yaml.safe_load(getattr(part, (rest or "documentation").upper()))["options"]
        constants.config.initialize_plugin_configuration_definitions(kind, f"flowops.prefect.{name}", options)
        made = getattr(module, f"{kind.title()}Module")()
        made._load_name = made.ansible_name = f"flowops.prefect.{name}"
        return made

    return make
