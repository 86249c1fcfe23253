"""What happens each minute: sources are asked, what waits is taken in, what is due is run, what is pending is sent.

``Ticker.tick`` is all of it and knows no scheduler: it looks at the clock and at the store, and remembers nothing that
matters after a restart. APScheduler only ticks (``ticking``); as cron triggers go, they skip and double local times.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from digest import keeping
from digest.pipeline import ingest, run
from digest.pipeline.alerting import tell_operator
from digest.pipeline.bringing import Askers
from digest.pipeline.compose import Wanted
from digest.pipeline.context import Context
from digest.pipeline.people import synchronise
from digest.pipeline.telling import tell, tell_dumps
from digest.schedule.dueness import Due, furthest
from digest.schedule.jobs import HANGS, Jobs
from digest.settings import seconds

WORK = "the work of the minute"
_REPORTS = timedelta(minutes=5)  # between two looks at what the operator should hear of


def always() -> bool:
    """Act: there is no other instance."""
    return True


class Ticker:
    """What happens each minute. A job that fails is told in one line, rests for a while, and stops no other."""

    def __init__(
        self,
        context: Context,
        jobs: Jobs | None = None,
        may_act: Callable[[], bool] = always,
        askers: Askers | None = None,
    ) -> None:
        """Take the world to work in, the jobs (default: each is done before ``tick`` returns), and who may act."""
        self.jobs = jobs or Jobs()
        self._may_act = may_act
        self._askers = askers or Askers(context)
        self._context = replace(context, progress=self.jobs.watched(WORK, context.progress))
        self._every = timedelta(seconds=seconds(context.settings.schedule.ingest_every))
        self._looked: datetime | None = None
        self._reported: datetime | None = None

    def prepare(self) -> None:
        """Make the store know whom the configuration names; raises StateError."""
        with self._context.store.writing() as tx:
            synchronise(tx, self._context)

    def look(self) -> None:
        """Have the next tick look into the inbox, whenever it looked last."""
        self._looked = None

    def tick(self, now: datetime) -> None:
        """Begin what is to be done at an aware time; never raises an Exception."""
        troubles = self.jobs.troubles()
        if self._may_act():
            self.jobs.attempt("finding which sources to ask", now, lambda: self._ask_sources(now))
            self.jobs.begin(WORK, lambda: self._work(now))
            if self._reported is None or not self._reported <= now < self._reported + _REPORTS:
                self._reported = now
                self.jobs.begin("telling the operator", lambda: self._report(now, troubles))

    def _report(self, now: datetime, troubles: Sequence[tuple[str, str]]) -> None:
        def job() -> bool:
            tell_operator(self._context, troubles)
            return True

        self.jobs.attempt("telling the operator", now, job)

    def _ask_sources(self, now: datetime) -> bool:
        """Ask the sources that are due, each as a job of its own: one may keep us waiting."""
        for name in self._askers.due(now):
            job = f"asking {name}"
            self.jobs.begin(
                job,
                lambda name=name, job=job: self.jobs.attempt(job, now, lambda: self._ask(name)),  # type: ignore[misc]
                patience=HANGS + self._askers.patience(name),
            )
        return True

    def _ask(self, name: str) -> bool:
        if self._askers.ask(name).brought:
            self.look()
        return True

    def _work(self, now: datetime) -> None:
        """Do what only one at a time may do, one thing after the other."""
        if self._looked is None or not self._looked <= now < self._looked + self._every:
            self._looked = now
            self.jobs.attempt("taking in dumps", now, lambda: self._take_in(now))
        self.jobs.attempt("finding what is due", now, lambda: self._run_due(now))
        self.jobs.attempt("sending what is pending", now, lambda: self._send(now))

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
            name, wanted = f"the run for {on}", found.wanted(on)
            self.jobs.attempt(name, now, lambda on=on, wanted=wanted: self._run(on, wanted))  # type: ignore[misc]
        return True

    def _run(self, on: date, wanted: Wanted) -> bool:
        # Forced: where the site's zone is far behind a subscriber's, their today may be after its tomorrow.
        run.run(self._context, on, wanted=wanted, force=True)
        # What was kept of the papers whose day this was: a process that serves for months would keep them all.
        keeping.forget()
        self._context.store.close()
        return True

    def _send(self, now: datetime) -> bool:
        done = run.deliver_pending(self._context, furthest(now))
        if done is None:
            return True
        if not (done.sent or done.failed or done.deferred):
            return False  # one whose reader left while it was in flight, say
        tell("deliveries.attempted", sent=done.sent, failed=done.failed, deferred=done.deferred)
        return True


@contextlib.contextmanager
def ticking(ticker: Ticker, clock: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
    """Tick at once and then at each full minute, in a thread; yield what makes it tick once more now.

    At the end, no further job is begun.
    """
    scheduler = BackgroundScheduler(timezone=UTC)
    job = scheduler.add_job(
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
        yield lambda: job.modify(next_run_time=datetime.now(UTC))
    finally:
        ticker.jobs.stop()
        scheduler.shutdown(wait=True)
