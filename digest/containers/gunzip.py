"""Gzip (RFC 1952): what is compressed in it, as a stream that holds little, and what its header says."""

from __future__ import annotations

import zlib
from contextlib import suppress
from datetime import UTC, datetime

from digest.containers.base import Readable

MAGIC = b"\x1f\x8b\x08"  # with the only compression there is, section 2.3.1

_CHUNK = 64 * 1024
_MOST_PIECES = 20_000  # compressed one by one and put together; block-wise writers make one per 64 KiB
_EXTRA, _NAME = 4, 8  # bits of FLG, section 2.3.1


class Gunzipped:
    """The bytes that a gzip file holds; pieces that follow each other are one (section 2.2).

    Raises zlib.error and EOFError for what is damaged. The standard library's own reader takes each byte of a name in a
    header by a call of its own, which a name of many megabytes makes very slow.
    """

    def __init__(self, file: Readable) -> None:
        """Read from ``file``, which is not closed with it."""
        self._file = file
        self._pieces = 0
        self._waiting = b""  # compressed bytes not yet used
        self._begin()

    def read(self, count: int, /) -> bytes:
        """Return up to ``count`` bytes, none at the end."""
        while not self._piece.eof or self._next_piece():
            if not self._waiting:
                self._waiting = self._file.read(_CHUNK)
            if not self._waiting:
                raise EOFError("it ends in the middle")
            data = self._piece.decompress(self._waiting, count)
            self._waiting = self._piece.unused_data if self._piece.eof else self._piece.unconsumed_tail
            if data:
                return data
        return b""

    def _begin(self) -> None:
        self._pieces += 1
        if self._pieces > _MOST_PIECES:
            raise zlib.error("it is in too many pieces")
        self._piece = zlib.decompressobj(wbits=31)  # with header and checksum

    def _next_piece(self) -> bool:
        """Begin the next piece, if there is one; zeros between and after them are padding."""
        while not (left := self._waiting.lstrip(b"\0")):
            self._waiting = self._file.read(_CHUNK)
            if not self._waiting:
                return False
        self._waiting = left
        self._begin()
        return True


def said(head: bytes) -> tuple[str, datetime | None]:
    """Return the name ("": none) and the modification time that a file's first bytes tell (section 2.3.1)."""
    seconds = int.from_bytes(head[4:8], "little")
    modified = None
    with suppress(ValueError, OverflowError, OSError):
        modified = datetime.fromtimestamp(seconds, UTC) if seconds else None  # 0: not told
    flags = head[3] if len(head) > 3 else 0
    start = 10 + (2 + int.from_bytes(head[10:12], "little") if flags & _EXTRA else 0)
    name, end, _ = head[start:].partition(b"\0") if flags & _NAME else (b"", b"", b"")
    return name.decode("latin-1") if end else "", modified
