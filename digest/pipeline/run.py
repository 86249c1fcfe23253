"""The daily run for a date: take in what waits, compose what is due, deliver, publish (decision 4)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from digest.errors import ChannelError, StateError, TemplateError, UsageError
from digest.models import DumpReport, Subscriber
from digest.pipeline import ingest, journaling
from digest.pipeline.alerting import tell_operator
from digest.pipeline.compose import Composed, Wanted, compose, everyone
from digest.pipeline.context import Context
from digest.pipeline.deliver import Delivered, deliver, waiting
from digest.pipeline.people import address_book, synchronise
from digest.pipeline.publish import publish
from digest.pipeline.signing import signs
from digest.pipeline.telling import Changes, tell, tell_dumps
from digest.pipeline.troubles import note_sending
from digest.render import Renderer
from digest.store import ledger
from digest.store import runs as run_store


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to."""

    date: date
    dumps: tuple[DumpReport, ...]
    editions: Composed
    deliveries: Delivered
    pending: int
    feeds: tuple[str, ...]
    problems: tuple[str, ...] = ()  # what was refused or failed, a line each

    def summary(self) -> dict[str, Any]:
        """Return the JSON document of ``digest run --json``."""

        def count(status: str) -> int:
            return sum(report.status == status for report in self.dumps)

        taken = [report for report in self.dumps if report.status == "ingested"]
        return {
            "date": self.date.isoformat(),
            "dumps": {status: count(status) for status in ("ingested", "known", "rejected", "waiting")},
            "listings": sum(report.listings for report in taken),
            "papers": {"new": sum(report.new for report in taken), "known": sum(report.known for report in taken)},
            "editions": {
                "composed": self.editions.composed,
                "empty": self.editions.empty,
                "existing": self.editions.existing,
            },
            "deliveries": {
                "sent": self.deliveries.sent,
                "failed": self.deliveries.failed,
                "pending": self.pending,
            },
            "feeds": list(self.feeds),
        }


def run(
    context: Context, on: date, *, resend: str | None = None, wanted: Wanted = everyone, force: bool = False
) -> Result:
    """Do the whole run for a date; the same date again changes and sends nothing.

    ``resend`` is an address whose edition of the date is sent again. Raises UsageError for a date after tomorrow
    (unless ``force``) or an address that is no subscriber's; StateError where the state folder fails; nothing is half
    done then.
    """
    if on > context.today() + timedelta(days=1) and not force:
        mend = "--force runs it all the same, and every later run counts from there"
        raise UsageError(f"{on} is after tomorrow", where="--date", mend=mend)
    with context.at_work():
        result = _run(context, on, resend, wanted)
    tell_operator(context)
    return result


def _run(context: Context, on: date, resend: str | None, wanted: Wanted) -> Result:
    # Made first: a template or a key that cannot be read stops the run before anything is frozen.
    renderer = renderer_of(context)
    signs(context)
    with context.store.writing() as tx:
        synchronise(tx, context)
        if resend:
            _subscriber(tx, context, resend)
        run_id = run_store.begin(tx, on, now=context.now())
    tell("run.started", date=on, run=run_id)
    changes = Changes(context)
    reports = ingest.from_inbox(context, on)
    tell_dumps(reports)
    journaling.date_news(context, on)
    composed = compose(context, on, wanted)
    _tell_composed(on, composed)
    not_again = _plan_again(context, resend, on) if resend else ()
    delivered, refusal = _attempt(changes.watching(), renderer, on)
    changes.tell()
    feeds = publish(context, renderer)
    with context.store.writing() as tx:
        result = Result(
            date=on,
            dumps=tuple(reports),
            editions=composed,
            deliveries=delivered,
            pending=ledger.pending(tx),
            feeds=tuple(str(context.state.absolute() / path) for path in feeds),
            problems=(*problems_of(reports), *composed.problems, *not_again, *delivered.reasons, *refusal),
        )
        run_store.end(tx, run_id, result.summary(), now=context.now())
    for text in not_again:
        tell("resend.refused", level=logging.WARNING, text=text)
    tell("run.ended", date=on, sent=delivered.sent, failed=delivered.failed, pending=result.pending)
    return result


def _tell_composed(on: date, composed: Composed) -> None:
    tell("editions.composed", date=on, composed=composed.composed, empty=composed.empty, existing=composed.existing)
    for text in composed.problems:
        tell("rule.unreadable", level=logging.WARNING, text=text)


def deliver_pending(context: Context, upto: date) -> Delivered | None:
    """Attempt what runs up to a date left planned, deferred until now or unknown; compose nothing.

    Returns None where nothing is left, which costs two look-ups and no lock. Raises StateError, TemplateError and
    ChannelError like the steps of a run.
    """
    with context.store.reading() as tx:
        # What is still being sent is a crash's, or of a process that holds the lock; the lock tells them apart.
        left = ledger.in_states(tx, ("sending",), 1) or waiting(tx, context, upto)
    if not left:
        return None
    with context.at_work():
        changes = Changes(context)
        try:
            done = deliver(changes.watching(), renderer_of(context), upto)
        except (ChannelError, StateError, TemplateError) as error:
            note_sending(context, Delivered(), str(error))
            raise
        finally:
            changes.tell()
        note_sending(context, done)
        return done


def renderer_of(context: Context) -> Renderer:
    """Return the renderer of the site, with its own templates where it has some."""
    return Renderer(context.settings, overrides=context.overrides)


def _attempt(context: Context, renderer: Renderer, on: date) -> tuple[Delivered, tuple[str, ...]]:
    """Deliver; a channel, a disk or a template that refuses is told, and costs nobody the feeds."""
    result = Delivered()
    try:
        deliver(context, renderer, on, result)
    except (ChannelError, StateError, TemplateError) as error:
        refused = isinstance(error, ChannelError)
        tell("channel.refused" if refused else "sending.stopped", level=logging.WARNING, text=error)
        note_sending(context, result, str(error))
        return result, (str(error),)
    note_sending(context, result)
    return result, ()


def problems_of(reports: list[DumpReport]) -> list[str]:
    """Return a line for each dump that was rejected, has broken lines, or cannot leave the inbox."""
    lines = []
    for report in reports:
        if report.status == "rejected":
            lines.append(f"{report.name}: rejected: {report.reason}")
        elif report.status != "waiting" and report.reason:
            lines.append(f"{report.name}: {report.reason}")
        broken = [remark for remark in report.remarks if remark.kind == "broken"]
        if broken:
            count = report.remark_counts["broken"]
            what = f"{count} broken lines, the first is line" if count > 1 else "broken line"
            lines.append(f"{report.name}: {what} {broken[0].line}: {broken[0].text}")
    return lines


def _subscriber(tx: Connection, context: Context, email: str) -> Subscriber:
    found = address_book(context.settings).find(tx, email)
    if found is None:
        raise UsageError("no such subscriber", where=email, mend="see: digest subscribers list")
    return found


def _plan_again(context: Context, email: str, on: date) -> tuple[str, ...]:
    """Plan the sending of a subscriber's edition once more, under its old Message-ID; say why it cannot be."""
    with context.store.writing() as tx:
        subscriber = _subscriber(tx, context, email)
        if subscriber.state != "active":
            return (f"{email}: is {subscriber.state}, so nothing is sent",)
        if not subscriber.mail:
            return (f"{email}: gets no mail, so nothing is sent",)
        delivery = ledger.find(tx, subscriber.id, on)
        if delivery is None:
            return (f"{email}: there is no message of {on} to send again",)
        if not ledger.plan_again(tx, delivery.id, now=context.now()):
            return (f"{email}: the delivery of {on} is {delivery.state} and cannot be sent again",)
    return ()
