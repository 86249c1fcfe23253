"""The parts of a mail that many messages share: rendered and transfer-encoded once, joined as often as needed."""

from __future__ import annotations

import binascii
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Literal

from digest.models import Paper, Spans
from digest.render.excerpt import Piece, excerpt_of, sentences
from digest.render.links import Link, links, own_address, title_link
from digest.render.papers import TitleLine, paper_view
from digest.render.templates import Templates

Form = Literal["html", "txt"]
_KEPT: Final = 20_000  # parts kept, about 2 kB each
_EXCERPTS: Final = 50_000  # excerpts kept, about 1.5 kB each; apart, so that they drive out no others


@dataclass(frozen=True, slots=True)
class Fragment:
    """Quoted-printable lines (RFC 2045, section 6.7), complete ones, and the octets that they stand for."""

    encoded: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail in both forms."""

    html: Fragment
    txt: Fragment


def encoded(text: str) -> Fragment:
    """Return text in UTF-8 as quoted-printable lines with CRLF; a last line without its end gets one.

    As every fragment ends with a line, joining encoded fragments gives what encoding the joined texts would.
    """
    if "\r" in text:  # would go out as it is
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    raw = text.encode("utf-8", "replace")
    lines = binascii.b2a_qp(raw, quotetabs=False, istext=True, header=False)
    return Fragment(lines.replace(b"\n", b"\r\n"), len(raw))


class _Kept:
    """Parts by what they show: the last ones that were asked for."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: dict[Hashable, Part] = {}

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, key: Hashable) -> Part | None:
        part = self._parts.pop(key, None)
        if part is not None:
            self._parts[key] = part  # the last again
        return part

    def put(self, key: Hashable, part: Part) -> Part:
        if len(self._parts) >= self._most:
            del self._parts[next(iter(self._parts))]
        self._parts[key] = part
        return part


class Fragments:
    """Parts by what they show: a paper at its revision, with whom a rule follows; an excerpt by its marks.

    Memory: the last ``_KEPT`` parts and ``_EXCERPTS`` excerpts, about 120 MB, however many messages are made.
    """

    def __init__(self, templates: Templates, title_search: str) -> None:
        """Begin with nothing kept."""
        self._templates = templates
        self._search = title_search
        self._parts = _Kept(_KEPT)
        self._excerpts = _Kept(_EXCERPTS)
        self._by_spans = _Kept(_KEPT)
        self.encodings: Counter[str] = Counter()  # by template

    def __len__(self) -> int:
        """Count the parts that are kept."""
        return len(self._parts) + len(self._excerpts)

    def paper(self, paper: Paper, names: frozenset[str]) -> Part:
        """Return title, authors and the grey line; ``names`` are followed authors, as printed."""

        def make() -> Part:
            view = paper_view(paper, names, self._search)
            return self._both("paper", paper=view)

        return self._once(("paper", paper.id, paper.revision, names), make)

    def excerpt(self, paper: Paper, spans: Spans) -> Part:
        """Return what is shown of the abstract; ``spans`` are what matched in it, the most important first.

        Spans that show and mark the same share one part: many rules find further words where no excerpt reaches.
        """
        key = (paper.id, paper.revision, spans)
        part = self._by_spans.get(key)
        if part is None:
            pieces = excerpt_of(*sentences(paper.abstract), spans)
            shown = (paper.id, paper.revision, pieces)
            part = self._excerpts.get(shown) or self._excerpts.put(shown, self._excerpt(pieces))
            self._by_spans.put(key, part)
        return part

    def _excerpt(self, pieces: tuple[Piece, ...]) -> Part:
        if not pieces:
            return _NOTHING
        return self._both("excerpt", pieces=pieces, text="".join([_starred(piece) for piece in pieces]))

    def links(self, paper: Paper) -> Part:
        """Return the links that exist."""

        def make() -> Part:
            found = links(paper)
            searched = found
            if not own_address(paper.identifiers):  # in plain text the title cannot be clicked
                searched = (Link("Search", title_link(paper, self._search)), *found)
            return Part(
                self._made("links.html", links=found) if found else _NOTHING.html,
                self._made("links.txt", links=searched) if searched else _NOTHING.txt,
            )

        return self._once(("links", paper.id, paper.revision), make)

    def line(self, line: TitleLine) -> Part:
        """Return a title line, as it stands in a list of them."""
        return self._once(("line", line), lambda: self._both("line", line=line))

    def content(self, line: TitleLine) -> Part:
        """Return a line of the list of contents."""
        return self._once(("content", line), lambda: self._both("content", line=line))

    def _once(self, key: Hashable, make: Callable[[], Part]) -> Part:
        return self._parts.get(key) or self._parts.put(key, make())

    def _both(self, template: str, **context: object) -> Part:
        return Part(self._made(f"{template}.html", **context), self._made(f"{template}.txt", **context))

    def _made(self, template: str, **context: object) -> Fragment:
        name = f"email/{template}"
        self.encodings[name] += 1
        return encoded(self._templates.render(name, context))


_NOTHING: Final = Part(encoded(""), encoded("\n"))


def _starred(piece: Piece) -> str:
    return f"*{piece.text}*" if piece.marked else piece.text
