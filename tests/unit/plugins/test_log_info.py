"""Module log_info on a scripted API."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.flowops.prefect.plugins.modules import log_info

ID = "0190c2f4-9d2f-7e70-9c3a-2f3b4c5d6e7f"
LINES = [
    {"name": "prefect.task_runs", "level": 15, "message": "b", "timestamp": "2", "flow_run_id": ID, "task_run_id": "t"},
    {
        "name": "prefect.flow_runs",
        "level": 40,
        "message": "a http://u:pw-canary@h",
        "timestamp": "1",
        "flow_run_id": ID,
    },
]


@pytest.fixture
def logs(api):
    api.on("POST", "/logs/filter", LINES)
    return api


def test_lines_of_a_run(logs):
    result = logs.run("log_info", check=True, flow_run=ID)
    assert (result["changed"], logs.writes) == (False, [])
    first, second = result["logs"]
    assert (first["level"], first["logger"], first["task_run_id"]) == ("ERROR", "prefect.flow_runs", None)
    assert first["message"] == "a http://u:<secret>@h"
    assert (second["level"], second["message"], second["task_run_id"]) == ("15", "b", "t")
    assert set(first) == set(yaml.safe_load(log_info.RETURN)["logs"]["contains"])
    assert logs.run("log_info", flow_run=ID, order="newest_first")["logs"] == [second, first]


def test_the_server_is_told_what_is_looked_for(logs):
    logs.run("log_info", flow_run=ID, level="WARNING", since="2026-01-31T06:00:00Z", before="2026-02-01", limit=5)
    (request,) = logs.requests
    time = {"after_": "2026-01-31T06:00:00+00:00", "before_": "2026-02-01T00:00:00+00:00"}
    wanted = {"level": {"ge_": 30}, "timestamp": time, "flow_run_id": {"any_": [ID]}}
    assert request.body == {"sort": "TIMESTAMP_DESC", "logs": wanted, "limit": 5}


def test_of_several_runs_of_one_name_the_newest_counts(logs):
    logs.on("POST", "/flow_runs/filter", [{"id": ID}])
    assert len(logs.run("log_info", flow_run="calm-fox")["logs"]) == 2
    look, read = logs.requests
    assert look.body == {"sort": "START_TIME_DESC", "flow_runs": {"name": {"any_": ["calm-fox"]}}, "limit": 1}
    assert read.body["logs"]["flow_run_id"] == {"any_": [ID]}


def test_a_run_that_is_not_there_has_no_log(logs):
    assert logs.run("log_info", flow_run="none")["logs"] == []
    assert [request.path for request in logs.requests] == ["/flow_runs/filter"]


@pytest.mark.parametrize("option", ["since", "before"])
def test_bad_time(logs, option):
    message = f"{option}: expected a time such as 2026-01-31T06:00:00Z, found 'noon'"
    assert logs.run("log_info", flow_run=ID, **{option: "noon"})["msg"] == message
    assert logs.requests == []
