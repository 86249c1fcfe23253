"""How close each layout comes to a dump that is not recognised: what it would give of the dump's beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import TypeVar

from digest.errors import DumpError
from digest.layouts.base import Layout
from digest.models import Document, Listing

REACH = 2000
"""How many lines or blocks of a dump are read to tell how close a layout comes."""

_Piece = TypeVar("_Piece")
_MOST_TEXT = 2**20  # characters of them; a page of so many lines has about a tenth
_ENOUGH = 3  # as many listings with abstracts are hardly chance
_ANY_DAY = date(2000, 1, 1)  # whatever the dump's date: it changes no count


@dataclass(frozen=True, slots=True)
class Closeness:
    """What one layout makes of a dump's beginning: its listings, those with an abstract, and the lines left over."""

    layout: Layout
    recognises: bool
    listings: int
    whole: int
    unread: int
    broken: int

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The greater, the closer: a page that is really so gives few listings without an abstract."""
        bare = self.listings - self.whole
        return self.whole > 0, self.whole - bare - self.broken, -self.unread

    @property
    def is_close(self) -> bool:
        """Whether the dump may well have this layout."""
        return self.whole >= _ENOUGH and self.rank[1] > 0


def how_close(layouts: Iterable[Layout], documents: Sequence[Document]) -> list[Closeness]:
    """Return how close each layout comes to a dump, the closest first; ``documents`` are its forms, never none."""
    heads = [_beginning(document) for document in documents]
    found = [max((_of(layout, head) for head in heads), key=lambda one: one.rank) for layout in layouts]
    return sorted(found, key=lambda one: one.rank, reverse=True)


def closest(layouts: Iterable[Layout], documents: Sequence[Document]) -> Closeness | None:
    """Return the layout that comes close to a dump, the closest of them, or None where none does."""
    best = next(iter(how_close(layouts, documents)), None)
    return best if best and best.is_close else None


def _of(layout: Layout, dump: Document) -> Closeness:
    listings = whole = unread = broken = 0
    try:
        for event in layout.read(dump, _ANY_DAY):
            if isinstance(event, Listing):
                listings += 1
                whole += event.abstract is not None
            else:
                unread += event.kind == "unread"
                broken += event.kind == "broken"
    except DumpError:  # it cannot be of this layout, whatever came before
        listings = whole = 0
        broken += 1
    return Closeness(layout, layout.recognises(dump), listings, whole, unread, broken)


def _beginning(document: Document) -> Document:
    """Return the document's first ``REACH`` lines and blocks, taken out of their container once for all layouts."""
    lines = list(_first(document.lines(), len))
    blocks = list(_first(document.blocks(), lambda block: len(block.text)))
    return replace(document, lines=lambda: iter(lines), blocks=lambda: iter(blocks))


def _first(pieces: Iterator[_Piece], length: Callable[[_Piece], int]) -> Iterator[_Piece]:
    left = _MOST_TEXT
    for piece in islice(pieces, REACH):
        left -= length(piece)
        if left < 0:
            return
        yield piece
