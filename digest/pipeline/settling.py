"""The ledger's side of sending: groups of deliveries are settled and claimed, each group in one durable transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.channels.base import Parcel, Settled
from digest.models import DeliveryState, Outcome
from digest.pipeline import suppressing
from digest.pipeline.context import Context, instant
from digest.settings import Delivery as DeliverySettings
from digest.settings import seconds
from digest.store import ledger
from digest.store.ledger import Delivery, Settling

_LONGEST_PAUSE = timedelta(hours=4)  # doubled pauses grow to this, or to delivery.pause where that is longer
_MOST_DOUBTS = 3  # attempts of one message that may have arrived: after these an operator decides on a further copy
_REASONS = 100  # failures that a run names; the ledger has them all


@dataclass(slots=True)
class Delivered:
    """What became of the attempts of one run, and the first reasons of those that failed (address: reply)."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    reasons: list[str] = field(default_factory=list)


class Desk:
    """Takes back what a channel has done and hands out what it may attempt; holds what is on its way, and no more."""

    def __init__(self, context: Context, step: Callable[..., None], result: Delivered) -> None:
        """Keep the context; ``step`` is told of each delivery that is done with, and ``result`` counts it."""
        self.context = context
        self.step = step
        self.result = result
        self.known: dict[int, Delivery] = {}

    def expect(self, found: Sequence[Delivery]) -> None:
        """Learn of deliveries whose parcels the channel is about to see."""
        self.known |= {delivery.id: delivery for delivery in found}

    def turn(self, done: Sequence[Settled], wanted: Sequence[Parcel]) -> list[Parcel]:
        """Settle what is done, claim what is wanted, commit, and return what may go; see ``channels.base.Turn``."""
        moment = self.context.clock()
        settled = [self._settling(parcel.delivery_id, outcome, moment) for parcel, outcome in done if outcome]
        # On the disk before the channel goes on: a power cut must not make planned again what has been sent.
        with self.context.store.writing(durable=True) as tx:
            self._write(tx, settled, [parcel.delivery_id for parcel, outcome in done if not outcome], moment)
            claimed = ledger.claim(tx, [parcel.delivery_id for parcel in wanted], now=instant(moment))
        for item in settled:
            self._count(item)
        may = [parcel for parcel in wanted if parcel.delivery_id in claimed]
        for parcel in wanted:
            if parcel.delivery_id not in claimed:
                self.known.pop(parcel.delivery_id, None)
                self.step()
        return may

    def _write(self, tx: Connection, settled: Sequence[Settling], released: Sequence[int], moment: datetime) -> None:
        now = instant(moment)
        if settled:
            ledger.settle_all(tx, settled, now=now)
            self._count_failures(tx, settled)
        if released:
            ledger.release(tx, released, now=now)

    def _count_failures(self, tx: Connection, settled: Sequence[Settling]) -> None:
        """Have addresses suppressed that servers refuse again and again."""
        taken = [self.known[item.delivery].recipient for item in settled if item.new == "sent"]
        if taken:
            suppressing.note_success(tx, taken)
        for item in settled:
            if item.refused:
                recipient = self.known[item.delivery].recipient
                suppressing.note_failure(tx, self.context, item.delivery, recipient, item.reply)

    def refuse(self, delivery: Delivery, reason: str) -> None:
        """Fail a delivery whose message cannot be written, for whoever still wants it."""
        moment = self.context.clock()
        item = Settling(delivery.id, "failed", reason)
        with self.context.store.writing(durable=True) as tx:
            claimed = ledger.claim(tx, [delivery.id], now=instant(moment))
            if claimed:
                ledger.settle_all(tx, [item], now=instant(moment))
        if claimed:
            self._count(item)
        else:
            self.known.pop(delivery.id, None)
            self.step()

    def _settling(self, delivery_id: int, outcome: Outcome, moment: datetime) -> Settling:
        doubtful, reply = outcome.doubtful, outcome.reply
        if outcome.state != "deferred":
            return Settling(delivery_id, outcome.state, reply, doubtful=doubtful, refused=outcome.refused)
        delivery, own = self.known[delivery_id], self.context.settings.delivery
        if doubtful and (own.resend_unknown == "never" or delivery.unknowns + 1 >= _MOST_DOUBTS):
            return Settling(delivery_id, "unknown", reply, doubtful=True)
        if moment - datetime.fromisoformat(delivery.message_date) > timedelta(seconds=seconds(own.give_up)):
            return Settling(delivery_id, "failed", f"given up after {own.give_up}: {reply}", doubtful=doubtful)
        following = instant(moment + pause(own, delivery.attempts))
        return Settling(delivery_id, "deferred", reply, following, doubtful=doubtful)

    def _count(self, item: Settling) -> None:
        delivery = self.known.pop(item.delivery)
        new: DeliveryState = item.new
        result = self.result
        setattr(result, new, getattr(result, new) + 1)
        if new == "failed" and result.failed <= _REASONS:
            result.reasons.append(f"{delivery.email}: {item.reply}")
        self.step()


def most_unknowns(own: DeliverySettings) -> int | None:
    """Return how many attempts may have arrived of what is tried again by itself; None: any number.

    A message may be sent again once, where the operator allows that; writing a file twice does no harm.
    """
    if own.channel == "outbox":
        return None
    return 1 if own.resend_unknown == "once" else 0


def pause(own: DeliverySettings, attempts: int) -> timedelta:
    """Return how long to wait after a deferral that ``attempts`` others came before (RFC 5321, section 4.5.4.1).

    The first time ``first_pause``, since much is over soon; then ``pause``, doubled each time up to four hours.
    """
    if not attempts:
        return timedelta(seconds=seconds(own.first_pause))
    usual = timedelta(seconds=seconds(own.pause))
    longest = max(usual, _LONGEST_PAUSE)
    return min(longest, usual * (1 << min(attempts - 1, 16)))
