"""Decides when: each minute, what waits is taken in, what is due is run, and what is pending is sent.

``Ticker.tick`` is all of it and knows no scheduler: it looks at the clock and at the store, and remembers nothing that
matters after a restart. APScheduler only ticks (``ticking``); as cron triggers go, they skip and double local times.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from digest import due
from digest.errors import one_line
from digest.models import Subscriber
from digest.pipeline import ingest, run
from digest.pipeline.compose import Wanted
from digest.pipeline.context import Context
from digest.pipeline.people import address_book, synchronise
from digest.pipeline.telling import tell, tell_dumps
from digest.settings import seconds
from digest.store import dumps as dump_store
from digest.store import people, runs
from digest.store.people import Rhythm

log = logging.getLogger(__name__)
_Key = TypeVar("_Key")

_FURTHEST = timedelta(hours=14)  # no zone is further ahead of UTC (Pacific/Kiritimati)
_LONGEST_PAUSE = 30  # minutes between attempts of a job that fails


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

        def wants(own: people.Progress, subscriber: Subscriber | None) -> bool:
            found = self.topics.get(own.key) if subscriber is None else self.rhythms.get(Rhythm.of(subscriber))
            return found == on

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
    return on if on <= _furthest(now) else None


def _furthest(now: datetime) -> date:
    """Return the latest date that it is anywhere."""
    return (now + _FURTHEST).astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class _Pause:
    """A job that failed: how often in a row, when last, and how long it rests."""

    failures: int
    since: datetime
    length: timedelta

    def holds(self, now: datetime) -> bool:
        # Bounded below too: a clock that is put back must not make it rest for longer.
        return self.since <= now < self.since + self.length


class Ticker:
    """What happens each minute. A job that fails is told in one line, rests for a while, and stops no other."""

    def __init__(self, context: Context) -> None:
        """Take the world to work in; nothing is done yet."""
        self._context = context
        self._every = timedelta(seconds=seconds(context.settings.schedule.ingest_every))
        self._looked: datetime | None = None
        self._pauses: dict[str, _Pause] = {}
        self._stopping = threading.Event()

    def prepare(self) -> None:
        """Make the store know whom the configuration names; raises StateError."""
        with self._context.store.writing() as tx:
            synchronise(tx, self._context)

    def stop(self) -> None:
        """Begin no further job; the one that runs goes on to its end."""
        self._stopping.set()

    def tick(self, now: datetime) -> None:
        """Do what is to be done at an aware time; never raises an Exception."""
        if self._looked is None or not self._looked <= now < self._looked + self._every:
            self._looked = now
            self._attempt("taking in dumps", now, lambda: self._take_in(now))
        self._attempt("finding what is due", now, lambda: self._run_due(now))
        self._attempt("sending what is pending", now, lambda: self._send(now))

    def _attempt(self, name: str, now: datetime, job: Callable[[], bool]) -> None:
        """Do a job unless it rests; one that fails, or does nothing (False), rests 1, 2, 4 … 30 minutes."""
        pause = self._pauses.get(name)
        if self._stopping.is_set() or (pause and pause.holds(now)):
            return
        told = ""
        try:
            if job():
                self._pauses.pop(name, None)
                return
        except Exception as error:
            told = one_line(error)
        failures = pause.failures if pause else 0
        minutes = min(2**failures, _LONGEST_PAUSE)
        self._pauses[name] = _Pause(min(failures + 1, 10), now, timedelta(minutes=minutes))
        if told:
            log.error("%s: %s; tried again in %d min", name, told, minutes)

    def _take_in(self, now: datetime) -> bool:
        zone = self._context.settings.site.timezone
        today = now.astimezone(ZoneInfo(zone)).date()
        if ingest.is_ready(self._context, today):
            with self._context.at_work():
                reports = ingest.from_inbox(self._context, today)
            tell_dumps(reports)
        return True

    def _run_due(self, now: datetime) -> bool:
        found = Due.at(self._context, now)
        for on in found.dates:
            self._attempt(f"the run for {on}", now, lambda on=on: self._run(on, found.wanted(on)))  # type: ignore[misc]
        return True

    def _run(self, on: date, wanted: Wanted) -> bool:
        # Forced: where the site's zone is far behind a subscriber's, their today may be after its tomorrow.
        run.run(self._context, on, wanted=wanted, force=True)
        return True

    def _send(self, now: datetime) -> bool:
        done = run.deliver_pending(self._context, _furthest(now))
        if done is None:
            return True
        if not (done.sent or done.failed or done.deferred):
            return False  # one whose reader left while it was in flight, say
        tell("deliveries.attempted", sent=done.sent, failed=done.failed, deferred=done.deferred)
        return True


@contextlib.contextmanager
def ticking(ticker: Ticker, clock: Callable[[], datetime]) -> Iterator[None]:
    """Tick at once and then at each full minute, in a thread; at the end, wait for the job that runs."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        lambda: ticker.tick(clock()),
        "cron",
        minute="*",
        next_run_time=datetime.now(UTC),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,  # the default, 1 s, loses ticks
    )
    # A tick that takes longer than a minute is no trouble, and not worth a warning each minute.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.start()
    try:
        yield
    finally:
        ticker.stop()
        scheduler.shutdown(wait=True)
