"""Two years in every time zone there is: each local date is due once, and when it should be.

Nothing steps through minutes. What is due changes only where the time to send comes, and where clocks change; so the
program is asked around these moments, and remembers between them what it would have made. When a time comes is told
here by another calculation than the program's: from the zone's offsets alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from digest.due import local_due
from digest.models import Frequency

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
DATES = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CATCH_UP = 20 * 3600
SLICES = 16  # of the zones, so that no test takes long
HOURS = [time(hour) for hour in range(24)]
HALF_HOURS = [time(hour, 30) for hour in range(24)]
ODD = {
    "Africa/Cairo": "put on at midnight, and back from it",
    "Africa/Casablanca": "put back for Ramadan",
    "Africa/El_Aaiun": "put back for Ramadan",
    "America/Havana": "put on at midnight",
    "America/Nuuk": "put on and back the evening before others",
    "America/St_Johns": "half an hour off",
    "Antarctica/Troll": "two hours at once",
    "Asia/Beirut": "put on and back at midnight",
    "Asia/Gaza": "put on and back at two",
    "Asia/Kathmandu": "a quarter of an hour off",
    "Australia/Lord_Howe": "half an hour at once",
    "Pacific/Chatham": "a quarter of an hour off",
    "Pacific/Kiritimati": "further ahead than any",
}


@dataclass(frozen=True)
class Stretch:
    """A time without changes of the clock, and how far the clock is ahead of UTC in it."""

    begins: datetime
    ends: datetime
    offset: timedelta


Clock = tuple[Stretch, ...]


def clock_of(name: str) -> Clock:
    """Return the stretches of a zone, a week longer than the two years at both ends.

    A change is looked for in every half day: one that is taken back within it would not be seen.
    """
    zone = ZoneInfo(name)
    begin, end = (datetime.combine(day, time(), UTC) for day in (FIRST - 7 * DAY, LAST + 8 * DAY))

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    starts, moment = [begin], begin
    while moment < end:
        before, moment = moment, moment + DAY / 2
        if offset(before) != offset(moment):
            low, high = before, moment
            while high - low > SECOND:
                middle = low + (high - low) // SECOND // 2 * SECOND
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            starts.append(high)
    return tuple(Stretch(a, b, offset(a) or timedelta()) for a, b in zip(starts, [*starts[1:], end], strict=True))


@functools.cache
def zones() -> dict[Clock, str]:
    """Return a zone for each clock there is in the two years: those named above, else the first by name."""
    names = sorted(available_timezones() - {"localtime"}, key=lambda name: (name not in ODD, name))
    found: dict[Clock, str] = {}
    for name in names:
        found.setdefault(clock_of(name), name)
    return found


def comes(clock: Clock, wall: datetime) -> datetime:
    """Return the first moment at which a clock shows this time or a later one."""
    return next(
        max(own.begins, moment)
        for own in clock
        if (moment := wall.replace(tzinfo=UTC) - own.offset) < own.ends  # else it is not as late while this lasts
    )


def changes(clock: Clock) -> list[datetime]:
    return [own.begins for own in clock[1:]]


def around(clock: Clock, due: dict[date, datetime]) -> Iterator[datetime]:
    """Yield the moments to ask at: whenever it is due, and closely around that now and then and near changes."""
    turns = [moment + step for moment in changes(clock) for step in (-HOUR, -SECOND, 0 * HOUR, SECOND, HOUR / 2, HOUR)]
    yield from due.values()
    yield from turns
    turning = {moment.date() + n * DAY for moment in changes(clock) for n in range(-2, 3)}
    for number, (day, moment) in enumerate(due.items()):
        if number % 15 == 0 or day in turning:
            yield from (moment - SECOND, moment + SECOND)


def made(
    name: str, at: time, moments: set[datetime], last: date, frequency: Frequency = "daily", weekday: str = "monday"
) -> list[tuple[datetime, date]]:
    """Ask at the moments in order; return what is due and when, each made as soon as it is due."""
    found, send_at = [], f"{at:%H:%M}"
    for moment in sorted(moments):
        if on := local_due(moment, name, send_at, frequency, weekday, last, CATCH_UP):
            found.append((moment, on))
            last = on
    return found


def some(part: int) -> list[tuple[Clock, str]]:
    return list(zones().items())[part::SLICES]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_daily_reader_gets_one_edition_for_each_local_date_of_two_years(part: int) -> None:
    for clock, name in some(part):
        for at in HOURS + (HALF_HOURS if name in ODD else []):
            due = {day: comes(clock, datetime.combine(day, at)) for day in DATES}
            found = made(name, at, set(around(clock, due)), FIRST - DAY)
            assert found == [(moment, day) for day, moment in due.items()], f"{name} at {at}"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_weekly_reader_gets_one_edition_a_week_on_their_weekday(part: int) -> None:
    for clock, name in some(part):
        for at in HOURS:
            weekday = at.hour % 7
            due = {day: comes(clock, datetime.combine(day, at)) for day in DATES}
            mine = {day: moment for day, moment in due.items() if day.weekday() == weekday}
            # On other days of the weeks of a change too, and on the days beside their own every fifth week.
            turning = {moment.date() + n * DAY for moment in changes(clock) for n in range(-7, 8)}
            beside = {day + n * DAY for day in list(mine)[::5] for n in (-1, 1)}
            asked = {moment for day, moment in due.items() if day in turning | beside | mine.keys()}
            found = made(name, at, asked, min(mine) - 7 * DAY, "weekly", WEEKDAYS[weekday])
            assert found == [(moment, day) for day, moment in mine.items()], f"{name} at {at}"


@pytest.mark.parametrize("name", ODD)
def test_an_odd_clock_is_among_those_that_are_asked(name: str) -> None:
    assert clock_of(name) in zones()


def test_all_zones_are_asked_once_for_each_clock_that_differs() -> None:
    # By the zone data of 2025b: 599 names, 30 clocks with changes and 35 without. Other data may have others.
    assert 55 <= len(zones()) <= 80
    assert 20 <= sum(len(clock) > 1 for clock in zones()) <= 40


@pytest.mark.parametrize(
    ("name", "wall", "moment"),
    [
        pytest.param("Europe/Berlin", "2026-06-16T07:00", "2026-06-16T05:00", id="on any day"),
        pytest.param("Antarctica/Troll", "2026-03-29T02:30", "2026-03-29T01:00", id="Troll skips two hours"),
        pytest.param("Asia/Beirut", "2026-03-29T00:30", "2026-03-28T22:00", id="Beirut skips its midnight"),
        pytest.param("Asia/Beirut", "2026-10-25T00:00", "2026-10-24T22:00", id="Beirut is put back before midnight"),
        pytest.param("America/Havana", "2026-11-01T00:30", "2026-11-01T04:30", id="Havana has 00:30 twice"),
    ],
)
def test_the_other_calculation_is_right_where_it_is_known(name: str, wall: str, moment: str) -> None:
    assert comes(clock_of(name), datetime.fromisoformat(wall)) == datetime.fromisoformat(moment).replace(tzinfo=UTC)
