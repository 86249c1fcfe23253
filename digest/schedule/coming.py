"""What is to come: when which digests are due, for how many, and what happens again and again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest import due
from digest.pipeline.context import Context
from digest.pipeline.people import address_book
from digest.settings import seconds
from digest.store import deliveries as delivery_store
from digest.store import dumps as dump_store
from digest.store import people
from digest.store.people import Rhythm


@dataclass(frozen=True, slots=True)
class Coming:
    """One thing that is to happen: the moment (aware), what it is, for how many, and for which date if for one."""

    at: datetime
    what: str  # "daily digest", "weekly digest", "topic edition", "feed of all papers", "deferred email"
    count: int
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Regular:
    """What happens again and again, and how often or when, in the configuration's words."""

    what: str
    when: str


def regular(context: Context) -> list[Regular]:
    """Return what happens again and again."""
    sources = context.settings.sources
    return [
        Regular("the inbox is looked into", f"every {context.settings.schedule.ingest_every}"),
        *(Regular(f"{own.name} is asked", own.when) for own in sources),
    ]


def coming(context: Context, now: datetime, until: datetime) -> list[Coming]:
    """Return what is to happen between two aware times, in order, as things stand now."""
    plan, zone = context.settings.schedule, context.settings.site.timezone
    late = seconds(plan.catch_up)
    with context.store.reading() as tx:
        rhythms = address_book(context.settings).rhythms(tx)
        topics = people.progress(tx, "topic", [topic.slug for topic in context.settings.topics])
        newest = dump_store.newest_run(tx)
        deferred, soonest, _ = delivery_store.deferred(tx)
    found: Counter[tuple[datetime, str, date | None]] = Counter()
    for own, count in rhythms.items():
        for at, on in _times(own, now, until, late):
            found[at, f"{own.frequency} digest", on] += count
    for topic in topics:
        for at, on in _times(Rhythm(zone, plan.topics_at, "daily", "monday", topic.last_edition), now, until, late):
            found[at, "topic edition", on] += 1
    for at, on in _times(Rhythm(zone, plan.topics_at, "daily", "monday", newest), now, until, late):
        found[at, "feed of all papers", on] += 1
    if soonest and (again := datetime.fromisoformat(soonest)) <= until:
        found[max(again, now), "deferred email", None] += deferred
    ordered = sorted(found, key=lambda key: (key[0], key[1], key[2] or date.min))
    return [Coming(at, what, found[at, what, on], on) for at, what, on in ordered]


def _times(own: Rhythm, now: datetime, until: datetime, late: int) -> Iterator[tuple[datetime, date]]:
    """Yield when editions of a rhythm are due, each with its date; at once for one that is due already."""
    last = own.last_edition
    missed = due.local_due(now, own.timezone, own.send_at, own.frequency, own.weekday, last, late)
    if missed:
        yield now, missed
        last = missed
    zone, at = ZoneInfo(own.timezone), time.fromisoformat(own.send_at)
    day = now.astimezone(zone).date() - timedelta(days=1)
    while (moment := due.instant(datetime.combine(day, at), zone)) <= until:
        is_new = last is None or last < day
        if moment > now and is_new and due.due_on(own.frequency, own.weekday, last, day):
            yield moment, day
            last = day
        day += timedelta(days=1)
