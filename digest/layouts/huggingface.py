"""Hugging Face Papers (https://huggingface.co/papers), whatever saved them: title and abstract take turns.

Spaced: "new", the invitation to subscribe, "Subscribe", "byAK and the research community", "Mar 14", then title,
abstract, title, abstract, with blank lines between. Compact: the same without blank lines, "Subscribe" glued to the
first title. A line that is neither must not shift the pairs after it, so each line is judged by its shape as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from digest.layouts.base import Cursor, Event, head_of
from digest.layouts.dates import MONTH
from digest.layouts.draft import Draft
from digest.layouts.prose import (
    LONG,
    is_furniture,
    is_mostly_small,
    is_prose,
    may_be_bare_title,
    reads_like_abstract,
    stated,
)
from digest.models import Block, Document, Remark

_MARK = re.compile(
    r"(?:(?:new ?)?Get trending papers in your email inbox(?: once a day)?[!.]?"
    r"|(?:Daily Papers ?)?(?:Subscribe ?)?by ?AK and the research community)\s*"
)
_SUBSCRIBE = re.compile(r"Subscribe(?! |[rd])")
_DATE = re.compile(rf"({MONTH} \d{{1,2}}(?:, \d{{4}})?)(?=$|[^\W\d_])")
_HEAD_WORDS = re.compile(r"new|Hugging Face|Daily Papers|Trending Papers|Papers|Subscribe")
_ODD = re.compile(
    r"[·-]? ?\d[\d.,]*k? (?:authors?|comments?|upvotes?|likes?)|\d[\d.,]*k|Upvote(?:\W*[\d.,]+k?)?|Submitted by.{0,40}"
    r"|(?:Published|Submitted) on .{0,40}|(?:View|Download) (?:arXiv page|PDF|abstract)"
    r"|(?:GitHub|Project page|arXiv page|arXiv|PDF)(?: ?[\d.,]+k?)?|Abstract|AI-generated summary",
    re.IGNORECASE,
)
_HEAD_REACH = 60


class HuggingFace:
    """The layout of Hugging Face Papers."""

    name = "huggingface"
    site = "Hugging Face"
    address = "https://huggingface.co/papers/{arxiv}"
    known_by = 'a line "Get trending papers in your email inbox", or the byline "by AK and the research community"'

    def recognises(self, dump: Document) -> bool:
        """Tell by the invitation to subscribe, or the daily page's byline, at the start of a line."""
        return any(_MARK.match(line) for line in head_of(dump.blocks()))

    def read(self, dump: Document, on: date) -> Iterator[Event]:  # noqa: ARG002 - the page's date is the dump's
        """Yield the listings of the page, and what else it says."""
        cursor = Cursor(dump.blocks())
        yield from _head(cursor)
        yield from _foot_of_head(cursor)
        draft: Draft | None = None
        abstracts = False
        while cursor.peek():
            line = cursor.take()
            if draft and draft.identify(line):
                continue
            if remark := _aside(line) or (draft and draft.excess(line)):
                if draft and not is_furniture(line.text):
                    draft.follow(line)
                yield remark
            elif draft and _goes_on(draft, line, cursor, abstracts):
                draft.tell(line)
                abstracts = True
            else:
                if draft:
                    yield _whole(draft)
                draft = Draft(self.name, line.number).entitle(line)
        if draft:
            yield from _last(draft, abstracts)


def _head(cursor: Cursor) -> Iterator[Event]:
    """Take the lines down to the last mark of the head, and put back what is glued to that mark."""
    remaining = _length_of_head(cursor)
    while remaining:
        line = cursor.take()
        remaining -= 1
        rest = _without_marks(line.text)
        if rest and not remaining:
            cursor.put_back(replace(line, text=rest))
        elif rest and not _HEAD_WORDS.fullmatch(rest):
            yield _aside(line) or Remark("unread", line.number, line.text)


def _length_of_head(cursor: Cursor) -> int:
    """Return how many lines there are down to the head's last mark, looking no further than the first running text."""
    length = 0
    for distance in range(_HEAD_REACH):
        line = cursor.peek(distance)
        if line is None or len(line.text) >= LONG:
            break
        if _MARK.match(line.text):
            length = distance + 1
    return length


def _without_marks(text: str) -> str:
    place = 0
    while found := _MARK.match(text, place):
        place = found.end()
    return text[place:]


def _foot_of_head(cursor: Cursor) -> Iterator[Event]:
    """Take what may stand between the last mark and the first title: "Subscribe", the page's date, a count."""
    for _ in range(_HEAD_REACH):
        line = cursor.peek()
        if line is None:
            return
        found = _SUBSCRIBE.match(line.text) or _DATE.match(line.text)
        aside = _aside(line)
        if not (found or aside or _HEAD_WORDS.fullmatch(line.text)):
            return
        cursor.take()
        if found:
            rest = line.text[found.end() :]
            if found.re is _DATE:
                yield Remark("page_date", line.number, found[1])
            if rest:
                cursor.put_back(replace(line, text=rest))
        elif aside:
            yield aside


def _aside(line: Block) -> Remark | None:
    """Return the remark on a line that is part of no listing, else None."""
    if (papers := stated(line.text)) is not None:
        return Remark("stated", line.number, str(papers))
    if _ODD.fullmatch(line.text) or _MARK.match(line.text) or is_furniture(line.text):
        return Remark("unread", line.number, line.text)
    return None


def _text(line: Block | None) -> str:
    return line.text if line else ""


def _goes_on(draft: Draft, line: Block, cursor: Cursor, abstracts: bool) -> bool:
    """Tell whether the line belongs to the draft's abstract, and does not begin the next listing.

    ``abstracts`` tells whether listings before it had any: a page may print titles alone.
    """
    if (line.level and line.level == draft.level) or draft.contradicts(line):
        return False
    after, second = _text(cursor.peek()), _text(cursor.peek(1))
    if draft.abstract:
        return _is_next_paragraph(line.text, after, second)
    if is_prose(line.text):
        return True
    if not after:
        return abstracts or is_mostly_small(line.text)
    if is_prose(after):
        # Two short lines, then running text: the first has no abstract, the second is the title of what follows.
        return False
    return reads_like_abstract(line.text) or (
        is_prose(second) and not may_be_bare_title(line.text) and " " in line.text
    )


def _is_next_paragraph(text: str, after: str, second: str) -> bool:
    """Tell whether running text after an abstract is its next paragraph: a title follows, and not its own abstract."""
    if not is_prose(text):
        return False
    if is_prose(after):
        return len(text) >= LONG and text.endswith(".") and not is_prose(second)
    # A title may end as a sentence does, but hardly one so long.
    return len(text) >= LONG // 2 or not after or is_prose(second)


def _is_listing(draft: Draft) -> bool:
    """Tell whether a title has an abstract, or names its paper, or has words of its own enough to be a listing."""
    return not draft.is_glued and (bool(draft.abstract or draft.identifiers.arxiv) or may_be_bare_title(draft.title))


def _whole(draft: Draft) -> Event:
    """Return the listing, or the remark that a short line alone is none, or a title with all its abstract."""
    if _is_listing(draft):
        return draft.listing()
    return Remark("broken" if draft.is_glued else "unread", draft.line, draft.title)


def _last(draft: Draft, abstracts: bool) -> Iterator[Event]:
    if _is_listing(draft):
        yield from draft.last(abstracts)
    else:
        yield _whole(draft)
