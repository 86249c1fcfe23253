"""Who is written to no more: hard failures in a row are counted by days, a complaint counts at once.

A server that takes a message may return it later, so a failure is counted with those around it in the ledger, and not
since something was last taken: what was taken and came back is no sign of life. ``subscribers.failures`` keeps the last
count for people to see.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from digest.bounces import meaning_of
from digest.lifecycle import SUBSCRIBER, before
from digest.models import SubscriberState
from digest.pipeline.context import Context
from digest.pipeline.telling import codes, tell
from digest.store import bounces as bounce_store
from digest.store import dumps as dump_store
from digest.store import ledger, people

# Who left at their own word stays so; their way back is another one.
_FROM: tuple[SubscriberState, ...] = tuple(old for old in before(SUBSCRIBER, "suppressed") if old != "left")


def note_failure(tx: Connection, context: Context, delivery: int, recipient: int, reply: str) -> bool:
    """Count a delivery that has just become ``failed``, if its reply says that the address is no good.

    Call it in the transaction of that change, right after it. Returns whether the subscriber is suppressed now, which
    they are at ``delivery.suppress_after`` days with hard failures and without a message that arrived; but not while
    they get no mail: nothing goes to that address, and they would lose their feed.
    """
    if meaning_of("", reply) != "hard":
        return False
    days = {context.now()[:10]}
    for side in bounce_store.around(tx, delivery, recipient):
        days |= _days_of_failures(side)
    people.change(tx, recipient, {"failures": len(days)})
    if len(days) < context.settings.delivery.suppress_after or not people.with_mail(tx, [recipient]):
        return False
    return suppress(tx, context, recipient, f"the address is no good: {reply}")


def _days_of_failures(side: Sequence[bounce_store.Standing]) -> set[str]:
    """Return the days of hard failures up to the first message that arrived."""
    days = set()
    for settled in side:
        if settled.state == "sent":
            break
        if settled.state == "failed" and meaning_of("", settled.reply) == "hard":
            days.add(settled.changed_at[:10])
    return days


def note_success(tx: Connection, recipients: Iterable[int]) -> None:
    """Forget the count of subscribers whose message was taken; a bounce that comes later counts it anew."""
    bounce_store.clear_failures(tx, recipients)


def suppress(tx: Connection, context: Context, recipient: int, reason: str) -> bool:
    """Suppress a subscriber and what is not sent to them, whose papers wait; say whether they were not before."""
    changed = people.set_state(tx, recipient, "suppressed", _FROM, now=context.now())
    if changed:
        since = dump_store.newest_run(tx) or context.today()
        reply = f"the subscriber is suppressed: {reason}"
        ledger.take_back(tx, "suppressed", recipient, since=since, now=context.now(), reply=reply)
        tell("subscriber.suppressed", level=logging.WARNING, subscriber=recipient, codes=codes(reason))
    return changed
