"""The ledger of deliveries: one row per subscriber and date; every change of state is one guarded statement."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, insert, or_, select, update

from digest.lifecycle import DELIVERY, PENDING, RETURNING, before
from digest.models import DeliveryState, SubscriberState
from digest.store import backlogs
from digest.store.tables import deliveries, editions, subscribers


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the ledger, with its subscriber's address and state; instants are ISO 8601 in UTC.

    ``unknowns`` counts the attempts that may have reached the reader all the same.
    """

    id: int
    recipient: int
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
    message_date: str
    reply: str
    mail: bool = True  # whether the subscriber gets any


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        recipient=row.recipient_id,
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
        message_date=row.message_date,
        reply=row.reply,
        mail=row.mail,
    )


# Whose deliveries go out.
_WANTS = and_(subscribers.c.state == "active", subscribers.c.mail.is_(True))


def plan(tx: Connection, planned: Iterable[tuple[int, date, int, str]], *, now: str) -> None:
    """Plan deliveries: (recipient, date, edition, Message-ID), in the transaction that freezes the editions."""
    rows = [
        {
            "recipient_id": recipient,
            "date": on,
            "edition_id": edition,
            "state": "planned",
            "message_id": message_id,
            "message_date": now,
            "attempts": 0,
            "unknowns": 0,
            "changed_at": now,
            "reply": "",
        }
        for recipient, on, edition, message_id in planned
    ]
    if rows:
        tx.execute(insert(deliveries), rows)


def _select(condition: ColumnElement[bool]) -> Any:
    return (
        select(deliveries, subscribers.c.email, subscribers.c.mail, subscribers.c.state.label("subscriber"))
        .join(subscribers, subscribers.c.recipient_id == deliveries.c.recipient_id)
        .where(condition)
        .order_by(deliveries.c.date, deliveries.c.id)
    )


def waiting(tx: Connection, upto: date, *, now: str, most_unknowns: int | None) -> array[int]:
    """Return what is to be attempted, in order: planned, deferred whose time has come, and unknown deliveries.

    An unknown one is attempted again at most ``most_unknowns`` times (None: always). Eight bytes for each: rows are
    read a few at a time, by ``load``.
    """
    unknown = deliveries.c.state == "unknown"
    if most_unknowns is not None:
        unknown = and_(unknown, deliveries.c.unknowns <= most_unknowns)
    condition = and_(
        deliveries.c.date <= upto,
        or_(
            deliveries.c.state == "planned",
            and_(deliveries.c.state == "deferred", deliveries.c.next_attempt <= now),
            unknown,
        ),
    )
    found = select(deliveries.c.id).where(condition).order_by(deliveries.c.date, deliveries.c.id)
    return array("q", tx.execute(found.execution_options(yield_per=1000)).scalars())


def load(tx: Connection, ids: Sequence[int]) -> list[Delivery]:
    """Return the deliveries with these ids, by date and id."""
    return [_delivery(row) for row in tx.execute(_select(deliveries.c.id.in_(ids)))]


def newest_first(tx: Connection, condition: ColumnElement[bool]) -> Iterator[Delivery]:
    """Yield the deliveries that a condition on ``deliveries`` holds for, the newest first, as they are read."""
    query = _select(condition).order_by(None).order_by(deliveries.c.date.desc(), deliveries.c.id.desc())
    with tx.execution_options(yield_per=1000).execute(query) as found:
        for row in found:
            yield _delivery(row)


def claim(tx: Connection, ids: Sequence[int], *, now: str) -> set[int]:
    """Move deliveries to ``sending`` that may be and whose subscribers still want them; return which were."""
    if not ids:
        return set()
    # Looked up for each: the list of all who consent is long.
    wants = exists().where(subscribers.c.recipient_id == deliveries.c.recipient_id, _WANTS)
    guarded = update(deliveries).where(
        deliveries.c.id.in_(ids), deliveries.c.state.in_(before(DELIVERY, "sending")), wants
    )
    values = {"state": "sending", "attempts": deliveries.c.attempts + 1, "changed_at": now}
    return set(tx.execute(guarded.values(values).returning(deliveries.c.id)).scalars())


def release(tx: Connection, ids: Sequence[int], *, now: str) -> None:
    """Undo claims of deliveries that were not attempted after all: they are due at once, and no attempt is counted."""
    guarded = update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == "sending")
    values = {
        "state": "deferred",
        "attempts": deliveries.c.attempts - 1,
        "next_attempt": now,
        "changed_at": now,
        "reply": "not attempted after all",
    }
    tx.execute(guarded.values(values))


@dataclass(frozen=True, slots=True)
class Settling:
    """What an attempt came to: the delivery's id, its new state, the server's reply, and when to try again.

    ``doubtful``: it may have reached the reader all the same. ``refused``: the recipient was, and not the message.
    """

    delivery: int
    new: DeliveryState
    reply: str
    next_attempt: str | None = None
    doubtful: bool = False
    refused: bool = False


def settle_all(tx: Connection, settled: Sequence[Settling], *, now: str) -> None:
    """Move deliveries as ``settle`` does, with one statement for each new state; its rows go to the driver at once."""
    for new in dict.fromkeys(item.new for item in settled):
        # Each state by name: a list is not expanded where the driver gets many rows.
        allowed = or_(*(deliveries.c.state == old for old in before(DELIVERY, new)))
        guarded = update(deliveries).where(deliveries.c.id == bindparam("delivery"), allowed)
        values = {
            "state": new,
            "changed_at": now,
            "reply": bindparam("said"),
            "next_attempt": bindparam("following"),
            "unknowns": deliveries.c.unknowns + bindparam("doubt"),
        }
        rows = [
            {
                "delivery": item.delivery,
                "said": item.reply,
                "following": item.next_attempt,
                "doubt": int(item.doubtful),
            }
            for item in settled
            if item.new == new
        ]
        tx.execute(guarded.values(values), rows)


def settle(
    tx: Connection, delivery: int, new: DeliveryState, *, reply: str, now: str, next_attempt: str | None = None
) -> bool:
    """Move a delivery to a state that the table allows from where it is; say whether it was."""
    guarded = update(deliveries).where(deliveries.c.id == delivery, deliveries.c.state.in_(before(DELIVERY, new)))
    values = {"state": new, "reply": reply, "changed_at": now, "next_attempt": next_attempt}
    return tx.execute(guarded.values(values)).rowcount == 1


def plan_again(tx: Connection, delivery: int, *, now: str) -> bool:
    """Have a delivery attempted now, whether it was sent, failed or waits for its time; say whether it may be."""
    waits = update(deliveries).where(deliveries.c.id == delivery, deliveries.c.state.in_(("planned", "deferred")))
    if tx.execute(waits.values(next_attempt=now)).rowcount:
        return True
    # It has arrived once, so its papers must not come back should the second sending be withdrawn.
    arrived = update(deliveries).where(
        deliveries.c.id == delivery, deliveries.c.state == "sent", deliveries.c.unknowns == 0
    )
    tx.execute(arrived.values(unknowns=1))
    return settle(tx, delivery, "planned", reply="to be sent again", now=now)


def recover(tx: Connection, *, now: str) -> int:
    """Call ``unknown`` what a process that is gone left in ``sending``; return how many there were."""
    guarded = update(deliveries).where(deliveries.c.state == "sending")
    values = {
        "state": "unknown",
        "unknowns": deliveries.c.unknowns + 1,
        "changed_at": now,
        "reply": "the program ended while this was being sent",
    }
    return tx.execute(guarded.values(values)).rowcount


def take_back(tx: Connection, new: DeliveryState, recipient: int | None, *, since: date, now: str, reply: str) -> int:
    """Withdraw or suppress what is not yet sent to a recipient (None: to all who no longer want it).

    Their papers go back to the backlog, counted from ``since``, unless an earlier attempt may have reached its reader,
    or they get no mail: then their private feed has them. Returns how many deliveries that were.
    """
    condition: ColumnElement[bool] = deliveries.c.state.in_([s for s in before(DELIVERY, new) if s in RETURNING])
    if recipient is None:
        wanting = select(subscribers.c.recipient_id).where(_WANTS)
        condition = and_(condition, deliveries.c.recipient_id.not_in(wanting))
    else:
        condition = and_(condition, deliveries.c.recipient_id == recipient)
    guarded = update(deliveries).where(condition)
    values = {"state": new, "reply": reply, "changed_at": now, "next_attempt": None}
    own = deliveries.c
    taken = tx.execute(guarded.values(values).returning(own.edition_id, own.recipient_id, own.unknowns)).all()
    if taken:
        fed = set(tx.execute(select(subscribers.c.recipient_id).where(subscribers.c.mail.is_(False))).scalars())
        back = [edition for edition, who, unknowns in taken if not unknowns and who not in fed]
        backlogs.give_back(tx, back, since)
    return len(taken)


def close_unknown(tx: Connection, *, now: str, reply: str) -> None:
    """Suppress what may or may not have reached people who no longer want it; they may have its papers already."""
    wanting = select(subscribers.c.recipient_id).where(_WANTS)
    guarded = update(deliveries).where(deliveries.c.state == "unknown", deliveries.c.recipient_id.not_in(wanting))
    tx.execute(guarded.values(state="suppressed", reply=reply, changed_at=now, next_attempt=None))


def find(tx: Connection, recipient: int, on: date) -> Delivery | None:
    """Return a subscriber's delivery for a date, or None."""
    condition = and_(deliveries.c.recipient_id == recipient, deliveries.c.date == on)
    row = tx.execute(_select(condition)).first()
    return _delivery(row) if row else None


def sums(tx: Connection) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    counted = tx.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {state: count for state, count in counted}  # noqa: C416 (a result has keys(), so dict() would misread it)


def pending(tx: Connection) -> int:
    """Return how many deliveries are not settled."""
    return sum(count for state, count in sums(tx).items() if state in PENDING)


def in_states(tx: Connection, states: Sequence[DeliveryState], most: int) -> list[Delivery]:
    """Return the newest deliveries in the given states, at most ``most``."""
    query = _select(deliveries.c.state.in_(states)).order_by(None).order_by(deliveries.c.changed_at.desc()).limit(most)
    return [_delivery(row) for row in tx.execute(query)]


def recipient_of(tx: Connection, edition_id: int) -> int | None:
    """Return the subscriber whose edition this is, or None."""
    own = select(editions.c.recipient_id).join(subscribers, subscribers.c.recipient_id == editions.c.recipient_id)
    found: int | None = tx.execute(own.where(editions.c.id == edition_id)).scalar_one_or_none()
    return found
