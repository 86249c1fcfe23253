"""arXiv's listing pages (https://arxiv.org/list/cs.LG/new, also /recent and /YYYY-MM), whatever saved them.

An entry: "[1] arXiv:2506.12345 (cross-list from cs.CV) [pdf, html, other]", then "Title: …", the authors, "Comments: …"
and "Journal-ref: …" where there are any, "Subjects: Machine Learning (cs.LG); …", and on the page of the day the
abstract. Headings part new submissions, cross-lists and replacements there, days on the page of the week; each tells
how many entries it shows. A label may be a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from digest.layouts.arxiv_entry import Entry
from digest.layouts.base import Cursor, Event, head_of
from digest.models import Announced, Block, Document, Remark

_NOTES = r"(?: ?\((?:cross-list|replaced)[^()]{0,80}\)){0,3}"
_OPENING = re.compile(
    rf"(?P<index>\[\d{{1,6}}\] ?)?arXiv: ?(?P<id>[^\s()\[\]]{{4,60}})(?P<notes>{_NOTES})"
    r"(?P<formats> ?\[[^A-Z]{0,200}\])?(?: ?(?P<rest>Title: .*))?"
)
_NEXT = re.compile(rf" (?=\[\d{{1,6}}\] arXiv: ?[^\s()\[\]]{{4,60}}{_NOTES} \[)")
_INDEX = re.compile(r"\[\d{1,6}\]")
_ASIDE = re.compile(rf"{_NOTES}|[\[\], ]*(?:(?:pdf|html|ps|other|format)[\[\], ]*)*")
_LONGEST_ASIDE = 120
_LONGEST_JOINED = 20_000  # characters of two or three entries that a saver joined; more are no page's
_SHOWN = (
    r" ?\((?:continued, )?(?:showing )?(?:first |last )?(?P<shown>\d{1,3}(?:,\d{3})*|\d{1,7}) of [\d,]{1,9} entries ?\)"
)
_DAY = r"[A-Z][a-z]{2,8},? \d{1,2} [A-Z][a-z]{2,8} \d{2,4}"
_SECTION = re.compile(
    rf"(?:(?P<new>New submissions)|(?P<cross>Cross[- ](?:submissions|lists|listings))"
    rf"|(?P<replaced>Replacement(?:s| submissions)))(?: for (?P<day>{_DAY}))?(?:{_SHOWN})?"
)
_DATED = re.compile(rf"(?P<new>)(?P<cross>)(?P<replaced>)(?P<day>{_DAY})(?:{_SHOWN})?")
_TODAY = re.compile(rf"Showing new listings for (?P<day>{_DAY})")
_TOTAL = re.compile(r"\[? ?Total of (?P<total>[\d,]{1,9}) entries\b.*", re.IGNORECASE)
_PER_PAGE = re.compile(r"\[? ?Showing (?:up to )?(?P<most>[\d,]{1,9}) entries per page\b.*", re.IGNORECASE)
_REACH = 6  # blocks from an entry's first to its title


class ArxivList:
    """The layout of arXiv's listing pages."""

    name = "arxiv-list"
    site = "arXiv"
    address = "https://arxiv.org/abs/{arxiv}"
    known_by = (
        'an entry "[1] arXiv:2501.01234 [pdf, …]" with "Title:" after it, or the heading "Showing new listings for …"'
    )

    def recognises(self, dump: Document) -> bool:
        """Tell by an entry's first lines, or by the heading of the day's page."""
        texts = head_of(dump.blocks())
        return any(map(_TODAY.fullmatch, texts)) or any(
            _is_entry(texts[place : place + 1 + _REACH]) and texts[max(0, place - 1)][:1] != "\\"
            for place in range(len(texts))
        )

    def read(self, dump: Document, on: date) -> Iterator[Event]:  # noqa: ARG002 - the page's date is the dump's
        """Yield the listings of the page, and what else it says."""
        page = _Page(Cursor(dump.blocks()), self.name)
        while page.cursor.peek():
            yield from page.take(page.cursor.take())
        yield from page.end()


def _is_entry(texts: list[str]) -> bool:
    """Tell whether an entry begins here: its first line, and its title not far."""
    found = _OPENING.fullmatch(texts[0])
    if not found:
        return False
    titled = found["rest"] or any(text.startswith("Title:") for text in texts[1:])
    return bool(titled and (found["index"] or found["formats"] or all(map(_is_aside, _before_title(texts[1:])))))


def _before_title(texts: list[str]) -> list[str]:
    place = next((place for place, text in enumerate(texts) if text.startswith("Title:")), 0)
    return texts[:place]


def _is_aside(text: str) -> bool:
    """Tell whether a line is a piece of an entry's first line: a note, the formats."""
    return len(text) <= _LONGEST_ASIDE and _ASIDE.fullmatch(text) is not None


class _Page:
    """A page while it is read: its section, the entry that is open, and what it says of its length."""

    def __init__(self, cursor: Cursor, layout: str) -> None:
        self.cursor = cursor
        self._layout = layout
        self._section: Announced | None = None
        self._entry: Entry | None = None
        self._abstracts = False
        self._dated = False
        self._shown: list[int] = []
        self._total: int | None = None
        self._per_page: int | None = None
        self._counted_at = 0

    def take(self, block: Block) -> Iterator[Event]:
        """Take the next block; what a saver joined to it of the next entry is put back."""
        if len(block.text) <= _LONGEST_JOINED and "] arXiv:" in block.text:
            first, *joined = _NEXT.split(block.text)
            for text in reversed(joined):
                self.cursor.put_back(replace(block, text=text))
            block = replace(block, text=first)
        found = _OPENING.fullmatch(block.text)
        if found and self._may_open(found):
            yield from self._open(block, found)
        elif _INDEX.fullmatch(block.text) and self._opens(self.cursor.peek()):
            yield from self._close()
        elif self._is_heading(block) or self._is_count(block):
            yield from self._close()
            yield from self._head(block)
        elif self._entry and _is_aside(block.text) and not self._entry.title:
            self._entry.note(block.text)
        elif self._entry:
            yield from self._entry.take(block)
        else:
            yield Remark("unread", block.number, block.text)

    def end(self) -> Iterator[Event]:
        """End the page, and say how many entries it states that it shows."""
        yield from self._close(last=True)
        stated = sum(self._shown) if self._shown else self._total
        if stated is not None:
            if not self._shown and self._per_page is not None:
                stated = min(stated, self._per_page)
            yield Remark("stated", self._counted_at, str(stated))

    def _may_open(self, found: re.Match[str]) -> bool:
        """Tell whether an identifier begins an entry, and is no line of an abstract."""
        after = self.cursor.peek()
        told = found["index"] or found["formats"] or found["notes"] or found["rest"] or self._entry is None
        return bool(told or (after and (_is_aside(after.text) or after.text.startswith("Title:"))))

    def _opens(self, block: Block | None) -> bool:
        return block is not None and _OPENING.fullmatch(block.text) is not None

    def _open(self, block: Block, found: re.Match[str]) -> Iterator[Event]:
        yield from self._close()
        self._entry = Entry(self._layout, block.number, self._section)
        self._entry.note(found["notes"])
        yield from self._entry.name_by(block, found["id"])
        if found["rest"]:
            yield from self._entry.take(replace(block, text=found["rest"]))

    def _is_heading(self, block: Block) -> bool:
        """Tell whether a line is a heading; without a count it may be a link to one, unless an entry follows."""
        found = _SECTION.fullmatch(block.text) or _DATED.fullmatch(block.text)
        if not found:
            return False
        after = [ahead for distance in (0, 1) if (ahead := self.cursor.peek(distance))]
        return bool(found["shown"] or block.level or any(map(self._opens, after)))

    def _is_count(self, block: Block) -> bool:
        return any(pattern.fullmatch(block.text) for pattern in (_TODAY, _TOTAL, _PER_PAGE))

    def _head(self, block: Block) -> Iterator[Event]:
        """Take a heading, or a line that tells the day or a number of entries."""
        text = block.text
        if found := _TOTAL.fullmatch(text):
            self._total = _number(found["total"])
            self._counted_at = self._counted_at or block.number
        elif found := _PER_PAGE.fullmatch(text):
            self._per_page = _number(found["most"])
        elif found := _TODAY.fullmatch(text):
            yield from self._date(block, found["day"])
        elif found := _SECTION.fullmatch(text) or _DATED.fullmatch(text):
            self._section = "cross" if found["cross"] else "replaced" if found["replaced"] else "new"
            if found["shown"]:
                self._counted_at = self._counted_at if self._shown else block.number
                self._shown.append(_number(found["shown"]))
            yield from self._date(block, found["day"])

    def _date(self, block: Block, day: str | None) -> Iterator[Event]:
        """Yield the page's date: the first that it tells, since a page of several days begins with the newest."""
        if day and not self._dated:
            self._dated = True
            yield Remark("page_date", block.number, day)

    def _close(self, *, last: bool = False) -> Iterator[Event]:
        if self._entry:
            yield from self._entry.events(last=last, others_have_abstracts=self._abstracts)
            self._abstracts = self._abstracts or self._entry.has_abstract
        self._entry = None


def _number(digits: str) -> int:
    return int(digits.replace(",", "") or 0)
