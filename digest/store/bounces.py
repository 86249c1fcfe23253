"""Bounces that were read, whom they and refusals have suppressed, and what the ledger says around a failure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from digest.store.tables import bounces, deliveries, subscribers

_MOST = 100  # deliveries looked at on either side of one that failed
_BATCH = 500  # recipients in a statement


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands, since when and why."""

    state: str
    changed_at: str
    reply: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What is kept of a message that came back."""

    taken_at: str
    kind: str
    delivery_id: int
    recipient_id: int
    status: str
    note: str


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


def remember(tx: Connection, sha256: str, noted: Noted) -> None:
    """Keep what a message said that was not read before."""
    tx.execute(insert(bounces).values(sha256=sha256, **asdict(noted)))


def has_complained(tx: Connection, recipient: int) -> bool:
    """Say whether a subscriber has complained since their state changed last."""
    since = select(subscribers.c.state_at).where(subscribers.c.recipient_id == recipient).scalar_subquery()
    own = bounces.c
    query = select(own.id).where(own.recipient_id == recipient, own.kind == "complaint", own.taken_at >= since)
    return tx.execute(query).first() is not None


def is_known(tx: Connection, sha256: str) -> bool:
    """Say whether a message was read before."""
    return tx.execute(select(bounces.c.id).where(bounces.c.sha256 == sha256)).first() is not None


def around(tx: Connection, delivery: int, recipient: int) -> tuple[list[Standing], list[Standing]]:
    """Return a subscriber's deliveries before and after one, the nearest first, since they last became active."""
    own = deliveries.c
    on = select(own.date).where(own.id == delivery).scalar_subquery()
    begun = select(subscribers.c.state_at).where(subscribers.c.recipient_id == recipient).scalar_subquery()
    query = select(own.state, own.changed_at, own.reply).where(own.recipient_id == recipient, own.changed_at >= begun)
    older = query.where(own.date < on).order_by(own.date.desc()).limit(_MOST)
    newer = query.where(own.date > on).order_by(own.date).limit(_MOST)
    return [Standing(*row) for row in tx.execute(older)], [Standing(*row) for row in tx.execute(newer)]


def clear_failures(tx: Connection, recipients: Iterable[int]) -> None:
    """Set the count of hard failures of these recipients to none."""
    ids, own = list(recipients), subscribers.c
    for start in range(0, len(ids), _BATCH):
        some = own.recipient_id.in_(ids[start : start + _BATCH])
        tx.execute(update(subscribers).where(some, own.failures > 0).values(failures=0))


def last(tx: Connection, most: int, delivery: int | None = None) -> list[Bounce]:
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
