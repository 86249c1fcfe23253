"""What every layout is, and the stream of lines that the text layouts read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

from digest.models import Listing, Remark

HEAD_LINES = 200
"""How many lines of a dump decide which layout it has."""

Event: TypeAlias = Listing | Remark


class Layout(Protocol):
    """A shape of dump: how it is recognised, and how its lines become listings."""

    @property
    def name(self) -> str:
        """The word that names the layout in ``--layout`` and in listings."""

    @property
    def site(self) -> str:
        """The site's name for people; "" where the layout is no site's."""

    def recognises(self, head: Sequence[str]) -> bool:
        """Tell whether a dump that begins with these lines (at most ``HEAD_LINES``) has this layout."""

    def read(self, lines: Iterable[str], on: date) -> Iterator[Event]:
        """Yield listings and remarks in the dump's order, holding no more of it than one listing's lines.

        ``on`` is the dump's date, which a date without a year is reckoned from.
        """


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its number in the dump (1-based), its text in single spaces, blank lines before it."""

    number: int
    text: str
    gap: int


_ASCII_SPACES = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what str.split takes for white space besides the space
_LONG = 300  # characters from which on nine searches are faster than ``str.isprintable``


def is_single_spaced(text: str) -> bool:
    """Tell quickly that all white space in a text is single spaces between words; False may mean "cannot tell"."""
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return False
    if len(text) > _LONG and text.isascii():
        return not any(space in text for space in _ASCII_SPACES)
    return text.isprintable()  # of all white space, only the space is


def single_spaced(text: str) -> str:
    """Return the text with every run of white space as one space, and none at its ends."""
    flat = text.replace("\n", " ")
    return flat if is_single_spaced(flat) else " ".join(text.split())


# White space that ``str.split`` leaves: the byte-order mark and the zero-width space.
_INVISIBLE = "\ufeff\u200b"


def _filled(lines: Iterable[str]) -> Iterator[Line]:
    gap = 0
    for number, raw in enumerate(lines, 1):
        text = single_spaced(raw)
        if text and not (text[0] not in _INVISIBLE and text[-1] not in _INVISIBLE):
            text = text.strip(_INVISIBLE + " ")
        if text:
            yield Line(number, text, gap)
            gap = 0
        else:
            gap += 1


class Cursor:
    """The lines of a dump that are not blank, with a look ahead; it holds only the lines looked at."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read from ``lines`` as far as it is asked to."""
        self._source = _filled(lines)
        self._ahead: deque[Line] = deque()

    def peek(self, distance: int = 0) -> Line | None:
        """Return the line ``distance`` lines ahead without taking it, or None past the end."""
        while len(self._ahead) <= distance:
            line = next(self._source, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[distance]

    def put_back(self, line: Line) -> None:
        """Make ``line`` the next one, for what is left of a line whose beginning was taken."""
        self._ahead.appendleft(line)

    def take(self) -> Line:
        """Take the next line; only after ``peek()`` has shown that there is one."""
        if not self._ahead:
            return next(self._source)
        return self._ahead.popleft()


def head_lines(head: Iterable[str]) -> list[str]:
    """Return the lines of a head that are not blank, in single spaces."""
    return [line.text for line in _filled(head)]
