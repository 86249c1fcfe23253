"""Zip (PKWARE's APPNOTE 6.3): its files one after the other, checked by its directory before any is read."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from typing import IO, BinaryIO

from digest.containers.base import SAVE_AS_TEXT
from digest.containers.member import (
    MOST_MEMBERS,
    MOST_UNPACKED,
    Allowance,
    Member,
    Unpacked,
    damaged,
    path_of,
)
from digest.errors import DumpError
from digest.text import printable

MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")  # a file, an empty archive, one of several volumes

_MOST_AT_ONCE = 2**20  # bytes of one read: the directory is one, and 1,000 entries take less
_ENCRYPTED = 0x1  # general purpose bit 0, section 4.4.4
_LOCAL_HEADER = 30  # bytes before the name, section 4.3.7
_SAME_TIME_FOR_ALL = (1980, 1, 1, 0, 0, 0)  # written by those who do not tell
# Others decompress without a limit on what comes out at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_LONGER = 1024  # bytes that compressing may add to what it cannot compress, besides a hundredth
_OFFICE = {
    "[Content_Types].xml": "an Office file",
    "mimetype": "an OpenDocument file or an electronic book",
    "META-INF/MANIFEST.MF": "a Java program",
}


def entries(file: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """Yield the files; each must be read before the next is asked for, as far as it is wanted.

    Raises DumpError for damage, too many or too large entries, names that lead elsewhere, and what is no plain file.
    """
    with _directory(file) as archive:
        chosen = _chosen(archive.infolist())
        _check(chosen, archive.start_dir)
        for path, entry in chosen:
            with closing(_content(archive, entry)) as content:
                yield Member(path, _moment(entry), Unpacked(content, allowance))


class _InPieces(io.RawIOBase):
    """A file that gives no more than a piece at a time: how long the directory is, the file itself says."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, count: int = -1) -> bytes:
        if count > _MOST_AT_ONCE:
            raise DumpError(f"there are more than {MOST_MEMBERS:,} files in it", mend="split it")
        return self._file.read(min(count, _MOST_AT_ONCE) if count >= 0 else _MOST_AT_ONCE)


def _directory(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_InPieces(file))
    except DumpError:
        raise
    except Exception as error:  # whatever its reader makes of a damaged directory
        raise damaged(error) from error


class _Broken(io.RawIOBase):
    """The bytes of a file that cannot be read: told when they are asked for, as damage further on is."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, _count: int = -1) -> bytes:
        raise damaged(self._error) from self._error


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes] | _Broken:
    try:
        return archive.open(entry)
    except Exception as error:
        return _Broken(error)


def _chosen(listed: Sequence[zipfile.ZipInfo]) -> list[tuple[str, zipfile.ZipInfo]]:
    """Return what is to be read, with its path: no folders, no hidden files."""
    for name in (entry.filename for entry in listed):
        if name in _OFFICE:
            raise DumpError(f"it is {_OFFICE[name]}", mend=SAVE_AS_TEXT)
    named = [(path_of(entry.orig_filename), entry) for entry in listed]
    chosen = [(path, entry) for path, entry in named if path is not None]
    if len(chosen) > MOST_MEMBERS:
        raise DumpError(f"there are more than {MOST_MEMBERS:,} files in it", mend="split it")
    return chosen


def _check(chosen: Sequence[tuple[str, zipfile.ZipInfo]], end: int) -> None:
    """Refuse, by what the directory says, what cannot be read or is made to fill the disk."""
    for path, entry in chosen:
        if entry.flag_bits & _ENCRYPTED:
            raise DumpError("its files are encrypted", mend="pack them without a password")
        if entry.compress_type not in _METHODS:
            raise DumpError(
                f"{printable(path)[-60:]!r} in it is compressed in a way that is not read",
                mend="pack it by the usual method, deflate",
            )
        if entry.compress_size > entry.file_size + entry.file_size // 100 + _MOST_LONGER:
            raise DumpError(f"{printable(path)[-60:]!r} in it is not as long as it says", mend="pack it again")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise DumpError(f"{printable(path)[-60:]!r} in it is a link", mend="pack the files themselves")
    if sum(entry.file_size for _, entry in chosen) > MOST_UNPACKED:
        raise DumpError(f"more than {MOST_UNPACKED // 10**6} MB come out of it", mend="split it, or unpack it first")
    _check_apart([entry for _, entry in chosen], end)


def _check_apart(chosen: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Refuse entries that lie over each other: made so, a small file unpacks to any size."""
    spans = [(entry.header_offset, entry.header_offset + _LOCAL_HEADER + entry.compress_size) for entry in chosen]
    for (_, last), (first, _) in pairwise([*sorted(spans), (end, end)]):
        if last > first:
            raise DumpError("files in it lie over each other", mend="pack them again")


def _moment(entry: zipfile.ZipInfo) -> datetime | None:
    """Return the local time that the directory tells (section 4.4.6), None where it tells none."""
    if entry.date_time == _SAME_TIME_FOR_ALL:
        return None
    try:
        return datetime(*entry.date_time)  # noqa: DTZ001  (whose time it is, a zip file does not say)
    except ValueError:
        return None
