"""Sends what is no edition and in no ledger: a test, a mail to the operator."""

from __future__ import annotations

from collections.abc import Sequence

from digest.channels.base import Channel, Parcel, Settled
from digest.models import Outcome


def send_aside(channel: Channel, parcel: Parcel) -> Outcome | None:
    """Attempt one parcel, and return what came of it; None where it was not attempted.

    Raises ChannelError or StateError where the channel as a whole refuses.
    """
    outcomes: list[Outcome] = []

    def turn(done: Sequence[Settled], wanted: Sequence[Parcel]) -> Sequence[Parcel]:
        outcomes.extend(outcome for _, outcome in done if outcome)
        return wanted

    channel.deliver([parcel], turn)
    return outcomes[-1] if outcomes else None
