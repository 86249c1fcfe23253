"""One request in so many seconds per host, whichever sources ask it, from whichever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

PAUSE = 3.0  # seconds; what arXiv asks for, too (https://info.arxiv.org/help/api/tou.html)


class Politeness:
    """Makes whoever asks a host wait for their turn; one object for all sources."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], object], pause: float = PAUSE) -> None:
        """Take a clock that counts seconds, what waits so many, and the seconds between two requests."""
        self._clock, self._sleep, self._pause = clock, sleep, pause
        self._free: dict[str, float] = {}  # when each host may be asked again
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Wait until it is this caller's turn to ask a host; turns are given in the order of asking."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free.get(host, now))
            self._free = {name: free for name, free in self._free.items() if free > now}  # hosts are not hoarded
            self._free[host] = turn + self._pause
        if turn > now:
            self._sleep(turn - now)
