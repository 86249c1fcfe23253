"""Due: the right date at the right moment, whatever the clocks do. All zones: ``test_due_in_every_zone``."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.due import due_on, instant, local_due

HOUR = 3600
ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
zones = st.sampled_from(ZONES)
clocks = st.times().map(lambda at: at.strftime("%H:%M"))
moments = st.datetimes(datetime(2009, 1, 1), datetime(2030, 12, 31)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


def daily(
    now: str, zone: str, send_at: str = "07:00", last: str | None = None, catch_up: int = 20 * HOUR
) -> str | None:
    last_edition = date.fromisoformat(last) if last else None
    found = local_due(datetime.fromisoformat(now), zone, send_at, "daily", "monday", last_edition, catch_up)
    return found.isoformat() if found else None


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        pytest.param("2026-06-16T04:59:59Z", "2026-06-15", None, id="a second before its time"),
        pytest.param("2026-06-16T05:00:00Z", "2026-06-15", "2026-06-16", id="at its time"),
        pytest.param("2026-06-16T05:00:00Z", None, "2026-06-16", id="the first edition"),
        pytest.param("2026-06-16T05:00:00Z", "2026-06-16", None, id="it has that edition"),
        pytest.param("2026-06-16T05:00:00Z", "2026-06-17", None, id="it has a later edition"),
        pytest.param("2026-06-17T00:59:59Z", "2026-06-15", "2026-06-16", id="caught up after midnight"),
        pytest.param("2026-06-17T01:00:00Z", "2026-06-15", None, id="too late to catch up"),
        pytest.param("2026-06-20T05:00:00Z", "2026-06-15", "2026-06-20", id="days slept through are one"),
    ],
)
def test_daily_in_berlin_at_seven(now: str, last: str | None, due: str | None):
    assert daily(now, "Europe/Berlin", last=last) == due


@pytest.mark.parametrize(
    ("zone", "wall", "comes"),
    [
        pytest.param("Europe/London", "2026-03-29T01:30", "2026-03-29T01:00:00", id="London skips 01:30"),
        pytest.param("Europe/London", "2026-03-29T02:00", "2026-03-29T01:00:00", id="London after the gap"),
        pytest.param("Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00", id="London has 01:30 twice"),
        pytest.param("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00", id="New York skips 02:30"),
        pytest.param("America/New_York", "2026-03-08T00:00", "2026-03-08T05:00:00", id="New York at midnight"),
        pytest.param("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00", id="New York has 01:30 twice"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30:00", id="Lord Howe skips half an hour"
        ),
        pytest.param("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00", id="Lord Howe has 01:45 twice"),
        pytest.param("Pacific/Apia", "2011-12-30T07:00", "2011-12-30T10:00:00", id="Apia skips a whole day"),
        pytest.param("Pacific/Apia", "2011-12-31T07:00", "2011-12-30T17:00:00", id="Apia on the day after"),
    ],
)
def test_a_wall_time_comes_at(zone: str, wall: str, comes: str):
    assert instant(datetime.fromisoformat(wall), ZoneInfo(zone)) == datetime.fromisoformat(comes).replace(tzinfo=UTC)


def test_a_time_over_a_put_back_midnight_is_due_at_its_first_coming():
    # St. John's put clocks back from 00:01 to 23:01: at 02:40 UTC it is the 6th again, and 00:00 of the 7th has come.
    assert daily("2010-11-07T02:30:00Z", "America/St_Johns", "00:00", last="2010-11-06") == "2010-11-07"
    assert daily("2010-11-07T02:40:00Z", "America/St_Johns", "00:00", last="2010-11-06") == "2010-11-07"


@pytest.mark.parametrize(
    ("last", "on", "due"),
    [
        pytest.param(None, "2026-06-17", True, id="never had one"),
        pytest.param("2026-06-12", "2026-06-15", True, id="on its Monday"),
        pytest.param("2026-06-14", "2026-06-17", True, id="its Monday was missed"),
        pytest.param("2026-06-15", "2026-06-17", False, id="had one on its Monday"),
        pytest.param("2026-06-17", "2026-06-21", False, id="had a late one"),
        pytest.param("2026-06-17", "2026-06-22", True, id="the next Monday after a late one"),
        pytest.param("2026-06-22", "2026-06-17", False, id="has a later one"),
    ],
)
def test_weekly_on_mondays(last: str | None, on: str, due: bool):
    last_edition = date.fromisoformat(last) if last else None
    assert due_on("weekly", "monday", last_edition, date.fromisoformat(on)) is due


def test_daily_is_due_every_day():
    assert due_on("daily", "monday", date(2026, 6, 17), date(2026, 6, 17))


def test_a_weekly_one_waits_for_its_time_on_its_day():
    last = date(2026, 6, 8)
    args = ("Europe/Berlin", "07:00", "weekly", "monday", last, 20 * HOUR)
    assert local_due(datetime(2026, 6, 15, 4, 59, tzinfo=UTC), *args) is None
    assert local_due(datetime(2026, 6, 15, 5, 0, tzinfo=UTC), *args) == date(2026, 6, 15)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from(["monday", "thursday", "sunday"]))
def test_asked_every_day_a_weekly_one_comes_once_a_week_on_its_day(start: date, weekday: str):
    last, editions = start, []
    for day in (start + timedelta(days=n) for n in range(1, 36)):
        if due_on("weekly", weekday, last, day):
            last = day
            editions.append(day)
    assert [day.strftime("%A").lower() for day in editions] == [weekday] * 5


@given(moments, zones, clocks, st.integers(0, 86400))
def test_what_is_due_came_within_the_time_to_catch_up(now: datetime, zone: str, send_at: str, catch_up: int):
    day = local_due(now, zone, send_at, "daily", "monday", None, catch_up)
    if day:
        comes = instant(datetime.combine(day, time.fromisoformat(send_at)), ZoneInfo(zone))
        assert comes <= now < comes + timedelta(seconds=catch_up)


@given(moments, zones, clocks)
def test_it_is_the_latest_date_whose_time_has_come(now: datetime, zone: str, send_at: str):
    day = local_due(now, zone, send_at, "daily", "monday", None, 10 * 86400)
    assert day
    after = [
        instant(datetime.combine(day + timedelta(days=n), time.fromisoformat(send_at)), ZoneInfo(zone)) for n in (1, 2)
    ]
    assert now < after[0] <= after[1]


@given(st.datetimes(datetime(2009, 1, 1), datetime(2030, 12, 31)), zones)
def test_a_time_that_exists_comes_when_the_clock_first_shows_it(wall: datetime, zone: str):
    local = instant(wall, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert local.fold == 0
    assert local.replace(tzinfo=None) >= wall


def test_a_year_of_ticks_makes_every_date_once_though_apia_skipped_one():
    now, last, made = datetime(2011, 1, 1, tzinfo=UTC), date(2010, 12, 31), []
    for _ in range(366 * 24):
        now += timedelta(hours=1)
        if found := local_due(now, "Pacific/Apia", "07:00", "daily", "monday", last, 20 * HOUR):
            made.append(last := found)
    assert made[:365] == [date(2011, 1, 1) + timedelta(days=n) for n in range(365)]


def test_a_naive_clock_is_refused():
    with pytest.raises(ValueError, match="aware"):
        local_due(datetime(2026, 6, 16), "UTC", "07:00", "daily", "monday", None, 60)
