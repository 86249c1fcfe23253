"""The ledger as an operator looks at it: deliveries by what is asked of them, their history, sums by date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select, true

from digest.lifecycle import PENDING
from digest.models import DeliveryState
from digest.store import ledger
from digest.store.ledger import Delivery
from digest.store.tables import deliveries, delivery_changes, recipients, subscribers

_LAST = select(func.max(delivery_changes.c.id)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries are asked for; None asks for any."""

    on: date | None = None
    states: tuple[DeliveryState, ...] | None = None
    key: str | None = None  # of the subscriber, see ``people.key_of``

    def condition(self) -> ColumnElement[bool]:
        """Return what holds for them, of ``deliveries``."""
        found: ColumnElement[bool] = true()
        if self.on:
            found = and_(found, deliveries.c.date == self.on)
        if self.states is not None:
            found = and_(found, deliveries.c.state.in_(self.states))
        if self.key is not None:
            own = select(recipients.c.id).where(recipients.c.key == self.key)
            found = and_(found, deliveries.c.recipient_id.in_(own))
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a delivery's state, as the store wrote it down; ``old`` is empty where it began."""

    at: str
    old: str
    new: str
    reply: str


def asked_for(tx: Connection, asked: Asked) -> Iterator[Delivery]:
    """Yield the deliveries that are asked for, newest first, as they are read."""
    return ledger.newest_first(tx, asked.condition())


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


def unknown(tx: Connection, most_unknowns: int | None) -> tuple[int, int]:
    """Return how many deliveries are unknown, and of how many more attempts than ``most_unknowns`` may have arrived."""
    mine = deliveries.c.state == "unknown"
    count = func.count().filter(deliveries.c.unknowns > most_unknowns) if most_unknowns is not None else literal(0)
    found, beyond = tx.execute(select(func.count(), count).where(mine)).one()
    return found, beyond


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
