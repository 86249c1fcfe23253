"""What every channel takes and promises. Channels write no ledger: they ask before attempts and report after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from digest.models import Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery on its way: who gets what from whom.

    ``date`` is the edition's; ``to`` and ``sender`` are bare addresses, the envelope's; ``data`` is the message (RFC
    5322, lines ended by CRLF). What is no edition says in ``aside`` what it is, in words that a path may have ("test"),
    and takes no edition's place.
    """

    delivery_id: int
    date: date
    to: str
    sender: str
    data: bytes = field(repr=False, compare=False)  # much, and the rest tells parcels apart
    aside: str = ""


# A claimed parcel with what became of it; None where it was not attempted after all, and may be at any time.
Settled = tuple[Parcel, Outcome | None]

# One visit to the ledger: what is settled since the last one, and what is wanted next. It is written down for good when
# this returns, with those of the wanted that may go: they are claimed, the others are to be skipped.
Turn = Callable[[Sequence[Settled], Sequence[Parcel]], Sequence[Parcel]]


# Asked before each attempt: whether no further one is to be begun, since the process is to end.
Stop = Callable[[], bool]


def never() -> bool:
    """Go on to the end."""
    return False


class Channel(Protocol):
    """A way out for deliveries."""

    def deliver(self, parcels: Iterable[Parcel], turn: Turn, stop: Stop = never) -> None:
        """Attempt the parcels, each once and independently of the others.

        A parcel is asked for when it can soon be sent, so that memory does not grow with the number of parcels.
        ``turn`` is asked for a few parcels at a time, when their messages are made and the way is open, and at most
        about a second before the attempt. Every claimed parcel is handed back by a later call exactly once; the order
        is the channel's. It is called in the caller's thread. Where the channel as a whole refuses (no connection, no
        login, sender refused, disk full), ChannelError or StateError is raised after what was claimed has been
        handed back, a parcel that only met that refusal as deferred; the others were not claimed. When ``stop`` says
        so, what was begun is finished, the rest handed back, and that is no error. Errors of
        ``parcels`` and ``turn`` end it likewise. Not to be called inside a running event loop.
        """
