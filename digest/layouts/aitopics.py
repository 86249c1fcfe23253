"""AITopics author pages (https://aitopics.org), whatever saved them: title, source, abstract.

Spaced: one blank line between the parts, two between listings. Compact: the same lines without the blank ones. The head
is "Goto", "Collaborating Authors" and the author as "Lovelace, Ada"; where it names several authors it does not tell
whose page it is, and the page has no author.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from itertools import pairwise

from digest.layouts.base import Cursor, Event, head_of
from digest.layouts.dates import MONTH, read_date
from digest.layouts.draft import Draft
from digest.layouts.people import given_name_first, is_name
from digest.layouts.prose import is_furniture, is_prose, may_be_bare_title, reads_like_abstract, stated
from digest.models import Block, Document, Remark

_HEADING = "collaborating authors"
_ARXIV_SOURCE = re.compile(r"arXiv\.org [A-Z][\w,&() -]{2,60}")
_SOURCE = re.compile(
    r"arXiv\.org\b.{0,80}|(?:.{0,40} )?(?:AAAI|IJCAI|NeurIPS|ICML|ICLR|IEEE|ACM|JAIR|bioRxiv|medRxiv)\b.{0,60}"
    r"|Neural Information Processing Systems|(?:International|Journal|Proceedings|Transactions|Association)\b.{0,80}"
    r"|.{0,80}\b(?:Conferences?|Journal|Magazine|Symposium|Proceedings|Workshops?|Technical Reports?)"
)
_DATE = re.compile(rf"({MONTH}-\d{{1,2}}-\d{{4}})(?:,? .{{0,20}})?")
_LABEL = re.compile(
    r"(?:Country|Genre|Industry|Technology|Year|Source|File Type)\b ?:.*|Goto|Collaborating Authors|Add feedback"
    r"|(?:(?:View|Download|Read) )?(?:PDF|arXiv page|full text|abstract|paper)|Upvote|None found"
    r"|Duplicate Docs Excel Report|Similar Docs Excel Report more|Title|Filters?",
    re.IGNORECASE,
)
_HEAD_REACH = 60
_MOST_SOURCES = 1000
_MOST_PARTS = 5
_NAME_COUNT = re.compile(r" ?\(?\d{1,6}\)?$")


class AITopics:
    """The layout of AITopics author pages."""

    name = "aitopics"
    site = "AITopics"
    address = "https://aitopics.org/"
    known_by = 'the heading "Collaborating Authors", or two source lines such as "arXiv.org Robotics"'

    def recognises(self, dump: Document) -> bool:
        """Tell by the heading "Collaborating Authors", or by two source lines of arXiv as only AITopics prints them."""
        lines = head_of(dump.blocks())
        return any(line.lower() == _HEADING for line in lines) or (
            sum(_ARXIV_SOURCE.fullmatch(line) is not None for line in lines) >= 2
        )

    def read(self, dump: Document, on: date) -> Iterator[Event]:
        """Yield the listings of the page, and what else it says."""
        cursor = Cursor(dump.blocks())
        page_author = yield from _head(cursor)
        reader = _Reader(cursor)
        draft: Draft | None = None
        abstracts = False
        while cursor.peek():
            line = cursor.take()
            if draft and (draft.identify(line) or _is_dated(draft, line, on)):
                continue
            if remark := _aside(line) or (draft and draft.excess(line)):
                if draft and not is_furniture(line.text):
                    draft.follow(line)
                yield remark
            elif draft and reader.goes_on(draft, line):
                abstracts = abstracts or draft.abstract is not None
            else:
                if draft:
                    yield _whole(draft)
                draft = Draft(self.name, line.number, page_author=page_author).entitle(line)
        if draft:
            yield from draft.last(abstracts) if _is_listing(draft) else (_whole(draft),)


def _head(cursor: Cursor) -> Generator[Event, None, str | None]:
    """Take the heading and the names under it; return the page's author where just one is named."""
    heading = next((i for i in range(_HEAD_REACH) if _text(cursor.peek(i)).lower() == _HEADING), None)
    if heading is None:
        return None
    for _ in range(heading + 1):
        line = cursor.take()
        if not _LABEL.fullmatch(line.text):
            yield Remark("unread", line.number, line.text)
    named: list[Block] = []
    while (line_ahead := cursor.peek()) and _is_page_name(line_ahead.text, _text(cursor.peek(1)), first=not named):
        named.append(cursor.take())
    if len(named) != 1:
        yield from (Remark("unread", line.number, line.text) for line in named)
        return None
    author = given_name_first(_NAME_COUNT.sub("", named[0].text))
    yield Remark("page_author", named[0].number, author)
    return author


def _is_page_name(text: str, after: str, *, first: bool) -> bool:
    """Tell whether a line under the heading is a name, "Family, Given", and not a title that looks like one."""
    name = _NAME_COUNT.sub("", text)
    turned = name.count(",") == 1 and is_name(given_name_first(name))
    return (turned or (first and is_name(name))) and not (_is_known_source(after) and not first)


def _is_known_source(text: str) -> bool:
    return len(text) <= 100 and _SOURCE.fullmatch(text) is not None


def _text(line: Block | None) -> str:
    return line.text if line else ""


def _aside(line: Block) -> Remark | None:
    """Return the remark on a line that is part of no listing, else None."""
    if (papers := stated(line.text)) is not None:
        return Remark("stated", line.number, str(papers))
    if _LABEL.fullmatch(line.text) or is_furniture(line.text):
        return Remark("unread", line.number, line.text)
    return None


def _is_dated(draft: Draft, line: Block, on: date) -> bool:
    """Take the line as the listing's date, as in "Nov-3-2023", and tell whether it is one."""
    found = _DATE.fullmatch(line.text)
    if found:
        draft.published = draft.published or read_date(found[1], on)
        draft.origins.append((line.number, "published"))
    return found is not None


def _is_listing(draft: Draft) -> bool:
    """Tell whether a title has enough beside it, or words of its own, to be a listing."""
    named = bool(draft.abstract or draft.venue or draft.identifiers.arxiv)
    return not draft.is_glued and (named or may_be_bare_title(draft.title))


def _whole(draft: Draft) -> Event:
    if _is_listing(draft):
        return draft.listing()
    return Remark("broken" if draft.is_glued else "unread", draft.line, draft.title)


class _Reader:
    """What decides where a line belongs: its shape, the sources seen so far, and gaps that part the listings."""

    def __init__(self, cursor: Cursor) -> None:
        """Learn from the first lines which gap parts listings."""
        self._cursor = cursor
        self._sources: set[str] = set()
        self._parting = _parting_gap([ahead.gap for i in range(1, 13) if (ahead := cursor.peek(i))])

    def goes_on(self, draft: Draft, line: Block) -> bool:
        """Take the line into the draft, and tell whether it belonged there; else it begins the next listing."""
        if (line.level and line.level == draft.level) or draft.contradicts(line):
            belongs = False
        elif draft.abstract is not None:
            belongs = self._is_next_paragraph(line)
        elif draft.venue is not None:
            belongs = self._is_abstract(line)
        else:
            belongs = self._is_second(line)
            if belongs and not is_prose(line.text):
                draft.venue = line.text
                draft.line = line.number
                draft.origins.append((line.number, "venue"))
                draft.follow(line)
                self._learn(line.text)
                return True
        if belongs:
            draft.tell(line)
        return belongs

    def _learn(self, source: str) -> None:
        if len(self._sources) < _MOST_SOURCES:
            self._sources.add(source)

    def _is_source(self, text: str) -> bool:
        return text in self._sources or _is_known_source(text)

    def _parts(self, line: Block) -> bool:
        return self._parting is not None and line.gap >= self._parting

    def _joins(self, line: Block) -> bool:
        return self._parting is not None and line.gap < self._parting

    def _begins(self, distance: int) -> bool:
        """Tell whether a listing (title, source) stands ``distance`` lines ahead of the taken line."""
        ahead = self._cursor.peek(distance)
        return ahead is not None and self._is_source(ahead.text)

    def _is_second(self, line: Block) -> bool:
        """Tell whether the line after a title is its source or abstract."""
        return not self._parts(line) and (self._is_source(line.text) or not self._begins(0))

    def _is_abstract(self, line: Block) -> bool:
        """Tell whether the line after a source is the abstract, however short, and not the next title."""
        if self._parts(line) or self._begins(0):
            return False
        after = self._cursor.peek()
        if self._joins(line) or is_prose(line.text) or after is None or reads_like_abstract(line.text):
            return True
        # A short line before running text is a title without a source; else two short lines are title and source.
        return not is_prose(after.text) and not is_prose(_text(self._cursor.peek(1)))

    def _is_next_paragraph(self, line: Block) -> bool:
        return is_prose(line.text) and not self._parts(line) and not self._begins(0)


def _parting_gap(gaps: Sequence[int]) -> int | None:
    """Return the least number of blank lines between two listings where it is more than between parts, else None.

    Listings have two to four lines, so a gap that comes less often is chance and parts nothing.
    """
    if not gaps or max(gaps) == min(gaps):
        return None
    parting = min(gaps) + 1
    places = [-1, *(i for i, gap in enumerate(gaps) if gap >= parting), len(gaps)]
    steps = [after - before for before, after in pairwise(places)]
    return parting if max(steps) <= _MOST_PARTS and min(steps[:-1]) >= 2 else None
