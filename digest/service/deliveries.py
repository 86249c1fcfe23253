"""Deliveries as an operator sees and steers them: listed, shown with their history, retried, withdrawn, settled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection

from digest.errors import UsageError
from digest.lifecycle import DELIVERY, RETURNING, before
from digest.pipeline.context import Context
from digest.store import backlogs, ledger, people
from digest.store import bounces as bounce_store
from digest.store import deliveries as delivery_store
from digest.store import dumps as dump_store
from digest.store.bounces import Bounce
from digest.store.deliveries import Asked
from digest.store.ledger import Delivery

__all__ = ["Asked", "Delivery", "Steered", "as_row", "asked", "found", "listed", "retry", "settle", "shown", "withdraw"]

_RETRIED = ("failed", "deferred", "unknown")
_BATCH = 500  # deliveries that one transaction changes
_BOUNCES = 20
_UNTOLD = frozenset({"recipient", "unknowns", "message_date", "mail"})  # of a delivery, in JSON


@dataclass(frozen=True, slots=True)
class Steered:
    """How many deliveries a command changed, and why it left the others of those it was asked for, a line each."""

    changed: int
    left: tuple[str, ...]


def asked(context: Context, email: str | None, on: date | None, state: Any = None) -> Asked:
    """Return which deliveries are meant; raises UsageError for an address that is no subscriber's."""
    if email is not None:
        with context.store.reading() as tx:
            if not people.progress(tx, "subscriber", [people.key_of(email)]):
                raise UsageError("no such subscriber", where=email, mend="see: digest subscribers list")
    return Asked(on, (state,) if state else None, people.key_of(email) if email is not None else None)


def listed(context: Context, asked: Asked) -> Generator[Delivery]:
    """Yield the deliveries that are asked for, newest first; close it to let go of the store."""
    with context.store.reading() as tx:
        yield from delivery_store.asked_for(tx, asked)


def found(context: Context, which: str, on: date | None) -> Delivery:
    """Return the delivery of a number, or a subscriber's (its last one, or the one for a date).

    Raises UsageError where there is none.
    """
    mend = "see: digest deliveries list"
    if which.isdecimal():
        with context.store.reading() as tx:
            one = _numbered(tx, int(which)) if len(which) < 19 else None
    else:
        own = asked(context, which, on)
        with context.store.reading() as tx:
            one = next(delivery_store.asked_for(tx, own), None)
    if one is None or (on and one.date != on):
        raise UsageError(f"no delivery{f' for {on}' if on else ''}", where=which, mend=mend)
    return one


def _numbered(tx: Connection, number: int) -> Delivery | None:
    return next(iter(ledger.load(tx, [number])), None)


def as_row(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as JSON."""
    row = asdict(delivery) | {"date": delivery.date.isoformat()}
    return {name: value for name, value in row.items() if name not in _UNTOLD}


def shown(context: Context, delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as JSON, with all changes of its state and the bounces that were read of it."""
    with context.store.reading() as tx:
        changes = delivery_store.history(tx, delivery.id)
        bounced = bounce_store.last(tx, _BOUNCES, delivery.id)
    return as_row(delivery) | {
        "changes": [asdict(change) for change in changes],
        "bounces": [bounce_as_row(bounce) for bounce in bounced],
    }


def bounce_as_row(bounce: Bounce) -> dict[str, Any]:
    """Return a bounce as JSON."""
    return asdict(bounce) | {"date": bounce.date.isoformat() if bounce.date else None}


def retry(context: Context, which: Asked) -> Steered:
    """Have failed, deferred and unknown deliveries attempted by the next run, under their old Message-IDs."""

    def again(tx: Connection, own: Delivery) -> str:
        if own.state not in _RETRIED:
            return f"is {own.state}{'; see digest run --resend' if own.state == 'sent' else ''}"
        if own.subscriber != "active":
            return f"the subscriber is {own.subscriber}, so nothing is sent"
        if not own.mail:
            return "the subscriber gets no mail, so nothing is sent"
        if own.state == "deferred":
            changed = ledger.plan_again(tx, own.id, now=context.now())
        else:
            changed = ledger.settle(tx, own.id, "planned", reply="to be tried again", now=context.now())
        return "" if changed else "was changed meanwhile"

    return _steer(context, which if which.states else replace(which, states=_named(which, _RETRIED)), again)


def withdraw(context: Context, which: Asked) -> Steered:
    """Withdraw deliveries that are not sent; their papers wait for the subscriber's next edition."""
    withdrawable = tuple(state for state in before(DELIVERY, "withdrawn") if state in RETURNING)

    def back(tx: Connection, own: Delivery) -> str:
        if own.state not in withdrawable:
            may_be = "; the message may have arrived" if own.state in ("sending", "unknown") else ""
            return f"is {own.state}{may_be}"
        if not ledger.settle(tx, own.id, "withdrawn", reply="withdrawn by the operator", now=context.now()):
            return "was changed meanwhile"
        if own.mail and not own.unknowns:  # what a feed shows, or may have arrived, must not come twice
            backlogs.give_back(tx, [own.edition], dump_store.newest_run(tx) or context.today())
        return ""

    return _steer(context, replace(which, states=_named(which, (*withdrawable, "sending", "unknown"))), back)


def settle(context: Context, which: Asked, new: Literal["sent", "failed"]) -> Steered:
    """Call unknown deliveries sent or failed, on the operator's word; nothing is sent, and no paper comes back."""

    def so(tx: Connection, own: Delivery) -> str:
        if own.state != "unknown":
            return f"is {own.state}"
        changed = ledger.settle(tx, own.id, new, reply=f"{new}, the operator says", now=context.now())
        return "" if changed else "was changed meanwhile"

    return _steer(context, replace(which, states=_named(which, ("unknown",))), so)


def _named(which: Asked, states: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the states to look for: one subscriber's delivery of one date is named whatever its state."""
    return None if which.key is not None and which.on else states


def _steer(context: Context, which: Asked, act: Callable[[Connection, Delivery], str]) -> Steered:
    """Change what is asked for, some at a time, each as it is when its turn comes; ``act`` returns why not."""
    ids = [delivery.id for delivery in listed(context, which)]
    changed, left = 0, []
    for start in range(0, len(ids), _BATCH):
        with context.store.writing() as tx:
            for number in ids[start : start + _BATCH]:
                own = _numbered(tx, number)
                why = act(tx, own) if own else "is gone"
                changed += not why
                if why and own:
                    left.append(f"{own.email}, {own.date}: {why}")
    return Steered(changed, tuple(left))
