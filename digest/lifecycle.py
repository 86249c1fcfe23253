"""The tables of allowed states and changes, of deliveries and of subscribers; whoever changes a state asks here.

A change that a table does not hold never happens: the store's guarded statements take their ``WHERE state IN …``
from ``before``, so a second process, a late reply or an old link finds no row to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from digest.models import DeliveryState, SubscriberState

State = TypeVar("State", bound=str)


def _table(rows: dict[State, tuple[State, ...]]) -> Mapping[State, frozenset[State]]:
    return {old: frozenset(new) for old, new in rows.items()}


DELIVERY: Mapping[DeliveryState, frozenset[DeliveryState]] = _table(
    {
        # Claimed for an attempt; or taken back by the operator; or its reader left, paused, was suppressed or
        # gets no mail any more.
        "planned": ("sending", "withdrawn", "suppressed"),
        # The channel's word, or a crash: whoever finds a row that nobody is sending calls it unknown.
        "sending": ("sent", "deferred", "failed", "unknown"),
        # Tried again when its time has come, until it is given up as failed.
        "deferred": ("sending", "withdrawn", "suppressed", "failed"),
        # Tried again once under the same Message-ID; settled as sent or failed by what is learned later or by the
        # operator; suppressed where its reader left. Never withdrawn: the message may have arrived, so its papers must
        # not come back. Planned again by an explicit resend.
        "unknown": ("sending", "sent", "failed", "suppressed", "planned"),
        # Only an explicit resend leaves these two, no run does; a bounce may come after the server took the message.
        "sent": ("planned", "failed"),
        "failed": ("planned",),
        # Their papers went back to the backlog, so these are over: a resend would bring the papers twice.
        "withdrawn": (),
        "suppressed": (),
    }
)

SUBSCRIBER: Mapping[SubscriberState, frozenset[SubscriberState]] = _table(
    {
        # Confirmed by the reader, or once by being named in the configuration; declined; refused by the server.
        "pending": ("active", "left", "suppressed", "removed"),
        "active": ("paused", "left", "suppressed", "removed"),
        "paused": ("active", "left", "suppressed", "removed"),
        # The way back leads through pending, so that neither synchronising nor an old link revives anyone.
        "left": ("pending", "suppressed"),
        "suppressed": ("pending", "left", "removed"),
        # The operator's word, or no longer named in the configuration; the operator's word brings them back.
        "removed": ("active", "left", "suppressed"),
    }
)

PENDING: frozenset[DeliveryState] = frozenset({"planned", "sending", "deferred", "unknown"})

# Withdrawn or suppressed out of these, a delivery gives its papers back to the backlog; out of "unknown" it doesn't,
# because the reader may have them.
RETURNING: frozenset[DeliveryState] = frozenset({"planned", "deferred"})


def may(table: Mapping[State, frozenset[State]], old: State, new: State) -> bool:
    """Return whether ``old`` may change to ``new``; raises KeyError for a state that the table does not know."""
    return new in table[old]


def before(table: Mapping[State, frozenset[State]], new: State) -> tuple[State, ...]:
    """Return the states from which ``new`` may be entered, in the table's order; KeyError where it is unknown."""
    if new not in table:
        raise KeyError(new)
    return tuple(old for old in table if new in table[old])
