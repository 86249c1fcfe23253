"""Scholar Feed pages, whatever saved them: a line of score, category, date and "Code", then title, authors, abstract.

Spaced: the parts with blank lines between. Compact: no blank lines, and the title glued to the first author
(``glue.py`` parts them). An author's page begins with the name, a category and figures ("h-index32", "123papers").
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from operator import itemgetter

from digest.layouts.base import HEAD_LINES, Cursor, Event, head_of
from digest.layouts.dates import MONTH, dated
from digest.layouts.draft import Draft
from digest.layouts.glue import learn_ahead, part
from digest.layouts.people import credits_line, ends_in_credits, is_name, loose_credits
from digest.layouts.prose import is_furniture, is_prose, stated
from digest.layouts.seen import Seen
from digest.models import Block, Document, Remark

# "36.1ROJun 17, 2022Code": score, category (arXiv's, the archive often left out), date, badge.
_OPENING = re.compile(
    r"(?P<score>\d{1,4}(?:\.\d{1,3})?)? ?"
    r"(?P<category>(?:[a-z-]{2,10}\.)?[A-Z]{2}|[a-z]+(?:-[a-z]+)+(?:\.[A-Za-z-]{2,10})?)?"
    rf" ?(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:, ?(?P<year>\d{{4}}))? ?(?P<code>Code)?"
)
_PIECE = re.compile(
    rf"\d{{1,4}}(?:\.\d{{1,3}})?|[A-Z]{{2}}|[a-z-]{{2,10}}\.[A-Z]{{2}}|{MONTH} \d{{1,2}}(?:, ?\d{{4}})?|Code"
)
_MOST_PIECES = 4
_LONGEST_PIECE = 40
_FIGURE = re.compile(
    r"h-index ?\d+|\d[\d,]* ?citations?|Novelty ?\d+ ?%|AI Score ?\d+|[A-Z]{2}|[a-z]+(?:-[a-z]+)+(?:\.[A-Z]{2})?"
)
_AUTHOR_FIGURE = re.compile(r"h-index ?\d+|\d[\d,]* ?citations?")
_GLUED_HEAD = re.compile(r"(?P<name>.{3,60}?)(?:[A-Z]{2})?(?=h-index ?\d)")
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TWO_SEAMS = re.compile(r"[a-z][A-Z][a-z]{1,30}[A-Z][a-z]")  # no name has; glued navigation does
_NO_AUTHOR = re.compile(
    r"\b(?:Scholar Feed|Univer[a-z]*|Institut[a-z]*|College|School|Labs?|Laborator[a-z]+|Academy|Department|Faculty"
    r"|Cent(?:er|re)|Research|Inc|Ltd|Corporation|Technolog[a-z]+|Hospital|Google|Microsoft|DeepMind|OpenAI)\b"
)
_HEAD_REACH = 60


class ScholarFeed:
    """The layout of Scholar Feed."""

    name = "scholarfeed"
    site = "Scholar Feed"
    address = "https://www.scholarfeed.org/"
    known_by = 'a line of category and date in one, such as "36.1ROJun 17, 2022Code"'

    def recognises(self, dump: Document) -> bool:
        """Tell by a listing's first line: score, category, date and badge glued together, with the category."""
        return any(
            (found := _OPENING.fullmatch(line)) and found["category"] for line in head_of(_joined(dump.blocks()))
        )

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield the listings of the page, and what else it says."""
        page = _Page(Cursor(_joined(dump.blocks())), on)
        page.author = yield from _head(page.cursor)
        page.learn()
        abstracts = False
        while page.cursor.peek():
            line = page.cursor.take()
            found = _OPENING.fullmatch(line.text)
            if not found:
                yield _unread(line)
                continue
            draft = page.opened(found, line)
            if draft.published is None:  # no such day, as 30 February
                yield _unread(line)
            yield from page.filled(draft)
            abstracts = abstracts or draft.abstract is not None
            if not draft.title:
                yield _unread(line)
            elif page.cursor.peek():
                yield draft.listing()
            else:
                yield from draft.last(abstracts)


def _text(line: Block | None) -> str:
    return line.text if line else ""


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, with a listing's first line in one where a page has it in pieces, each a block of its own."""
    cursor = Cursor(blocks)
    while line := cursor.peek():
        opening = _opening_of_pieces(cursor) if _PIECE.match(line.text) else None
        for _ in range(opening[1] if opening else 1):
            cursor.take()
        yield replace(line, text=opening[0]) if opening else line


def _opening_of_pieces(cursor: Cursor) -> tuple[str, int] | None:
    """Return the longest first line of a listing that the next blocks make together, and how many they are."""
    text, found = _text(cursor.peek()), None
    for count in range(2, _MOST_PIECES + 1):
        piece = _text(cursor.peek(count - 1))
        if len(text) > _LONGEST_PIECE or not _PIECE.match(piece):
            break
        text += f" {piece}"
        if _OPENING.fullmatch(text):
            found = text, count
    return found


def _unread(line: Block) -> Remark:
    return Remark("unread", line.number, line.text)


def _head(cursor: Cursor) -> Generator[Event, None, str | None]:
    """Take the lines before the first listing; return the page's author where the page is an author's."""
    head: list[Block] = []
    while (line := cursor.peek(len(head))) and not _OPENING.fullmatch(line.text) and len(head) < _HEAD_REACH:
        head.append(line)
    ahead = [line.text for i in range(HEAD_LINES) if (line := cursor.peek(len(head) + i))]
    named, author = _page_author(head, ahead) or (None, None)
    counts: dict[int, Remark] = {}
    for line in head:
        cursor.take()
        if author and (line is named or line.text.startswith(author)):
            yield Remark("page_author", line.number, author)
        elif (papers := stated(line.text)) is not None:
            counts.setdefault(papers, Remark("stated", line.number, str(papers)))
        elif not _FIGURE.fullmatch(line.text):
            yield _unread(line)
    # The author's figures say "123papers", the list's heading "123 Papers": where they differ, the list's counts.
    yield from list(counts.values())[-1:]
    return author


def _page_author(head: Sequence[Block], ahead: Sequence[str]) -> tuple[Block, str] | None:
    """Return the name above an author's figures, and its line; a page without such figures is a topic's or a search's.

    Navigation, initials and an affiliation may stand there too: the name that the listings ``ahead`` credit is the
    author's, else a heading, else what stands nearest to the figures.
    """
    figures = next((i for i, line in enumerate(head) if _is_figure(line.text)), None)
    if figures is None:
        return None
    best: tuple[tuple[bool, bool, bool, int], Block, str] | None = None
    for i, line in enumerate(head):
        glued = _GLUED_HEAD.match(line.text)
        name = _author_in(glued["name"] if glued else line.text, ahead) if i <= figures or line.level else None
        if name:
            nearness = i if i <= figures else -i
            rank = (_is_credited(name, ahead), line.level > 0, " " in name or not name.isascii(), nearness)
            best = max(best or (rank, line, name), (rank, line, name), key=itemgetter(0))
    return best[1:] if best else None


def _is_figure(text: str) -> bool:
    return _AUTHOR_FIGURE.fullmatch(text) is not None or _GLUED_HEAD.match(text) is not None


def _author_in(text: str, ahead: Sequence[str]) -> str | None:
    """Return the name that a line of the head is, or ends in where navigation is glued to it and listings credit it."""
    if not is_name(text) or is_furniture(text) or _NO_AUTHOR.search(text) or _FIGURE.fullmatch(text):
        return None
    ends = (text[found.end() :] for found in _SEAM.finditer(text.split(" ", 1)[0]))
    named = next((name for name in (text, *ends) if " " in name and _is_credited(name, ahead)), text)
    return None if _TWO_SEAMS.search(named) else named


def _is_credited(name: str, ahead: Sequence[str]) -> bool:
    """Tell whether a line of authors ahead, perhaps glued to its title, has the name."""
    marks = (f"{name}, ", f", {name}", f"{name} et al", f"{name} · ")
    return any(line == name or any(mark in line for mark in marks) for line in ahead if not is_prose(line))


class _Page:
    """A page while it is read: its lines, its author, and what earlier listings tell about later ones."""

    def __init__(self, cursor: Cursor, on: date) -> None:
        self.cursor = cursor
        self.author: str | None = None
        self._on = on
        self._seen = Seen()
        self._spaced = False  # blank lines part a listing's title from what follows it
        self._glued = False  # whatever stands between lines, titles are glued to their authors

    def learn(self) -> None:
        """Learn names from the page's author and from the lines ahead, as far as a head reaches."""
        self._seen.learn((self.author,) if self.author else ())
        ahead = [line.text for i in range(HEAD_LINES) if (line := self.cursor.peek(i))]
        learn_ahead(self._seen, ahead)
        listed = [i for i, text in enumerate(ahead[:-2], 1) if _OPENING.fullmatch(text)]
        glued = sum(ends_in_credits(ahead[i]) and not credits_line(ahead[i]) for i in listed)
        self._glued = glued > sum(credits_line(ahead[i + 1]) is not None for i in listed)

    def opened(self, found: re.Match[str], line: Block) -> Draft:
        """Return the listing that a line of score, category, date and badge begins."""
        draft = Draft(
            ScholarFeed.name,
            line.number,
            page_author=self.author,
            categories=(found["category"],) if found["category"] else (),
            published=dated(found["month"], found["day"], found["year"], self._on),
            score=float(found["score"]) if found["score"] else None,
            has_code=found["code"] is not None,
        )
        told = {"categories": draft.categories, "published": draft.published, "score": found["score"]}
        draft.origins = [(line.number, name) for name, value in (told | {"has_code": found["code"]}).items() if value]
        draft.follow(line)
        return draft

    def filled(self, draft: Draft) -> Iterator[Event]:
        """Take the lines of one listing, down to the next one's first line."""
        while line := self._ahead():
            self.cursor.take()
            if draft.title and draft.identify(line):
                continue
            if is_furniture(line.text) or stated(line.text) is not None or (line.level and line.level == draft.level):
                yield _unread(line)
            elif not draft.title:
                self._entitle(draft, line)
            elif remark := draft.excess(line):
                yield remark
            elif draft.abstract is None or is_prose(line.text):
                draft.tell(line)
            else:
                draft.follow(line)
                yield _unread(line)

    def _ahead(self) -> Block | None:
        """Return the next line if it belongs to this listing still."""
        line = self.cursor.peek()
        return None if line is None or _OPENING.fullmatch(line.text) else line

    def _entitle(self, draft: Draft, line: Block) -> None:
        """Take the title, and the authors from the line after it or from its own end."""
        draft.entitle(line)
        after = self._ahead()
        credit = credits_line(after.text) if after else None
        if after:
            self._spaced = after.gap > 0 and not self._glued
        if not credit and self._spaced and not ends_in_credits(line.text):
            credit = loose_credits(after.text) if after else None
            draft.uncertain = ("authors",) if credit else ()
        elif not credit:
            self._part(draft, line, _text(after))
            return
        if after and credit:
            self.cursor.take()
            draft.credit(credit, after)
            self._seen.learn(credit.names)

    def _part(self, draft: Draft, line: Block, abstract: str) -> None:
        parted = part(draft.title, abstract, self._seen)
        draft.title = parted.title
        draft.credit(parted.credits, line)
        draft.uncertain = () if parted.sure else ("title", "authors")
        # The name that was glued is left out: were it wrong, it would make its like wrong.
        self._seen.learn(parted.credits.names[1:])
