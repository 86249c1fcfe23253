"""Documents of private feeds that are kept: all that is said of many, and the bodies of those that are asked for."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Kind = Literal["atom", "json"]
MOST_BYTES = 64 * 2**20  # of bodies, packed
MOST_KNOWN = 50_000  # documents of which the tag is known, so that who has them is told so; some 800 bytes each
_GZIP = 31  # zlib's number for a gzip head and end, without a time


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document; ``tag`` tells its octets from any other's, ``modified`` is when they came to be (seconds).

    ``packed`` is its body (gzip), as it is kept and as nearly all readers take it; empty where it was let go.
    """

    packed: bytes
    kind: Kind
    tag: str
    modified: datetime
    archive: bool

    @classmethod
    def of(cls, body: bytes, kind: Kind, tag: str, modified: datetime, *, archive: bool) -> Document:
        """Pack the octets of a document."""
        return cls(zlib.compress(body, wbits=_GZIP), kind, tag, modified, archive)

    @property
    def body(self) -> bytes:
        """Its octets."""
        return zlib.decompress(self.packed, wbits=_GZIP)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, with the version and state of the store at which it is known to be true, and what it is made of."""

    document: Document
    version: int
    state: str
    made_of: str

    def without_body(self) -> Kept:
        """Return it with its body let go."""
        return replace(self, document=replace(self.document, packed=b""))


class KeptFeeds:
    """Documents by their addresses; may be used by several threads. Whose body nobody asked for longest loses it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._bodies: OrderedDict[str, int] = OrderedDict()  # by address, its length
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, address: str) -> Kept | None:
        """Return what is known of a document."""
        return self._kept.get(address)

    def put(self, address: str, kept: Kept) -> Document:
        """Keep a document as the last that was asked for, and return it."""
        with self._lock:
            self._drop_body(address)
            self._kept[address] = kept
            self._kept.move_to_end(address)
            if kept.document.packed:
                self._bodies[address] = len(kept.document.packed)
                self._bytes += len(kept.document.packed)
            while self._bytes > MOST_BYTES:
                oldest = next(iter(self._bodies))
                self._drop_body(oldest)
                self._kept[oldest] = self._kept[oldest].without_body()
            while len(self._kept) > MOST_KNOWN:
                self._remove(next(iter(self._kept)))
        return kept.document

    def remove(self, address: str) -> None:
        """Forget a document."""
        with self._lock:
            self._remove(address)

    def _remove(self, address: str) -> None:
        self._drop_body(address)
        self._kept.pop(address, None)

    def _drop_body(self, address: str) -> None:
        self._bytes -= self._bodies.pop(address, 0)
