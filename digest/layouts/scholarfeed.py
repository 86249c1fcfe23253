"""Scholar Feed pages saved as text: a line of score, category, date and "Code", then title, authors, abstract.

Spaced: the parts with blank lines between. Compact: no blank lines, and the title glued to the first author
(``glue.py`` parts them). An author's page begins with the name, a category and figures ("h-index32", "123papers").
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import date

from digest.layouts.base import HEAD_LINES, Cursor, Event, Line, head_lines
from digest.layouts.dates import MONTH, dated
from digest.layouts.draft import Draft
from digest.layouts.glue import Seen, part
from digest.layouts.people import Credits, credits_line, ends_in_credits, is_name, loose_credits
from digest.layouts.prose import is_furniture, is_prose, stated
from digest.models import Remark

# "36.1ROJun 17, 2022Code": score, category (arXiv's, the archive often left out), date, badge.
_OPENING = re.compile(
    r"(?P<score>\d{1,4}(?:\.\d{1,3})?)? ?(?P<category>(?:[a-z-]{2,10}\.)?[A-Z]{2}|[a-z]+(?:-[a-z]+)+(?:\.[A-Za-z-]{2,10})?)? ?"
    rf"(?P<month>{MONTH}) (?P<day>\d{{1,2}})(?:, ?(?P<year>\d{{4}}))? ?(?P<code>Code)?"
)
_FIGURE = re.compile(
    r"h-index ?\d+|\d[\d,]* ?citations?|Novelty ?\d+ ?%|AI Score ?\d+|[A-Z]{2}|[a-z]+(?:-[a-z]+)+(?:\.[A-Z]{2})?"
)
_AUTHOR_FIGURE = re.compile(r"h-index ?\d+|\d[\d,]* ?citations?")
_GLUED_HEAD = re.compile(r"(?P<name>.{3,60}?)(?:[A-Z]{2})?(?=h-index ?\d)")
_HEAD_REACH = 60


class ScholarFeed:
    """The layout of Scholar Feed."""

    name = "scholarfeed"
    site = "Scholar Feed"

    def recognises(self, head: Sequence[str]) -> bool:
        """Tell by a listing's first line: score, category, date and badge glued together, with the category."""
        return any((found := _OPENING.fullmatch(line)) and found["category"] for line in head_lines(head))

    def read(self, lines: Iterable[str], on: date) -> Iterator[Event]:
        """Yield the listings of the page, and what else it says."""
        cursor = Cursor(lines)
        page_author = yield from _head(cursor)
        seen = Seen(page_author)
        seen.look_ahead(line.text for i in range(HEAD_LINES) if (line := cursor.peek(i)))
        abstracts = False
        while cursor.peek():
            line = cursor.take()
            found = _OPENING.fullmatch(line.text)
            if not found:
                yield _unread(line)
                continue
            draft = _opened(found, line, on)
            draft.page_author = page_author
            yield from _filled(draft, cursor, seen)
            abstracts = abstracts or draft.abstract is not None
            if not draft.title:
                yield _unread(line)
            elif cursor.peek():
                yield draft.listing()
            else:
                yield from draft.last(abstracts)


def _text(line: Line | None) -> str:
    return line.text if line else ""


def _unread(line: Line) -> Remark:
    return Remark("unread", line.number, line.text)


def _head(cursor: Cursor) -> Generator[Event, None, str | None]:
    """Take the lines before the first listing; return the page's author where the page is an author's."""
    head: list[Line] = []
    while (line := cursor.peek(len(head))) and not _OPENING.fullmatch(line.text) and len(head) < _HEAD_REACH:
        head.append(line)
    author = _page_author(head)
    counts: dict[int, Remark] = {}
    for line in head:
        cursor.take()
        if author and line.text.startswith(author):
            yield Remark("page_author", line.number, author)
        elif (papers := stated(line.text)) is not None:
            counts.setdefault(papers, Remark("stated", line.number, str(papers)))
        elif not _FIGURE.fullmatch(line.text):
            yield _unread(line)
    # The author's figures say "123papers", the list's heading "123 Papers": where they differ, the list's counts.
    yield from list(counts.values())[-1:]
    return author


def _page_author(head: Sequence[Line]) -> str | None:
    """Return the name above an author's figures; a page without such figures is a topic's or a search's."""
    for line in head:
        if glued := _GLUED_HEAD.match(line.text):
            return glued["name"] if is_name(glued["name"]) else None
    if any(_AUTHOR_FIGURE.fullmatch(line.text) for line in head):
        return next((line.text for line in head if is_name(line.text) and not is_furniture(line.text)), None)
    return None


def _opened(found: re.Match[str], line: Line, on: date) -> Draft:
    return Draft(
        ScholarFeed.name,
        line.number,
        categories=(found["category"],) if found["category"] else (),
        published=dated(found["month"], found["day"], found["year"], on),
        score=float(found["score"]) if found["score"] else None,
        has_code=found["code"] is not None,
    )


def _filled(draft: Draft, cursor: Cursor, seen: Seen) -> Iterator[Event]:
    """Take the lines of one listing, down to the next one's first line."""
    while (line := cursor.peek()) and not _OPENING.fullmatch(line.text):
        cursor.take()
        if draft.title and draft.identify(line):
            continue
        if is_furniture(line.text) or stated(line.text) is not None:
            yield _unread(line)
        elif not draft.title:
            _entitle(draft, line, cursor, seen)
        elif draft.abstract is None or is_prose(line.text):
            draft.tell(line)
            seen.read(line.text)
        else:
            yield _unread(line)


def _entitle(draft: Draft, line: Line, cursor: Cursor, seen: Seen) -> None:
    """Take the title, and the authors from the line after it or from its own end."""
    draft.line = line.number
    after = cursor.peek()
    if after and _OPENING.fullmatch(after.text):
        after = None
    credit = credits_line(after.text) if after else None
    if credit:
        draft.title = line.text
        _credit(draft, credit)
        cursor.take()
    elif after and after.gap and not ends_in_credits(line.text):
        draft.title = line.text
        if credit := loose_credits(after.text):
            cursor.take()
            _credit(draft, credit)
            draft.uncertain = ("authors",)
    else:
        parted = part(line.text, _text(after), seen)
        draft.title = parted.title
        _credit(draft, parted.credits)
        draft.uncertain = () if parted.sure else ("title", "authors")
    seen.learn(draft.authors)


def _credit(draft: Draft, credit: Credits) -> None:
    draft.authors, draft.authors_complete, draft.affiliations = credit
