"""When a source is asked next, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.pipeline.next_asked import next_time
from digest.settings import SourceSetting


def source(**keys: str) -> SourceSetting:
    return SourceSetting(name="a", kind="folder", path="a", **keys)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_pause_counts_from_the_last_time() -> None:
    own = source(every="30 min", jitter="1 min")
    assert next_time(own, at("2026-06-15 07:00"), "Europe/Berlin", 0.0) == at("2026-06-15 07:30")
    assert next_time(own, at("2026-06-15 07:00"), "Europe/Berlin", 0.5) == at("2026-06-15 07:30:30")


@pytest.mark.parametrize(
    ("cron", "after", "zone", "comes"),
    [
        ("0 7 * * mon-fri", "2026-06-15 04:00", "Europe/Berlin", "2026-06-15 05:00"),
        ("0 7 * * mon-fri", "2026-06-15 05:00", "Europe/Berlin", "2026-06-16 05:00"),
        ("0 7 * * mon-fri", "2026-06-19 06:00", "Europe/Berlin", "2026-06-22 05:00"),
        ("*/20 6,18 * * *", "2026-06-15 06:25", "UTC", "2026-06-15 06:40"),
        ("*/20 6,18 * * *", "2026-06-15 06:40", "UTC", "2026-06-15 18:00"),
        ("0 0 29 2 *", "2026-06-15 00:00", "UTC", "2028-02-29 00:00"),
        ("30 2 * * *", "2026-03-28 12:00", "Europe/Berlin", "2026-03-29 01:00"),  # skipped: right after the gap
        ("30 2 * * *", "2026-10-25 00:30", "Europe/Berlin", "2026-10-26 01:30"),  # twice: counts at its first
        ("30 0 * * *", "2026-11-01 05:00", "America/Havana", "2026-11-02 05:30"),
    ],
)
def test_times_of_day_are_those_of_the_zone(cron: str, after: str, zone: str, comes: str) -> None:
    assert next_time(source(cron=cron), at(after), zone, 0.0) == at(comes)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kathmandu"]),
    st.integers(0, 23),
    st.sampled_from([0, 15, 30]),
)
def test_a_daily_time_comes_within_two_days_and_not_now(now: datetime, zone: str, hour: int, minute: int) -> None:
    comes = next_time(source(cron=f"{minute} {hour} * * *"), now, zone, 0.0)
    assert timedelta(0) < comes - now <= timedelta(hours=26)
