"""When a source is asked next: by its pause or its times of day, and a little later by chance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digest import due
from digest.config import cron
from digest.settings import SourceSetting, seconds

_FURTHEST = 366 * 8 + 2  # days in which every date of a year comes again, 29 February too


def next_time(setting: SourceSetting, after: datetime, zone: str, chance: float) -> datetime:
    """Return when a source is to be asked that was asked at an aware time; ``chance``, from 0 to 1, is of the jitter.

    Times of day are by the clock of the zone; one that a clock change skips comes right after the gap, one that it
    brings twice counts once, as for digests (see ``due``).
    """
    late = timedelta(seconds=seconds(setting.jitter) * chance)
    if not setting.cron:
        return after + timedelta(seconds=seconds(setting.every)) + late
    own, place = cron.times(setting.cron), ZoneInfo(zone)
    day = after.astimezone(place).date()
    for ahead in range(-1, _FURTHEST):  # the day before, too: clocks may have been put back over midnight
        if found := _first(own, day + timedelta(days=ahead), place, after):
            return found + late
    raise ValueError(f"{setting.cron!r} never comes")


def _first(own: cron.Times, day: date, zone: ZoneInfo, after: datetime) -> datetime | None:
    for at in own.on(day):
        moment = due.instant(datetime.combine(day, at), zone)
        if moment > after:
            return moment.astimezone(UTC)
    return None
