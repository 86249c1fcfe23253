"""Which of several instances on one store acts: the holder of a lease, which others take over when it falls silent.

Clocks of different machines are not compared. A holder renews the lease every few seconds; another instance takes it
when it has not changed for a while *by that instance's own steady clock*, and a holder that could not renew it for a
shorter while stops acting. So a clock that is put forward or back, or wrong, neither ends a lease nor makes two
holders.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest.errors import StateError, one_line
from digest.pipeline.telling import tell
from digest.store import Store, lease

log = logging.getLogger(__name__)

# Seconds. A holder that dies right after a beat is replaced at most TAKEOVER and two beats later: within a minute.
BEAT = 5.0
VALID = 25.0  # that a holder may act after its last renewal
TAKEOVER = 40.0  # that another waits after the last change it saw


def steady() -> float:
    """Return seconds that no setting of the clock moves, and that count sleep where the system can tell them."""
    # While a machine sleeps another may take its lease, and Linux's monotonic clock stands still (clock_gettime(2)).
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Lease:
    """One instance's side of the lease; ``beat`` is called every ``BEAT`` seconds."""

    def __init__(self, store: Store, now: Callable[[], str], clock: Callable[[], float] = steady) -> None:
        """Take the store, the wall clock as text (for people to read in the store) and a steady one (seconds)."""
        self._store = store
        self._now = now
        self._clock = clock
        self._name = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._beats = 0
        self._own = ""
        self._renewed = float("-inf")
        self._seen: tuple[str, float] | None = None
        self._told = False  # that it is ours

    @property
    def holds(self) -> bool:
        """Whether this instance may act now."""
        return bool(self._own) and self._clock() - self._renewed < VALID

    def beat(self) -> None:
        """Renew the lease, or take it where its holder is gone. Raises StateError where the store fails."""
        began = self._clock()  # before the store is asked, which may take long
        try:
            with self._store.reading() as tx:
                stands = lease.held(tx)
            if self._may_take(stands, began) and self._move(stands):
                self._renewed, self._seen = began, None
            else:
                self._own = ""
        finally:
            self._tell()

    def _tell(self) -> None:
        """Tell once that it was taken or lost, however it was: it also runs out while nobody looks."""
        if self.holds is not self._told:
            self._told = not self._told
            tell("lease.taken" if self._told else "lease.lost")

    def _move(self, stands: str) -> bool:
        self._beats += 1
        new = f"{self._name} {self._beats} {self._now()}"
        with self._store.writing() as tx:
            moved = lease.move(tx, stands, new)
        self._own = new if moved else ""
        return moved

    def _may_take(self, stands: str, now: float) -> bool:
        if not stands or stands == self._own:
            return True
        if self._seen is None or self._seen[0] != stands:
            self._seen = stands, now
        return now - self._seen[1] >= TAKEOVER

    def release(self) -> None:
        """Give the lease up, so that another instance need not wait; where the store fails, it has to."""
        own, self._own = self._own, ""
        if own:
            try:
                with self._store.writing() as tx:
                    lease.release(tx, own)
            except StateError as error:
                log.warning("giving up the lease: %s", one_line(error))


@contextmanager
def kept(own: Lease, then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Beat in a thread from now on; ``then`` is called when the lease was just taken. It is not given up at the end."""
    ended = threading.Event()

    def beat() -> None:
        before = own.holds
        try:
            own.beat()
        except Exception as error:  # whatever it is: without its beats this instance would never act again
            log.error("renewing the lease: %s", one_line(error))  # noqa: TRY400 (one line, no traceback)
        if own.holds and not before:
            then()

    def beating() -> None:
        while not ended.wait(BEAT):
            beat()

    beat()
    thread = threading.Thread(target=beating, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(BEAT)
