"""How fast messages may go: a bucket of tokens that fills at a steady rate."""

from __future__ import annotations

from collections.abc import Callable

_BURST = 0.2  # seconds' worth of tokens that the bucket holds, which makes up for timers that come late


class Pace:
    """Says how long the next message has to wait; ``rate`` is in messages a second, 0: no limit."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        """Take the rate and a clock that counts seconds."""
        self._step = 1 / rate if rate else 0.0
        self._burst = _BURST
        self._clock = clock
        self._next = clock()

    def take(self) -> float:
        """Take a token; return the seconds until it is there."""
        if not self._step:
            return 0.0
        now = self._clock()
        due = max(self._next, now - self._burst)
        self._next = due + self._step
        return max(0.0, due - now)
