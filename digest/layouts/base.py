"""What every layout is, and the stream of blocks that the text layouts read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Protocol, TypeAlias

from digest.models import Block, Document, Listing, Remark

HEAD_LINES = 200
"""How many lines or blocks of a dump decide which layout it has."""

HEAD_CHARACTERS = 64 * 1024
"""How many characters of these decide, at most, where it takes them as they stand."""

HEAD_WIDTH = 4 * 1024
"""How many characters of each decide, at most, where it takes them one by one: what layouts know is shorter."""

LONGEST_LISTING = 100_000
"""Characters of one listing; what stands after them is no part of any. arXiv's own limit for an abstract is 1,920."""

MOST_AHEAD = 4 * 2**20
"""Characters that a ``Cursor`` looks ahead over; two hundred blocks of a page have a tenth of that."""

Event: TypeAlias = Listing | Remark


class Layout(Protocol):
    """A shape of dump: how it is recognised, and how its lines or blocks become listings."""

    @property
    def name(self) -> str:
        """The word that names the layout in ``--layout`` and in listings."""

    @property
    def site(self) -> str:
        """The site's name for people; "" where the layout is no site's."""

    @property
    def address(self) -> str:
        """Where a paper stands on the site, ``{arxiv}`` for its identifier; else the site itself; "" without one."""

    @property
    def known_by(self) -> str:
        """What it is recognised by, for people whose dump it is not: "the heading …"."""

    def recognises(self, dump: Document) -> bool:
        """Tell whether a dump has this layout, by its first ``HEAD_LINES`` lines or blocks alone."""

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield listings and remarks in the dump's order, holding no more of it than one listing's lines.

        ``on`` is the dump's date, which a date without a year is reckoned from.
        """


class Cursor:
    """The blocks of a dump, with a look ahead; it holds only the blocks looked at."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        """Read from ``blocks`` as far as it is asked to."""
        self._source = iter(blocks)
        self._ahead: deque[Block] = deque()
        self._held = 0  # characters of them

    def peek(self, distance: int = 0) -> Block | None:
        """Return the block ``distance`` blocks ahead without taking it, or None past the end, or too far ahead."""
        while len(self._ahead) <= distance:
            block = next(self._source, None) if self._held < MOST_AHEAD else None
            if block is None:
                return None
            self._ahead.append(block)
            self._held += len(block.text)
        return self._ahead[distance]

    def put_back(self, block: Block) -> None:
        """Make ``block`` the next one, for what is left of a block whose beginning was taken."""
        self._ahead.appendleft(block)
        self._held += len(block.text)

    def take(self) -> Block:
        """Take the next block; only after ``peek()`` has shown that there is one."""
        if not self._ahead:
            return next(self._source)
        block = self._ahead.popleft()
        self._held -= len(block.text)
        return block


def head_of(pieces: Iterable[Block]) -> list[str]:
    """Return the texts of a dump's first blocks, of a long one its beginning."""
    return [piece.text[:HEAD_WIDTH] for piece in islice(pieces, HEAD_LINES)]


def head_text(dump: Document) -> str:
    """Return a dump's beginning: its first lines as they stand, as far as ``HEAD_CHARACTERS`` go."""
    held: list[str] = []
    left = HEAD_CHARACTERS
    for line in islice(dump.lines(), HEAD_LINES):
        held.append(line[:left])
        left -= len(line) + 1
        if left <= 0:
            break
    return "\n".join(held)
