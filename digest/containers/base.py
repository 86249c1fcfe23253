"""What containers are opened from and made of: bytes that can be read again, and the limits on them."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class Readable(Protocol):
    """What bytes can be read from, once."""

    def read(self, count: int, /) -> bytes:
        """Return up to ``count`` bytes, none at the end."""


class Source(Protocol):
    """The bytes of a dump: how many there are, and a way to read them from the start, any number of times."""

    @property
    def size(self) -> int:
        """How many bytes there are."""

    def open(self) -> BinaryIO:
        """Return the bytes to be read from the start; what was opened before must not be read any further."""


MOST_MARKUP = 16 * 2**20
"""Bytes of one HTML page; no listing page is nearly so long, and larger ones would fill the memory."""

MOST_LINE = 16 * 2**20
"""Bytes of one line: a JSON array in one line may be long, and a line is held whole."""

SAVE_AS_TEXT = "open it, mark all, copy, and paste it into a text file"
"""The mend for what cannot be read."""
