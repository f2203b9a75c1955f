"""Modules against a real Prefect server with an auth string on a real PostgreSQL."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "lib"))

import bed
from ansible_collections.flowops.prefect.plugins.module_utils.bulk import KINDS
from modules import run_module
from recorder import Recorder

Result = dict[str, Any]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    # pytest's own folder is closed to the user that PostgreSQL runs as.
    path = Path(tempfile.mkdtemp(prefix="flowops-prefect-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[int]:
    with bed.postgres(folder / "postgres") as port:
        yield port


@pytest.fixture(scope="session")
def prefect(folder: Path, postgres: int) -> Iterator[bed.Prefect]:
    home = folder / "prefect"
    home.mkdir()
    server = bed.Prefect(home, postgres)
    server.migrate()
    with server.running():
        yield server


@pytest.fixture(scope="session")
def recorder(prefect: bed.Prefect) -> Iterator[Recorder]:
    proxy = Recorder(prefect.port)
    yield proxy
    proxy.close()


class Api:
    """Calls modules; in check mode every write is refused, and fails the test."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.connection = {"api_url": recorder.url, "auth_string": bed.AUTH}

    def call(self, module: str, check: bool = False, **options: Any) -> Result:
        with self.recorder.recording(read_only=check) as requests:
            result = run_module(module, {**self.connection, **options}, check)
        if check:
            assert [request for request in requests if request.writes] == []
        return result

    def fails(self, module: str, **options: Any) -> Result:
        """Fail without having written, in either mode, and with the same message."""
        with self.recorder.recording(read_only=False) as requests:
            result = self.call(module, **options)
        assert result.get("failed"), result
        assert [request for request in requests if request.writes] == []
        assert self.call(module, check=True, **options)["msg"] == result["msg"]
        return result

    def settles(self, module: str, changed: bool = True, **options: Any) -> Result:
        """Foretell, do, and find nothing left to do."""
        foretold = self.call(module, check=True, **options)
        assert not foretold.get("failed"), foretold["msg"]
        done = self.call(module, **options)
        assert not done.get("failed"), done["msg"]
        assert foretold["changed"] == done["changed"] == changed, done["diff"]
        assert without_ids(foretold) == without_ids(done)
        with self.recorder.recording(read_only=False) as requests:
            again = self.call(module, **options)
        assert again["changed"] is False, again["diff"]
        assert module == "resources" or again["diff"]["before"] == again["diff"]["after"]
        assert [request for request in requests if request.writes] == []
        for kind in (kind.kind for kind in KINDS.values()):
            if kind in done:
                assert without_server_values(again[kind], kind) == without_server_values(done[kind], kind)
        return done


def without_ids(value: Any) -> Any:
    """Return a result without what check mode cannot know: ids, and a priority that the server chooses."""
    if isinstance(value, dict):
        hidden = ("id", "flow_id", "block_document_id", "invocation", "priority")
        return {key: without_ids(part) for key, part in value.items() if key not in hidden}
    return [without_ids(part) for part in value] if isinstance(value, list) else value


def without_server_values(value: Any, kind: str) -> Any:
    """Return an object without what the server adds to a new schedule."""
    if kind == "deployment_schedule":
        return _given_rule(value)
    if isinstance(value, dict):
        return {key: [_given_rule(row) for row in part] if key == "schedules" else part for key, part in value.items()}
    return value


def _given_rule(row: Result) -> Result:
    return {key: row.get(key) for key in ("slug", "cron", "interval", "active", "parameters")}


@pytest.fixture(scope="session")
def api(recorder: Recorder) -> Api:
    return Api(recorder)


@pytest.fixture
def pool(api: Api, request: pytest.FixtureRequest) -> Iterator[str]:
    """A work pool of the test's own."""
    name = f"pool-{request.node.name}"[:60].replace("[", "-").replace("]", "").replace("%", "")
    api.call("work_pool", name=name)
    yield name
    api.call("work_pool", name=name, state="absent")


@pytest.fixture
def cleanup() -> Iterator[Callable[..., None]]:
    todo: list[Callable[[], Any]] = []
    yield todo.append
    for task in reversed(todo):
        task()
