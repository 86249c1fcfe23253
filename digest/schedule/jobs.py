"""Jobs by their names, each once at a time: one that fails rests a while, one that hangs is told, none stops another.

Whether a job runs in a thread is for whoever makes the ``Jobs`` to say.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.errors import one_line
from digest.pipeline.context import Progress

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30  # minutes between attempts of a job that fails
# Longer than any step of a job may take by itself: the reply to a whole message may take ten minutes (RFC 5321, section
# 4.5.3.2.6).
HANGS = 15 * 60.0
KEEPS_FAILING = 3  # times in a row: with the pauses in between, for three minutes

Job = Callable[[], bool]
Launch = Callable[[Callable[[], None], str], None]


class EndingError(Exception):
    """The process ends, and whoever waits is not to wait for that."""


class NoThreadError(Exception):
    """The system gives no thread for a job."""


def here(work: Callable[[], None], _name: str) -> None:
    """Do the work at once."""
    work()


def in_a_thread(work: Callable[[], None], name: str) -> None:
    """Do the work in a thread that ends with the process. Raises NoThreadError where there is none to be had."""
    try:
        threading.Thread(target=work, name=name, daemon=True).start()
    except (RuntimeError, MemoryError) as error:
        raise NoThreadError(*error.args) from error


@dataclass(frozen=True, slots=True)
class _Pause:
    """A job that failed: how often in a row, when last, how long it rests, and why ("": it had nothing it could do)."""

    failures: int
    since: datetime
    length: timedelta
    why: str

    def holds(self, now: datetime) -> bool:
        # Bounded below too: a clock that is put back must not make it rest for longer.
        return self.since <= now < self.since + self.length


@dataclass(slots=True)
class _Running:
    """A job at work."""

    alive: float  # when it last gave a sign of life, by the steady clock
    patience: float  # seconds for which it may give none
    told: bool = False  # its silence was
    ended: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """The jobs of a process, what they came to, and the wish to end."""

    def __init__(self, launch: Launch = here, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the way to begin jobs, and a steady clock (seconds)."""
        self._launch = launch
        self._clock = clock
        self._pauses: dict[str, _Pause] = {}
        self._running: dict[str, _Running] = {}
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether no further job is to begin."""
        return self._stopping.is_set()

    def rest(self, seconds: float) -> None:
        """Wait so long, within a job. Raises EndingError when no job is to go on."""
        if self._stopping.wait(seconds):
            raise EndingError

    def running(self) -> list[str]:
        """Return the names of the jobs at work."""
        return sorted(self._running)

    def begin(self, name: str, work: Callable[[], None], patience: float = HANGS) -> bool:
        """Begin a job, unless one of its name is at work; return whether it was begun. To be called by one thread.

        It hangs when it gives no sign of life for ``patience`` seconds. Where there is no thread to be had, that is
        told in one line, and the job may be begun later.
        """
        if self.stopping or name in self._running:
            return False
        own = self._running[name] = _Running(self._clock(), patience)

        def do() -> None:
            try:
                work()
            finally:
                del self._running[name]
                own.ended.set()

        try:
            self._launch(do, name)
        except NoThreadError as error:
            del self._running[name]
            log.error("%s: cannot be begun now: %s", name, error)  # noqa: TRY400 (one line, no traceback)
            return False
        return True

    def attempt(self, name: str, now: datetime, job: Job) -> None:
        """Do a job now unless it rests; one that fails, or does nothing (False), rests 1, 2, 4 … 30 minutes."""
        pause = self._pauses.get(name)
        if self.stopping or (pause and pause.holds(now)):
            return
        told = ""
        try:
            if job():
                self._pauses.pop(name, None)
                return
        except Exception as error:
            if self._stopping.is_set():  # asked anew: it may have been told to end meanwhile
                return
            told = one_line(error)
        failures = pause.failures if pause else 0
        minutes = min(2**failures, _LONGEST_PAUSE)
        self._pauses[name] = _Pause(min(failures + 1, 10), now, timedelta(minutes=minutes), told)
        if told:
            log.error("%s: %s; tried again in %d min", name, told, minutes)

    def watched(self, name: str, progress: Progress) -> Progress:
        """Return a way to tell of progress that is also a sign of life of a job."""

        @contextmanager
        def telling(what: str, total: int) -> Iterator[Callable[..., None]]:
            with progress(what, total) as step:

                def alive(done: int = 1) -> None:
                    self._sign(name)
                    step(done)

                self._sign(name)
                yield alive

        return telling

    def _sign(self, name: str) -> None:
        if own := self._running.get(name):
            own.alive, own.told = self._clock(), False

    def silent(self) -> list[tuple[str, int]]:
        """Return the jobs that gave no sign of life for too long, each with the minutes; log each once."""
        found = []
        for name, own in list(self._running.items()):
            quiet = self._clock() - own.alive
            if quiet >= own.patience:
                found.append((name, int(quiet // 60)))
                if not own.told:
                    own.told = True
                    log.error("%s: no sign of life for %d min; the other jobs go on", name, int(quiet // 60))
        return found

    def troubles(self) -> list[tuple[str, str]]:
        """Return the jobs that hang, and those that failed ``KEEPS_FAILING`` times in a row: (key, what is wrong)."""
        hanging = [(f"hangs: {name}", f"{name}: no sign of life for {minutes} min") for name, minutes in self.silent()]
        failing = [
            (f"fails: {name}", f"{name}: {pause.why}")
            for name, pause in list(self._pauses.items())
            if pause.why and pause.failures >= KEEPS_FAILING
        ]
        return [*hanging, *failing]

    def stop(self, within: float = 0.0) -> list[str]:
        """Begin no further job; wait so many seconds for those at work; return the names of those that still are."""
        self._stopping.set()
        until = self._clock() + within
        for own in list(self._running.values()):
            own.ended.wait(max(0.0, until - self._clock()))
        return self.running()
