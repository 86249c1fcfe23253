"""The feed files of ``public/`` in memory: each state of one is read, hashed and packed once, away from the loop."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from digest.web.forms import Form, Kind, Sharing, Shelf, Told

_MOST = 64 * 2**20  # bytes of forms in memory
_AT_ONCE = 2  # files on their way there: a large one takes a second and three times its size
# A document of a date, of daily feeds of a month: once written it stays as it is.
_ARCHIVE = re.compile(r"feeds/(?:papers|topics/[\w-]+)/(?:\d{4}-\d\d-\d\d|daily/\d{4}-\d\d)\.\w+", re.ASCII)


class _State(NamedTuple):
    """What tells one state of a file from another, and of one state the packed form from the plain one."""

    path: str
    packed: bool
    inode: int
    modified: int
    size: int


class FeedFiles:
    """Gives the files below a folder as they are at the moment."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        """Take ``public/``, which need not exist yet, and the clock (aware), which no file may be ahead of."""
        self._folder, self._clock = folder, clock
        self._shelf = Shelf(_MOST)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "feeds")
        self._coming: dict[_State, asyncio.Future[Form | None]] = {}

    async def form(self, path: str, *, packed: bool) -> Form | None:
        """Return a file by its path below the folder, plain names joined by slashes; None where all may not read it."""
        try:
            state = _state(path, packed, os.stat(f"{self._folder}/{path}"))  # noqa: PTH116 (half as long)
        except OSError:
            return None
        return self._shelf.get(state) or await self._brought(state)

    async def _brought(self, state: _State) -> Form | None:
        """Have a form made, once for all who ask meanwhile."""
        coming = self._coming.get(state)
        if coming is None:
            loop = asyncio.get_running_loop()
            coming = self._coming[state] = loop.run_in_executor(self._threads, self._made, state.path, state.packed)
            coming.add_done_callback(lambda _: self._coming.pop(state, None))
        return await asyncio.shield(coming)

    def _made(self, path: str, packed: bool) -> Form | None:
        try:
            content, about = _read(self._folder, path)
        except OSError:
            return None
        form = Form.of(self._told(path, content, about), content, packed=packed)
        self._shelf.put(_state(path, packed, about), form)
        return form

    def _told(self, path: str, content: bytes, about: os.stat_result) -> Told:
        # No later than now (RFC 9110, section 8.8.2.1), whatever a clock that was put back since says.
        modified = min(datetime.fromtimestamp(int(about.st_mtime), UTC), self._clock().replace(microsecond=0))
        kind: Kind = "atom" if path.endswith(".atom") else "json"
        sharing: Sharing = "archive" if _ARCHIVE.fullmatch(path) else "current"
        return Told(blake2b(content, digest_size=16).hexdigest(), modified, kind, sharing)


def _state(path: str, packed: bool, about: os.stat_result) -> _State:
    return _State(path, packed, about.st_ino, about.st_mtime_ns, about.st_size)


def _read(folder: Path, path: str) -> tuple[bytes, os.stat_result]:
    """Return a file's bytes and what the system says of it; OSError for what is no file, or is led to by a link."""
    found = (folder / path).resolve(strict=True)
    if not found.is_relative_to(folder.resolve()) or not stat.S_ISREG(found.stat().st_mode):
        raise FileNotFoundError(path)
    with found.open("rb") as file:
        return file.read(), os.fstat(file.fileno())
