"""Markup to a page: tags, texts and comments told apart as HTML Living Standard, section 13.2.5, has it.

Python is slow by the step and quick by the string, so markup is split at each "<", and what stands up to the next ">"
is looked up whole: tags are much the same from one entry of a page to the next. Only what was not seen before, or is no
plain tag, is looked at any closer.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.containers import special
from digest.containers.base import SAVE_AS_TEXT
from digest.containers.elements import AT_HOME, CLOSING, HEADINGS, PARTING, RAW, VOID
from digest.containers.page import MOST_DEPTH, Page
from digest.containers.tags import attributes_of, decoded, end_of, is_whole, name_of
from digest.errors import DumpError

_MOST_TAGS = 1_000_000
_MOST_LINES = 500_000
_LONGEST_TAG = 8 * 2**20
_WINDOW = 2**16  # characters that are split at once
_MOST_KNOWN = 4096  # tags, each no longer than
_LONGEST_KNOWN = 250
_FOREIGN = frozenset(("svg", "math"))  # in which "/>" ends an element, and no text is raw
_RAW_END = {name: re.compile(f"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in RAW}
_COMMENT_END = re.compile("--!?>")
_NOWHERE: frozenset[str] = frozenset()
# What most pictures in a page are, up to their end: nothing in them needs a look.
_SIMPLE_DRAWING = re.compile(
    r"""(?:[^<]*+</?(?:circle|defs|desc|ellipse|g|line|path|poly(?:gon|line)|rect|stop|(?:linear|radial)Gradient|use)
    (?:[\t\n\f\r /][^<>"']*+(?:"[^"<]*+"[^<>"']*+|'[^'<]*+'[^<>"']*+)*+)?+>)*+[^<]*+</svg>""",
    re.VERBOSE,
)
_EMPTY_COMMENT = re.compile("-?>")

# What is to be done about a tag.
_END, _PARTING_END, _LINK_END, _INLINE, _BLOCK, _HEADING, _LINK, _NOTHING, _DRAWING, _SPECIAL, _RAW = range(11)


class _Tag(NamedTuple):
    name: str
    kind: int
    at_home: frozenset[str]  # the elements in which this one closes no other by beginning
    attributes: dict[str, str]


def page_of(markup: str) -> Page:
    """Return what a page says. Raises DumpError for one too deep, or of too many parts, to be a page of listings."""
    if markup.count("<") > _MOST_TAGS or markup.count("\n") > _MOST_LINES:
        raise DumpError("it is an HTML page of too many tags or lines", mend=SAVE_AS_TEXT)
    page = Page(markup)
    _read(markup, page)
    page.part()
    page.markup = ""  # nobody is to hold it any longer
    return page


def _read(markup: str, page: Page) -> None:  # noqa: C901 - a call for each step would take longer than the step
    """Read the markup into the page."""
    opened, parts, undo = page.opened, page.parts, page.undo
    known: dict[str, _Tag] = {}
    at = markup.find("<")
    page.data(markup[:at] if at >= 0 else markup, 0)
    resume = 0  # where to go on after what is no plain tag
    part, take_linked = page.part, page.take_linked
    mode, aside = 0, False  # as ``_mode`` tells it: looked up only after what may change it
    while 0 <= at < len(markup):
        at = max(at, resume)
        until = markup.find("<", at + _WINDOW)
        for piece in markup[at + 1 : until if until > 0 else len(markup)].split("<"):
            begin = at
            at += len(piece) + 1
            if begin < resume:
                continue
            source, closed, text = piece.partition(">")
            tag = known.get(source) or _learned(source, known)
            if not (tag and closed):
                resume = _odd(page, markup, begin)
                mode, aside = _mode(page)
                continue
            name, kind, at_home, attributes = tag
            if aside or kind > _NOTHING:
                if kind == _RAW and not (aside and _is_foreign(opened)):
                    resume = _raw(page, tag, markup, at - len(text))
                    continue
                if kind == _DRAWING and (drawing := _SIMPLE_DRAWING.match(markup, at - len(text))):
                    resume = _text(page, markup, drawing.end())
                    continue
                _take(page, tag, begin, ends=source[-1] == "/")
                mode, aside = _mode(page)
            elif kind <= _LINK_END:
                if opened[-1] == name:
                    if kind == _PARTING_END and parts:
                        part()
                    del opened[-1]
                    if kind == _LINK_END:
                        page.link = ""
                    if undo and undo[-1][0] >= len(opened):
                        page.unwind()
                        mode, aside = _mode(page)
                else:
                    page.close(name)
                    mode, aside = _mode(page)
            elif kind != _NOTHING:
                if kind == _LINK:
                    if "a" in opened:
                        page.close_for(name)
                    page.link = attributes.get("href", "")
                elif kind != _INLINE:
                    if parts:
                        part()
                    if opened[-1] not in at_home:
                        page.close_for(name)
                        mode, aside = _mode(page)
                    if kind == _HEADING:
                        page.begin_heading(HEADINGS[name])
                opened.append(name)
                if len(opened) > MOST_DEPTH:
                    page.refuse_depth()
            if text:
                if mode:
                    page.data(text, at - len(text))
                elif page.link:
                    take_linked(decoded(text) if "&" in text else text, at - len(text), text)
                elif parts:
                    parts.append(decoded(text) if "&" in text else text)
                elif not text.isspace():
                    page.begin(decoded(text) if "&" in text else text, at - len(text), text)


def _mode(page: Page) -> tuple[int, bool]:
    """Return whether text needs a closer look, and whether tags do: in formulae, and in what is dropped."""
    return page.special, page.dropping > 0 or page.formula >= 0


def _is_foreign(opened: list[str]) -> bool:
    return not _FOREIGN.isdisjoint(opened)


def _learned(source: str, known: dict[str, _Tag]) -> _Tag | None:
    """Return the tag that a source is, None where it is none or not all of one."""
    if not is_whole(source):
        return None
    tag = _tag_of(source)
    if len(source) <= _LONGEST_KNOWN and len(known) < _MOST_KNOWN:
        known[source] = tag
    return tag


def _tag_of(source: str) -> _Tag:
    """Return what there is to a tag, with its attributes where any of them counts."""
    if len(source) > _LONGEST_TAG:
        raise DumpError("it is an HTML page with a tag that is too long", mend=SAVE_AS_TEXT)
    name = name_of(source)
    if name[0] == "/":
        kind = _PARTING_END if name[1:] in PARTING else _LINK_END if name == "/a" else _END
        return _Tag(name[1:], kind, _NOWHERE, {})
    attributes = attributes_of(source, name) if len(source) > len(name) else {}
    counts = special.counts(attributes)
    kind = _kind(name) if not counts or name in RAW else _SPECIAL
    return _Tag(name, kind, AT_HOME.get(name, _NOWHERE), attributes if kind >= _LINK else {})


def _kind(name: str) -> int:
    """Return what is to be done about a start tag whose attributes do not count."""
    if name in RAW:
        return _RAW
    if name == "a":
        return _LINK
    if name in HEADINGS:
        return _HEADING
    if name == "svg":
        return _DRAWING
    if name in special.STARTS:
        return _SPECIAL
    if name in VOID:
        return _SPECIAL if name in PARTING else _NOTHING
    if name in AT_HOME:
        return _BLOCK
    return _SPECIAL if name in CLOSING else _INLINE


def _take(page: Page, tag: _Tag, place: int, *, ends: bool) -> None:
    """Take a tag in every respect; ``ends``: it ends with a slash, which ends elements of drawings and formulae."""
    name, kind, _, attributes = tag
    if kind <= _LINK_END:
        page.close(name)
        return
    if name in PARTING and not page.dropping:
        page.part()
    if name not in VOID:
        foreign = _is_foreign(page.opened)
        if ends and (foreign or name in _FOREIGN):
            return
        page.push(name, closing=not foreign)
    if kind > _INLINE and not page.dropping:
        special.start(page, name, attributes, place)


def _raw(page: Page, tag: _Tag, markup: str, start: int) -> int:
    """Take an element whose text is no markup, with the text after it; return where to go on."""
    end = _RAW_END[tag.name].search(markup, start)
    special.raw(page, tag.name, tag.attributes, markup[start : end.start() if end else len(markup)])
    return _text(page, markup, end_of(markup, end.start() + 1) + 1) if end else len(markup)


def _text(page: Page, markup: str, start: int) -> int:
    """Take the text from there up to the next "<", and return where that is; no start means that there is no text."""
    end = markup.find("<", start) if start > 0 else -1
    end = end if end >= 0 else len(markup)
    if start > 0:
        page.data(markup[start:end], start)
    return end


def _odd(page: Page, markup: str, begin: int) -> int:
    """Take what begins with a "<" and is no plain tag, with the text after it; return where to go on."""
    if name_of(markup[begin + 1 : begin + 3]):
        return _long(page, markup, begin)
    after = markup[begin + 1 : begin + 4]
    if after == "!--":
        return _text(page, markup, _comment(page, markup, begin + 4))
    if after[:1] in ("!", "?", "/"):  # declarations, and what is no end tag
        return _text(page, markup, markup.find(">", begin) + 1)
    end = markup.find("<", begin + 1)
    page.data(markup[begin : end if end >= 0 else len(markup)], begin)
    return end if end >= 0 else len(markup)


def _long(page: Page, markup: str, begin: int) -> int:
    """Take a tag with ">" in its attributes; one that does not end is none, nor is what follows."""
    end = end_of(markup, begin + 1)
    source = markup[begin + 1 : end if end >= 0 else len(markup)]
    tag = _tag_of(source)
    if end < 0:
        return len(markup)
    if tag.kind == _RAW and not _is_foreign(page.opened):
        return _raw(page, tag, markup, end + 1)
    _take(page, tag, begin, ends=source[-1] == "/")
    return _text(page, markup, end + 1)


def _comment(page: Page, markup: str, start: int) -> int:
    """Take a comment, and return where what follows it begins, 0 where it does not end."""
    if short := _EMPTY_COMMENT.match(markup, start):
        return short.end()
    end = _COMMENT_END.search(markup, start)
    special.comment(page, markup[start : min(end.start() if end else len(markup), start + 3000)])
    return end.end() if end else 0
