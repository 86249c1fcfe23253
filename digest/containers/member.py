"""What all readers of archives share: a member, names that lead nowhere else, and how much may come out."""

from __future__ import annotations

import re
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime

from digest.containers.base import Readable
from digest.errors import DumpError
from digest.text import printable

MOST_UNPACKED = 200 * 10**6
"""Bytes that may come out of one archive in all; listing pages pack to a tenth, so this is a month and more of them."""

MOST_MEMBERS = 1000
"""Files that one archive may hold."""

UNPACK_FIRST = "unpack it first, or pack the files themselves as gzip, zip or tar"
"""The mend for archives that are not read."""

_DAMAGED = (
    zlib.error, zipfile.BadZipFile, tarfile.TarError, struct.error, EOFError, OSError, ValueError, RuntimeError,
    ArithmeticError, LookupError,
)  # fmt: skip  # all that the standard library's readers are known to raise for damaged archives
_HIDDEN = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})  # left there by macOS and Windows
_DRIVE = re.compile("[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its path there, when it was changed (None: not told), and its bytes, to be read now.

    ``modified`` is naive where the archive holds the local time of whoever packed it (zip).
    """

    name: str
    modified: datetime | None
    stream: Unpacked


def path_of(name: str) -> str | None:
    """Return an entry's name as a relative path with slashes, or None for one that is left out: folders, hidden files.

    We never write by these names, but they stand in messages and tell dates, and nobody packs such a thing by mistake.
    Raises DumpError for a name that leads out of the archive.
    """
    steps = name.replace("\\", "/").split("/")
    if "\0" in name or ".." in steps or (len(steps) > 1 and not steps[0]) or _DRIVE.match(name):
        raise DumpError(f"a name in it leads elsewhere: {printable(name)[:60]!r}", mend="pack the files themselves")
    inner = [step for step in steps if step not in ("", ".")]
    if not steps[-1] or not inner or any(step.startswith(".") or step in _HIDDEN for step in inner):
        return None
    return "/".join(inner)


class DamageError(DumpError):
    """An archive is damaged, or a file in it."""


def damaged(error: Exception) -> DamageError:
    """Return what to say of an archive whose reader failed."""
    told = " ".join(printable(str(error)).split())[:100]
    return DamageError(f"the archive is damaged: {told or type(error).__name__}", mend="fetch or pack it again")


class Allowance:
    """How much may still come out of an archive."""

    def __init__(self, left: int = MOST_UNPACKED) -> None:
        """Begin with ``left`` bytes."""
        self._left = self._all = left

    def take(self, count: int) -> None:
        """Take ``count`` bytes; raises DumpError where fewer are left."""
        self._left -= count
        if self._left < 0:
            what = f"more than {self._all // 10**6} MB come out of it"
            raise DumpError(what, mend="split it, or unpack it first")


class Unpacked:
    """Bytes that come out of a reader: counted against an allowance, its faults told as DumpError."""

    def __init__(self, inner: Readable, allowance: Allowance) -> None:
        """Read from ``inner``, which is not closed with it."""
        self._inner, self._allowance = inner, allowance
        self._ahead = b""
        self._fault: DumpError | None = None

    def read(self, count: int, /) -> bytes:
        """Return up to ``count`` bytes, none at the end."""
        data = self._ahead[:count] or self._next(count)
        self._ahead = self._ahead[len(data) :]
        return data

    def head(self, count: int) -> bytes:
        """Return the next ``count`` bytes, or as many as there are, without taking them."""
        while len(self._ahead) < count and (data := self._next(count)):
            self._ahead += data
        return self._ahead[:count]

    def _next(self, count: int) -> bytes:
        if self._fault:  # some readers go on behind damage as if the file ended there
            raise self._fault
        try:
            data = self._inner.read(count)
        except _DAMAGED as error:
            self._fault = damaged(error)
            raise self._fault from error
        except DumpError as error:
            self._fault = error
            raise
        self._allowance.take(len(data))
        return data
