"""Bounces that were read, and what the ledger says around a delivery that failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select, update

from digest.store.tables import bounces, deliveries, subscribers

_MOST = 100  # deliveries looked at on either side of one that failed
_BATCH = 500  # recipients in a statement


@dataclass(frozen=True, slots=True)
class Settled:
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


def around(tx: Connection, delivery: int, recipient: int) -> tuple[list[Settled], list[Settled]]:
    """Return a subscriber's deliveries before and after one, the nearest first, since they last became active."""
    own = deliveries.c
    date = select(own.date).where(own.id == delivery).scalar_subquery()
    begun = select(subscribers.c.state_at).where(subscribers.c.recipient_id == recipient).scalar_subquery()
    query = select(own.state, own.changed_at, own.reply).where(own.recipient_id == recipient, own.changed_at >= begun)
    older = query.where(own.date < date).order_by(own.date.desc()).limit(_MOST)
    newer = query.where(own.date > date).order_by(own.date).limit(_MOST)
    return [Settled(*row) for row in tx.execute(older)], [Settled(*row) for row in tx.execute(newer)]


def clear_failures(tx: Connection, recipients: Iterable[int]) -> None:
    """Set the count of hard failures of these recipients to none."""
    ids, own = list(recipients), subscribers.c
    for start in range(0, len(ids), _BATCH):
        some = own.recipient_id.in_(ids[start : start + _BATCH])
        tx.execute(update(subscribers).where(some, own.failures > 0).values(failures=0))
