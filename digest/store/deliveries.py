"""The ledger as an operator looks at it: deliveries by what is asked of them, their history, sums by date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, true

from digest.lifecycle import PENDING
from digest.models import DeliveryState, SubscriberState
from digest.store.tables import bounces, deliveries, delivery_changes, recipients, subscribers

_LAST = select(func.max(delivery_changes.c.id)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries are asked for; None asks for any."""

    on: date | None = None
    states: tuple[DeliveryState, ...] | None = None
    key: str | None = None  # of the subscriber, see ``people.key_of``

    def condition(self) -> ColumnElement[bool]:
        """Return what holds for them, of ``deliveries`` beside ``recipients``."""
        found: ColumnElement[bool] = true()
        if self.on:
            found = and_(found, deliveries.c.date == self.on)
        if self.states is not None:
            found = and_(found, deliveries.c.state.in_(self.states))
        if self.key is not None:
            found = and_(found, recipients.c.key == self.key)
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A delivery with its subscriber; instants are ISO 8601 in UTC."""

    id: int
    email: str
    subscriber: SubscriberState
    date: date
    edition: int
    state: DeliveryState
    attempts: int
    unknowns: int
    next_attempt: str | None
    changed_at: str
    message_id: str
    reply: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a delivery's state, as the store wrote it down; ``old`` is empty where it began."""

    at: str
    old: str
    new: str
    reply: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A bounce or complaint that was read; None where it could not be told whom it is about."""

    taken_at: str
    kind: str
    status: str
    note: str
    delivery: int | None
    date: date | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A suppressed subscriber: since when, after how many failures, and what was said last."""

    email: str
    since: str
    failures: int
    reason: str


def asked_for(tx: Connection, asked: Asked) -> Iterator[Shown]:
    """Yield the deliveries that are asked for, newest first, as they are read."""
    query = _shown().where(asked.condition()).order_by(deliveries.c.date.desc(), deliveries.c.id.desc())
    with tx.execution_options(yield_per=1000).execute(query) as found:
        for row in found:
            yield _as_shown(row)


def by_id(tx: Connection, delivery: int) -> Shown | None:
    """Return a delivery by its number, or None."""
    row = tx.execute(_shown().where(deliveries.c.id == delivery)).first()
    return _as_shown(row) if row else None


def _shown() -> Any:
    return (
        select(deliveries, subscribers.c.email, subscribers.c.state.label("subscriber"))
        .join(subscribers, subscribers.c.recipient_id == deliveries.c.recipient_id)
        .join(recipients, recipients.c.id == deliveries.c.recipient_id)
    )


def _as_shown(row: Row[Any]) -> Shown:
    return Shown(
        id=row.id,
        email=row.email,
        subscriber=row.subscriber,
        date=row.date,
        edition=row.edition_id,
        state=row.state,
        attempts=row.attempts,
        unknowns=row.unknowns,
        next_attempt=row.next_attempt,
        changed_at=row.changed_at,
        message_id=row.message_id,
        reply=row.reply,
    )


def history(tx: Connection, delivery: int) -> list[Change]:
    """Return the changes of a delivery's state, oldest first."""
    own = delivery_changes.c
    query = select(own.at, own.old, own.new, own.reply).where(own.delivery_id == delivery).order_by(own.id)
    return [Change(*row) for row in tx.execute(query)]


def unfinished(tx: Connection) -> list[tuple[date, dict[str, int]]]:
    """Return the dates of which deliveries are not settled, oldest first, with how many are in which state."""
    open_ = select(deliveries.c.date).where(deliveries.c.state.in_(PENDING)).distinct()
    own = deliveries.c
    query = select(own.date, own.state, func.count()).where(own.date.in_(open_)).group_by(own.date, own.state)
    found: dict[date, dict[str, int]] = {}
    for on, state, count in tx.execute(query.order_by(own.date, own.state)):
        found.setdefault(on, {})[state] = count
    return list(found.items())


def deferred(tx: Connection) -> tuple[int, str | None, str | None]:
    """Return how many deliveries are deferred, and the soonest and the latest time at which one is tried again."""
    due = deliveries.c.next_attempt
    count, soonest, latest = tx.execute(
        select(func.count(), func.min(due), func.max(due)).where(deliveries.c.state == "deferred")
    ).one()
    return count, soonest, latest


def last_bounces(tx: Connection, most: int, delivery: int | None = None) -> list[Bounce]:
    """Return the bounces and complaints that were read last (of one delivery, or of all), newest first."""
    own = bounces.c
    query = (
        select(own.taken_at, own.kind, own.status, own.note, own.delivery_id, deliveries.c.date, subscribers.c.email)
        .join(deliveries, deliveries.c.id == own.delivery_id, isouter=True)
        .join(subscribers, subscribers.c.recipient_id == own.recipient_id, isouter=True)
        .order_by(own.id.desc())
        .limit(most)
    )
    if delivery is not None:
        query = query.where(own.delivery_id == delivery)
    return [Bounce(*row) for row in tx.execute(query)]


def refused(tx: Connection, most: int) -> list[Refused]:
    """Return the subscribers that are suppressed, the latest first, with the last that was said about them."""
    own = subscribers.c
    query = (
        select(own.recipient_id, own.email, own.state_at, own.failures)
        .where(own.state == "suppressed")
        .order_by(own.state_at.desc(), own.recipient_id.desc())
        .limit(most)
    )
    found = list(tx.execute(query))
    reasons = _reasons(tx, [row.recipient_id for row in found])
    return [Refused(row.email, row.state_at, row.failures, reasons.get(row.recipient_id, "")) for row in found]


def _reasons(tx: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return what the last failed delivery's server said, or the last bounce, by recipient."""
    wanted = list(ids)
    failed = (
        select(deliveries.c.recipient_id, deliveries.c.reply)
        .where(deliveries.c.recipient_id.in_(wanted), deliveries.c.state == "failed")
        .order_by(deliveries.c.changed_at, deliveries.c.id)
    )
    bounced = (
        select(bounces.c.recipient_id, bounces.c.kind, bounces.c.status, bounces.c.note)
        .where(bounces.c.recipient_id.in_(wanted))
        .order_by(bounces.c.id)
    )
    told = {recipient: reply for recipient, reply in tx.execute(failed)}  # noqa: C416 - a result has keys()
    told |= {row.recipient_id: " ".join(filter(None, (row.kind, row.status, row.note))) for row in tx.execute(bounced)}
    return told


def newest_change(tx: Connection) -> int:
    """Return the number of the last change that was written down, 0 where there is none."""
    return int(tx.execute(select(_LAST)).scalar_one() or 0)


def changes_since(tx: Connection, number: int) -> Iterator[tuple[int, int, str, Change]]:
    """Yield (number, delivery, address, change) of what was written down after a number, in order."""
    own = delivery_changes.c
    query = (
        select(own.id, own.delivery_id, subscribers.c.email, own.at, own.old, own.new, own.reply)
        .join(deliveries, deliveries.c.id == own.delivery_id)
        .join(subscribers, subscribers.c.recipient_id == deliveries.c.recipient_id)
        .where(own.id > number)
        .order_by(own.id)
    )
    for row in tx.execute(query):
        yield row[0], row[1], row[2], Change(*row[3:])
