r"""The daily mailings of arXiv (https://info.arxiv.org/help/subscribe.html): lines of text, read as they stand.

A head tells which archives and which days. Items follow, each between lines of dashes: ``\\``, ``arXiv:ID``, fields
whose later lines begin with two spaces, ``\\``, the abstract, and ``\\ ( address , size)``. A rule ``%-%-%-`` begins
the cross-lists, ``%%--%%--`` the replacements (mostly without abstracts), ``%%%---%%%---`` the tail. Mail programs wrap
lines and quote them, and mailings are cut; so an item begins wherever ``\\`` or a rule is followed by an identifier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice, pairwise
from typing import Literal

from digest.layouts.arxiv_item import Item
from digest.layouts.base import HEAD_LINES, HEAD_WIDTH, Event
from digest.models import Announced, Document, Remark
from digest.text import single_spaced

_INVISIBLE = "\ufeff\u200b "
_OPENING = re.compile(
    r"(?:\\\\ )?(?:arXiv: ?(?P<id>[^\s()]{1,60})|Paper(?P<crossed> ?\(\*cross-listing\*\))?: ?(?P<paper>[^\s()]{1,60}))"
    r"(?P<cross> ?\(\*cross-listing\*\))?",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\\\\?|\\\\ .*|\\ ?\( ?https?:.*")
_CLOSING = re.compile(r"\\{1,2} ?\( ?(\S*)")
_SIZE = re.compile(r",? ?\d{0,9} ?k?b?,? ?\w? ?\)", re.IGNORECASE)
_QUOTES = re.compile(r"(?:> ?){1,20}")
_RULE = re.compile(r"[%-]{3,}")
_LONG_RULE = 20  # dashes; a shorter row of them may stand in an abstract
_SECTIONS: dict[str, Announced | None] = {"%%%---%%%": None, "%%--%%--": "replaced", "%-%-%-": "cross"}
_HEAD = "Send any comments regarding submissions directly to submitter"
_FURNITURE = re.compile(rf"{_HEAD}\.?|Archives at https?://\S*|To unsubscribe, e-?mail .*", re.IGNORECASE)
_TO = re.compile(r"Submissions to:.*", re.IGNORECASE)
_RECEIVED = re.compile(r"received from (.*)", re.IGNORECASE)
_COUNT = re.compile(r"(?<!\d)(\d{1,6}) (?:new|cross|replace|revis)", re.IGNORECASE)
_LABELLED = re.compile(r"(?:new|cross|replace|revis)[\w /()-]{0,40}:([\d /,+-]{0,40})", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}")
_LONGEST_COUNT = 160  # characters of a line that holds counts

_State = Literal["head", "names", "items", "tail"]


class ArxivMailing:
    """The layout of arXiv's mailings."""

    name = "arxiv-mailing"
    site = "arXiv"
    address = "https://arxiv.org/abs/{arxiv}"
    known_by = rf'a line "{_HEAD}", or a line "\\" and "arXiv:" or "Paper:" with an identifier after it'

    def recognises(self, dump: Document) -> bool:
        r"""Tell by the head's first sentence, or by how an item begins: ``\\`` and an identifier."""
        lines = [single_spaced(_unquoted(line)).strip(_INVISIBLE) for line in _head(dump)]
        told = [line for line in lines if line]
        return any(line.startswith((_HEAD, "\\\\ ")) and _is_told(line) for line in told) or any(
            line == "\\\\" and _OPENING.fullmatch(after) for line, after in pairwise(told)
        )

    def read(self, dump: Document, on: date) -> Iterator[Event]:  # noqa: ARG002 - its stamps have years
        """Yield the listings of the mailing, and what else it says."""
        mailing = _Mailing(self.name)
        mailing.count(0, dump.title)  # of a mail, its subject
        quoted = _is_quoted(_head(dump))
        for number, raw in _numbered(dump):
            yield from mailing.take(number, _unquoted(raw) if quoted else raw)
        yield from mailing.end()


def _numbered(dump: Document) -> Iterator[tuple[int, str]]:
    """Yield the lines as they stand, with their numbers; where these are markup, the blocks are lines."""
    if dump.markup:
        return ((block.number, block.text) for block in dump.blocks())
    return enumerate(dump.lines(), 1)


def _head(dump: Document) -> list[str]:
    return [line[:HEAD_WIDTH] for _, line in islice(_numbered(dump), HEAD_LINES)]


def _unquoted(line: str) -> str:
    """Return a line without the marks of quoting before it; the blanks that a field's later lines begin with stay."""
    return _QUOTES.sub("", line, count=1) if line.startswith(">") else line


def _is_told(line: str) -> bool:
    return line.startswith(_HEAD) or _OPENING.fullmatch(line) is not None


def _is_quoted(lines: Iterable[str]) -> bool:
    told = [line for line in lines if line.strip()]
    return sum(line.startswith(">") for line in told) * 2 > len(told)


def _is_joint(text: str) -> bool:
    return _BREAK.fullmatch(text) is not None or _RULE.fullmatch(text) is not None


class _Mailing:
    """A mailing while it is read: where in it we are, and the item that is open."""

    def __init__(self, layout: str) -> None:
        self._layout = layout
        self._state: _State = "head"
        self._section: Announced | None = "new"
        self._item: Item | None = None
        self._after_joint = False  # the line before, blank ones aside, was a rule or a break
        self._wrapped_closing = False
        self._blank = False
        self._counts: list[int] = []
        self._counted_at: int | None = None

    def take(self, number: int, raw: str) -> Iterator[Event]:
        """Take the next line."""
        text = single_spaced(raw).strip(_INVISIBLE)
        if not text:
            self._blank = True
            return
        # Most lines are an abstract's: nothing but a rule or a break can end it.
        if self._item and not self._after_joint and text[0] not in "\\-%" and self._item.tell(number, text):
            self._blank = False
            return
        joint, self._after_joint = self._after_joint, _is_joint(text)
        closing, self._wrapped_closing = self._wrapped_closing, False
        if closing and _SIZE.fullmatch(text):
            return
        if (found := _OPENING.fullmatch(text)) and self._may_open(text, raw, joint=joint):
            yield from self._open(number, found, text)
        elif _RULE.fullmatch(text) and (not self._in_abstract() or text[0] == "%" or len(text) >= _LONG_RULE):
            yield from self._part(text)
        elif self._after_joint and not _RULE.fullmatch(text):
            yield from self._break(number, text)
        elif self._item:
            yield from self._item.take(number, text, indented=raw[:1].isspace(), after_blank=self._blank)
        else:
            yield from self._outside(number, text)
        self._blank = False

    def end(self) -> Iterator[Event]:
        """End the mailing."""
        yield from self._close()
        yield from self._stated()

    def _in_abstract(self) -> bool:
        return self._item is not None and self._item.part == "abstract"

    def _may_open(self, text: str, raw: str, *, joint: bool) -> bool:
        """Tell whether an identifier begins an item, and is no line of a comment or an abstract."""
        if joint or text.startswith("\\"):
            return True
        return self._item is None and self._state != "tail" and not raw[:1].isspace()

    def _open(self, number: int, found: re.Match[str], text: str) -> Iterator[Event]:
        yield from self._close()
        if self._state in ("head", "names"):
            yield from self._stated()
        self._state = "items"
        crossed = bool(found["crossed"] or found["cross"])
        announced = "cross" if crossed and self._section == "new" else self._section
        self._item = Item(self._layout, number, announced)
        yield from self._item.name_by(found["id"] or found["paper"], text)

    def _part(self, rule: str) -> Iterator[Event]:
        """Take a rule: it ends the item, and may begin a section or the tail."""
        yield from self._close()
        self._state = "head" if self._state == "names" else self._state
        for opening, announced in _SECTIONS.items():
            if rule.startswith(opening):
                self._section = announced
                if announced is None:
                    self._state, self._section = "tail", "new"
                return

    def _break(self, number: int, text: str) -> Iterator[Event]:
        r"""Take a line ``\\``, with or without what closes an item."""
        found = _CLOSING.match(text)
        if self._item and found:
            self._item.address(number, found[1].rstrip(",)"))
            self._wrapped_closing = ")" not in text
            yield from self._close(closed=True)
        elif self._item and len(text) <= 2:
            self._item.turn()
        elif self._item:
            yield from self._item.take(number, text, indented=False, after_blank=False)
        elif len(text) > 2:
            yield Remark("unread", number, text)

    def _close(self, *, closed: bool = False) -> Iterator[Event]:
        if self._item:
            yield from self._item.events(closed=closed)
        self._item = None

    def _outside(self, number: int, text: str) -> Iterator[Event]:
        """Take a line of the head or the tail, or one between items that should not be there."""
        if text.startswith(_HEAD):
            self._state, self._section = "head", "new"
        elif _TO.fullmatch(text):
            self._state = "names"
        elif found := _RECEIVED.fullmatch(text):
            self._state = "head"
            yield Remark("page_date", number, found[1].rpartition(" to ")[2].strip())
        elif self._state in ("head", "names") and self.count(number, text):
            pass
        elif not _FURNITURE.fullmatch(text) and self._state != "names":
            yield Remark("unread", number, text)

    def count(self, number: int, text: str) -> bool:
        """Note the counts in a line of the head ("12 new + 3 crosses received", "New submissions: 12", or blank)."""
        if len(text) > _LONGEST_COUNT:
            return False
        labelled = _LABELLED.findall(text)
        found = _COUNT.findall(text) or _NUMBER.findall(" ".join(labelled))
        if found:
            self._counts += map(int, found)
            self._counted_at = number if self._counted_at is None else self._counted_at
        return bool(found or labelled)

    def _stated(self) -> Iterator[Event]:
        """Yield how many papers the head says there are, where it does, once."""
        if self._counts:
            yield Remark("stated", self._counted_at or 0, str(sum(self._counts)))
        self._counts = []
