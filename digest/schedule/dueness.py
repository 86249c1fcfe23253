"""What is due at a moment, and for which date: by the clock, the store and the settings, with nothing remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from digest import due
from digest.pipeline.compose import Wanted
from digest.pipeline.context import Context
from digest.pipeline.people import address_book
from digest.settings import seconds
from digest.store import dumps as dump_store
from digest.store import people, runs
from digest.store.people import Rhythm

_Key = TypeVar("_Key")

_FURTHEST = timedelta(hours=14)  # no zone is further ahead of UTC (Pacific/Kiritimati)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at a moment, and for which date."""

    rhythms: Mapping[Rhythm, date]
    topics: Mapping[str, date]  # by slug
    others: frozenset[date]  # runs that nobody's edition asks for

    @classmethod
    def at(cls, context: Context, now: datetime) -> Due:
        """Find what is due at an aware time, by the store and the settings."""
        site, plan = context.settings.site, context.settings.schedule
        late = seconds(plan.catch_up)
        with context.store.reading() as tx:
            rhythms = address_book(context.settings).rhythms(tx)
            topics = people.progress(tx, "topic", [topic.slug for topic in context.settings.topics])
            newest, last_run = dump_store.newest_run(tx), runs.last(tx, 1)

        def daily(last: date | None) -> date | None:
            return due.local_due(now, site.timezone, plan.topics_at, "daily", "monday", last, late)

        return cls(
            _dated({own: _due(own, now, late) for own in rhythms}),
            _dated({own.key: daily(own.last_edition) for own in topics}),
            # The feed of all papers has no recipient, so it goes by the newest run.
            frozenset(filter(None, (daily(newest), _unfinished(last_run, now)))),
        )

    @property
    def dates(self) -> list[date]:
        """The dates to run, oldest first."""
        return sorted({*self.rhythms.values(), *self.topics.values(), *self.others})

    def wanted(self, on: date) -> Wanted:
        """Return what tells the recipients that are due for a date."""

        def wants(own: Rhythm | str) -> bool:
            return (self.topics.get(own) if isinstance(own, str) else self.rhythms.get(own)) == on

        return wants


def _due(own: Rhythm, now: datetime, late: int) -> date | None:
    return due.local_due(now, own.timezone, own.send_at, own.frequency, own.weekday, own.last_edition, late)


def _dated(found: Mapping[_Key, date | None]) -> dict[_Key, date]:
    return {key: on for key, on in found.items() if on}


def _unfinished(last: list[dict[str, str]], now: datetime) -> date | None:
    """Return the date of the last run if it began and did not end: its feeds may be missing."""
    if not last or last[0]["ended_at"]:
        return None
    on = date.fromisoformat(last[0]["date"])
    return on if on <= furthest(now) else None


def furthest(now: datetime) -> date:
    """Return the latest date that it is anywhere."""
    return (now + _FURTHEST).astimezone(UTC).date()
