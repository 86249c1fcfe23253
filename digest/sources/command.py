"""Sources of kind ``command``: a program whose standard output is the dump. Needs a POSIX system."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from contextlib import suppress
from datetime import datetime
from io import BytesIO

from digest.errors import SourceError
from digest.settings import SourceSetting, octets, seconds
from digest.sources.base import Brought, Fetched, Remembered
from digest.sources.network import Network
from digest.sources.world import World
from digest.text import printable, shortened, single_spaced

_PASSED_ON = ("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE")
_CHUNK = 2**16
_TURN = 0.5  # seconds between two looks at whether to go on
_TAIL = 4000  # bytes of standard error that are looked at for its last line
_LONGEST = 200  # characters of that line that are told


class Command:
    """A program that is run."""

    def __init__(self, setting: SourceSetting, world: World) -> None:
        """Take a checked setting; nothing is run yet."""
        self._setting, self._folder, self._network = setting, world.folder, world.network
        self._environ = {name: world.environ[name] for name in _PASSED_ON if name in world.environ}

    def fetch(self, memory: Remembered, now: datetime) -> Fetched:  # noqa: ARG002 (the program knows what is new)
        """Run the program and bring what it prints; nothing is nothing new. SourceError where it fails."""
        process = self._started()
        with process:
            try:
                talk = _Talk(process, self._network, seconds(self._setting.timeout), octets(self._setting.max_size))
                printed = talk.whole()
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            raise SourceError(_failure(process.returncode, talk.tail))
        if not printed:
            return Fetched("unchanged", Remembered())
        return Fetched("brought", Remembered(), (Brought(self._setting.name, printed),))

    def _started(self) -> subprocess.Popen[bytes]:
        program = self._setting.command[0]
        try:
            return subprocess.Popen(  # noqa: S603 (no shell; the operator's own words)
                self._setting.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._folder,
                env=self._environ,
                bufsize=0,
                start_new_session=True,  # a group of its own, to be ended as one
            )
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise SourceError(f"cannot run {program!r}: {why}", mend="name a program that is there") from error


class _Talk:
    """What a program prints until it ends: all of its output, within limits, and the end of its complaints."""

    def __init__(self, process: subprocess.Popen[bytes], network: Network, patience: float, most: int) -> None:
        self._process, self._network, self._patience, self._most = process, network, patience, most
        self._end = network.clock() + patience
        self._printed = BytesIO()
        self.tail = b""

    def whole(self) -> bytes:
        """Return what it prints; SourceError where that takes too long or is too much."""
        assert self._process.stdout
        assert self._process.stderr
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ, self._print)
            waiting.register(self._process.stderr, selectors.EVENT_READ, self._complain)
            while waiting.get_map():
                for key, _ in waiting.select(self._turn()):
                    if chunk := os.read(key.fd, _CHUNK):
                        key.data(chunk)
                    else:
                        waiting.unregister(key.fileobj)
        while True:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self._turn())
                return self._printed.getvalue()

    def _turn(self) -> float:
        """Return how long to wait now; what waits for us raises here where it ends, so that the program is ended."""
        self._network.sleep(0)
        left = self._end - self._network.clock()
        if left <= 0:
            raise SourceError(f"not over after {self._patience:g} s, and ended", mend="timeout may be longer")
        return min(left, _TURN)

    def _print(self, chunk: bytes) -> None:
        if self._printed.tell() + len(chunk) > self._most:
            raise SourceError(f"prints more than {self._most:,} bytes, and was ended", mend="max_size may be more")
        self._printed.write(chunk)

    def _complain(self, chunk: bytes) -> None:
        self.tail = (self.tail + chunk)[-_TAIL:]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it has started; its status was not asked for, so its number is still its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failure(status: int, tail: bytes) -> str:
    """Return what is told of a program that failed: its status, or the signal that ended it, and its last words."""
    ended = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    lines = [single_spaced(printable(line)) for line in tail.decode(errors="replace").splitlines()]
    last = next(filter(None, reversed(lines)), "")
    return f"the program {ended}: {shortened(last, _LONGEST)}" if last else f"the program {ended}, and said nothing"


def make(setting: SourceSetting, world: World) -> Command:
    """Return the source of a checked setting."""
    return Command(setting, world)
