"""Which recipients are due for which local date, by calculation; the clock is handed in.

Nothing here remembers when it last ran: from the present moment and the date of the last edition follows what is due,
whatever was slept through and whatever the clocks did.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from digest.models import Frequency
from digest.settings import Weekday

_WEEKDAYS: tuple[str, ...] = get_args(Weekday)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_KEPT = 1 << 14  # instants: the same few of each rhythm are asked for at every minute of a day


def due_on(frequency: Frequency, weekday: str, last_edition: date | None, on: date) -> bool:
    """Return whether a recipient with this rhythm is due on the date ``on``.

    Daily recipients always are. Weekly ones are when they had no edition since the last ``weekday`` (``"monday"``, …)
    at or before ``on``, so that a week whose day was missed comes late and not never. What to do about an edition of
    ``on`` itself or later is the caller's to decide. Raises ValueError for no weekday.
    """
    if frequency == "daily":
        return True
    since = (on.weekday() - _WEEKDAYS.index(weekday)) % 7
    return last_edition is None or last_edition < on - timedelta(days=since)


def local_due(
    now: datetime,
    timezone: str,
    send_at: str,
    frequency: Frequency,
    weekday: str,
    last_edition: date | None,
    catch_up: int,
) -> date | None:
    """Return the date, in the recipient's zone, whose edition is due at the aware time ``now``, or None.

    It is the latest date whose ``send_at`` (``"HH:MM"``) has come, unless that was ``catch_up`` seconds ago or more,
    the recipient has an edition of that date or later, or a weekly one is not due on it. Raises ValueError for a
    naive ``now``.
    """
    if now.tzinfo is None:
        raise ValueError("the clock handed in must be aware")
    zone, at = ZoneInfo(timezone), time.fromisoformat(send_at)
    today = now.astimezone(zone).date()
    # Tomorrow's time may have come where clocks were put back over midnight; yesterday's always has.
    comes = {day: instant(datetime.combine(day, at), zone) for day in (today - _DAY, today, today + _DAY)}
    latest = max(day for day, moment in comes.items() if moment <= now)
    late = now - comes[latest] >= timedelta(seconds=catch_up)
    done = last_edition is not None and last_edition >= latest
    return latest if not late and not done and due_on(frequency, weekday, last_edition, latest) else None


@functools.lru_cache(_KEPT)
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC time at which the naive ``wall`` time comes in the zone.

    A time that comes twice counts at its first; one that is skipped counts at the first moment after the gap. (PEP
    495 puts a skipped time as far behind the gap as it would have been, which can be an hour later.)
    """
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    # Equal where the time comes once, late before early where it comes twice; else the gap's end lies in between.
    while late - early > _SECOND:  # zones change on whole seconds
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            late = middle
        else:
            early = middle
    return late
