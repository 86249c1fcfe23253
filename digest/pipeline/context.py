"""What every step works with: settings, the state folder, the store, the clock, and somebody to tell of progress."""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.archive import Archive
from digest.channels.base import Stop, never
from digest.errors import StateError
from digest.settings import Settings
from digest.store import Store, open_store

# Called with what is done and how much there is of it; yields a function to call with how much of it is done more (1).
Progress = Callable[[str, int], AbstractContextManager[Callable[..., None]]]

_LOCK_SECONDS = 60


@contextlib.contextmanager
def silent(_what: str, _total: int) -> Iterator[Callable[..., None]]:
    """Tell nobody of progress."""
    yield lambda _done=1: None


def system_clock() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)


def random_token() -> str:
    """Return 128 random bits as hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Context:
    """The world as a step sees it; clock and randomness can be handed in."""

    settings: Settings
    state: Path
    store: Store
    archive: Archive
    base: Path = Path()  # the folder of the configuration, which its relative paths start from
    clock: Callable[[], datetime] = system_clock
    token: Callable[[], str] = random_token
    progress: Progress = silent
    stop: Stop = never  # whether to begin no more than is begun, since the process is to end

    def now(self) -> str:
        """Return the present instant as the store keeps it (ISO 8601, UTC, to the second)."""
        return instant(self.clock())

    def today(self) -> date:
        """Return today's date in the site's time zone."""
        return self.clock().astimezone(ZoneInfo(self.settings.site.timezone)).date()

    def elsewhere(self) -> Context:
        """Return the world as another process may see it, which can be pickled: with its own clock and silent."""
        return replace(self, clock=system_clock, token=random_token, progress=silent, stop=never)

    @property
    def public(self) -> Path:
        """The folder that a web server may serve."""
        return self.state / "public"

    @property
    def overrides(self) -> Path | None:
        """The folder of the site's own templates, if it has one."""
        own = self.settings.site.templates
        return self.base / own if own else None

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold the state folder's lock: see ``working_in``; who is to end waits for it no longer."""
        with working_in(self.state, self.stop):
            yield


@contextlib.contextmanager
def working_in(state: Path, stop: Stop = never) -> Iterator[None]:
    """Hold a state folder's lock, which the system lets go of when the process ends, however it ends.

    Raises StateError where another process holds it for a minute, or until ``stop`` says so.
    """
    path = state / ".lock"
    try:
        handle = path.open("a")
    except OSError as error:
        raise StateError((error.strerror or str(error)).lower(), where=str(path), mend="check its rights") from error
    with handle:
        _acquire(handle.fileno(), state, stop)
        yield


def _acquire(handle: int, state: Path, stop: Stop) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until or stop():
                mend = "wait until it is done"
                raise StateError("another digest is at work here", where=str(state), mend=mend) from None
            time.sleep(0.05)
        else:
            return


def instant(moment: datetime) -> str:
    """Return an aware moment as text that sorts by time (ISO 8601, UTC, to the second)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def open_context(
    settings: Settings,
    *,
    base: Path = Path(),
    state: Path | None = None,
    clock: Callable[[], datetime] = system_clock,
    progress: Progress = silent,
) -> Context:
    """Open the state folder (``state``, else the settings') and its store; make both where they are missing.

    Raises StateError or ConfigError where that cannot be.
    """
    folder = state if state is not None else base / settings.paths.state
    archive = Archive(folder)
    store = open_store(folder, settings.store.url)
    return Context(settings, folder, store, archive, base=base, clock=clock, progress=progress)
