"""Rules of schedules: what is wrong for certain is told, all else is the server's."""

from __future__ import annotations

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils import rules, schedules


def _messages(**schedule):
    return dict(schedules.check([schedule]))


@pytest.mark.parametrize(
    "cron",
    [
        "* * * * *",
        "*/15 0-6,22 1,15 jan-MAR mon-fri",
        "0 0 * * 7",
        "0 0 l * *",
        "0 0 * * L5",
        "0 0 ? * mon#2",
        "0 0 * jul sun",
        "5/15 * * * *",
        "50-10 * * * fri-mon",
        "*/90 * * * *",
        "0 0 1 1 * 30",
        "0 0 1 1 * 0 2026-2030",
        "R/5 * * * *",
        " 00  0 0-5 0/2 * ",
        "@daily",
        "@HOURLY",
    ],
)
def test_cron_as_prefect_takes_it(cron):
    assert _messages(cron=cron) == {}


@pytest.mark.parametrize(
    ("cron", "allowed", "found"),
    [
        ("60 * * * *", "0-59", "'60' in '60 * * * *'"),
        ("0 24 * * *", "0-23", "'24' in"),
        ("0 0 32 * *", "1-31", "'32' in"),
        ("0 0 0 * *", "1-31", "'0' in"),
        ("0 0 * 13 *", "1-12 or jan-dec", "'13' in"),
        ("0 0 * mon *", "1-12 or jan-dec", "'mon' in"),
        ("0 0 * * 8", "0-7 or sun-sat", "'8' in"),
        ("0 0 * * sunday", "0-7 or sun-sat", "'sunday' in"),
        ("0 0 * * * 60", "0-59", "'60' in"),
        ("0 0 * * * 0 1969", "1970-2099", "'1969' in"),
        ("*/0 * * * *", "0-59", "'*/0' in"),
        ("1,,2 * * * *", "0-59", "nothing between commas in"),
        ("-5 * * * *", "0-59", "'-5' in"),
        ("1-70 * * * *", "0-59", "'1-70' in"),
        ("h * * * *", "0-59", "'h' in"),
        ("? * * * *", "0-59", "'?' in"),
        ("* * * *", "five fields", "4 in '* * * *'"),
        ("", "five fields", "0 in ''"),
        ("@dayly", "@hourly, @daily", "'@dayly'; did you mean '@daily'?"),
        ("@reboot", "@hourly, @daily", "'@reboot'"),
    ],
)
def test_wrong_cron(cron, allowed, found):
    (message,) = _messages(cron=cron).values()
    assert list(_messages(cron=cron)) == ["schedules[0].cron"]
    assert allowed in message
    assert f"found {found}" in message


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY",
        "RRULE:freq=weekly;BYDAY=MO",
        "DTSTART:20260101T000000\nRRULE:FREQ=DAILY",
        "DTSTART;TZID=UTC:20260101T000000\nFREQ=DAILY",
        "INTERVAL=2;FREQ=DAILY",
        "RDATE:20260101T000000",
    ],
)
def test_rrule_as_prefect_takes_it(rrule):
    assert _messages(rrule=rrule) == {}


@pytest.mark.parametrize(
    ("rrule", "message"),
    [
        ("daily", "expected a rule of RFC 5545 such as FREQ=DAILY or RRULE:FREQ=DAILY, found 'daily'"),
        ("", "found ''"),
        ("FREQ=DAYLY", "found 'DAYLY'; did you mean 'DAILY'?"),
        ("FREQ=DAILY;" + "x" * 6500, "expected at most 6500 characters, found 6511"),
    ],
)
def test_wrong_rrule(rrule, message):
    assert _messages(rrule=rrule)["schedules[0].rrule"].endswith(message)


@pytest.mark.parametrize(
    ("interval", "shown"), [(0, "0"), (-1.5, "-1.5"), (float("nan"), "nan"), (float("inf"), "inf")]
)
def test_wrong_interval(interval, shown):
    assert _messages(interval=interval) == {"schedules[0].interval": f"expected more than 0 seconds, found {shown}"}


@pytest.fixture
def zones(monkeypatch):
    """Which time zones this machine knows."""

    def know(*names):
        rules._zones.cache_clear()
        monkeypatch.setattr(rules.zoneinfo, "available_timezones", lambda: set(names))

    yield know
    rules._zones.cache_clear()


def test_time_zones(zones):
    zones("Europe/Vienna", "UTC", "US/Eastern")
    assert _messages(cron="@daily", timezone="Europe/Vienna") == {}
    assert _messages(cron="@daily", timezone="") == {}
    assert _messages(cron="@daily", timezone="Europe/Viena") == {
        "schedules[0].timezone": "expected a time zone such as Europe/Vienna or UTC, found 'Europe/Viena'; "
        "did you mean 'Europe/Vienna'?"
    }


@pytest.mark.parametrize("known", [(), ("Europe/Vienna", "UTC")])
def test_an_incomplete_database_of_time_zones_tells_nothing(zones, known):
    zones(*known)
    assert _messages(cron="@daily", timezone="Asia/Calcutta") == {}


def test_python_without_time_zones(zones, monkeypatch):
    zones()
    monkeypatch.setattr(rules, "zoneinfo", None)
    assert _messages(cron="@daily", timezone="Mars/X") == {}


def test_several_problems_at_once():
    assert list(_messages(cron="60 * * * *", anchor_date="2026-01-01", max_scheduled_runs=0)) == [
        "schedules[0].anchor_date",
        "schedules[0].cron",
        "schedules[0].max_scheduled_runs",
    ]


@pytest.mark.parametrize(
    ("schedule", "found"),
    [
        ({"cron": "0 0 30 2 *"}, "no month of '2' has a day 30, found '0 0 30 2 *'"),
        ({"cron": "0 0 31 4,JUN,9-9 ?"}, "no month of '4,jun,9-9' has a day 31"),
        ({"cron": "0 0 30-31 feb 1", "day_or": False}, "no month of 'feb' has a day 30-31"),
        ({"cron": "0 0 1 1 * 0 2020,2019"}, "the last year is 2020"),
    ],
)
def test_cron_that_never_comes(schedule, found):
    (message,) = _messages(**schedule).values()
    assert message.startswith("never comes")
    assert found in message


@pytest.mark.parametrize(
    "schedule",
    [
        {"cron": "0 0 29 2 *"},
        {"cron": "0 0 29-31 2 *"},
        {"cron": "0 0 31 4-5 *"},
        {"cron": "0 0 30 2 1"},
        {"cron": "0 0 30/2 2 *"},
        {"cron": "0 0 30 */2 *"},
        {"cron": "0 0 l 2 *"},
        {"cron": "0 0 30 2-1 *"},
        {"cron": "0 0 1 1 * 0 2020-2099"},
        {"interval": 2.5e11},
        {"interval": 0.000001},
    ],
)
def test_rule_that_comes_some_day_or_is_in_doubt(schedule):
    assert _messages(**schedule) == {}


def test_interval_beyond_the_servers_calendar():
    assert "expected at most 2.5e+11 seconds, found 1e+12" in _messages(interval=1e12)["schedules[0].interval"]


@pytest.mark.parametrize("start", ["", "DTSTART:20260101T000000\nRRULE:"])
def test_end_in_utc_without_such_a_start(start):
    message = _messages(rrule=f"{start}FREQ=DAILY;UNTIL=20300101T000000Z")["schedules[0].rrule"]
    assert message.startswith("expected UNTIL without Z, or DTSTART with Z too, found '")


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=DAILY;UNTIL=20300101T000000",
        "FREQ=DAILY;UNTIL=20300101",
        "DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;UNTIL=20300101T000000Z",
        "DTSTART;TZID=UTC:20260101T000000\nFREQ=DAILY;UNTIL=20300101T000000Z",
    ],
)
def test_end_that_fits_its_start(rrule):
    assert _messages(rrule=rrule) == {}
