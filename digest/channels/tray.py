"""What lies between the ledger and the connections: parcels claimed and not yet taken up, and outcomes not yet told."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digest.channels.base import Parcel, Settled, Stop, Turn, never
from digest.models import Outcome

# Seconds that a claim is good for: whoever leaves after it still gets the message.
FRESH = 1.0
# A group that was used up faster than the first is doubled next time, slower than the second halved.
_FAST, _SLOW = 0.1, 0.4


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed parcel, and when it was claimed."""

    parcel: Parcel
    at: float


class Tray:
    """Claims parcels in groups that last for a fraction of a second, and hands outcomes back with the next group."""

    def __init__(
        self,
        queue: Iterator[Parcel],
        turn: Turn,
        stop: Stop = never,
        *,
        first: int,
        most: int,
        clock: Callable[[], float],
    ) -> None:
        """Take the parcels, the ledger's ``turn`` and what ends it; groups begin with ``first``, grow to ``most``."""
        self._queue = queue
        self._seen: Parcel | None = None  # looked at, and not taken yet
        self._turn = turn
        self._stop = stop
        self._size, self._most = min(first, most), most
        self._clock = clock
        self._refilled = float("-inf")
        self._ready: deque[Ready] = deque()
        self._again: list[Parcel] = []  # claimed too long ago: to be claimed anew
        self._done: list[Settled] = []
        self._broken: Exception | None = None  # why there is no further parcel; raised when those before it are taken

    def more(self) -> bool:
        """Return whether there is a parcel to take; looking does not take it."""
        if self._stop():
            return False
        if self._ready or self._again or self._broken:
            return True
        try:
            self._seen = self._seen or next(self._queue, None)
        except Exception as error:
            self._broken = error
            return True
        return self._seen is not None

    def take(self) -> Ready | None:
        """Return a parcel that was claimed a moment ago, or None where there is no more."""
        while not self._stop():
            while self._ready:
                found = self._ready.popleft()
                if self._clock() - found.at <= FRESH:
                    return found
                self._done.append((found.parcel, None))
                self._again.append(found.parcel)
            if not self._refill():
                break
        return None

    def put_back(self, found: Ready) -> None:
        """Have a parcel taken again that the server would not hear of for now."""
        self._ready.appendleft(found)

    def settle(self, parcel: Parcel, outcome: Outcome) -> None:
        """Keep an outcome for the next visit to the ledger."""
        self._done.append((parcel, outcome))

    def flush(self) -> None:
        """Tell the ledger what is done."""
        if self._done:
            self._visit([])

    def close(self) -> None:
        """Hand back everything: what is done, and what was claimed in vain."""
        self._done += [(found.parcel, None) for found in self._ready]
        self._ready.clear()
        self.flush()

    def _refill(self) -> bool:
        """Claim the next group; return whether there was one to ask for."""
        self._adapt()
        wanted, self._again = self._again, []
        try:
            while len(wanted) < self._size and not self._broken and (parcel := self._next()):
                wanted.append(parcel)
        except Exception as error:
            self._broken = error
        if self._broken and not wanted:
            raise self._broken
        self._claim(wanted)
        return bool(wanted)

    def _next(self) -> Parcel | None:
        seen, self._seen = self._seen, None
        return seen or next(self._queue, None)

    def _claim(self, wanted: list[Parcel]) -> None:
        if wanted:
            claimed = self._visit(wanted)
            now = self._clock()
            self._ready.extend(Ready(parcel, now) for parcel in claimed)

    def _visit(self, wanted: list[Parcel]) -> list[Parcel]:
        claimed = list(self._turn(self._done, wanted))
        self._done = []
        return claimed

    def _adapt(self) -> None:
        now = self._clock()
        took, self._refilled = now - self._refilled, now
        if took < _FAST:
            self._size = min(self._most, self._size * 2)
        elif _SLOW < took < float("inf"):
            self._size = max(1, self._size // 2)
