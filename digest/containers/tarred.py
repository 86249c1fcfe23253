"""Tar (POSIX.1-2001 pax, ustar, GNU): its files one after the other, from a stream that cannot go back.

The headers are taken apart by ``tarfile``; the walk is ours, since ``tarfile`` holds a pax header whole however long it
says it is, and searches it in quadratic time (CVE-2024-6232).
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from digest.containers.base import Readable
from digest.containers.member import MOST_MEMBERS, Allowance, Member, Unpacked, damaged, path_of
from digest.errors import DumpError
from digest.text import printable

_BLOCK = 512
_MOST_ENTRIES = 10 * MOST_MEMBERS  # with folders, hidden files, and headers of headers
_MOST_SAID = 2**20  # bytes of one pax header or long name
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_LONG_LINK, _LABEL = tarfile.GNUTYPE_LONGLINK, b"V"  # of no use to us


def is_tar(head: bytes) -> bool:
    """Tell by its first 512 bytes whether a file is a tar archive: by the checksum of a header, which no text has."""
    with suppress(tarfile.HeaderError, ValueError):
        return bool(tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape"))
    return head[257:262] == b"ustar"  # with a wrong checksum: then that is what there is to say of it


def entries(stream: Readable, allowance: Allowance) -> Iterator[Member]:
    """Yield the files; each must be read before the next is asked for, as far as it is wanted.

    Raises DumpError for damage, too many entries, names that lead elsewhere, and what is neither file nor folder.
    """
    tar = _Tar(Unpacked(stream, allowance))
    count = 0
    while (entry := tar.next_entry()) is not None:
        path = path_of(entry.name)
        if entry.isdir() or path is None:
            continue
        if entry.type not in _FILES:
            kind = "a link" if entry.type in _LINKS else "neither a file nor a folder"
            what = f"{printable(entry.name)[-60:]!r} in it is {kind}"
            raise DumpError(what, mend="pack the files themselves, as tar --dereference --hard-dereference does")
        count += 1
        if count > MOST_MEMBERS:
            raise DumpError(f"there are more than {MOST_MEMBERS:,} files in it", mend="split it")
        yield Member(path, _moment(entry.mtime), Unpacked(tar.content, Allowance(entry.size)))


class _Tar:
    """A walk over the entries of a tar stream."""

    def __init__(self, stream: Unpacked) -> None:
        self._stream = stream
        self._seen = 0
        self.content = _Content(stream, 0)

    def next_entry(self) -> tarfile.TarInfo | None:
        """Return the next entry that is one, with what the headers before it say of it; None at the end."""
        said: dict[str, str] = {}
        while (entry := self._header()) is not None:
            if entry.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                said |= _records(self._said(entry))
            elif entry.type == tarfile.GNUTYPE_LONGNAME:
                said["path"] = self._said(entry).partition(b"\0")[0].decode("utf-8", "surrogateescape")
            elif entry.type not in (tarfile.XGLTYPE, _LONG_LINK, _LABEL):
                _apply(said, entry)
                self.content = _Content(self._stream, entry.size if entry.type in _FILES else 0)
                return entry
        return None

    def _header(self) -> tarfile.TarInfo | None:
        """Return the next header, past what is left of the content before it; None at the end, all read."""
        self.content.skip()
        block = self._block()
        self._seen += 1
        if self._seen > _MOST_ENTRIES:
            raise DumpError(f"there are more than {_MOST_ENTRIES:,} entries in it", mend="split it")
        if not block.strip(b"\0"):
            while self._stream.read(_BLOCK * 128):
                pass  # to the end, so that checksums around it are verified
            return None
        try:
            entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError) as error:
            raise damaged(error) from error
        if entry.size < 0:
            raise damaged(ValueError("a size is negative"))
        self.content = _Content(self._stream, entry.size)
        return entry

    def _block(self) -> bytes:
        block = _exactly(self._stream, _BLOCK)
        if block and len(block) < _BLOCK:
            raise damaged(EOFError("it ends in the middle"))
        return block

    def _said(self, entry: tarfile.TarInfo) -> bytes:
        if entry.size > _MOST_SAID:
            raise damaged(ValueError("a header in it is too long"))
        return _exactly(self.content, entry.size)


class _Content:
    """The bytes of one entry."""

    def __init__(self, stream: Unpacked, size: int) -> None:
        self._stream, self._left, self._padding = stream, size, -size % _BLOCK

    def read(self, count: int, /) -> bytes:
        if not self._left:
            return b""
        data = self._stream.read(min(count, self._left))
        if not data:
            raise damaged(EOFError("it ends in the middle"))
        self._left -= len(data)
        return data

    def skip(self) -> None:
        """Read on to where the next header is."""
        while self.read(2**16):
            pass
        if len(_exactly(self._stream, self._padding)) < self._padding:
            raise damaged(EOFError("it ends in the middle"))
        self._padding = 0


def _exactly(stream: Readable, count: int) -> bytes:
    """Return ``count`` bytes, or fewer at the end: a stream may give less than it is asked for."""
    data = b""
    while len(data) < count and (more := stream.read(count - len(data))):
        data += more
    return data


def _records(data: bytes) -> dict[str, str]:
    """Return what a pax header says: records of ``length key=value`` (POSIX.1-2017, pax, "pax Header Block")."""
    found, position = {}, 0
    while position < len(data) and data[position] != 0:
        length, space, _ = data[position : position + 20].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            raise damaged(ValueError("a header in it cannot be read"))
        key, _, value = data[position + len(length) + 1 : position + int(length)].rstrip(b"\n").partition(b"=")
        found[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        position += int(length)
    return found


def _apply(said: dict[str, str], entry: tarfile.TarInfo) -> None:
    """Let an entry be what the headers before it say."""
    if any(key.startswith("GNU.sparse.") for key in said):
        entry.type = tarfile.GNUTYPE_SPARSE
    entry.name = said.get("path", entry.name)
    with suppress(ValueError):
        entry.mtime = float(said.get("mtime", entry.mtime))
    if not (size := said.get("size", str(entry.size))).isdecimal():
        raise damaged(ValueError("a size in it is no number"))
    entry.size = int(size[:20])


def _moment(seconds: float) -> datetime | None:
    """Return an entry's modification time; None for zero, which those write who do not tell."""
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    return None
