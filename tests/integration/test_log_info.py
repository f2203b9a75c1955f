"""Module log_info with a run that has logged."""

from __future__ import annotations

import pytest

DAY = "2026-01-31T"
LINES = [
    {"level": 20, "message": "first ü", "timestamp": f"{DAY}06:00:00Z", "name": "prefect.flow_runs"},
    {"level": 10, "message": "second", "timestamp": f"{DAY}07:00:00Z", "name": "prefect.flow_runs"},
    {"level": 40, "message": "third", "timestamp": f"{DAY}08:00:00Z", "name": "prefect.task_runs"},
]


@pytest.fixture(scope="module")
def run(api, prefect):
    assert not api.call("deployment", flow_name="test logs", name="d").get("failed")
    started = api.call("flow_run", deployment="test logs/d", name="logging", wait=False)["flow_run"]
    many = [
        {"level": 20, "message": f"line {n}", "timestamp": f"{DAY}09:{n // 60:02}:{n % 60:02}Z", "name": "many"}
        for n in range(450)
    ]
    rows = [{**line, "flow_run_id": started["id"]} for line in [*LINES, *many]]
    for start in range(0, len(rows), 200):
        prefect.request("POST", "/logs/", rows[start : start + 200])
    yield started
    api.call("flow", name="test logs", state="absent", force=True)


def _messages(api, **options):
    with api.recorder.recording(read_only=True):
        found = api.call("log_info", **options)
    assert api.call("log_info", check=True, **options)["logs"] == found["logs"]
    return [line["message"] for line in found["logs"]]


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        ({"before": f"{DAY}08:30:00Z"}, ["first ü", "second", "third"]),
        ({"before": f"{DAY}08:30:00Z", "order": "newest_first"}, ["third", "second", "first ü"]),
        ({"before": f"{DAY}08:30:00Z", "level": "INFO"}, ["first ü", "third"]),
        ({"level": "ERROR"}, ["third"]),
        ({"before": f"{DAY}08:30:00Z", "limit": 2}, ["second", "third"]),
        ({"since": f"{DAY}07:00:00", "before": f"{DAY}09:00:00+01:00"}, ["second", "third"]),
        ({"level": "CRITICAL"}, []),
    ],
)
def test_lines_are_chosen(api, run, options, messages):
    assert _messages(api, flow_run=run["id"], **options) == messages
    assert _messages(api, flow_run="logging", **options) == messages


def test_many_lines_are_read_by_pages(api, run):
    lines = _messages(api, flow_run=run["id"], limit=1000)
    assert lines == ["first ü", "second", "third", *(f"line {n}" for n in range(450))]
    assert _messages(api, flow_run=run["id"]) == lines[-200:]


def test_a_run_that_is_not_there_has_no_log(api):
    assert _messages(api, flow_run="no such run") == []
    assert _messages(api, flow_run="00000000-0000-0000-0000-000000000000") == []
