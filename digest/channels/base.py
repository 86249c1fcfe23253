"""What every channel takes and promises. Channels write no ledger: they ask before an attempt and report after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from digest.models import Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery on its way: who gets what from whom.

    ``date`` is the edition's; ``to`` and ``sender`` are bare addresses, the envelope's. ``message`` makes the bytes
    (RFC 5322, lines ended by CRLF) when they are needed, so that memory does not grow with the number of parcels.
    A ``test`` is no edition, and must not take an edition's place.
    """

    delivery_id: int
    date: date
    to: str
    sender: str
    message: Callable[[], bytes]
    test: bool = False


Claim = Callable[[Parcel], bool]
Report = Callable[[Parcel, Outcome], None]


class Channel(Protocol):
    """A way out for deliveries."""

    def deliver(self, parcels: Iterable[Parcel], claim: Claim, report: Report) -> None:
        """Attempt the parcels, each once and independently of the others.

        ``claim`` is asked right before the attempt, when the message is made and the way is open; False skips the
        parcel. Every claimed parcel is reported exactly once, when its outcome is known; the order is the channel's.
        Both are called in the caller's thread. Where the channel as a whole refuses (no connection, no login, sender
        refused, disk full), ChannelError or StateError is raised after what was claimed has been reported, a
        parcel that only met that refusal as deferred; the others were not claimed. Errors of ``parcels``,
        ``message``, ``claim`` and ``report`` end it likewise. Not to be called inside a running event loop.
        """
